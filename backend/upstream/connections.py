"""One connection to a system, and who looks after those on which an answer is waited for.

HTTP/1.1 with httptools, one request at a time. What comes unasked, is too much or is no HTTP closes
the connection: it cannot be trusted any more.
"""

import asyncio
from time import monotonic
from typing import NamedTuple, cast

import httptools
import httpx

ANSWER_LIMIT = 1024 * 1024
_HEAD_LIMIT = 64 * 1024
# How often is looked who waits too long. A timer for each of a system's many short calls would cost
# more than to send them.
_LOOK_S = 0.02
# What the answer of a system says in its head that anybody looks at.
_HEARD = frozenset((b"content-digest", b"retry-after", b"signature", b"signature-input"))


class AnswerTooLarge(httpx.ReadError):
    """The answer is larger than ``ANSWER_LIMIT`` bytes."""


class Answer(NamedTuple):
    """A whole answer.

    Attributes:
        headers: those that are looked at, by their names in lower case; see ``_HEARD``.
    """

    status: int
    headers: dict[str, str]
    body: bytes


class Watch:
    """Ends connections on which an answer is overdue.

    An overdue one has until the next look: after a standstill of our own its answer may lie here
    unread.
    """

    def __init__(self) -> None:
        self._waiting: set[Connection] = set()
        self._overdue: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: "Connection") -> None:
        """Look after a connection whose ``due`` is set."""
        self._waiting.add(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_S, self._look)

    def discard(self, connection: "Connection") -> None:
        """Nothing is waited for any more."""
        self._waiting.discard(connection)

    def _look(self) -> None:
        now = monotonic()
        overdue = {connection for connection in self._waiting if connection.due <= now}
        for connection in overdue & self._overdue:
            connection.fail(TimeoutError())
        self._overdue, self._timer = overdue, None
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_S, self._look)


class Connection(asyncio.Protocol):
    """One connection; httptools calls its ``on_…`` methods.

    Attributes:
        due: when its answer has to be there; idle_since: when it was last used. Monotonic clock.
    """

    __slots__ = (
        "_answer", "_body", "_everything", "_headers", "_parser", "_received", "_transport",
        "due", "idle_since", "open", "reusable",
    )  # fmt: skip

    def __init__(self) -> None:
        self.open = True
        self.reusable = False
        self.due = self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None
        self._everything = False
        self._received = 0
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, raw: bytes, everything: bool) -> "asyncio.Future[Answer]":
        """Send a request; the future ends with its answer."""
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._received, self._headers, self._body = 0, {}, []
        self._everything, self.reusable = everything, False
        if self._transport is None or not self.open:
            self.fail(httpx.ReadError("the connection was closed"))
        elif self.due <= monotonic():
            self.fail(TimeoutError())
        else:
            self._transport.write(raw)
        return answer

    def ended(self) -> None:
        """The answer is there, will not come, or is not waited for any more."""
        answer, self._answer = self._answer, None
        if answer is not None and answer.done() and not answer.cancelled():
            answer.exception()  # whoever was to see it may have been cancelled meanwhile

    def abort(self) -> None:
        """Close at once."""
        self.open = self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.abort()  # nobody asked
            return
        self._received += len(data)
        if self._received > ANSWER_LIMIT + _HEAD_LIMIT:
            self.fail(AnswerTooLarge("the answer is too large"))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.fail(httpx.ReadError("the answer is no HTTP"))

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in _HEARD or self._everything:
            text, key = value.decode("latin-1"), name.decode("latin-1")
            # Several lines of one name are one list (RFC 9110 §5.3).
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is None or answer.done():
            # Nobody asked for this: whatever it is, the connection cannot be trusted any more.
            self.abort()
            return
        self.reusable = self.open and self._parser.should_keep_alive()
        status = self._parser.get_status_code()
        answer.set_result(Answer(status, self._headers, b"".join(self._body)))

    def eof_received(self) -> bool:
        self.open = False
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self.fail(httpx.ReadError("the connection broke"))

    def fail(self, error: Exception) -> None:
        """Let nobody wait any more, and close."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.abort()

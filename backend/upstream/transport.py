"""An httpx transport for many small signed calls: HTTP/1.1, kept-alive connections, httptools.

A home page makes six calls and an exchange call one, with a budget of CPU in which the usual
transports do not fit: a POST through ``httpx-aiohttp`` costs about 180 µs, through this 60 (the
figure ``home_cold`` of ``make bench`` watches over it). It does only what a signed call needs: no
redirects, cookies, proxies or compression. Its errors say what a retry has to know: after
``ConnectError`` nothing was sent; after ``ReadError`` the system may have carried it out.

The connector hands over the bytes of a request and takes the answer apart itself (``Pool.ask``):
httpx's own request and response cost as much as all the rest. ``handle_async_request`` offers the
same connections to whatever speaks httpx.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import httptools
import httpx

from backend.upstream.addresses import Addresses, AddressForbidden

ANSWER_LIMIT = 1024 * 1024
MOST_CONNECTIONS = 10_000
_HEAD_LIMIT = 64 * 1024
_IDLE_S = 50.0
# A timer that fires later than this says that the loop was kept from its work.
_STANDSTILL_S = 0.02
# How often is looked who waits too long. A timer for each of a system's many short calls would cost
# more than to send them.
_LOOK_S = 0.02
# What the answer of a system says in its head that anybody looks at.
_HEARD = frozenset((b"content-digest", b"retry-after", b"signature", b"signature-input"))

Origin = tuple[str, str, int]


class AnswerTooLarge(httpx.ReadError):
    """The answer is larger than ``ANSWER_LIMIT`` bytes."""


class AddressRefused(httpx.ConnectError):
    """The address may not be called; ``reason`` is that of ``AddressForbidden``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"address forbidden: {reason}")


class PoolExhausted(httpx.PoolTimeout):
    """Every connection that the pool may have is in use; nothing was sent."""


class Answer(NamedTuple):
    """A whole answer.

    Attributes:
        headers: those that are looked at, by their names in lower case; see ``_HEARD``.
    """

    status: int
    headers: dict[str, str]
    body: bytes


def origin_of(url: str) -> Origin:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.hostname or "", port


class Watch:
    """Ends connections on which an answer is overdue.

    An overdue one has until the next look: after a standstill of our own its answer may lie here
    unread.
    """

    def __init__(self) -> None:
        self._waiting: set[_Connection] = set()
        self._overdue: set[_Connection] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: "_Connection") -> None:
        """Look after a connection whose ``due`` is set."""
        self._waiting.add(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_S, self._look)

    def discard(self, connection: "_Connection") -> None:
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


class Pool:
    """The connections to one origin: so many at most, each with one request at a time.

    Args:
        connect_s: how long connecting may take, the look-up of the name included.
        most: connections at most.
    """

    def __init__(
        self,
        origin: Origin,
        addresses: Addresses,
        tls: "Tls",
        watch: Watch,
        connect_s: float,
        most: int = MOST_CONNECTIONS,
    ) -> None:
        self._origin, self._addresses, self._tls, self._watch = origin, addresses, tls, watch
        self.connect_s, self.most = connect_s, most
        self._idle: list[_Connection] = []
        self.busy = 0

    @property
    def idle(self) -> int:
        """Connections that wait for a next request."""
        return len(self._idle)

    async def ask(self, raw: bytes, seconds: float) -> Answer:
        """Send a request as it is and return the whole answer.

        Args:
            seconds: until it has to be there, connecting included.

        Raises:
            httpx.ConnectError, AddressRefused, PoolExhausted: nothing was sent.
            httpx.ReadError: the connection broke or the answer is no HTTP.
            AnswerTooLarge: the answer was cut off.
            TimeoutError: it did not come in time; the connection is closed, since what comes over
                it later would belong to nobody.
        """
        return await self._ask(raw, seconds, everything=False)

    async def _ask(self, raw: bytes, seconds: float, everything: bool) -> Answer:
        if self.busy >= self.most:
            raise PoolExhausted("every connection is in use")
        self.busy += 1
        connection, due = self._take(), monotonic() + seconds
        try:
            if connection is None:
                connection = await self._connect(seconds)
            connection.due = due
            self._watch.add(connection)
            return await connection.ask(raw, everything)
        finally:
            self.busy -= 1
            if connection is not None:
                self._given_back(connection)

    def _given_back(self, connection: "_Connection") -> None:
        """Take a connection back whose answer has come or never will."""
        self._watch.discard(connection)
        connection.ended()
        if connection.reusable:
            connection.idle_since = monotonic()
            self._idle.append(connection)
        else:
            connection.abort()

    def _take(self) -> "_Connection | None":
        """An idle connection that the other side has not closed, nor is about to."""
        idle = self._idle
        oldest = monotonic() - _IDLE_S
        while idle:
            connection = idle.pop()
            if connection.open and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self, seconds: float) -> "_Connection":
        scheme, host, port = self._origin
        tls = self._tls.context() if scheme == "https" else None
        try:
            async with _within(min(self.connect_s, seconds), seconds):
                addresses = await self._addresses.resolve(host, port)
                return await self._connect_to(addresses, host, port, tls)
        except AddressForbidden as error:
            raise AddressRefused(error.reason) from None
        except TimeoutError as error:
            if seconds < self.connect_s:
                raise  # the caller was in a hurry, which says nothing about the system
            raise httpx.ConnectError("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError("no connection") from error

    async def _connect_to(
        self, addresses: Sequence[str], host: str, port: int, tls: ssl.SSLContext | None
    ) -> "_Connection":
        """Connect to the first of the judged addresses that takes it; TLS checks the name."""
        loop = asyncio.get_running_loop()
        for last, address in enumerate(addresses, 1 - len(addresses)):
            try:
                _, connection = await loop.create_connection(
                    _Connection, address, port,
                    ssl=tls, server_hostname=host if tls else None,
                )  # fmt: skip
            except OSError:
                if last == 0:
                    raise
            else:
                return connection
        raise AssertionError("a name without addresses does not resolve")

    def close(self) -> None:
        """Close the idle connections; those in use end with their calls."""
        for connection in self._idle:
            connection.abort()
        self._idle.clear()


@asynccontextmanager
async def _within(seconds: float, longest: float) -> AsyncIterator[None]:
    """``asyncio.timeout``, which does not take a standstill of our own for the other's silence.

    Where the timer fires late, this loop (or the whole machine) did something else meanwhile, and
    what was waited for may lie here unseen. It gets the lost time again, ``seconds`` at most.

    Args:
        longest: the limit of all, whatever was lost.

    Raises:
        TimeoutError: time is up.
    """
    loop = asyncio.get_running_loop()
    due = loop.time() + seconds
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal timer
        late = loop.time() - due
        again = min(late, seconds, longest - seconds - late)
        if late < _STANDSTILL_S or again <= 0:
            limit.reschedule(due)
        else:
            timer = loop.call_later(again, limit.reschedule, due)

    async with asyncio.timeout(None) as limit:
        timer = loop.call_at(due, look)
        try:
            yield
        finally:
            timer.cancel()


class Tls:
    """The context for TLS, made when it is first needed: loading the roots takes 20 ms."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context

    def context(self) -> ssl.SSLContext:
        """Verifies names and certificates."""
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context


class SystemTransport(httpx.AsyncBaseTransport):
    """The pools as httpx knows a transport.

    How long connecting may take is in ``request.extensions["connect_s"]``; the whole is limited by
    the caller (``asyncio.timeout``), and a call that is cancelled closes its connection.
    """

    def __init__(self, addresses: Addresses, tls: Tls | None = None) -> None:
        self._addresses, self._tls, self._watch = addresses, tls or Tls(), Watch()
        self._pools: dict[Origin, Pool] = {}

    def pool(self, base_url: str, connect_s: float, most: int) -> Pool:
        """A pool of its own for whoever calls this origin; the caller closes it."""
        origin = origin_of(base_url)
        return Pool(origin, self._addresses, self._tls, self._watch, connect_s, most)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request with its body and return the whole answer.

        Raises:
            httpx.ConnectError: no connection; nothing was sent.
            httpx.ReadError: the connection broke or the answer is no HTTP.
            AnswerTooLarge: the answer was cut off.
        """
        url = request.url
        origin = (url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80))
        pool = self._pools.get(origin)
        if pool is None:
            connect_s = request.extensions["connect_s"]
            pool = Pool(origin, self._addresses, self._tls, self._watch, connect_s)
            self._pools[origin] = pool
        answer = await pool._ask(_encoded(request), _FOR_EVER_S, everything=True)
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        return httpx.Response(
            answer.status, headers=headers, stream=httpx.ByteStream(answer.body), request=request
        )

    async def aclose(self) -> None:
        """Close the idle connections; those in use end with their calls."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()


_FOR_EVER_S = 86_400.0


class _Connection(asyncio.Protocol):
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


def _encoded(request: httpx.Request) -> bytes:
    lines: list[Any] = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    body = b"".join(cast(httpx.ByteStream, request.stream))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body

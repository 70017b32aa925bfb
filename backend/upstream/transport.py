"""An httpx transport for many small signed calls: HTTP/1.1, kept-alive connections, httptools.

A home page makes six calls and an exchange call one, with a budget of CPU in which the usual
transports do not fit: a POST through ``httpx-aiohttp`` costs about 180 µs, through this 60 (the
figure ``home_cold`` of ``make bench`` watches over it). It does only what a signed call needs: no
redirects, cookies, proxies or compression. Its errors say what a retry has to know: after
``ConnectError`` nothing was sent; after ``ReadError`` the system may have carried it out.
"""

import asyncio
import ssl
from collections import defaultdict
from typing import Any, cast

import httptools
import httpx

ANSWER_LIMIT = 1024 * 1024
_HEAD_LIMIT = 64 * 1024
_IDLE_S = 50.0

Origin = tuple[str, str, int]


class AnswerTooLarge(httpx.ReadError):
    """The answer is larger than ``ANSWER_LIMIT`` bytes."""


class SystemTransport(httpx.AsyncBaseTransport):
    """Sends one request at a time over each connection; idle ones are used again.

    The time is limited by the caller (``asyncio.timeout``); a call that is cancelled closes its
    connection, since what comes over it later would belong to nobody. How long connecting may take
    is in ``request.extensions["connect_s"]``.
    """

    def __init__(self) -> None:
        self._idle: defaultdict[Origin, list[_Connection]] = defaultdict(list)
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request with its body and return the whole answer.

        Raises:
            httpx.ConnectError: no connection; nothing was sent.
            httpx.ReadError: the connection broke or the answer is no HTTP.
            AnswerTooLarge: the answer was cut off.
        """
        url = request.url
        origin = (url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80))
        connection = self._take(origin) or await self._connect(origin, request)
        try:
            answer = await connection.ask(_encoded(request))
        except BaseException:
            connection.abort()
            raise
        if connection.reusable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle[origin].append(connection)
        else:
            connection.abort()
        return answer

    def _take(self, origin: Origin) -> "_Connection | None":
        """An idle connection that the other side has not closed, nor is about to."""
        idle = self._idle[origin]
        oldest = asyncio.get_running_loop().time() - _IDLE_S
        while idle:
            connection = idle.pop()
            if connection.open and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self, origin: Origin, request: httpx.Request) -> "_Connection":
        scheme, host, port = origin
        if scheme == "https" and self._tls is None:
            self._tls = ssl.create_default_context()
        tls = self._tls if scheme == "https" else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(request.extensions["connect_s"]):
                _, connection = await loop.create_connection(_Connection, host, port, ssl=tls)
        except OSError as error:  # a time-out among them
            raise httpx.ConnectError("no connection", request=request) from error
        return connection

    async def aclose(self) -> None:
        """Close the idle connections; those in use end with their calls."""
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()


class _Connection(asyncio.Protocol):
    """One connection; httptools calls its ``on_…`` methods."""

    def __init__(self) -> None:
        self.open = True
        self.reusable = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[httpx.Response] | None = None
        self._received = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, raw: bytes) -> "asyncio.Future[httpx.Response]":
        """Send a request; the future ends with its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._received, self._headers, self._body = 0, [], []
        self.reusable = False
        if self._transport is None or not self.open:
            self._fail(httpx.ReadError("the connection was closed"))
        else:
            self._transport.write(raw)
        return self._answer

    def abort(self) -> None:
        """Close at once."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > ANSWER_LIMIT + _HEAD_LIMIT:
            self._fail(AnswerTooLarge("the answer is too large"))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail(httpx.ReadError("the answer is no HTTP"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._answer is None or self._answer.done():
            # Nobody asked for this: whatever it is, the connection cannot be trusted any more.
            self.abort()
            return
        self.reusable = self.open and self._parser.should_keep_alive()
        body = httpx.ByteStream(b"".join(self._body))
        status = self._parser.get_status_code()
        self._answer.set_result(httpx.Response(status, headers=self._headers, stream=body))

    def eof_received(self) -> bool:
        self.open = False
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._fail(httpx.ReadError("the connection broke"))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.abort()


def _encoded(request: httpx.Request) -> bytes:
    lines: list[Any] = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    body = b"".join(cast(httpx.ByteStream, request.stream))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body

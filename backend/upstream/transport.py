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
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from backend.upstream.addresses import Addresses, AddressForbidden
from backend.upstream.connections import Answer, Connection, Watch

MOST_CONNECTIONS = 10_000
_IDLE_S = 50.0
# A timer that fires later than this says that the loop was kept from its work.
_STANDSTILL_S = 0.02

Origin = tuple[str, str, int]


class AddressRefused(httpx.ConnectError):
    """The address may not be called; ``reason`` is that of ``AddressForbidden``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"address forbidden: {reason}")


class PoolExhausted(httpx.PoolTimeout):
    """Every connection that the pool may have is in use; nothing was sent."""


def origin_of(url: str) -> Origin:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.hostname or "", port


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
        self._idle: list[Connection] = []
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

    def _given_back(self, connection: "Connection") -> None:
        """Take a connection back whose answer has come or never will."""
        self._watch.discard(connection)
        connection.ended()
        if connection.reusable:
            connection.idle_since = monotonic()
            self._idle.append(connection)
        else:
            connection.abort()

    def _take(self) -> "Connection | None":
        """An idle connection that the other side has not closed, nor is about to."""
        idle = self._idle
        oldest = monotonic() - _IDLE_S
        while idle:
            connection = idle.pop()
            if connection.open and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self, seconds: float) -> "Connection":
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
    ) -> "Connection":
        """Connect to the first of the judged addresses that takes it; TLS checks the name."""
        loop = asyncio.get_running_loop()
        for last, address in enumerate(addresses, 1 - len(addresses)):
            try:
                _, connection = await loop.create_connection(
                    Connection, address, port,
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


def _encoded(request: httpx.Request) -> bytes:
    lines: list[Any] = [b"%b %b HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    body = b"".join(cast(httpx.ByteStream, request.stream))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body

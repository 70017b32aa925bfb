"""HTTP as the conformance kit needs it: exact bytes out, everything that happens said by name.

The connector hides what a system does wrong behind a few errors, since whoever waits for a licence
can do nothing about it. Here the very opposite is wanted: a request that no honest client would
send, a call that is cut off in the middle, and afterwards the exact way in which the answer failed
and how long it took. So there are no retries, no pool and no redirects: each request has a
connection of its own, unless the caller asks for one that carries several.
"""

import asyncio
import base64
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, cast
from urllib.parse import urlsplit

import httptools

from backend.upstream.connections import ANSWER_LIMIT
from backend.upstream.keys import ALG_NAMES, SigningKey
from backend.upstream.signing import LABEL, MAX_SKEW_S, content_digest

COVERED = ("@method", "@path", "@query", "content-digest")
FailureKind = Literal[
    "connect", "tls", "timeout", "closed", "truncated", "not_http", "too_large", "forbidden"
]
# Which address to connect to for a host and port; raises OSError for one that is not allowed.
Resolve = Callable[[str, int], Awaitable[str]]


class RawFailure(Exception):
    """No whole answer came.

    Attributes:
        kind: ``connect`` nobody listens; ``tls`` the certificate or protocol is refused;
            ``timeout`` nothing complete in time; ``closed`` hung up before the answer began;
            ``truncated`` hung up in the middle of it; ``not_http`` what came is no HTTP;
            ``too_large`` more than the platform reads; ``forbidden`` the address may not be called.
        seconds: how long it took to fail.
    """

    def __init__(self, kind: FailureKind, seconds: float) -> None:
        self.kind: FailureKind = kind
        self.seconds = seconds
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A whole answer; header names in lower case.

    Attributes:
        seconds: from the moment of asking, connecting included; connecting_s: of these, to connect.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    connecting_s: float
    keeps_open: bool


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it goes onto the wire: ``Host`` and ``Content-Length`` are added to it."""

    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    method: str = "POST"


class RawClient:
    """Sends requests to one origin.

    Args:
        base_url: scheme, host, port and perhaps a path prefix.
        connect_s: longest time to connect.
        resolve: chooses and approves the address; None takes what the system's resolver says.
    """

    def __init__(self, base_url: str, connect_s: float, resolve: Resolve | None = None) -> None:
        parts = urlsplit(base_url)
        self.prefix = parts.path
        self._host = parts.hostname or ""
        self._netloc = parts.netloc
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._connect_s, self._resolve = connect_s, resolve

    async def send(self, request: RawRequest, within: float) -> RawAnswer:
        """Send a request on a connection of its own and read the whole answer.

        Args:
            within: seconds until the answer has to be complete, connecting included.

        Raises:
            RawFailure: none came.
        """
        async with self.connection() as connection:
            return await connection.send(request, within)

    async def cut_off(self, request: RawRequest, keep: float) -> None:
        """Send the first part of a request (``keep`` of 1.0 is all of it) and hang up at once.

        Raises:
            RawFailure: no connection.
        """
        async with self.connection() as connection:
            await connection.open()
            raw = self.encoded(request)
            head = len(raw) - len(request.body)
            connection.write(raw[: head + int(len(request.body) * keep)])

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["RawConnection"]:
        """A connection for several requests, one after the other; closed at once when left."""
        connection = RawConnection(self)
        try:
            yield connection
        finally:
            connection.abort()

    async def connected(self) -> "_Reader":
        """Open a connection."""
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                address = await self._resolve(self._host, self._port) if self._resolve else None
                _, reader = await loop.create_connection(
                    _Reader,
                    address or self._host,
                    self._port,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
        except PermissionError:
            raise RawFailure("forbidden", time.perf_counter() - began) from None
        except ssl.SSLError:
            raise RawFailure("tls", time.perf_counter() - began) from None
        except OSError:  # a time-out among them
            raise RawFailure("connect", time.perf_counter() - began) from None
        return reader

    def encoded(self, request: RawRequest) -> bytes:
        """A request as bytes."""
        lines = [
            f"{request.method} {request.path} HTTP/1.1",
            f"Host: {self._netloc}",
            f"Content-Length: {len(request.body)}",
            "Accept-Encoding: identity",
            *(f"{name}: {value}" for name, value in request.headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body


class RawConnection:
    """One connection to the client's origin, opened with its first request."""

    def __init__(self, client: RawClient) -> None:
        self._client = client
        self._reader: _Reader | None = None

    async def open(self) -> None:
        """Connect, unless it is done.

        Raises:
            RawFailure: no connection.
        """
        if self._reader is None:
            self._reader = await self._client.connected()

    def write(self, raw: bytes) -> None:
        """Send bytes as they are."""
        if self._reader is not None:
            self._reader.write(raw)

    async def send(self, request: RawRequest, within: float) -> RawAnswer:
        """Send a request and read the whole answer.

        Raises:
            RawFailure: none came.
        """
        began = time.perf_counter()
        try:
            async with asyncio.timeout(within):
                await self.open()
                connected = time.perf_counter()
                reader = cast(_Reader, self._reader)
                answer = await reader.ask(self._client.encoded(request), began)
        except TimeoutError:
            raise RawFailure("timeout", time.perf_counter() - began) from None
        return replace(answer, connecting_s=connected - began)

    def abort(self) -> None:
        """Close at once."""
        if self._reader is not None:
            self._reader.abort()


@dataclass(slots=True)
class _Growing:
    """An answer as it comes in."""

    began: float
    future: "asyncio.Future[RawAnswer]"
    headers: dict[str, str] = field(default_factory=dict)
    body: list[bytes] = field(default_factory=list)
    received: int = 0


class _Reader(asyncio.Protocol):
    """Takes the answers of one connection apart; httptools calls its ``on_…`` methods.

    What came before a reset still counts: a system that refuses a large body may well answer and
    hang up before it has read all of it.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: _Growing | None = None
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def write(self, raw: bytes) -> None:
        """Send bytes; nobody waits for them to leave."""
        if self._transport is not None and not self._gone:
            self._transport.write(raw)

    def ask(self, raw: bytes, began: float) -> "asyncio.Future[RawAnswer]":
        """Send a request; the future ends with its answer."""
        answer = self._answer = _Growing(began, asyncio.get_running_loop().create_future())
        if self._gone:
            self._fail("closed")
        else:
            self.write(raw)
        return answer.future

    def abort(self) -> None:
        """Close: at once, unless bytes that the caller wanted sent are still on their way."""
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size() or self._answer is not None:
            self._transport.abort()
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            return
        self._answer.received += len(data)
        if self._answer.received > ANSWER_LIMIT + 64 * 1024:
            self._fail("too_large")
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("not_http")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._answer is not None:
            self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        if self._answer is not None:
            self._answer.body.append(body)

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is None or answer.future.done():
            return
        answer.future.set_result(
            RawAnswer(
                status=self._parser.get_status_code(),
                headers=answer.headers,
                body=b"".join(answer.body),
                seconds=time.perf_counter() - answer.began,
                connecting_s=0.0,
                keeps_open=self._parser.should_keep_alive(),
            )
        )

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone = True
        self._fail("truncated" if self._answer and self._answer.received else "closed")

    def _fail(self, kind: FailureKind) -> None:
        answer = self._answer
        if answer is not None and not answer.future.done():
            answer.future.set_exception(RawFailure(kind, time.perf_counter() - answer.began))
        self.abort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """How a request is signed; the defaults are right, and each may be made wrong on purpose.

    Attributes:
        age_s: how long ago it says to have been made; negative: in the future.
        nonce: None leaves it out.
        covered: the components that the signature covers.
        path: the path that is signed, where it is not the one that is sent.
        body: the body that is signed, where it is not the one that is sent.
        key_id: the key that it names, where it is not the one that signed.
    """

    age_s: int = 0
    nonce: str | None = field(default_factory=lambda: secrets.token_urlsafe(18))
    covered: tuple[str, ...] = COVERED
    path: str | None = None
    body: bytes | None = None
    key_id: str | None = None


def sealed(key: SigningKey, request: RawRequest, seal: Seal | None = None) -> dict[str, str]:
    """The headers that sign a request (RFC 9421, RFC 9530) in the way that ``seal`` says."""
    seal = seal or Seal()
    created = int(time.time()) - seal.age_s
    nonce = f';nonce="{seal.nonce}"' if seal.nonce is not None else ""
    components = " ".join(f'"{name}"' for name in seal.covered)
    params = (
        f"({components});created={created};expires={created + MAX_SKEW_S}"
        f'{nonce};keyid="{seal.key_id or key.key_id}";alg="{ALG_NAMES[key.alg]}"'
    )
    digest = content_digest(request.body if seal.body is None else seal.body)
    path, _, query = (request.path if seal.path is None else seal.path).partition("?")
    values = {
        "@method": request.method,
        "@path": path,
        "@query": f"?{query}",
        "content-digest": digest,
    }
    lines = [f'"{name}": {values[name]}' for name in seal.covered]
    base = "\n".join([*lines, f'"@signature-params": {params}'])
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={params}",
        "signature": f"{LABEL}=:{signature}:",
    }

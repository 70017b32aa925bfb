"""Calling provincial systems: signed, bounded in time, size and number, and never trusted blindly.

The httpx transport (on aiohttp's connection pool) is called directly: a signed call needs neither
redirects, cookies nor authentication flows, and without them it costs a third less CPU.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from httpx_aiohttp import AiohttpTransport

from backend.upstream.deadline import Deadline
from backend.upstream.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    UpstreamUntrusted,
)
from backend.upstream.signing import SignatureRefused, SigningKey, sign_request, verify_answer

ANSWER_LIMIT = 1024 * 1024
_CONNECTIONS = 512


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that a system offers: its path and its longest time in seconds."""

    path: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Target:
    """A provincial system as the connector needs it.

    Attributes:
        base_url: scheme, host, port and perhaps a path prefix, without a slash at the end.
        keys: key id → public key with which its answers are signed.
        concurrency: how many of our calls may wait for it at once (its bulkhead).
    """

    code: str
    base_url: str
    keys: Mapping[str, Ed25519PublicKey]
    operations: Mapping[str, Operation]
    connect_s: float
    concurrency: int
    waiting: list[int] = field(default_factory=lambda: [0])


class Connector:
    """The one way out of the gateway to registered systems."""

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self._transport: AiohttpTransport | None = None

    async def call(
        self, target: Target, operation: str, payload: object, deadline: Deadline, trace: str = ""
    ) -> dict[str, Any]:
        """Call one operation and return its checked answer.

        Args:
            trace: a W3C ``traceparent`` that the system may log.

        Raises:
            UpstreamError: see the tree in ``backend.upstream.errors``.
        """
        offered = target.operations[operation]
        deadline = deadline.within(offered.timeout_s)
        if target.waiting[0] >= target.concurrency:
            raise UpstreamBusy(target.code, "bulkhead")
        target.waiting[0] += 1
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await self._exchange(target, offered, orjson.dumps(payload), deadline, trace)
        except TimeoutError:
            raise UpstreamTimeout(target.code, "deadline") from None
        finally:
            target.waiting[0] -= 1

    async def _exchange(
        self, target: Target, offered: Operation, body: bytes, deadline: Deadline, trace: str
    ) -> dict[str, Any]:
        request, signed = self._request(target, offered.path, body, deadline, trace)
        try:
            response = await self._sent(request)
            answer = await _read(target.code, response)
        except httpx.HTTPError as error:
            raise _transport_error(target.code, error.__cause__) from None
        return _checked(target, response, answer, signed)

    def _request(
        self, target: Target, path: str, body: bytes, deadline: Deadline, trace: str
    ) -> tuple[httpx.Request, dict[str, str]]:
        url = httpx.URL(target.base_url + path)
        signed = sign_request(self._key, "POST", url.path, "", body)
        remaining = max(deadline.remaining(), 0.001)
        headers = {
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "content-length": str(len(body)),
            "accept-encoding": "identity",
            "x-timeout-ms": str(int(remaining * 1000)),
            **signed,
        }
        if trace:
            headers["traceparent"] = trace
        timeout = {"connect": target.connect_s, "pool": remaining, "read": None, "write": None}
        request = httpx.Request(
            "POST", url, headers=headers, content=body, extensions={"timeout": timeout}
        )
        return request, signed

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        if self._transport is None:
            self._transport = AiohttpTransport(
                client=lambda: aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                )
            )
        return await self._transport.handle_async_request(request)

    async def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.aclose()


def _transport_error(code: str, cause: BaseException | None) -> UpstreamError:
    """Tell by aiohttp's own error what happened.

    The transport's mapping cannot be used: it turns a refused connection and one that was cut after
    the request alike into ``ConnectTimeout``, and only after the first is it safe to repeat.
    """
    if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return UpstreamUnreachable(code, "connect")
    if isinstance(cause, aiohttp.ServerTimeoutError):
        return UpstreamTimeout(code, "transport")
    return UpstreamUntrusted(code, "transport")


async def _read(code: str, response: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > ANSWER_LIMIT:
                raise UpstreamUntrusted(code, "too_large")
            chunks.append(chunk)
    finally:
        await response.aclose()
    return b"".join(chunks)


def _checked(
    target: Target, response: httpx.Response, body: bytes, signed: Mapping[str, str]
) -> dict[str, Any]:
    status = response.status_code
    if status >= 500:
        raise UpstreamFailed(target.code, str(status))
    headers = {name: response.headers.get(name, "") for name in _SIGNED}
    try:
        verify_answer(target.keys.get, status, headers, body, signed)
        answer = orjson.loads(body)
    except SignatureRefused as refused:
        raise UpstreamUntrusted(target.code, f"signature_{refused.reason}") from None
    except orjson.JSONDecodeError:
        raise UpstreamUntrusted(target.code, "malformed") from None
    if status != 200:
        raise UpstreamRefused(target.code, str(status))
    if not isinstance(answer, dict):
        raise UpstreamUntrusted(target.code, "malformed")
    return answer


_SIGNED = ("signature-input", "signature", "content-digest")


def host_of(base_url: str) -> str:
    """The host part of an address, lower case."""
    return (urlsplit(base_url).hostname or "").lower()


__all__ = ["Connector", "Operation", "Target", "UpstreamError", "host_of"]

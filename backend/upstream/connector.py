"""Calling provincial systems: signed, bounded in time, size and number, and never trusted blindly.

The httpx transport is called without an ``AsyncClient``: a signed call needs neither redirects,
cookies nor authentication flows.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import orjson

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
from backend.upstream.signing import (
    KeyKind,
    PublicKey,
    SignatureRefused,
    SigningKey,
    Wish,
    asked_for_signature,
    sign_answer,
    sign_request,
    verify_answer,
)
from backend.upstream.transport import AnswerTooLarge, SystemTransport


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that a system offers: its path and its longest time in seconds."""

    path: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class _Route:
    """What is the same for every call of an operation, worked out once."""

    url: httpx.URL
    path: str
    timeout_s: float
    headers: tuple[tuple[bytes, bytes], ...]
    extensions: dict[str, Any]


@dataclass(slots=True)
class Target:
    """A provincial system as the connector needs it.

    Attributes:
        base_url: scheme, host, port and perhaps a path prefix, without a slash at the end.
        keys: key id → public key with which its answers are signed.
        connect_s: longest time to connect, in seconds.
        concurrency: how many of our calls may wait for it at once (its bulkhead).
        signed_by: the kind of key that it uses, and therefore we to it.
        waiting: how many wait now.
    """

    code: str
    base_url: str
    keys: Mapping[str, PublicKey]
    operations: Mapping[str, Operation]
    connect_s: float
    concurrency: int
    signed_by: KeyKind = "ed25519"
    waiting: int = 0
    _routes: dict[str, _Route] = field(default_factory=dict)

    def route(self, operation: str) -> _Route:
        """Where and how to call an operation."""
        route = self._routes.get(operation)
        if route is None:
            route = self._routes[operation] = self._make_route(self.operations[operation])
        return route

    def _make_route(self, operation: Operation) -> _Route:
        url = httpx.URL(self.base_url + operation.path)
        return _Route(
            url=url,
            path=url.path,
            timeout_s=operation.timeout_s,
            headers=((b"Host", url.netloc), *_FIXED_HEADERS),
            extensions={"connect_s": self.connect_s},
        )


_FIXED_HEADERS = ((b"Content-Type", b"application/json"), (b"Accept-Encoding", b"identity"))
_SIGNED = (b"signature-input", b"signature", b"content-digest")


class Connector:
    """The one way out of the gateway to registered systems.

    Args:
        keys: what the gateway signs with, one of each kind.
    """

    def __init__(self, *keys: SigningKey) -> None:
        self._keys = {key.alg: key for key in keys}
        self._transport = SystemTransport()

    async def call(
        self, target: Target, operation: str, payload: object, deadline: Deadline, trace: str = ""
    ) -> dict[str, Any]:
        """Call one operation and return its checked answer.

        Args:
            trace: a W3C ``traceparent`` that the system may log.

        Raises:
            UpstreamError: see the tree in ``backend.upstream.errors``.
        """
        route = target.route(operation)
        deadline = deadline.within(route.timeout_s)
        if target.waiting >= target.concurrency:
            raise UpstreamBusy(target.code, "bulkhead")
        target.waiting += 1
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await self._exchange(target, route, orjson.dumps(payload), deadline, trace)
        except TimeoutError:
            raise UpstreamTimeout(target.code, "deadline") from None
        finally:
            target.waiting -= 1

    async def _exchange(
        self, target: Target, route: _Route, body: bytes, deadline: Deadline, trace: str
    ) -> dict[str, Any]:
        signed = sign_request(self._key_for(target), "POST", route.path, "", body)
        request = _request(route, body, signed, deadline, trace)
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.ConnectError:
            raise UpstreamUnreachable(target.code, "connect") from None
        except AnswerTooLarge:
            raise UpstreamUntrusted(target.code, "too_large") from None
        except httpx.TransportError:
            raise UpstreamUntrusted(target.code, "transport") from None
        body = b"".join(cast(httpx.ByteStream, response.stream))
        return _checked(target, response, body, signed)

    def sign_answer(
        self, accept_signature: str, status: int, body: bytes, request_headers: Mapping[str, str]
    ) -> dict[str, str]:
        """Headers that sign an answer of ours as its ``Accept-Signature`` asks (RFC 9421 §5).

        Args:
            request_headers: with lower-case names; its signature is covered by ours.

        Returns:
            nothing, where something is asked for that we do not do, or nothing was signed.
        """
        wish = asked_for_signature(accept_signature)
        if wish is None or "signature" not in request_headers:
            return {}
        key = self._wished(wish, request_headers)
        return sign_answer(key, status, body, request_headers, wish.nonce) if key else {}

    def _wished(self, wish: Wish, request_headers: Mapping[str, str]) -> SigningKey | None:
        """The key that is asked for, or one of the kind with which the request was signed."""
        if wish.key_id:
            named = [key for key in self._keys.values() if key.key_id == wish.key_id]
            return next((key for key in named if wish.kind in (None, key.alg)), None)
        is_sm2 = 'alg="sm2-sm3"' in request_headers.get("signature-input", "")
        return self._keys.get(wish.kind or ("sm2" if is_sm2 else "ed25519"))

    def _key_for(self, target: Target) -> SigningKey:
        key = self._keys.get(target.signed_by)
        if key is None:
            raise UpstreamUnreachable(target.code, "no_key_of_its_kind")
        return key

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


def _request(
    route: _Route, body: bytes, signed: Mapping[str, str], deadline: Deadline, trace: str
) -> httpx.Request:
    remaining_ms = max(int(deadline.remaining() * 1000), 1)
    headers = [
        *route.headers,
        (b"Content-Length", b"%d" % len(body)),
        (b"X-Timeout-Ms", b"%d" % remaining_ms),
        *((name.encode(), value.encode()) for name, value in signed.items()),
    ]
    if trace:
        headers.append((b"Traceparent", trace.encode()))
    # With its stream given, httpx takes the headers as complete and does not work them out again.
    return httpx.Request(
        "POST",
        route.url,
        headers=headers,
        stream=httpx.ByteStream(body),
        extensions=route.extensions,
    )


def _checked(
    target: Target, response: httpx.Response, body: bytes, signed: Mapping[str, str]
) -> dict[str, Any]:
    status = response.status_code
    if status >= 500:
        raise UpstreamFailed(target.code, str(status))
    headers = {
        name.lower().decode(): value.decode("ascii", "replace")
        for name, value in response.headers.raw
        if name.lower() in _SIGNED
    }
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


def host_of(base_url: str) -> str:
    """The host part of an address, lower case."""
    return (urlsplit(base_url).hostname or "").lower()


__all__ = ["Connector", "Operation", "Target", "UpstreamError", "host_of"]

"""Calling provincial systems: signed, bounded in time, size and number, and never trusted blindly.

One system's failure stays its own: each has connections, places and breakers to itself, so that a
hung one costs the others nothing; and what fails again and again is not asked for a while. A call
is repeated only where that cannot do harm: the operation is marked safe in the interface, or
nothing was sent.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from backend.upstream.addresses import Addresses, host_of
from backend.upstream.answers import AnswerRefused, Check, read_answer, retry_after
from backend.upstream.breaker import Permit
from backend.upstream.connections import Answer, AnswerTooLarge
from backend.upstream.deadline import Deadline
from backend.upstream.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamFailed,
    UpstreamOpen,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUnreachable,
    UpstreamUntrusted,
)
from backend.upstream.lines import LONGEST_REST_S, Line, LineState, Trunk
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
from backend.upstream.transport import (
    AddressRefused,
    PoolExhausted,
    SystemTransport,
    Tls,
)

__all__ = ["Connector", "LineState", "Operation", "Target", "UpstreamError", "host_of"]

# Of the places of a system, one operation takes at most so many: the rest stay for the others.
OPERATION_SHARE = 0.75
RETRY_PAUSE_S = 0.02
_PASSING = frozenset((502, 503, 504))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation that a system offers.

    Attributes:
        timeout_s: its longest time, in seconds.
        safe: True where a second call does nothing that the first did not: it may be repeated.
        is_valid: checks an answer against the schema of the interface; None checks nothing.
        concurrency: how many of our calls of it may wait at once; None: a share of the system's.
    """

    path: str
    timeout_s: float
    safe: bool = False
    is_valid: Check | None = None
    concurrency: int | None = None


@dataclass(slots=True)
class Target:
    """A provincial system as the connector needs it.

    Attributes:
        base_url: scheme, host, port and perhaps a path prefix, without a slash at the end.
        keys: key id → public key with which its answers are signed.
        connect_s: longest time to connect, in seconds.
        concurrency: how many of our calls may wait for it at once (its bulkhead).
        signed_by: the kind of key that it uses, and therefore we to it.
    """

    code: str
    base_url: str
    keys: Mapping[str, PublicKey]
    operations: Mapping[str, Operation]
    connect_s: float
    concurrency: int
    signed_by: KeyKind = "ed25519"
    _routes: "dict[str, _Route]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Route:
    """What is the same for every call of an operation, worked out once.

    Attributes:
        head: the request line and the header lines that never change.
    """

    target: Target
    operation: Operation
    line: Line
    key: SigningKey
    path: str
    head: bytes


class Connector:
    """The one way out of the gateway to registered systems.

    Args:
        keys: what the gateway signs with, one of each kind.
        addresses: where it may call; public addresses alone unless said otherwise.
        tls: another context than the usual one.
    """

    def __init__(
        self, *keys: SigningKey, addresses: Addresses | None = None, tls: Tls | None = None
    ) -> None:
        self._keys = {key.alg: key for key in keys}
        self._transport = SystemTransport(addresses or Addresses(), tls)
        self._trunks: dict[tuple[str, str], Trunk] = {}

    async def call(
        self, target: Target, operation: str, payload: object, deadline: Deadline, trace: str = ""
    ) -> dict[str, Any]:
        """Call one operation and return its checked answer.

        Args:
            trace: a W3C ``traceparent`` that the system may log.

        Raises:
            UpstreamError: see the tree in ``backend.upstream.errors``.
        """
        route = target._routes.get(operation) or self._make_route(target, operation)
        body = orjson.dumps(payload)
        within = deadline.within(route.operation.timeout_s)
        try:
            return await self._attempt(route, body, within, trace, deadline)
        except (UpstreamFailed, UpstreamUnreachable, UpstreamUntrusted) as error:
            if not _may_repeat(route, error) or within.remaining() < 2 * RETRY_PAUSE_S:
                raise
            if not route.line.trunk.may_retry():
                raise
        route.line.outcomes["retried", ""] += 1
        await asyncio.sleep(RETRY_PAUSE_S * random.random())
        return await self._attempt(route, body, within, trace, deadline)

    async def _attempt(
        self, route: _Route, body: bytes, within: Deadline, trace: str, deadline: Deadline
    ) -> dict[str, Any]:
        """Call once, and tell the line what came of it."""
        line, now = route.line, time.monotonic()
        seconds = within.at - now
        try:
            if seconds <= 0:
                raise UpstreamTimeout(line.system, "no_time_left")
            permit = line.enter(now)
        except UpstreamError as error:
            line.outcomes[_WORDS[type(error)], error.reason] += 1
            raise
        outcome, reason = "gone", ""
        try:
            answer = await self._exchange(route, body, seconds, trace)
            outcome = "ok"
            return answer
        except UpstreamError as error:
            outcome, reason = _WORDS[type(error)], error.reason
            raise
        finally:
            line.leave()
            line.outcomes[outcome, reason] += 1
            self._judge(line, permit, outcome, now, whole_time=within.at < deadline.at)

    @staticmethod
    def _judge(line: Line, permit: Permit, outcome: str, began: float, whole_time: bool) -> None:
        """Whether the breaker holds an outcome against the system.

        A refusal of our request says that the system lives. A time-out counts only where it had
        all the time of the operation: a phone in a hurry must not be able to switch a system off.
        """
        now = time.monotonic()
        if outcome in ("ok", "refused"):
            line.observe(now - began)
            line.breaker.succeeded(permit, now)
        elif outcome in ("failed", "unreachable", "untrusted") or (
            outcome == "timeout" and whole_time
        ):
            line.breaker.failed(permit, now)
        else:
            line.breaker.abandoned(permit)

    async def _exchange(
        self, route: _Route, body: bytes, seconds: float, trace: str
    ) -> dict[str, Any]:
        signed = sign_request(route.key, "POST", route.path, "", body)
        system = route.target.code
        try:
            answer = await route.line.trunk.pool.ask(
                _request(route, body, signed, seconds, trace), seconds
            )
        except TimeoutError:
            raise UpstreamTimeout(system, "deadline") from None
        except AddressRefused as refused:
            raise UpstreamUnreachable(system, f"address_{refused.reason}") from None
        except httpx.ConnectError:
            raise UpstreamUnreachable(system, "connect") from None
        except PoolExhausted:
            raise UpstreamBusy(system, "connections") from None
        except AnswerTooLarge:
            raise UpstreamUntrusted(system, "too_large") from None
        except httpx.TransportError:
            raise UpstreamUntrusted(system, "transport") from None
        return _checked(route, answer, signed)

    def places(self, target: Target, operation: str) -> int:
        """How many calls of an operation may wait at once, from this process; at least 1."""
        return self._line(target, operation, target.operations[operation]).places

    def _make_route(self, target: Target, name: str) -> _Route:
        operation = target.operations[name]
        key = self._keys.get(target.signed_by)
        if key is None:
            raise UpstreamUnreachable(target.code, "no_key_of_its_kind")
        address = urlsplit(target.base_url + operation.path)
        head = (
            f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            "Content-Type: application/json\r\nAccept-Encoding: identity\r\n"
        )
        line = self._line(target, name, operation)
        route = _Route(target, operation, line, key, address.path, head.encode())
        target._routes[name] = route
        return route

    def _line(self, target: Target, name: str, operation: Operation) -> Line:
        """The line of an operation, remembered from an earlier registration if there was one."""
        trunk = self._trunks.get((target.code, target.base_url))
        if trunk is None:
            pool = self._transport.pool(target.base_url, target.connect_s, target.concurrency)
            trunk = Trunk(target.code, pool, target.concurrency)
            self._trunks[target.code, target.base_url] = trunk
        trunk.places = trunk.pool.most = target.concurrency
        trunk.pool.connect_s = target.connect_s
        share = round(target.concurrency * OPERATION_SHARE) if len(target.operations) > 1 else 0
        places = operation.concurrency or share or target.concurrency
        line = trunk.lines.get(name)
        if line is None:
            line = trunk.lines[name] = Line(trunk, name, places)
        line.places = max(1, min(places, target.concurrency))
        return line

    def states(self) -> list[LineState]:
        """How every operation that was called so far stands in this worker."""
        now = time.monotonic()
        return [line.state(now) for trunk in self._trunks.values() for line in trunk.lines.values()]

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

    async def close(self) -> None:
        """Close the connections."""
        for trunk in self._trunks.values():
            trunk.pool.close()
        await self._transport.aclose()


_WORDS: dict[type[UpstreamError], str] = {
    UpstreamTimeout: "timeout",
    UpstreamUnreachable: "unreachable",
    UpstreamBusy: "busy",
    UpstreamOpen: "open",
    UpstreamThrottled: "throttled",
    UpstreamFailed: "failed",
    UpstreamRefused: "refused",
    UpstreamUntrusted: "untrusted",
}


def _may_repeat(route: _Route, error: UpstreamError) -> bool:
    """Whether another try may help and can do no harm.

    Nothing was sent where no connection came about. After anything else the system may have
    carried the call out, which is no harm for an operation that is safe to repeat.
    """
    if isinstance(error, UpstreamUnreachable):
        return error.reason == "connect"
    if not route.operation.safe:
        return False
    if isinstance(error, UpstreamFailed):
        return int(error.reason) in _PASSING
    return error.reason == "transport"


def _request(
    route: _Route, body: bytes, signed: Mapping[str, str], seconds: float, trace: str
) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in signed.items()])
    traced = f"traceparent: {trace}\r\n" if trace else ""
    varying = (
        f"Content-Length: {len(body)}\r\nX-Timeout-Ms: {max(int(seconds * 1000), 1)}\r\n"
        f"{lines}{traced}\r\n"
    )
    return b"%b%b%b" % (route.head, varying.encode("ascii"), body)


def _checked(route: _Route, answer: Answer, signed: Mapping[str, str]) -> dict[str, Any]:
    target, status = route.target, answer.status
    if status in (429, 503):
        _note_rest(route.line, answer)
    if status >= 500:
        raise UpstreamFailed(target.code, str(status))
    if 300 <= status < 400:
        raise UpstreamUntrusted(target.code, "redirect")
    try:
        verify_answer(target.keys.get, status, answer.headers, answer.body, signed)
        if status != 200:
            raise UpstreamRefused(target.code, str(status))
        return read_answer(answer.body, route.operation.is_valid)
    except SignatureRefused as refused:
        raise UpstreamUntrusted(target.code, f"signature_{refused.reason}") from None
    except AnswerRefused as refused:
        raise UpstreamUntrusted(target.code, refused.reason) from None


def _note_rest(line: Line, answer: Answer) -> None:
    """Respect a ``Retry-After``: of 503 for the whole system, of 429 for this operation.

    It need not be signed: it often comes from a server in front of the system, and whoever could
    forge it could as well let no answer through.
    """
    seconds = retry_after(answer.headers.get("retry-after"), time.time())
    if seconds:
        line.rest(seconds, time.monotonic(), everything=answer.status == 503)
        raise UpstreamThrottled(line.system, min(seconds, LONGEST_REST_S))

"""``Idempotency-Key``: a request that is sent again is answered, not carried out again."""

from collections.abc import Awaitable, Callable

from sanic import HTTPResponse, Request

from backend.idempotency.service import Claim, Given, Idempotency
from gateway.edge.answers import JsonAnswer

HEADER = "idempotency-key"
_REPLAYED = ((b"idempotency-replayed", b"true"),)


async def carried_out_once(
    store: Idempotency,
    request: Request,
    scope: str,
    key: str,
    carry_out: Callable[[], Awaitable[HTTPResponse]],
) -> HTTPResponse:
    """Carry a request out unless it was before; a refusal leaves the key free for another try.

    Args:
        scope: who asks and for which endpoint.
        key: the header's value.

    Raises:
        IdempotencyError: the key is malformed, belongs to another request, or is at work.
    """
    claim = await store.claim(scope, key, _same_in_a_repetition(request))
    if isinstance(claim, Given):
        return JsonAnswer(claim.body, claim.status, claim.media_type, _REPLAYED)
    return await _first_time(store, claim, carry_out)


async def _first_time(
    store: Idempotency, claim: Claim, carry_out: Callable[[], Awaitable[HTTPResponse]]
) -> HTTPResponse:
    try:
        response = await carry_out()
    except BaseException:
        await store.release(claim)
        raise
    if response.status < 400:
        given = Given(response.status, response.content_type or "", response.body or b"")
        await store.keep(claim, given)
    else:
        await store.release(claim)
    return response


def _same_in_a_repetition(request: Request) -> bytes:
    return b"\0".join((request.path.encode(), request.query_string.encode(), request.body or b""))

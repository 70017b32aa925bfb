"""Many requests at once, connections that are kept, answers that are not waited for."""

import pytest
from aiohttp import web

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.crooked import Vice
from tests.integration.conformance.vices.wrong import Wrong, finds, reads


def _hurried(raw: bytes, request: web.Request) -> bytes:
    if request.headers["x-timeout-ms"] == "1":
        raise web.HTTPBadRequest
    return raw


VICES = [
    Wrong("hangs up", {"transport.keep_alive"}, lambda: Vice(closes=True), words="keep-alive"),
    Wrong("takes few", {"limits.concurrency"}, lambda: Vice(at_once=12), words="concurrency"),
    Wrong("breaks", {"cancel.survives", "retry.safe"}, lambda: Vice(breaks=True)),
    Wrong("counts", {"retry.safe"}, lambda: Vice(counts=True), words="取消之后重试"),
    Wrong("minds the time", {"time.budget"}, reads(_hurried), words="x-timeout-ms"),
]


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)

"""Requests that are not signed as they should be, and are let in."""

import pytest

from tests.integration.conformance.conftest import Start
from tests.integration.conformance.vices.wrong import Wrong, finds, forgives

VICES = [
    Wrong("needs no signature", {"signature.missing"}, forgives("missing")),
    Wrong("knows everybody", {"signature.unknown_key"}, forgives("unknown_key")),
    Wrong("has time", {"signature.expired", "signature.future"}, forgives("expired")),
    Wrong("ignores digests", {"signature.digest"}, forgives("digest")),
    Wrong("remembers nothing", {"signature.replayed"}, forgives("replayed")),
    Wrong("reads no parameters", {"signature.covers", "signature.nonce"}, forgives("malformed")),
    Wrong(
        "verifies nothing",
        {"signature.wrong", "signature.path", "signature.other_body"},
        forgives("wrong"),
    ),
]


@pytest.mark.parametrize("wrong", VICES, ids=lambda wrong: wrong.name)
async def test_a_vice_is_named(start: Start, wrong: Wrong) -> None:
    await finds(start, wrong)

"""Endpoints of provincial systems open to signatures alone, and signatures to nothing else."""

import httpx
import pytest

from backend.identity.levels import Level
from gateway.edge.access import Access, Person, Staff
from gateway.edge.endpoint import Endpoint
from tests.integration.access.matrix import EVERY, SYSTEMS, as_system, code_of, documented, named
from tests.provinces import Platform


@pytest.mark.one_store
@pytest.mark.parametrize("made", SYSTEMS, ids=named)
async def test_a_system_endpoint_opens_to_signatures_only(
    http: httpx.AsyncClient, made: Endpoint, tokens: dict[Level, str]
) -> None:
    for token in (None, tokens[Level.CERTIFICATE]):
        assert await code_of(http, made, token) == (401, "exchange.signature_missing")


@pytest.mark.parametrize("access", [Person, Staff], ids=lambda kind: kind.__name__)
async def test_the_signature_of_a_system_opens_no_door_of_anybody_else(
    http: httpx.AsyncClient, platform: Platform, access: type[Access]
) -> None:
    wrong = []
    for made in EVERY:
        if isinstance(made.access, access):
            answer = await as_system(http, platform, made)
            if answer != documented(access, "a provincial system, by signature"):
                wrong.append((named(made), answer))
    assert wrong == []

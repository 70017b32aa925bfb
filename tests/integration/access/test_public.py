"""Endpoints that ask nobody who they are."""

import httpx
import pytest

from gateway.edge.endpoint import Endpoint
from tests.integration.access.matrix import PUBLIC, code_of, named


@pytest.mark.parametrize("made", PUBLIC, ids=named)
async def test_a_public_endpoint_asks_nobody_who_they_are(
    http: httpx.AsyncClient, made: Endpoint
) -> None:
    status, code = await code_of(http, made, None)
    assert status not in (403, 500), code
    assert not code.startswith("identity.session_")

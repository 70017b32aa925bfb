"""Endpoints of officers: a console session of a role that is named."""

import httpx
import pytest

from backend.identity.levels import Level
from backend.operators.service import Role
from gateway.edge.access import Staff
from gateway.edge.endpoint import Endpoint
from tests.integration.access.matrix import STAFF, code_of, named


@pytest.mark.one_store
@pytest.mark.parametrize("made", STAFF, ids=named)
async def test_a_staff_endpoint_opens_to_console_sessions_only(
    http: httpx.AsyncClient, made: Endpoint, tokens: dict[Level, str]
) -> None:
    for token in (None, "rubbish", tokens[Level.CERTIFICATE]):
        assert await code_of(http, made, token) == (401, "operators.session_missing")
    unknown = "A" * 64
    assert await code_of(http, made, unknown) == (401, "operators.session_expired")


@pytest.mark.parametrize("made", STAFF, ids=named)
async def test_a_role_that_is_not_named_is_403_and_one_that_is_passes_the_door(
    http: httpx.AsyncClient, made: Endpoint, officers: dict[Role, str]
) -> None:
    assert isinstance(made.access, Staff)
    for role, token in officers.items():
        status, code = await code_of(http, made, token)
        if role not in made.access.roles:
            assert (status, code) == (403, "operators.role_missing"), role
        else:
            assert status not in (401, 500), (role, code)

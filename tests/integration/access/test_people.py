"""Endpoints of people: no login, each level, and nobody else's session."""

import uuid

import httpx
import pytest

from backend.identity import sessions
from backend.identity.levels import Level
from backend.operators.service import Role
from gateway.edge.access import Person
from gateway.edge.endpoint import Endpoint
from tests.integration.access.matrix import PEOPLE, code_of, named


@pytest.mark.one_store
@pytest.mark.parametrize("made", PEOPLE, ids=named)
async def test_without_login_or_with_no_token_of_ours_it_is_401(
    http: httpx.AsyncClient, made: Endpoint
) -> None:
    assert await code_of(http, made, None) == (401, "identity.session_missing")
    assert await code_of(http, made, "rubbish") == (401, "identity.session_missing")
    unknown, _ = sessions.issue(uuid.uuid4(), sessions.new_session_id(), Level.CERTIFICATE)
    assert await code_of(http, made, unknown) == (401, "identity.session_expired")


@pytest.mark.one_store
@pytest.mark.parametrize("made", PEOPLE, ids=named)
async def test_each_level_below_is_403_and_each_from_it_on_passes_the_door(
    http: httpx.AsyncClient, made: Endpoint, tokens: dict[Level, str]
) -> None:
    assert isinstance(made.access, Person)
    for level, token in tokens.items():
        refused = await code_of(http, made, token) == (403, "identity.level_too_low")
        if level < made.access.level:
            assert refused
        elif level >= Level.FACE:  # some doors inside ask for more, never for more than the face
            assert not refused


@pytest.mark.one_store
@pytest.mark.parametrize("made", PEOPLE, ids=named)
async def test_a_console_session_opens_no_door_of_a_person(
    http: httpx.AsyncClient, made: Endpoint, officers: dict[Role, str]
) -> None:
    token = officers[Role.SYSTEM_ADMIN]
    assert await code_of(http, made, token) == (401, "identity.session_missing")

"""The authorisation matrix, generated from the routes: every endpoint as every kind of actor."""

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from backend.identity import sessions
from backend.identity.levels import Level
from backend.store.redis import open_redis
from gateway.app import channel_blueprints
from gateway.edge.access import Person, Public, System
from gateway.edge.endpoint import ENDPOINTS, Endpoint
from gateway.edge.matrix import table
from tests.provinces import Platform

channel_blueprints()
EVERY = sorted(ENDPOINTS, key=lambda made: (made.path, made.method))
PEOPLE = [made for made in EVERY if isinstance(made.access, Person)]
SYSTEMS = [made for made in EVERY if isinstance(made.access, System)]
PUBLIC = [made for made in EVERY if isinstance(made.access, Public)]


def named(made: Endpoint) -> str:
    return f"{made.method} {made.path}"


def path_of(made: Endpoint) -> str:
    return re.sub(r"<\w+(:\w+)?>", "x", made.path)


async def code_of(http: httpx.AsyncClient, made: Endpoint, token: str | None) -> tuple[int, str]:
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    body: dict[str, str] | None = {} if made.body is not None else None
    answer = await http.request(made.method, path_of(made), json=body, headers=headers)
    problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if problem else ""


@pytest.fixture
async def tokens(platform: Platform) -> AsyncIterator[dict[Level, str]]:
    """A session of a person of nobody's at every level."""
    redis = open_redis(platform.environ["REDIS_URL"])
    made = {}
    for level in Level:
        person, session_id = uuid.uuid4(), sessions.new_session_id()
        made[level], record = sessions.issue(person, session_id, level)
        key = sessions.session_key(sessions.subject_of(person), session_id)
        await redis.set(key, record, ex=600)
    yield made
    await redis.aclose()


@pytest.mark.parametrize("made", PEOPLE, ids=named)
async def test_without_login_or_with_no_token_of_ours_it_is_401(
    http: httpx.AsyncClient, made: Endpoint
) -> None:
    assert await code_of(http, made, None) == (401, "identity.session_missing")
    assert await code_of(http, made, "rubbish") == (401, "identity.session_missing")
    unknown, _ = sessions.issue(uuid.uuid4(), sessions.new_session_id(), Level.CERTIFICATE)
    assert await code_of(http, made, unknown) == (401, "identity.session_expired")


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


@pytest.mark.parametrize("made", SYSTEMS, ids=named)
async def test_a_system_endpoint_opens_to_signatures_only(
    http: httpx.AsyncClient, made: Endpoint, tokens: dict[Level, str]
) -> None:
    for token in (None, tokens[Level.CERTIFICATE]):
        assert await code_of(http, made, token) == (401, "exchange.signature_missing")


@pytest.mark.parametrize("made", PUBLIC, ids=named)
async def test_a_public_endpoint_asks_nobody_who_they_are(
    http: httpx.AsyncClient, made: Endpoint
) -> None:
    status, code = await code_of(http, made, None)
    assert status not in (403, 500), code
    assert not code.startswith("identity.session_")


def test_the_written_table_is_that_of_the_routes() -> None:
    written = Path(__file__).parents[2] / "docs" / "access.md"
    assert written.read_text("utf-8") == table(EVERY), "out of date: run `make matrix`"

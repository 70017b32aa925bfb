"""The authorisation matrix, generated from the declarations: every endpoint of the API and every
page of the console as every kind of actor.
"""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from backend.identity import sessions
from backend.identity.levels import Level
from backend.operators.service import Officer, Role
from backend.operators.sessions import Sessions
from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import open_redis
from gateway.app import channel_blueprints
from gateway.console import guards
from gateway.console.frame import PAGES, Page
from gateway.console.install import console_blueprints
from gateway.edge.access import Person, Public, Staff, System
from gateway.edge.endpoint import ENDPOINTS, Endpoint
from gateway.edge.matrix import table
from tests.provinces import Platform

channel_blueprints()
console_blueprints()
EVERY = sorted(ENDPOINTS, key=lambda made: (made.path, made.method))
PEOPLE = [made for made in EVERY if isinstance(made.access, Person)]
SYSTEMS = [made for made in EVERY if isinstance(made.access, System)]
STAFF = [made for made in EVERY if isinstance(made.access, Staff)]
PUBLIC = [made for made in EVERY if isinstance(made.access, Public)]

EVERY_PAGE = sorted(PAGES, key=lambda page: (page.path, page.method))
STAFF_PAGES = [page for page in EVERY_PAGE if isinstance(page.access, Staff)]
PUBLIC_PAGES = [page for page in EVERY_PAGE if isinstance(page.access, Public)]
SAID = re.compile(r"状态 \d+ · ([\w.]+) ·")


def named(made: Endpoint | Page) -> str:
    return f"{made.method} {made.path}"


def path_of(made: Endpoint | Page) -> str:
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


@pytest.fixture
async def officers(platform: Platform) -> AsyncIterator[dict[Role, str]]:
    """A console session of an account of nobody's in every role."""
    settings = Settings.from_environ(platform.environ)
    redis = open_redis(settings.redis_url)
    held = Sessions(redis, KeyRing(settings.keyring), lambda: datetime.now(UTC))
    made = {}
    for role in Role:
        officer = Officer(uuid.uuid4(), f"nobody-{role}", "无名", role)
        made[role] = await held.open(officer, "203.0.113.9")
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


@pytest.mark.parametrize("made", PEOPLE, ids=named)
async def test_a_console_session_opens_no_door_of_a_person(
    http: httpx.AsyncClient, made: Endpoint, officers: dict[Role, str]
) -> None:
    token = officers[Role.SYSTEM_ADMIN]
    assert await code_of(http, made, token) == (401, "identity.session_missing")


async def seen(
    http: httpx.AsyncClient, page: Page, token: str | None, form: dict[str, str] | None = None
) -> tuple[int, str]:
    """The status of a page, and what an error page says or where a redirection goes."""
    headers = {"cookie": f"{guards.SESSION_COOKIE}={token}"} if token is not None else {}
    data = form if page.method == "POST" else None
    answer = await http.request(page.method, path_of(page), data=data, headers=headers)
    said = SAID.search(answer.text)
    return answer.status_code, said[1] if said else answer.headers.get("location", "")


@pytest.mark.parametrize("page", STAFF_PAGES, ids=named)
async def test_a_page_without_login_leads_to_the_login(
    http: httpx.AsyncClient, page: Page, tokens: dict[Level, str]
) -> None:
    for token in (None, "rubbish", tokens[Level.CERTIFICATE]):
        status, where = await seen(http, page, token)
        if page.method == "GET":
            assert (status, where.partition("?")[0]) == (303, "/console/login")
        else:
            assert (status, where) == (401, "operators.session_missing")


@pytest.mark.parametrize("page", STAFF_PAGES, ids=named)
async def test_a_page_opens_to_its_roles_and_a_form_of_it_only_with_its_token(
    http: httpx.AsyncClient, page: Page, officers: dict[Role, str]
) -> None:
    for role, token in officers.items():
        form = {"csrf": guards.csrf_of(token)}
        if not page.open_to(role):
            assert await seen(http, page, token, form) == (403, "operators.role_missing"), role
            continue
        if page.method == "POST":
            for given in ({}, {"csrf": guards.csrf_of("x")}, {"csrf": ""}):
                assert await seen(http, page, token, given) == (403, "console.csrf")
        status, said = await seen(http, page, token, form)
        assert status not in (401, 500), (role, said)
        assert said not in ("operators.role_missing", "console.csrf")


@pytest.mark.parametrize("page", PUBLIC_PAGES, ids=named)
async def test_a_page_before_the_login_asks_nobody_who_they_are(
    http: httpx.AsyncClient, page: Page
) -> None:
    status, said = await seen(http, page, None, {})
    assert (status, said) == ((200, "") if page.method == "GET" else (403, "console.csrf"))


@pytest.mark.parametrize("made", PUBLIC, ids=named)
async def test_a_public_endpoint_asks_nobody_who_they_are(
    http: httpx.AsyncClient, made: Endpoint
) -> None:
    status, code = await code_of(http, made, None)
    assert status not in (403, 500), code
    assert not code.startswith("identity.session_")


def test_the_written_table_is_that_of_the_routes() -> None:
    written = Path(__file__).parents[2] / "docs" / "access.md"
    assert written.read_text("utf-8") == table([*EVERY, *EVERY_PAGE]), (
        "out of date: run `make matrix`"
    )

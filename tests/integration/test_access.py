"""The authorisation matrix, generated from the declarations: every endpoint of the API and every
page of the console as every kind of actor.
"""

import re
import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from backend.identity import sessions
from backend.identity.levels import Level
from backend.members.models import CorpMember
from backend.members.service import Scope
from backend.operators.service import Officer, Role
from backend.operators.sessions import Sessions
from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.sandbox.population.people import Enterprise
from backend.settings import Settings
from backend.store.database import close_database, open_database
from backend.store.keyring import KeyRing
from backend.store.redis import Redis, open_redis
from backend.upstream.signing import sign_request
from gateway.app import channel_blueprints
from gateway.console import guards
from gateway.console.frame import PAGES, Page
from gateway.console.install import console_blueprints
from gateway.edge.access import Access, Machine, Member, Person, Public, Staff, System
from gateway.edge.endpoint import ENDPOINTS, Endpoint
from gateway.edge.matrix import ANSWERS, table
from gateway.edge.problems import STATUS
from tests.integration import cast
from tests.integration.corporate import agent, appoint
from tests.integration.people import bearer, citizen
from tests.integration.programs import Program, program
from tests.provinces import Platform

channel_blueprints()
console_blueprints()
EVERY = sorted(ENDPOINTS, key=lambda made: (made.path, made.method))
PEOPLE = [made for made in EVERY if isinstance(made.access, Person)]
SYSTEMS = [made for made in EVERY if isinstance(made.access, System)]
STAFF = [made for made in EVERY if isinstance(made.access, Staff)]
MEMBERS = [made for made in EVERY if isinstance(made.access, Member)]
PROGRAMS = [made for made in EVERY if isinstance(made.access, Machine)]
PUBLIC = [made for made in EVERY if isinstance(made.access, Public)]

EVERY_PAGE = sorted(PAGES, key=lambda page: (page.path, page.method))
STAFF_PAGES = [page for page in EVERY_PAGE if isinstance(page.access, Staff)]
PUBLIC_PAGES = [page for page in EVERY_PAGE if isinstance(page.access, Public)]
REFUSED_AT_THE_DOOR = {error.code for error in ANSWERS[Member].values()}
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


@pytest.fixture(scope="module")
async def redis(platform: Platform) -> AsyncIterator[Redis]:
    """A client for all tests here: to connect takes longer than any of them."""
    async with open_redis(platform.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture
async def tokens(redis: Redis) -> dict[Level, str]:
    """A session of a person of nobody's at every level; some endpoints end the one they get."""
    made = {}
    for level in Level:
        person, session_id = uuid.uuid4(), sessions.new_session_id()
        made[level], record = sessions.issue(person, session_id, level)
        key = sessions.session_key(sessions.subject_of(person), session_id)
        await redis.set(key, record, ex=600)
    return made


@pytest.fixture
async def officers(platform: Platform, redis: Redis) -> dict[Role, str]:
    """A console session of an account of nobody's in every role; likewise."""
    keyring = KeyRing(Settings.from_environ(platform.environ).keyring)
    held = Sessions(redis, keyring, lambda: datetime.now(UTC))
    made = {}
    for role in Role:
        officer = Officer(uuid.uuid4(), f"nobody-{role}", "无名", role)
        made[role] = await held.open(officer, "203.0.113.9")
    return made


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
@pytest.mark.parametrize("made", SYSTEMS, ids=named)
async def test_a_system_endpoint_opens_to_signatures_only(
    http: httpx.AsyncClient, made: Endpoint, tokens: dict[Level, str]
) -> None:
    for token in (None, tokens[Level.CERTIFICATE]):
        assert await code_of(http, made, token) == (401, "exchange.signature_missing")


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


@pytest.mark.one_store
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


@pytest.mark.one_store
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


async def test_every_endpoint_of_an_enterprise_answers_every_actor_as_documented(
    http: httpx.AsyncClient, platform: Platform, officers: dict[Role, str]
) -> None:
    """One cast, every line of the matrix: what is not as documented is listed."""
    company, lost = cast.company(platform), cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    actors = await enterprise_actors(http, platform, company, lost, boss)
    actors["a console account"] = (company, bearer({"access_token": officers[Role.OPERATOR]}))
    wrong: list[tuple[str, str, tuple[int, str]]] = []
    for made in MEMBERS:
        assert isinstance(made.access, Member)
        for actor, (whose, whom) in actors.items():
            headers = whom if isinstance(whom, dict) else lacking(made.access.scope, whom)
            wanted = documented(Member, actor)
            if actor == "an agent without the scope" and made.access.scope is Scope.VIEW:
                continue  # whoever acts for it at all may do this
            answer = await of_enterprise(http, made, whose, headers)
            if answer != wanted:
                wrong.append((named(made), actor, answer))
        status, code = await of_enterprise(http, made, company, boss)
        if status in (401, 500) or code in REFUSED_AT_THE_DOOR:
            wrong.append((named(made), "the representative", (status, code)))
    assert wrong == []
    signing = {"a provincial system, by signature", "a program of the enterprise, by signature"}
    assert {*actors, *signing} == set(ANSWERS[Member])


async def test_every_kind_of_program_is_answered_as_documented(
    http: httpx.AsyncClient, platform: Platform, officers: dict[Role, str]
) -> None:
    company = cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    chief = await appoint(http, platform, boss, company, role="ADMINISTRATOR")
    base = f"/api/v1/enterprise/enterprises/{company.uscc}"
    able, ended, spent = [
        await program(http, boss, company, daily_quota=quota) for quota in (1000, 1000, 1)
    ]
    reads = await program(http, boss, company, scopes=["cases.read"])
    files = await program(http, boss, company, scopes=["cases.apply"])
    orphan = await program(http, chief.headers, company)
    await http.delete(f"{base}/machines/{ended.id}", headers=boss)
    await http.delete(f"{base}/members/{chief.member_id}", headers=boss)
    await spent.ask(http, "GET", "/api/v1/enterprise/machine/cases")
    wrong = []
    for made in PROGRAMS:
        assert isinstance(made.access, Machine)
        narrow = files if made.access.scope is Scope.CASES_READ else reads
        told = {
            "nobody logged in": await code_of(http, made, None),
            "a person": await code_of(http, made, boss["authorization"][7:]),
            "a console account": await code_of(http, made, officers[Role.OPERATOR]),
            "a provincial system, by signature": await as_system(http, platform, made),
            "a program without the scope": await as_program(http, narrow, made),
            "a program that was ended": await as_program(http, ended, made),
            "a program whose owner acts no more": await as_program(http, orphan, made),
            "a program that has spent its quota": await as_program(http, spent, made),
        }
        assert set(told) == set(ANSWERS[Machine])
        wrong += [
            (named(made), actor, answer)
            for actor, answer in told.items()
            if answer != documented(Machine, actor)
        ]
        status, code = await as_program(http, able, made)
        if status in (401, 403, 429, 500):
            wrong.append((named(made), "a program that may", (status, code)))
    for made in [*MEMBERS, *SYSTEMS]:
        kind, actor = (
            (Member, "a program of the enterprise, by signature")
            if isinstance(made.access, Member)
            else (System, "a program of an enterprise, by signature")
        )
        answer = await as_program(http, able, made)
        if answer != documented(kind, actor):
            wrong.append((named(made), actor, answer))
    assert wrong == []


async def as_program(http: httpx.AsyncClient, program: Program, made: Endpoint) -> tuple[int, str]:
    """The answer to a program that signs."""
    answer = await program.ask(http, made.method, path_of(made))
    problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if problem else ""


def documented(access: type[Access], actor: str) -> tuple[int, str]:
    error = ANSWERS[access][actor]
    return STATUS[error.kind], error.code


async def as_system(http: httpx.AsyncClient, platform: Platform, made: Endpoint) -> tuple[int, str]:
    """The answer to a registered system that signs, where a person or an officer is meant."""
    found = department("shijian")
    key = department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    headers = sign_request(key, made.method, path_of(made), "", b"")
    answer = await http.request(made.method, path_of(made), headers=headers)
    return answer.status_code, answer.json()["code"]


async def of_enterprise(
    http: httpx.AsyncClient, made: Endpoint, company: Enterprise, headers: Mapping[str, str]
) -> tuple[int, str]:
    path = re.sub(r"<\w+(:\w+)?>", "x", made.path.replace("<uscc:str>", company.uscc))
    body: dict[str, str] | None = {} if made.body is not None else None
    answer = await http.request(made.method, path, json=body, headers=dict(headers))
    problem = "problem" in answer.headers.get("content-type", "")
    return answer.status_code, answer.json()["code"] if problem else ""


def lacking(scope: Scope, agents: "Lacking") -> dict[str, str]:
    """An agent who was not given this."""
    return next(headers for scopes, headers in agents if scope not in scopes)


Lacking = list[tuple[frozenset[str], dict[str, str]]]


async def enterprise_actors(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, lost: Enterprise,
    boss: dict[str, str],
) -> dict[str, tuple[Enterprise, dict[str, str] | Lacking]]:  # fmt: skip
    """Whose enterprise each asks for, and their headers; of agents several, each lacking more."""
    successor = cast.somebody(platform)
    order = {
        "uscc": lost.uscc,
        "legal_representative": {"name": successor.name, "id_number": successor.id_number},
    }
    url = f"{platform.systems['gd-shijian']}/_control/enterprises"
    assert (await http.post(url, json=order)).status_code == 200
    applies = await appoint(http, platform, boss, company, **agent())
    looks = await appoint(http, platform, boss, company, **agent(scopes=["licences", "policies"]))
    expired = await appoint(http, platform, boss, company, **agent())
    await open_database(platform.environ["DATABASE_URL"], only="members")
    over = date.today() - timedelta(days=2)
    await CorpMember.filter(id=expired.member_id).update(ends_on=over)
    await close_database()
    revoked = await appoint(http, platform, boss, company, **agent())
    members = f"/api/v1/enterprise/enterprises/{company.uscc}/members"
    await http.delete(f"{members}/{revoked.member_id}", headers=boss)
    low = bearer(await citizen(http, cast.somebody(platform), level=3))
    another = bearer(await citizen(http, cast.somebody(platform), level=4))
    rival = bearer(await citizen(http, cast.company(platform).legal_representative, level=4))
    former = bearer(await citizen(http, lost.legal_representative, level=4))
    return {
        "nobody logged in": (company, {}),
        "a person of a lower level": (company, low),
        "another person": (company, another),
        "the representative of another enterprise": (company, rival),
        "a former representative": (lost, former),
        "an agent without the scope": (company, [
            (frozenset({"cases.read", "cases.apply"}), applies.headers),
            (frozenset({"licences", "policies"}), looks.headers),
        ]),
        "an agent whose last day is over": (company, expired.headers),
        "an agent whose grant was taken back": (company, revoked.headers),
    }  # fmt: skip


def test_the_written_table_is_that_of_the_routes() -> None:
    written = Path(__file__).parents[2] / "docs" / "access.md"
    assert written.read_text("utf-8") == table([*EVERY, *EVERY_PAGE]), (
        "out of date: run `make matrix`"
    )

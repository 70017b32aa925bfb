"""Whatever stands in an address, a query, a form or a body, and whoever sends it: never a 5xx."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from pydantic import BaseModel

from backend.identity.levels import Level
from backend.operators.service import Role
from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.upstream.signing import SigningKey, sign_request
from gateway.console import guards
from gateway.console.frame import Page
from gateway.edge.access import Staff
from gateway.edge.endpoint import Endpoint
from tests.integration import cast
from tests.integration.access.matrix import (
    MEMBERS,
    PEOPLE,
    PROGRAMS,
    PUBLIC,
    STAFF,
    STAFF_PAGES,
    SYSTEMS,
    named,
)
from tests.integration.people import bearer, citizen
from tests.integration.programs import program
from tests.provinces import Platform

# What is refused is refused before a store can make a difference.
pytestmark = pytest.mark.one_store

UUID = "019aa000-0000-7000-8000-000000000000"
# In an address: too long, too large, of another script, not what it should be.
PLACES = ["x" * 300, "9" * 30, "𠮷\u202e", "a\x00b"]
VALUES = ["x" * 3000, "9" * 30, "-1", "0001-01-01", "9999-12-31", "a\x00b"]
WHOLE = [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 5000, b'{"a":"\\ud800"}']
FIELDS: list[Any] = [None, -1, 10**30, "x" * 3000, "a\x00b", [None], {"x": {}}, "0001-01-01"]
# What the forms and filters of the console are called.
NAMES = (
    "q", "cursor", "page", "from", "to", "code", "state", "system", "reason", "name", "day",
)  # fmt: skip
_PARAMETER = re.compile(r"<\w+(?::\w+)?>")


def _paths(path: str) -> list[str]:
    if not _PARAMETER.search(path):
        return [path]
    return [_PARAMETER.sub(quote(place, safe=""), path) for place in PLACES]


def _queries(model: type[BaseModel] | None) -> Iterator[str]:
    for name in _names(model):
        # What may be waited for is not.
        for value in VALUES if name != "wait" else ():
            yield "?" + urlencode({name: value})


def _bodies(model: type[BaseModel] | None) -> Iterator[bytes]:
    if model is None:
        return
    yield from WHOLE
    for value in FIELDS:
        # orjson knows no number of more than 64 bits.
        yield json.dumps(dict.fromkeys(_names(model), value)).encode()


def _names(model: type[BaseModel] | None) -> list[str]:
    fields = model.model_fields if model is not None else {}
    return [field.alias or name for name, field in fields.items()]


def _requests(made: Endpoint) -> Iterator[tuple[str, bytes]]:
    """Target and body."""
    empty = b"{}" if made.body is not None else b""
    plain = _PARAMETER.sub(UUID, made.path)
    yield from ((path, empty) for path in _paths(made.path))
    yield from ((plain + query, empty) for query in _queries(made.query))
    yield from ((plain, body) for body in _bodies(made.body))


async def _broken(
    http: httpx.AsyncClient,
    made: Endpoint,
    headers: dict[str, str],
    key: SigningKey | None = None,
) -> list[tuple[str, bytes, int]]:
    """What was answered with a 5xx."""
    found = []
    for target, body in _requests(made):
        path, _, query = target.partition("?")
        signed = sign_request(key, made.method, path, query, body) if key else {}
        sent = {**headers, **signed, "content-type": "application/json"}
        answer = await http.request(made.method, target, content=body, headers=sent)
        if answer.status_code >= 500:
            found.append((target, body[:80], answer.status_code))
    return found


@pytest.mark.parametrize("made", PUBLIC, ids=named)
async def test_by_anybody(http: httpx.AsyncClient, made: Endpoint) -> None:
    assert await _broken(http, made, {}) == []


@pytest.mark.parametrize("made", [one for one in PEOPLE if one not in MEMBERS], ids=named)
async def test_by_a_person(
    http: httpx.AsyncClient, made: Endpoint, tokens: dict[Level, str]
) -> None:
    headers = {"authorization": f"Bearer {tokens[Level.CERTIFICATE]}"}
    assert await _broken(http, made, headers) == []


@pytest.mark.parametrize("made", STAFF, ids=named)
async def test_by_an_officer(
    http: httpx.AsyncClient, made: Endpoint, officers: dict[Role, str]
) -> None:
    assert isinstance(made.access, Staff)
    token = officers[min(made.access.roles)]
    assert await _broken(http, made, {"authorization": f"Bearer {token}"}) == []


@pytest.mark.parametrize("made", SYSTEMS, ids=named)
async def test_by_a_system(http: httpx.AsyncClient, platform: Platform, made: Endpoint) -> None:
    found = department("shijian")
    key = department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    assert await _broken(http, made, {}, key) == []


# A person may ask so often for an enterprise: each gets no more than its limit of requests.
SHARES = [MEMBERS[start : start + 20] for start in range(0, len(MEMBERS), 20)]


@pytest.mark.parametrize("share", SHARES, ids=lambda share: named(share[0]))
async def test_by_a_representative(
    http: httpx.AsyncClient, platform: Platform, share: list[Endpoint]
) -> None:
    company = cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    for made in share:
        own = replace(made, path=made.path.replace("<uscc:str>", company.uscc))
        assert await _broken(http, own, boss) == []


async def test_by_a_program(http: httpx.AsyncClient, platform: Platform) -> None:
    company = cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    able = await program(http, boss, company, daily_quota=1000)
    for made in PROGRAMS:
        assert await _broken(http, made, {}, able.key) == []


@pytest.mark.parametrize("page", STAFF_PAGES, ids=named)
async def test_in_the_console(
    http: httpx.AsyncClient, page: Page, officers: dict[Role, str]
) -> None:
    token = next(token for role, token in officers.items() if page.open_to(role))
    headers, found = {"cookie": f"{guards.SESSION_COOKIE}={token}"}, []
    for path in _paths(page.path):
        for value in VALUES:
            given = dict.fromkeys(NAMES, value)
            if page.method == "POST":
                form = {**given, "csrf": guards.csrf_of(token)}
                answer = await http.post(path, data=form, headers=headers)
            else:
                answer = await http.get(f"{path}?{urlencode(given)}", headers=headers)
            if answer.status_code >= 500:
                found.append((path, value[:40], answer.status_code))
    assert found == []

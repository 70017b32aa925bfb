"""Pages of the console: their roles, their login, the token of their forms."""

import re

import httpx
import pytest

from backend.identity.levels import Level
from backend.operators.service import Role
from gateway.console import guards
from gateway.console.frame import Page
from tests.integration.access.matrix import PUBLIC_PAGES, STAFF_PAGES, named, path_of

SAID = re.compile(r"状态 \d+ · ([\w.]+) ·")


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

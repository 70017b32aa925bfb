"""The enterprise door over HTTP: for those whom the register names, and nobody else."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from backend.members.service import Scope
from backend.sandbox.population.people import Enterprise
from tests.integration import cast
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

API = "/api/v1/enterprise/enterprises"
REGISTER = "gd-shijian"
# 增值税一般纳税人登记.
CORPORATE = "11440000MB9X00197K4440730002001"


@pytest.fixture
def company(platform: Platform) -> Enterprise:
    """A company that nobody has looked at yet."""
    return cast.company(platform)


@pytest.fixture
async def token(http: httpx.AsyncClient, company: Enterprise) -> dict[str, str]:
    """A session of its legal representative at level 4."""
    return bearer(await citizen(http, company.legal_representative, level=4))


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


@asynccontextmanager
async def failing(platform: Platform, operation: str) -> AsyncIterator[None]:
    """One operation of the register answers with 500 for as long as the block lasts."""
    url = f"{platform.systems[REGISTER]}/_control/faults"
    async with httpx.AsyncClient() as control:
        answer = await control.post(url, json={"kind": "status", "operation": operation})
        assert answer.status_code == 201, answer.text
        try:
            yield
        finally:
            await control.delete(url)


async def change(platform: Platform, what: str, order: dict[str, Any]) -> None:
    """Change what the register or the issuer of licences has on file."""
    async with httpx.AsyncClient() as control:
        url = f"{platform.systems[REGISTER]}/_control/{what}"
        answer = await control.post(url, json=order)
        assert answer.status_code == 200, answer.text


async def test_a_representative_sees_their_enterprises(
    http: httpx.AsyncClient, token: dict[str, str], company: Enterprise
) -> None:
    listed = (await http.get(API, headers=token)).json()
    assert listed["source_status"] == "fresh"
    mine = next(item for item in listed["items"] if item["uscc"] == company.uscc)
    assert mine == {
        "uscc": company.uscc, "name": company.name, "kind": company.kind, "status": "存续",
        "role": "LEGAL_REP", "scopes": sorted(Scope), "items": [], "ends_on": None,
        "ends_at": None, "cases_left": None,
    }  # fmt: skip


async def test_the_page_has_facts_sections_and_wallet(
    http: httpx.AsyncClient, token: dict[str, str], company: Enterprise
) -> None:
    answer = await http.get(f"{API}/{company.uscc}", headers=token)
    page = answer.json()
    assert page["name"] == company.name
    assert page["address"] == company.address
    assert page["sections"]
    assert page["wallet"]["items"][0]["name"] == "营业执照"
    assert page["wallet"]["items"][0]["holder"] == company.name
    assert {source["status"] for source in page["wallet"]["sources"]} == {"fresh"}
    assert company.legal_representative.id_number not in answer.text
    assert f'"{company.legal_representative.name}"' not in answer.text


async def test_a_licence_of_the_enterprise_has_the_citizens_ways(
    http: httpx.AsyncClient, token: dict[str, str], company: Enterprise
) -> None:
    page = (await http.get(f"{API}/{company.uscc}", headers=token)).json()
    url = f"{API}/{company.uscc}/wallet/{page['wallet']['items'][0]['id']}"
    licence = (await http.get(url, headers=token)).json()
    assert licence["number"] == company.uscc
    shown = await http.post(f"{url}/reveal", headers=token, json={"field": "number"})
    assert shown.json()["value"] == company.uscc
    face = await http.get(f"{url}/face.png", headers=token, params={"purpose": "银行开户"})
    assert face.content.startswith(b"\x89PNG")
    refused(
        await http.post(f"{url}/reveal", headers=token, json={"field": "x"}),
        404,
        "wallet.field_unknown",
    )
    gone = await http.get(f"{API}/{company.uscc}/wallet/AAAAAAAAAAAA", headers=token)
    refused(gone, 404, "wallet.licence_not_found")


async def test_someone_else_is_turned_away_whether_the_enterprise_exists_or_not(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform
) -> None:
    other = cast.company(platform)
    for path in ("", "/wallet/x", "/wallet/x/face.png"):
        for uscc in (other.uscc, "91440300MA5ABCD19W", "nonsense"):
            answer = await http.get(f"{API}/{uscc}{path}", headers=token)
            refused(answer, 403, "enterprise.not_representative")


async def test_below_level_four_the_door_names_the_level(
    http: httpx.AsyncClient, company: Enterprise
) -> None:
    low = bearer(await citizen(http, company.legal_representative, level=3))
    for path in ("", f"/{company.uscc}"):
        problem = refused(
            await http.get(f"{API}{path}", headers=low), 403, "identity.level_too_low"
        )
        assert problem["required_level"] == 4


async def test_a_person_without_enterprise_has_an_empty_list(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    nobody = cast.somebody(platform)
    answer = await http.get(API, headers=bearer(await citizen(http, nobody, level=4)))
    assert answer.json() == {"items": [], "source_status": "fresh"}


async def test_without_the_register_nobody_is_let_in(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, company: Enterprise
) -> None:
    async with failing(platform, "enterprises.represented"):
        listed = (await http.get(API, headers=token)).json()
        assert listed == {"items": [], "source_status": "unavailable"}
        answer = await http.get(f"{API}/{company.uscc}", headers=token)
        problem = refused(answer, 503, "enterprise.register_unavailable")
        assert problem["retry_after"] == 5


async def test_what_the_register_said_a_moment_ago_still_opens_the_door(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, company: Enterprise
) -> None:
    await http.get(API, headers=token)
    async with failing(platform, "enterprises.represented"):
        assert (await http.get(API, headers=token)).json()["source_status"] == "fresh"
        assert (await http.get(f"{API}/{company.uscc}", headers=token)).status_code == 200


async def test_the_list_supplies_the_facts_while_the_register_cannot(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, company: Enterprise
) -> None:
    async with failing(platform, "enterprises.get"):
        page = (await http.get(f"{API}/{company.uscc}", headers=token)).json()
    assert page["name"] == company.name


async def test_who_is_no_longer_named_is_out_at_once(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, company: Enterprise
) -> None:
    assert (await http.get(f"{API}/{company.uscc}", headers=token)).status_code == 200
    successor = cast.company(platform).legal_representative
    named = {"name": successor.name, "id_number": successor.id_number}
    await change(platform, "enterprises", {"uscc": company.uscc, "legal_representative": named})
    for _ in range(2):
        answer = await http.get(f"{API}/{company.uscc}", headers=token)
        refused(answer, 403, "enterprise.not_representative")


async def test_a_change_of_the_business_licence_is_in_the_wallet_before_long(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, company: Enterprise
) -> None:
    url = f"{API}/{company.uscc}"
    assert (await http.get(url, headers=token)).json()["wallet"]["items"][0]["status"] == "VALID"
    order = {
        "action": "set_status", "status": "FORFEITED", "type": "营业执照",
        "holder": {"code_type": "001", "code": company.uscc, "name": company.name},
    }  # fmt: skip
    await change(platform, "licences", order)
    for _ in range(300):
        cards = (await http.get(url, headers=token)).json()["wallet"]["items"]
        found = {card["name"]: card["status"] for card in cards}
        if found["营业执照"] == "FORFEITED":
            break
        await asyncio.sleep(0.05)
    assert found["营业执照"] == "FORFEITED"


async def test_a_repeated_request_is_answered_and_not_carried_out_again(
    http: httpx.AsyncClient, token: dict[str, str], company: Enterprise
) -> None:
    page = (await http.get(f"{API}/{company.uscc}", headers=token)).json()
    url = f"{API}/{company.uscc}/wallet/{page['wallet']['items'][0]['id']}/reveal"
    keyed = {**token, "idempotency-key": secrets.token_hex(16)}
    first = await http.post(url, json={"field": "number"}, headers=keyed)
    again = await http.post(url, json={"field": "number"}, headers=keyed)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = await http.post(url, json={"field": "holder"}, headers=keyed)
    refused(other, 422, "idempotency.key_reused")


async def test_a_refusal_leaves_the_key_free(
    http: httpx.AsyncClient, token: dict[str, str], company: Enterprise
) -> None:
    page = (await http.get(f"{API}/{company.uscc}", headers=token)).json()
    url = f"{API}/{company.uscc}/wallet/{page['wallet']['items'][0]['id']}/reveal"
    keyed = {**token, "idempotency-key": secrets.token_hex(16)}
    unknown = await http.post(url, json={"field": "none"}, headers=keyed)
    refused(unknown, 404, "wallet.field_unknown")
    assert (await http.post(url, json={"field": "number"}, headers=keyed)).status_code == 200
    malformed = {**token, "idempotency-key": "short"}
    answer = await http.post(url, json={"field": "number"}, headers=malformed)
    refused(answer, 400, "idempotency.key_malformed")


async def test_applications_of_an_enterprise(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, company: Enterprise
) -> None:
    cases = f"{API}/{company.uscc}/cases"
    opened = await http.post(f"{cases}/drafts", json={"item_code": CORPORATE}, headers=token)
    assert opened.status_code == 201, opened.text
    draft = opened.json()
    assert (draft["for_kind"], draft["applicant"]) == ("enterprise", company.name)
    listed = (await http.get(f"{cases}/drafts", headers=token)).json()["items"]
    assert [one["id"] for one in listed] == [draft["id"]]
    assert (await http.get(cases, headers=token)).json() == {"items": [], "next_cursor": None}

    stranger = bearer(await citizen(http, cast.company(platform).legal_representative, level=4))
    for path in (cases, f"{cases}/drafts", f"{cases}/drafts/{draft['id']}"):
        refused(await http.get(path, headers=stranger), 403, "enterprise.not_representative")
    begun = await http.post(f"{cases}/drafts", json={"item_code": CORPORATE}, headers=stranger)
    refused(begun, 403, "enterprise.not_representative")
    gone = await http.get(f"{cases}/{CORPORATE}202611230001", headers=token)
    refused(gone, 404, "cases.case_unknown")
    assert (await http.delete(f"{cases}/drafts/{draft['id']}", headers=token)).status_code == 204


ASKED = {
    "corp-finance": {"amount": 50, "months": 12, "use": "日常周转", "agrees": True},
    "corp-recruit": {
        "post": "收银员", "count": 2, "wage_from": 4000, "wage_to": 5000,
        "place": "本市人民路1号", "duties": "早晚班轮换，会用收银机",
    },
}  # fmt: skip


@pytest.mark.parametrize("theme", ASKED)
async def test_financing_and_recruitment_are_services_that_an_enterprise_can_ask_for(
    http: httpx.AsyncClient, company: Enterprise, token: dict[str, str], theme: str
) -> None:
    """Found by their theme, as the page finds them; the register fills in who asks."""
    query = {"theme": theme, "audience": "enterprise", "online": "true"}
    items = (await http.get("/api/v1/public/service-items", params=query)).json()["items"]
    (item,) = [one for one in items if one["name"] != "股权出质登记"]
    drafts = f"{API}/{company.uscc}/cases/drafts"
    made = await http.post(drafts, json={"item_code": item["task_code"]}, headers=token)
    assert made.status_code == 201, made.text
    draft = made.json()
    named = {name: draft["values"][name] for name in ("name", "uscc")}
    assert named == {"name": company.name, "uscc": company.uscc}
    filled = {
        "version": draft["version"], "contact_phone": "13800138000",
        "values": {"phone": "13800138000", **ASKED[theme]},
    }  # fmt: skip
    saved = await http.patch(f"{drafts}/{draft['id']}", json=filled, headers=token)
    assert saved.json()["ready"], saved.text
    body = {"version": saved.json()["version"]}
    sent = await http.post(f"{drafts}/{draft['id']}/submission", json=body, headers=token)
    assert sent.status_code == 201, sent.text

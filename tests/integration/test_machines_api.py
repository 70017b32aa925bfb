"""软件接入 over HTTP: keys, scopes, quotas, queries, and applications that are filed once."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from backend.sandbox.population.people import Enterprise
from backend.upstream.signing import sign_request
from tests.integration import cast
from tests.integration.corporate import API, appoint
from tests.integration.people import bearer, citizen
from tests.integration.programs import program
from tests.provinces import Platform
from tests.sandbox_world import picture

CORPORATE = "11440000MB9X00197K4440730002001"
CASES, FILE = f"{API}/machine/cases", f"{API}/machine/applications"


@pytest.fixture
def company(platform: Platform) -> Enterprise:
    """An enterprise that nobody has looked at yet."""
    return cast.company(platform)


@pytest.fixture
async def boss(http: httpx.AsyncClient, company: Enterprise) -> dict[str, str]:
    """A session of its legal representative."""
    return bearer(await citizen(http, company.legal_representative, level=4))


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def _application(
    http: httpx.AsyncClient, boss: dict[str, str], company: Enterprise, reference: str
) -> dict[str, Any]:
    """What the form and the materials of the item ask for, as a draft of it says."""
    drafts = f"{API}/enterprises/{company.uscc}/cases/drafts"
    draft = (await http.post(drafts, json={"item_code": CORPORATE}, headers=boss)).json()
    await http.delete(f"{drafts}/{draft['id']}", headers=boss)
    files = [
        {"material": each["code"], "name": "登记表.png", "content": picture(400)}
        for each in draft["materials"]
        if each["lacking"] and "upload" in each["ways"]
    ]
    return {
        "reference": reference, "item_code": CORPORATE, "values": {},
        "contact_phone": "13800138000", "files": files,
    }  # fmt: skip


async def test_an_application_is_filed_once_by_its_reference(
    http: httpx.AsyncClient, company: Enterprise, boss: dict[str, str]
) -> None:
    erp = await program(http, boss, company)
    wanted = await _application(http, boss, company, "PO-1")
    batch = {"items": [wanted, {**wanted, "reference": "PO-2", "item_code": CORPORATE[:-1] + "9"}]}
    first, second = (await erp.ask(http, "POST", FILE, batch)).json()["items"]
    assert (first["state"], first["again"]) == ("filed", False), first
    assert second["state"] == "refused"
    again = (await erp.ask(http, "POST", FILE, {"items": [wanted]})).json()["items"][0]
    assert (again["case_no"], again["again"]) == (first["case_no"], True)
    other = {**wanted, "contact_phone": "13800138001"}
    told = (await erp.ask(http, "POST", FILE, {"items": [other]})).json()["items"][0]
    assert told["code"] == "machines.reference_reused"

    listed = (await erp.ask(http, "GET", CASES)).json()["items"]
    assert [each["case_no"] for each in listed] == [first["case_no"]]
    one = await erp.ask(http, "GET", f"{CASES}/{first['case_no']}")
    assert one.json()["actions"] == []
    seen = await http.get(f"{API}/enterprises/{company.uscc}/cases", headers=boss)
    assert [each["case_no"] for each in seen.json()["items"]] == [first["case_no"]]
    unknown = await erp.ask(http, "GET", f"{CASES}/{CORPORATE}202611230001")
    refused(unknown, 404, "cases.case_unknown")


async def test_what_was_refused_may_be_mended_under_the_same_reference(
    http: httpx.AsyncClient, company: Enterprise, boss: dict[str, str]
) -> None:
    erp = await program(http, boss, company)
    wanted = await _application(http, boss, company, "PO-3")
    lacking = {**wanted, "files": []}
    told = (await erp.ask(http, "POST", FILE, {"items": [lacking]})).json()["items"][0]
    assert (told["state"], told["code"]) == ("refused", "cases.draft_incomplete"), told
    drafts = f"{API}/enterprises/{company.uscc}/cases/drafts"
    assert (await http.get(drafts, headers=boss)).json()["items"] == []
    mended = (await erp.ask(http, "POST", FILE, {"items": [wanted]})).json()["items"][0]
    assert mended["state"] == "filed", mended


async def test_a_key_a_scope_a_nonce_and_an_end(
    http: httpx.AsyncClient, company: Enterprise, boss: dict[str, str]
) -> None:
    erp = await program(http, boss, company, scopes=["cases.read"], alg="sm2")
    assert (await erp.ask(http, "GET", f"{CASES}?state=open")).status_code == 200
    refused(await erp.ask(http, "POST", FILE, {"items": []}), 403, "machines.scope_missing")
    headers = sign_request(erp.key, "GET", CASES, "", b"")
    assert (await http.get(CASES, headers=headers)).status_code == 200
    refused(await http.get(CASES, headers=headers), 401, "exchange.signature_replayed")
    listed = f"{API}/enterprises/{company.uscc}/machines"
    assert [each["id"] for each in (await http.get(listed, headers=boss)).json()["items"]] == [
        erp.id
    ]
    assert (await http.delete(f"{listed}/{erp.id}", headers=boss)).status_code == 204
    refused(await erp.ask(http, "GET", CASES), 401, "exchange.signature_key_revoked")
    refused(await http.delete(f"{listed}/{erp.id}", headers=boss), 404, "machines.unknown")
    wrong = {"name": "x", "scopes": ["cases.read"], "public": base64.b64encode(b"short").decode()}
    refused(await http.post(listed, json=wrong, headers=boss), 422, "machines.key_refused")


async def test_the_quota_is_never_overspent_however_many_ask_at_once(
    http: httpx.AsyncClient, company: Enterprise, boss: dict[str, str]
) -> None:
    erp = await program(http, boss, company, daily_quota=7)
    answers = await asyncio.gather(*(erp.ask(http, "GET", CASES) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [429] * 13
    problem = next(answer.json() for answer in answers if answer.status_code == 429)
    assert problem["code"] == "machines.quota_spent"
    assert 0 < problem["retry_after"] <= 86_400


async def test_a_program_ends_with_whoever_registered_it(
    http: httpx.AsyncClient, platform: Platform, company: Enterprise, boss: dict[str, str]
) -> None:
    chief = await appoint(http, platform, boss, company, role="ADMINISTRATOR")
    erp = await program(http, chief.headers, company)
    assert (await erp.ask(http, "GET", CASES)).status_code == 200
    await http.delete(f"{API}/enterprises/{company.uscc}/members/{chief.member_id}", headers=boss)
    refused(await erp.ask(http, "GET", CASES), 403, "machines.ended")


async def test_an_enterprise_has_ten_programs_at_most(
    http: httpx.AsyncClient, company: Enterprise, boss: dict[str, str]
) -> None:
    made = [await program(http, boss, company) for _ in range(10)]
    listed = f"{API}/enterprises/{company.uscc}/machines"
    body = {"name": "x", "scopes": ["cases.read"], "public": made[0].key.public_base64}
    refused(await http.post(listed, json=body, headers=boss), 409, "machines.too_many")

"""我的政策 over HTTP: what fits and why, which data are used, and none of it once switched off."""

import json
from datetime import date

import httpx
import pytest

from backend.numbers.service import age_on
from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.sandbox.population.people import Person
from backend.upstream.signing import sign_request
from tests.integration import cast
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

CITIZEN = "/api/v1/citizen/policies"


def old(person: Person) -> bool:
    return 80 <= age_on(person.birth, date.today()) < 99 and not person.residence_permit


@pytest.fixture
async def elder(platform: Platform, http: httpx.AsyncClient) -> dict[str, str]:
    """Somebody of over eighty, logged in."""
    return bearer(await citizen(http, cast.somebody(platform, old)))


async def test_an_old_person_sees_the_allowance_and_why(
    http: httpx.AsyncClient, elder: dict[str, str]
) -> None:
    answer = await http.get(CITIZEN, headers=elder)
    assert answer.status_code == 200, answer.text
    assert answer.json()["matching"] is True
    found = {one["code"]: one for one in answer.json()["items"]}
    assert found["gaoling-jintie"]["outcome"] == "matched", found["gaoling-jintie"]
    assert found["gaoling-jintie"]["amount"] == "100 元"
    assert found["yuer-butie"]["outcome"] != "matched"
    one = (await http.get(f"{CITIZEN}/changshou-baojian", headers=elder)).json()
    age = next(each for each in one["reasons"] if "一百" in each["words"])
    assert age["result"] is False
    assert "100 周岁" in age["change"]
    assert "就满足了" in age["change"]


async def test_data_used_are_shown_and_forgotten(
    http: httpx.AsyncClient, elder: dict[str, str]
) -> None:
    used = (await http.get(f"{CITIZEN}/data-used", headers=elder)).json()["items"]
    age = next(one for one in used if one["label"] == "年龄")
    assert "高龄津贴" in age["policies"]
    assert all(one["bases"] and one["source"] for one in used)
    off = await http.put(f"{CITIZEN}/matching", json={"matching": False}, headers=elder)
    assert off.json() == {"matching": False}
    listed = (await http.get(CITIZEN, headers=elder)).json()
    assert listed["matching"] is False
    assert {one["outcome"] for one in listed["items"]} == {"unknown"}
    refused = await http.get(f"{CITIZEN}/data-used", headers=elder)
    assert (refused.status_code, refused.json()["code"]) == (409, "policies.matching_off")


async def test_an_enterprise_sees_its_policies(platform: Platform, http: httpx.AsyncClient) -> None:
    company = cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    base = f"/api/v1/enterprise/enterprises/{company.uscc}/policies"
    listed = await http.get(base, headers=boss)
    assert listed.status_code == 200, listed.text
    items = listed.json()["items"]
    assert len(items) == 18
    assert any(one["outcome"] == "matched" for one in items)
    unknown = [one["code"] for one in items if one["outcome"] == "unknown"]
    assert not unknown, unknown
    nobody = await http.get(f"{base}/no-such-policy", headers=boss)
    assert (nobody.status_code, nobody.json()["code"]) == (404, "policies.unknown")


async def test_benefits_that_are_not_there(http: httpx.AsyncClient, elder: dict[str, str]) -> None:
    shown = await http.get("/api/v1/public/policy-publicity")
    assert shown.status_code == 200
    assert all("*" in one["holder"] for one in shown.json()["items"])
    ours = {"consent": True, "account": {"bank": "示范银行", "number": "6222000000000000001"}}
    for method, path, body in (
        ("GET", "benefits/x", None),
        ("POST", "benefits/x/confirmation", ours),
        ("POST", "benefits/x/confirmation", {"consent": True}),
        ("POST", "benefits/x/refusal", {}),
        ("POST", "benefits/x/objection", {"words": "不同意"}),
        ("POST", "publicity/x/objection", {"words": "已经搬走"}),
    ):
        answer = await http.request(method, f"{CITIZEN}/{path}", json=body, headers=elder)
        assert (answer.status_code, answer.json()["code"]) == (
            404,
            "policies.entitlement_unknown",
        ), path
    without = await http.post(
        f"{CITIZEN}/gaoling-jintie/claim", json={"consent": True}, headers=elder
    )
    assert without.status_code == 400


async def test_a_department_tells_facts_of_its_own_data(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    company = cast.company(platform)
    path = "/api/v1/provider/policy-facts"
    found = department("renshe")
    key = department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    holder = {"code_type": "001", "code": company.uscc, "name": company.name}
    for facts, status, said in (
        ({"enterprise.staff": 7}, 200, {"taken": 1}),
        ({"enterprise.credit": "A"}, 422, "policies.facts_refused"),
    ):
        body = {"audience": "enterprise", "items": [{"holder": holder, "facts": facts}]}
        raw = json.dumps(body).encode()
        headers = sign_request(key, "POST", path, "", raw)
        headers |= {"content-type": "application/json"}
        answer = await http.post(path, content=raw, headers=headers)
        heard = answer.json()
        assert (answer.status_code, heard.get("code", heard)) == (status, said)

"""A family of the population over HTTP: a child's wallet, a loan, a copy, a complaint."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from backend.numbers.service import age_on
from backend.sandbox.population.people import Person
from gateway.console.guards import SESSION_COOKIE, csrf_of
from tests.console_world import token_of
from tests.integration import cast
from tests.integration.people import CITIZEN, bearer, citizen
from tests.integration.sharing.test_over_http import key_of, signed
from tests.provinces import Platform


def family(platform: Platform) -> tuple[Person, Person]:
    """A parent and a child under 14 whose birth certificate 卫健委 has."""
    for household in cast.province():
        people = {person.index: person for person in household.people}
        for child in household.people:
            parents = [people[index] for index in child.parent_indexes if index in people]
            both = [child, *parents]
            young = parents and age_on(child.birth, date.today()) < 13
            usual = all(cast.ordinary(p) and p.licence_load == "normal" for p in both)
            if young and usual and cast.take(platform, parents[0], child):
                return parents[0], child
    raise AssertionError("no family is left")


def until(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def licence(http: httpx.AsyncClient, me: dict[str, str], name: str) -> dict[str, Any]:
    listed = (await http.get(f"{CITIZEN}/wallet", headers=me)).json()
    return next(item for item in listed["items"] if item["name"] == name)


async def test_a_parent_carries_a_childs_wallet(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    parent, child = family(platform)
    me = bearer(await citizen(http, parent))
    proof = await licence(http, me, "出生医学证明")
    body = {"licence_id": proof["id"], "id_number": child.id_number}
    made = await http.post(f"{CITIZEN}/family/children", json=body, headers=me)
    assert made.status_code == 201, made.text
    member = made.json()
    assert (member["kind"], member["role"]) == ("child", "carried")
    base = f"{CITIZEN}/family/{member['id']}"
    wallet = (await http.get(f"{base}/wallet", headers=me)).json()
    assert proof["id"] in [item["id"] for item in wallet["items"]]
    one = await http.get(f"{base}/wallet/{proof['id']}", headers=me)
    assert one.status_code == 200, one.text
    code = await http.post(
        f"{base}/presentations/codes", json={"licence_id": proof["id"], "fields": ["sex"]},
        headers=me,
    )  # fmt: skip
    assert code.status_code == 201, code.text
    assert (await http.delete(base, headers=me)).status_code == 204
    over = await http.get(f"{base}/wallet", headers=me)
    assert (over.status_code, over.json()["code"]) == (404, "lending.member_unknown")
    scan = {"code": code.json()["code"], "purpose": "入园登记"}
    seen = await signed(
        http, key_of(platform, "minzheng"), "POST", "/api/v1/verifier/verifications", scan
    )
    assert (seen.status_code, seen.json()["code"]) == (410, "presentation.licence_withdrawn")


async def test_a_licence_is_lent_used_and_complained_of(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    (owner, _), (friend, _) = family(platform), family(platform)
    mine, theirs = bearer(await citizen(http, owner)), bearer(await citizen(http, friend))
    card = await licence(http, mine, "居民身份证")
    wish = {"purpose": "代办业务", "fields": ["holder_name"], "times": 1, "until": until(5)}
    lent = await http.post(f"{CITIZEN}/wallet/{card['id']}/loans", json=wish, headers=mine)
    assert lent.status_code == 201, lent.text
    loan = lent.json()
    taken = await http.post(
        f"{CITIZEN}/borrowed", json={"code": loan["invitation"]}, headers=theirs
    )
    assert taken.status_code == 201, taken.text
    used = await http.post(f"{CITIZEN}/borrowed/{loan['id']}/uses", headers=theirs)
    assert used.status_code == 201, used.text
    assert used.json()["fields"] == [
        {"name": "holder_name", "label": "持证主体", "value": owner.name}
    ]
    again = await http.post(f"{CITIZEN}/borrowed/{loan['id']}/uses", headers=theirs)
    assert (again.status_code, again.json()["code"]) == (409, "lending.loan_used_up")
    receipt, over = used.json()["receipt_id"], time.monotonic() + 15
    path = f"{CITIZEN}/licence-usages?grant_id={loan['id']}&how=grant"
    while not (log := (await http.get(path, headers=mine)).json())["items"]:
        assert time.monotonic() < over, "the holder does not see it"
        await asyncio.sleep(0.2)
    assert [item["id"] for item in log["items"]] == [receipt]
    complaint = f"{CITIZEN}/licence-usages/{receipt}/complaints"
    made = await http.post(complaint, json={"text": "用途不符"}, headers=mine)
    assert made.status_code == 201, made.text
    assert (await http.get(complaint, headers=mine)).json()["items"][0]["state"] == "open"
    token = await token_of(http, platform, "secadmin")
    console, cookie = "/console/licence-complaints", {"cookie": f"{SESSION_COOKIE}={token}"}
    listed = await http.get(console, headers=cookie)
    assert listed.status_code == 200, listed.text[-500:]
    assert "用途不符" in listed.text
    form = {"csrf": csrf_of(token), "text": "经核实，用途有误，已要求对方改正。"}
    answer = f"{console}/{made.json()['id']}/answer"
    assert (await http.post(answer, data=form, headers=cookie)).status_code == 303
    again = await http.post(answer, data=form, headers=cookie)
    assert again.status_code == 409
    assert "已要求对方改正" in (await http.get(f"{console}?state=answered", headers=cookie)).text
    assert (await http.get(complaint, headers=mine)).json()["items"][0]["state"] == "answered"
    assert (await http.delete(f"{CITIZEN}/loans/{loan['id']}", headers=mine)).status_code == 204


async def test_a_company_uses_a_licence_that_was_lent_to_it(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    (owner, _), company, rival = family(platform), cast.company(platform), cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    other = bearer(await citizen(http, rival.legal_representative, level=4))
    mine = bearer(await citizen(http, owner))
    found = await http.get(f"{CITIZEN}/loan-companies/{company.uscc}", headers=mine)
    assert found.json() == {"uscc": company.uscc, "name": company.name}
    card = await licence(http, mine, "居民身份证")
    wish = {"purpose": "入职登记", "times": 2, "until": until(5), "company": company.uscc}
    lend = f"{CITIZEN}/wallet/{card['id']}/loans"
    both = await http.post(lend, json={**wish, "system": "gd-gongan"}, headers=mine)
    assert both.status_code == 400, both.text
    lent = await http.post(lend, json=wish, headers=mine)
    assert lent.status_code == 201, lent.text
    loan = lent.json()
    assert (loan["grantee_kind"], loan["grantee"]) == ("company", company.name)
    inbox = (await http.get(f"{CITIZEN}/messages", headers=boss)).json()["items"]
    assert any("借给您的企业使用" in one["text"] for one in inbox)
    base = f"/api/v1/enterprise/enterprises/{company.uscc}/borrowed"
    assert (await http.get(base, headers=boss)).json()["items"][0]["id"] == loan["id"]
    refused = await http.get(base, headers=other)
    assert (refused.status_code, refused.json()["code"]) == (403, "enterprise.not_representative")
    used = await http.post(f"{base}/{loan['id']}/uses", headers=boss)
    assert (used.status_code, used.json()["left"]) == (201, 1), used.text
    code = await http.post(f"{base}/{loan['id']}/codes", headers=boss)
    assert code.status_code == 201, code.text
    assert (await http.delete(f"{CITIZEN}/loans/{loan['id']}", headers=mine)).status_code == 204
    scan = {"code": code.json()["code"], "purpose": "入职登记"}
    seen = await signed(
        http, key_of(platform, "minzheng"), "POST", "/api/v1/verifier/verifications", scan
    )
    assert (seen.status_code, seen.json()["code"]) == (410, "presentation.licence_withdrawn")
    over = await http.post(f"{base}/{loan['id']}/uses", headers=boss)
    assert (over.status_code, over.json()["code"]) == (410, "lending.loan_revoked")
    assert (await http.delete(f"{base}/{loan['id']}", headers=boss)).status_code == 204


async def test_a_copy_is_made_fetched_and_checked_by_anyone(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    owner, _ = family(platform)
    mine = bearer(await citizen(http, owner))
    card = await licence(http, mine, "居民身份证")
    body = {"purpose": "租房备案", "user": "示范房产中介有限公司", "days": 7}
    path = f"{CITIZEN}/wallet/{card['id']}/copies"
    copy = (await http.post(path, json=body, headers=mine)).json()
    for kind, start in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        file = await http.get(f"{CITIZEN}/copies/{copy['id']}/copy.{kind}", headers=mine)
        assert file.status_code == 200, file.text
        assert file.content.startswith(start)
        assert file.headers["cache-control"] == "no-store"
    check = f"/api/v1/public/copies/{copy['code']}"
    seen = (await http.get(check)).json()
    assert (seen["state"], seen["user"]) == ("valid", "示范房产中介有限公司")
    assert owner.name not in str(seen)
    gone = await http.delete(f"{CITIZEN}/copies/{copy['id']}", headers=mine)
    assert gone.status_code == 204
    assert (await http.get(check)).json()["state"] == "withdrawn"


async def test_a_system_without_a_grant_gets_nothing(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    key = key_of(platform, "minzheng")
    types = await signed(http, key, "GET", "/api/v1/exchange/licences/types")
    assert types.status_code == 200, types.text
    card = next(each for each in types.json()["items"] if each["name"] == "居民身份证")
    owner, _ = family(platform)
    body = {
        "request_id": "0b5f8a3e-9c1d-4a7e-8f21-6d5e4c3b2a10", "use_for": "核验身份",
        "org_name": "示范民政局", "username": "王某", "item_name": "低保", "item_code": "1",
        "business_code": "2", "type_code": card["type_code"],
        "holder": {"code_type": "111", "code": owner.id_number, "name": owner.name},
    }  # fmt: skip
    path = "/api/v1/exchange/licences/data"
    answer = await signed(http, key, "POST", path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "sharing.grant_missing")
    # The grant counts before anybody is asked whose licence it is.
    identifier = f"1.2.156.3005.2.{card['type_code']}.{card['type_code'][:18]}.20260000000001.001.R"
    plain = {name: value for name, value in body.items() if name not in ("holder", "type_code")}
    for operation in ("search", "data", "files", "thumbnails", "verifications"):
        asked = {**plain, "identifier": identifier}
        if operation == "verifications":
            asked["facts"] = {"holder_name": owner.name}
        by = await signed(http, key, "POST", f"/api/v1/exchange/licences/{operation}", asked)
        assert (by.status_code, by.json()["code"]) == (403, "sharing.grant_missing")
    for wrong in (plain, {**body, "type_code": None}):
        refused = await signed(http, key, "POST", path, wrong)
        assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")
    for missing in ("use_for", "org_name", "username", "item_name", "item_code", "business_code"):
        less = {name: value for name, value in body.items() if name != missing}
        answer = await signed(http, key, "POST", path, less)
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    long = await signed(http, key, "POST", path, {**body, "use_for": "核" * 201})
    assert long.status_code == 400
    assert (await http.post(path, json=body)).status_code == 401
    assert (await signed(http, key, "GET", "/api/v1/exchange/loans")).json() == {"items": []}

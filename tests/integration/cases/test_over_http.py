"""The phone's way over HTTP, on a whole province with its departments."""

import asyncio
import re
from typing import Any

import httpx
import orjson

from backend.upstream.signing import SigningKey, sign_request
from tests.integration.cast import somebody
from tests.integration.people import CITIZEN, bearer, citizen
from tests.provinces import Platform

# 开个税完税证明: nothing to fill in, nothing to hand over.
ITEM = "11440000MB9X00197K4442030001003"
SYSTEM = "gd-shuiwu"
WITHIN_S = 40


async def test_a_field_is_filled_in_from_another_departments_data(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    """Under the grant of the item's department; the person sees that reading, too."""
    me = bearer(await citizen(http, somebody(platform, lambda one: one.job is not None)))
    found = await http.get("/api/v1/public/service-items", params={"q": "领失业金"})
    item = next(one for one in found.json()["items"] if one["plain_name"] == "领失业金")
    body = {"item_code": item["id"], "for": {"kind": "self"}}
    opened = await http.post(f"{CITIZEN}/cases/drafts", json=body, headers=me)
    assert opened.status_code == 201, opened.text
    draft = opened.json()
    employer, origin = draft["values"]["last_employer"], draft["provenance"]["/last_employer"]
    assert employer
    assert (origin["source"], origin["grade"], origin["signed"]) == ("gd-gjj", "A", True)
    assert origin["source_name"].endswith("住房公积金缴存信息")

    path = f"{CITIZEN}/cases/drafts/{draft['id']}"
    typed = {"version": draft["version"], "values": {"last_employer": f"{employer}（分公司）"}}
    saved = (await http.patch(path, json=typed, headers=me)).json()
    assert "/last_employer" not in saved["provenance"]
    readings: list[dict[str, Any]] = []
    for _ in range(WITHIN_S * 2):
        readings = (await http.get(f"{CITIZEN}/readings", headers=me)).json()["items"]
        if readings:
            break
        await asyncio.sleep(0.5)
    assert ["预填" in one["purpose"] for one in readings] == [True]


async def test_the_phone_that_logs_in_is_filled_in(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    me = bearer(await citizen(http, somebody(platform)))
    found = await http.get("/api/v1/public/service-items", params={"q": "在外地租房登记居住"})
    item = next(i for i in found.json()["items"] if i["plain_name"] == "在外地租房登记居住")
    body = {"item_code": item["id"], "for": {"kind": "self"}}
    draft = (await http.post(f"{CITIZEN}/cases/drafts", json=body, headers=me)).json()
    assert re.fullmatch(r"1[3-9]\d{9}", draft["values"]["phone"])
    origin = draft["provenance"]["/phone"]
    assert (origin["source_name"], origin["signed"]) == ("登录手机号", False)


async def test_an_application_goes_to_the_department_and_comes_back_decided(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    headers = bearer(await citizen(http, somebody(platform, lambda one: one.birth.year < 2000)))
    body = {"item_code": ITEM, "for": {"kind": "self"}}
    opened = await http.post(f"{CITIZEN}/cases/drafts", json=body, headers=headers)
    assert opened.status_code == 201, opened.text
    draft = opened.json()
    assert draft["ready"]
    path = f"{CITIZEN}/cases/drafts/{draft['id']}"
    phone = {"version": draft["version"], "contact_phone": "+8613800138000"}
    saved = (await http.patch(path, json=phone, headers=headers)).json()
    late = await http.patch(path, json=phone, headers=headers)
    assert (late.status_code, late.json()["code"]) == (409, "cases.draft_changed")

    submit = {"version": saved["version"]}
    answers = [await http.post(f"{path}/submission", json=submit, headers=headers) for _ in "12"]
    assert [one.status_code for one in answers] == [201, 201]
    case_no = answers[0].json()["case_no"]
    assert answers[1].json()["case_no"] == case_no
    assert answers[1].json()["again"]

    case = await _until(http, headers, case_no, lambda one: one["delivered"])
    assert case["department_case_no"]
    assert case["contact"]["hotline"]
    desk = f"{platform.systems[SYSTEM]}/_control/cases/{case_no}"
    async with httpx.AsyncClient(timeout=15) as department:
        there = (await department.get(desk)).json()
        assert there["submission"]["contact_phone"] == "+8613800138000"
        done = await department.post(desk, json={"action": "approve"})
        assert done.status_code == 200, done.text
    case = await _until(http, headers, case_no, lambda one: one["ended"])
    assert case["result"]["decision"] == "approved"
    assert "evaluate" in case["actions"]
    listed = (await http.get(f"{CITIZEN}/cases", headers=headers)).json()["items"]
    assert [one["case_no"] for one in listed] == [case_no]
    receipt = await http.get(f"{CITIZEN}/cases/{case_no}/receipt.pdf", headers=headers)
    assert receipt.headers["content-type"] == "application/pdf"
    stranger = bearer(await citizen(http, somebody(platform, lambda one: one.birth.year < 2000)))
    hidden = await http.get(f"{CITIZEN}/cases/{case_no}", headers=stranger)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "cases.case_unknown")


async def test_nobody_moves_a_case_without_the_departments_key(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    path = f"/api/v1/provider/cases/{ITEM}202611230001/events"
    event = orjson.dumps(
        {
            "event_id": "0198c0de-0000-7000-8000-000000000001", "seq": 1, "event": "accepted",
            "at": "2026-11-23T10:00:00+08:00",
        }
    )  # fmt: skip
    json = {"content-type": "application/json"}
    unsigned = await http.post(path, content=event, headers=json)
    assert unsigned.status_code == 401
    key = SigningKey.from_seed("gd-nobody-1", b"n" * 32)
    forged = sign_request(key, "POST", path, "", event)
    answer = await http.post(path, content=event, headers={**json, **forged})
    assert (answer.status_code, answer.json()["code"]) == (401, "exchange.signature_key_unknown")


async def _until(
    http: httpx.AsyncClient, headers: dict[str, str], case_no: str, wanted: Any
) -> dict[str, Any]:
    """The case as soon as it is as wanted."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            answer = await http.get(f"{CITIZEN}/cases/{case_no}", headers=headers)
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            if wanted(found):
                return found
            await asyncio.sleep(0.1)

"""A granted call over HTTP between sandbox departments, up to the person who sees it."""

import asyncio
import json
import time
import uuid
from typing import Any

import httpx
import pytest

from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.sandbox.population.people import Person
from backend.upstream.signing import SigningKey, sign_request
from gateway.cli.sharing import SHARES, CallRefused, ask
from tests.integration.cast import somebody
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

MINZHENG, GJJ = SHARES[0], SHARES[1]
CASE = "440000202611230001"


def key_of(platform: Platform, code: str) -> SigningKey:
    found = department(code)
    return department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)


async def signed(
    http: httpx.AsyncClient, key: SigningKey, method: str, path: str, body: Any = None
) -> httpx.Response:
    raw = json.dumps(body).encode() if body is not None else b""
    headers = sign_request(key, method, path, "", raw)
    if body is not None:
        headers["content-type"] = "application/json"
    return await http.request(method, path, content=raw, headers=headers)


def employed(platform: Platform) -> Person:
    return somebody(platform, lambda each: each.job is not None and each.licence_load == "normal")


def a_query(person: Any, **changes: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid.uuid4()),
        "purpose": MINZHENG.purpose,
        "case_no": CASE,
        "subjects": [{"code_type": person.id_type, "code": person.id_number, "name": person.name}],
        **changes,
    }


PATH = "/api/v1/exchange/resources/301146-0001/query"


async def test_a_granted_call_brings_granted_fields_and_stands_in_the_persons_log(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    person = employed(platform)
    answer = await signed(http, key_of(platform, "minzheng"), "POST", PATH, a_query(person))
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    assert set(item["record"]) == set(MINZHENG.fields)
    tokens = await citizen(http, person)
    until = time.monotonic() + 15
    while True:
        seen = await http.get("/api/v1/citizen/readings", headers=bearer(tokens))
        assert seen.status_code == 200, seen.text
        if seen.json()["items"]:
            break
        assert time.monotonic() < until, "the person does not see it"
        await asyncio.sleep(0.2)
    reading = seen.json()["items"][0]
    assert reading["system"]["code"] == "gd-minzheng"
    assert reading["department"] == "广东省民政厅"
    assert reading["purpose"] == MINZHENG.purpose
    assert reading["case_no"] == CASE
    assert reading["result"] == "read"
    for system, shown in (("gd-minzheng", 1), ("gd-weijian", 0)):
        url = f"/api/v1/citizen/readings?system={system}"
        narrowed = (await http.get(url, headers=bearer(tokens))).json()
        assert len(narrowed["items"]) == shown


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"purpose": "别的用途"}, 403, "sharing.purpose_differs"),
        ({"fields": ["monthly_deposit"]}, 403, "sharing.field_not_granted"),
        ({"case_no": None}, 400, "sharing.case_missing"),
        ({"subjects": []}, 400, "request.invalid"),
        ({"unknown": 1}, 400, "request.invalid"),
        ({"request_id": "x"}, 400, "request.invalid"),
        ({"cursor": "no cursor of this query"}, 400, "sharing.cursor_invalid"),
    ],
)
async def test_refusals_have_their_codes(
    platform: Platform, http: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    query = a_query(employed(platform), **changes)
    answer = await signed(http, key_of(platform, "minzheng"), "POST", PATH, query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_system_without_a_grant_and_one_without_a_signature(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    query = a_query(employed(platform))
    answer = await signed(http, key_of(platform, "weijian"), "POST", PATH, query)
    assert (answer.status_code, answer.json()["code"]) == (403, "sharing.grant_missing")
    unsigned = await http.post(PATH, json=query)
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "exchange.signature_missing")
    unknown = "/api/v1/exchange/resources/301146-9999/query"
    answer = await signed(http, key_of(platform, "minzheng"), "POST", unknown, query)
    assert (answer.status_code, answer.json()["code"]) == (404, "sharing.resource_unknown")


async def test_the_command_line_asks_as_a_department(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    person, key = employed(platform), key_of(platform, "minzheng")
    subject = (person.id_type, person.id_number, person.name)
    asking = department("minzheng")
    answer = await asyncio.to_thread(
        ask, platform.url, asking, key, "301146/0001", [subject], None, CASE
    )
    assert set(answer["items"][0]["record"]) == set(MINZHENG.fields)
    with pytest.raises(CallRefused, match=r"sharing\.case_missing"):
        await asyncio.to_thread(
            ask, platform.url, asking, key, "301146/0001", [subject], None, None
        )


async def test_a_file_is_made_behind_and_fetched_by_a_signed_call(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    share = SHARES[4]
    key, path = key_of(platform, "minzheng"), "/api/v1/exchange/resources/301123-0001/files"
    person = employed(platform)
    subject = {"code_type": person.id_type, "code": person.id_number, "name": person.name}
    order = {"request_id": str(uuid.uuid4()), "purpose": share.purpose, "subjects": [subject] * 450}
    ordered = await signed(http, key, "POST", path, order)
    assert ordered.status_code == 202, ordered.text
    again = await signed(http, key, "POST", path, order)
    assert again.json()["id"] == ordered.json()["id"]
    where = f"/api/v1/exchange/files/{ordered.json()['id']}"
    until = time.monotonic() + 30
    while (state := await signed(http, key, "GET", where)).json()["state"] == "queued":
        assert time.monotonic() < until, state.text
        await asyncio.sleep(0.2)
    assert state.json()["state"] == "ready", state.text
    content = await signed(http, key, "GET", f"{where}/content")
    lines = [json.loads(line) for line in content.text.splitlines()]
    assert [line["subject"] for line in lines] == list(range(450))
    assert set(lines[0]["record"]) == set(share.fields)
    other = await signed(http, key_of(platform, "gjj"), "GET", f"{where}/content")
    assert (other.status_code, other.json()["code"]) == (404, "sharing.file_unknown")


async def test_the_catalogue_is_open_to_anyone(http: httpx.AsyncClient) -> None:
    listed = await http.get("/api/v1/public/data-resources", params={"q": "gjj", "limit": 5})
    assert listed.status_code == 200
    names = [each["name"] for each in listed.json()["items"]]
    assert names[0].startswith("住房公积金")
    tagged = await http.get(
        "/api/v1/public/data-resources",
        params={"q": "gjj", "limit": 5},
        headers={"if-none-match": listed.headers["etag"]},
    )
    assert tagged.status_code == 304
    one = await http.get("/api/v1/public/data-resources/301146-0001")
    assert one.json()["provider"]["system"] == "gd-gjj"
    missing = await http.get("/api/v1/public/data-resources/1-1")
    assert (missing.status_code, missing.json()["code"]) == (404, "sharing.resource_unknown")
    whole = await http.get("/api/v1/public/data-resources/download")
    assert len(whole.json()["items"]) == 26
    table = await http.get("/api/v1/public/data-resources/download", params={"format": "csv"})
    assert table.text.startswith("\ufeff资源代码,名称")
    assert len(table.text.strip().splitlines()) == 27

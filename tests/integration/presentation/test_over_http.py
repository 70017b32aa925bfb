"""亮证 over HTTP on a whole province: phones, a department's counter, the public, the log."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from backend.presentation import statuslist
from backend.presentation.jose import KeySet
from backend.presentation.verifying import verify
from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.upstream.signing import sign_request
from tests.integration import cast
from tests.integration.people import bearer, citizen
from tests.presentation_world import Phone, key_binding, presented
from tests.provinces import Platform

SHOW = "/api/v1/citizen/presentations"
PUBLIC = "/api/v1/public/verification"
COUNTER = "/api/v1/verifier/verifications"
USAGES = "/api/v1/citizen/licence-usages"
LOOK = {"purpose": "租车核验"}
Token = dict[str, str]


async def somebody(platform: Platform, http: httpx.AsyncClient) -> tuple[Token, dict[str, Any]]:
    """The session of somebody whose licences are valid, and these by name."""
    while True:
        driver = cast.somebody(platform, lambda each: each.driver is not None)
        token = bearer(await citizen(http, driver))
        items = (await http.get("/api/v1/citizen/wallet", headers=token)).json()["items"]
        valid = {item["name"]: item for item in items if item["status"] == "VALID"}
        if {"居民身份证", "机动车驾驶证"} <= valid.keys():
            return token, valid


async def code_of(
    http: httpx.AsyncClient, token: Token, licence: dict[str, Any], *fields: str, **more: Any
) -> dict[str, Any]:
    body = {"licence_id": licence["id"], "fields": list(fields), **more}
    answer = await http.post(f"{SHOW}/codes", json=body, headers=token)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def counter(
    http: httpx.AsyncClient, platform: Platform, method: str, path: str, body: Any = None
) -> httpx.Response:
    """A signed call of 民政厅's counter."""
    found = department("minzheng")
    key = department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    raw = json.dumps(body).encode() if body is not None else b""
    bare, _, query = path.partition("?")
    headers = sign_request(key, method, bare, query, raw)
    headers |= {"content-type": "application/json"} if body is not None else {}
    return await http.request(method, path, content=raw, headers=headers)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] == code


async def test_a_driver_is_seen_by_another_phone_and_reads_it_in_the_log(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    token, licences = await somebody(platform, http)
    other, _ = await somebody(platform, http)
    licence = licences["机动车驾驶证"]
    made = await code_of(http, token, licence, "classes", "age_over_18")
    assert made["text"].endswith(f"/verify#c={made['code']}")
    assert [fact["label"] for fact in made["shows"]] == ["准驾车型", "年满18周岁"]
    scan = {"code": made["text"], **LOOK}
    own = await http.post(f"{SHOW}/verifications", json=scan, headers=token)
    refused(own, 409, "presentation.own_code")
    made = await code_of(http, token, licence, "classes", "age_over_18")
    scan = {"code": made["text"], **LOOK}
    seen = await http.post(f"{SHOW}/verifications", json=scan, headers=other)
    assert seen.status_code == 200, seen.text
    assert {field["name"] for field in seen.json()["fields"]} == {"classes", "age_over_18"}
    again = await http.post(f"{SHOW}/verifications", json=scan, headers=other)
    refused(again, 410, "presentation.code_used")
    state = await http.post(f"{SHOW}/codes/state", json={"code": made["code"]}, headers=token)
    assert state.json() == {"state": "used"}
    usage = await _in_the_log(http, token, seen.json()["receipt"]["id"])
    assert usage["purpose"] == LOOK["purpose"]
    assert usage["verifier_kind"] == "person"
    table = await http.get(f"{USAGES}/download", headers=token)
    assert seen.json()["receipt"]["id"] in table.text
    inbox = await http.get("/api/v1/citizen/messages", headers=token)
    assert seen.json()["receipt"]["id"] in inbox.text
    assert (await http.get(USAGES, headers=other)).json()["items"] == []


async def test_a_stranger_waits_for_the_holder_and_sees_only_what_was_agreed(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    token, licences = await somebody(platform, http)
    made = await code_of(http, token, licences["居民身份证"], "holder_name", "age_over_18")
    assert made["confirm"] == "strangers"
    scan = {"code": made["code"], "verifier": "示范酒店前台", **LOOK}
    asked = await http.post(f"{PUBLIC}/scans", json=scan)
    assert asked.status_code == 202
    place = f"{PUBLIC}/scans/{asked.json()['token']}"
    assert (await http.get(place)).status_code == 202
    (request,) = (await http.get(f"{SHOW}/requests?wait=5", headers=token)).json()["items"]
    assert request["verifier"] == {"kind": "public", "name": "示范酒店前台（自称）"}
    waiting = asyncio.create_task(http.get(f"{place}?wait=10"))
    agreed = await http.post(
        f"{SHOW}/requests/{request['id']}/confirm", json={"fields": ["age_over_18"]}, headers=token
    )
    assert agreed.status_code == 204
    seen = (await waiting).json()
    assert [(field["name"], field["value"]) for field in seen["fields"]] == [("age_over_18", True)]
    refused(await http.get(place), 404, "presentation.request_unknown")


async def test_declined_over_http(platform: Platform, http: httpx.AsyncClient) -> None:
    token, licences = await somebody(platform, http)
    made = await code_of(http, token, licences["居民身份证"])
    scan = {"code": made["code"], "verifier": "示范酒店前台", **LOOK}
    asked = await http.post(f"{PUBLIC}/scans", json=scan)
    (request,) = (await http.get(f"{SHOW}/requests", headers=token)).json()["items"]
    done = await http.post(f"{SHOW}/requests/{request['id']}/decline", headers=token)
    assert done.status_code == 204
    answer = await http.get(f"{PUBLIC}/scans/{asked.json()['token']}")
    refused(answer, 403, "presentation.request_declined")


async def test_a_departments_counter_sees_at_once(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    token, licences = await somebody(platform, http)
    made = await code_of(http, token, licences["居民身份证"], "holder_name")
    body = {"code": made["code"], "purpose": "婚姻登记", "counter": "3号窗口"}
    seen = await counter(http, platform, "POST", COUNTER, body)
    assert seen.status_code == 200, seen.text
    assert seen.json()["fields"][0]["label"] == "持证主体"
    usage = await _in_the_log(http, token, seen.json()["receipt"]["id"])
    assert usage["verifier_kind"] == "system"
    assert "3号窗口" in usage["verifier"]
    refused(
        await counter(http, platform, "GET", f"{COUNTER}/nonsense"),
        404, "presentation.request_unknown",
    )  # fmt: skip


async def test_a_credential_from_the_platform_verifies_without_it(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    token, licences = await somebody(platform, http)
    phone = Phone()
    for name in ("居民身份证", "机动车驾驶证"):
        wish = {"licence_id": licences[name]["id"], "holder_key": phone.jwk}
        made = await http.post(f"{SHOW}/credentials", json=wish, headers=token)
        assert made.status_code == 201, made.text
        keys = KeySet.read((await http.get(f"{PUBLIC}/keys")).json())
        names = (await http.get(f"{PUBLIC}/status-lists")).json()["items"]
        lists = [
            statuslist.read((await http.get(f"{PUBLIC}/status-lists/{each}")).text, keys)
            for each in names
        ]
        now = lists[0].issued_at
        shown = presented(made.json()["credential"], ["age_over_18"])
        text = key_binding(shown, phone, audience="a", nonce="n", now=now)
        facts = verify(
            text, keys, {each.uri: each for each in lists}, audience="a", nonce="n", now=now
        )
        assert (facts.type_name, facts.shown) == (name, {"age_over_18": True})


async def test_lists_and_keys_are_cached_by_their_tags(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    first = await http.get(f"{PUBLIC}/keys")
    assert "max-age" in first.headers["cache-control"]
    again = await http.get(f"{PUBLIC}/keys", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    refused(
        await http.get(f"{PUBLIC}/status-lists/99-sm2"), 404, "presentation.status_list_unknown"
    )
    types = (await http.get(f"{PUBLIC}/types")).json()["items"]
    labels = next(each["labels"] for each in types if each["name"] == "居民身份证")
    assert labels["age_over_18"] == "年满18周岁"


@pytest.mark.parametrize(
    ("body", "status"),
    [({"code": "A" * 26, "verifier": "某某", "purpose": "核验"}, 404),
     ({"code": "x", "verifier": "某某", "purpose": "核验"}, 400),
     ({"code": "A" * 26, "verifier": "某", "purpose": "核验"}, 400),
     ({"code": "A" * 26, "verifier": "某某"}, 400)],
)  # fmt: skip
async def test_scans_that_are_refused(
    http: httpx.AsyncClient, body: dict[str, str], status: int
) -> None:
    assert (await http.post(f"{PUBLIC}/scans", json=body)).status_code == status


async def test_what_cannot_be_shown(platform: Platform, http: httpx.AsyncClient) -> None:
    token, licences = await somebody(platform, http)
    wish = {"licence_id": licences["居民身份证"]["id"], "fields": ["salary"]}
    unknown = await http.post(f"{SHOW}/codes", json=wish, headers=token)
    refused(unknown, 422, "presentation.fields_unknown")
    none = await http.post(f"{SHOW}/codes", json={"licence_id": "AAAA"}, headers=token)
    refused(none, 404, "wallet.licence_not_found")
    offer = await http.get(
        f"{SHOW}/offer", params={"licence_id": licences["居民身份证"]["id"]}, headers=token
    )
    assert offer.json()["confirm"] == "strangers"
    assert {"age_over_18", "holder_name"} <= {fact["name"] for fact in offer.json()["facts"]}
    key = {"licence_id": licences["居民身份证"]["id"], "holder_key": {"kty": "RSA"}}
    bad = await http.post(f"{SHOW}/credentials", json=key, headers=token)
    refused(bad, 422, "presentation.holder_key")


async def _in_the_log(http: httpx.AsyncClient, token: Token, receipt: str) -> dict[str, Any]:
    """The look of that receipt, as soon as the worker has brought it in."""
    for _ in range(300):
        items: list[dict[str, Any]] = (await http.get(USAGES, headers=token)).json()["items"]
        found = [item for item in items if item["id"] == receipt]
        if found:
            return found[0]
        await asyncio.sleep(0.1)
    raise AssertionError("the look is not in the log")


async def test_an_enterprise_shows_its_licence_and_reads_who_looked(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    while True:
        enterprise = cast.company(platform)
        token = bearer(await citizen(http, enterprise.legal_representative, 4))
        place = f"/api/v1/enterprise/enterprises/{enterprise.uscc}"
        answer = await http.get(place, headers=token)
        items = answer.json()["wallet"]["items"] if answer.status_code == 200 else []
        valid = [item for item in items if item["status"] == "VALID"]
        if valid:
            break
    wish = {"licence_id": valid[0]["id"], "fields": ["holder_name", "licence_number"]}
    made = await http.post(f"{place}/presentations/codes", json=wish, headers=token)
    assert made.status_code == 201, made.text
    scan = {"code": made.json()["code"], "verifier": "示范采购方", **LOOK}
    seen = await http.post(f"{PUBLIC}/scans", json=scan)
    assert seen.status_code == 200, seen.text
    assert seen.json()["fields"][0]["value"] == valid[0]["holder"]
    phone = Phone()
    wish = {"licence_id": valid[0]["id"], "holder_key": phone.jwk}
    made = await http.post(f"{place}/presentations/credentials", json=wish, headers=token)
    assert made.status_code == 201, made.text
    receipt = seen.json()["receipt"]["id"]
    for _ in range(100):
        looks = (await http.get(f"{place}/licence-usages", headers=token)).json()["items"]
        if looks:
            break
        await asyncio.sleep(0.1)
    assert [look["id"] for look in looks] == [receipt]
    refused(
        await http.get("/api/v1/enterprise/enterprises/91440300MA5ABCD19W/licence-usages",
                       headers=token),
        403, "enterprise.not_representative",
    )  # fmt: skip


async def test_the_verifier_page_brings_what_it_relies_on(http: httpx.AsyncClient) -> None:
    for path in ("/verify", "/verify/download"):
        page = await http.get(path)
        assert page.status_code == 200, page.text
        assert page.headers["content-security-policy"] == "frame-ancestors 'none'"
        data = page.text.partition('id="trust">')[2].partition("</script>")[0]
        trust = json.loads(data)
        assert KeySet.read(trust["keys"]).keys
        assert any(kind["labels"].get("age_over_18") for kind in trust["types"])
        assert "default-src 'none'" in page.text
    assert "attachment" in page.headers["content-disposition"]

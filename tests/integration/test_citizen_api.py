"""Sessions, the person and messages over HTTP: shapes, statuses, and input of every kind."""

import asyncio
import secrets
from collections import Counter
from itertools import count
from typing import Any

import aiohttp
import httpx
import pytest

from backend.identity.service import ACCESS_SECONDS, REFRESH_SECONDS
from tests.provinces import Platform

API = "/api/v1/citizen"
SESSIONS, ME, MESSAGES = f"{API}/sessions", f"{API}/me", f"{API}/messages"
PRIVACY = "2026-11-01"
# Ten thousand at once go through the use case itself in identity/test_login.py.
CROWD, DOORS = 1_000, 200

_phones = count(13_700_000_000 + secrets.randbelow(10**8))


def new_phone() -> str:
    """A phone that no other test uses."""
    return str(next(_phones))


def device(key: str | None = None) -> dict[str, str]:
    """A device as a client describes it."""
    return {"key": key or secrets.token_urlsafe(24), "name": "Test browser", "platform": "h5"}


async def sms_code(http: httpx.AsyncClient, phone: str) -> str:
    """Ask for a code; the sandbox shows it."""
    answer = await http.post(f"{SESSIONS}/sms-codes", json={"phone": phone})
    assert answer.status_code == 202, answer.text
    assert answer.json() == {
        "expires_in": 300,
        "resend_after": 60,
        "sandbox_code": answer.json()["sandbox_code"],
    }
    return str(answer.json()["sandbox_code"])


async def log_in(http: httpx.AsyncClient, phone: str | None = None) -> dict[str, Any]:
    """Log in by phone and give the tokens."""
    phone = phone or new_phone()
    body = {
        "phone": phone,
        "code": await sms_code(http, phone),
        "device": device(),
        "privacy_version": PRIVACY,
    }
    answer = await http.post(f"{SESSIONS}/phone", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The header of a logged-in request."""
    return {"authorization": f"Bearer {tokens['access_token']}"}


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is this problem, and give it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code, problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


async def test_a_login_gives_tokens_and_the_person(http: httpx.AsyncClient) -> None:
    tokens = await log_in(http, phone := new_phone())
    assert set(tokens) == {
        "access_token", "access_expires_in", "refresh_token", "refresh_expires_in", "level",
        "person",
    }  # fmt: skip
    assert tokens["access_expires_in"] == ACCESS_SECONDS
    assert tokens["refresh_expires_in"] == REFRESH_SECONDS
    person = tokens["person"]
    assert person["phone"] == f"{phone[:3]}****{phone[-4:]}"
    assert (person["level"], person["name"], person["id_number"]) == (1, None, None)
    assert person["consents"][0]["given_at"].endswith("+08:00")
    answer = await http.get(ME, headers=bearer(tokens))
    assert answer.json() == person


async def test_who_is_not_logged_in_is_told_so(http: httpx.AsyncClient) -> None:
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}):
        refused(await http.get(ME, headers=headers), 401, "identity.session_missing")
    ended = await log_in(http)
    await http.delete(f"{SESSIONS}/current", headers=bearer(ended))
    refused(await http.get(ME, headers=bearer(ended)), 401, "identity.session_expired")


async def test_a_second_code_has_to_wait(http: httpx.AsyncClient) -> None:
    phone = new_phone()
    await sms_code(http, phone)
    answer = await http.post(f"{SESSIONS}/sms-codes", json={"phone": phone})
    problem = refused(answer, 429, "identity.sms_too_soon")
    assert 0 < problem["retry_after"] <= 60
    assert answer.headers["retry-after"] == str(problem["retry_after"])


async def test_a_used_code_and_a_wrong_one_get_one_answer(http: httpx.AsyncClient) -> None:
    phone = new_phone()
    body = {
        "phone": phone,
        "code": await sms_code(http, phone),
        "device": device(),
        "privacy_version": PRIVACY,
    }
    assert (await http.post(f"{SESSIONS}/phone", json=body)).status_code == 201
    used = refused(await http.post(f"{SESSIONS}/phone", json=body), 400, "identity.code_wrong")
    body["code"] = "😀"
    wrong = refused(await http.post(f"{SESSIONS}/phone", json=body), 400, "identity.code_wrong")
    assert used | {"trace_id": ""} == wrong | {"trace_id": ""}


async def test_without_consent_there_is_no_login(http: httpx.AsyncClient) -> None:
    body = {"phone": new_phone(), "code": "1", "device": device(), "privacy_version": "old"}
    problem = refused(
        await http.post(f"{SESSIONS}/phone", json=body), 403, "identity.consent_required"
    )
    assert (problem["consent"], problem["version"]) == ("privacy", PRIVACY)


@pytest.mark.parametrize("phone", ["", "1", "12345678901", "😀", "85298765432", "+14155552671"])
async def test_what_is_no_phone_is_refused(http: httpx.AsyncClient, phone: str) -> None:
    answer = await http.post(f"{SESSIONS}/sms-codes", json={"phone": phone})
    refused(answer, 400, "identity.phone_invalid")


async def test_a_refresh_gives_new_tokens_and_reuse_ends_them(http: httpx.AsyncClient) -> None:
    first = await log_in(http)
    chain = [first]
    for _ in range(3):
        answer = await http.post(
            f"{SESSIONS}/refresh", json={"refresh_token": chain[-1]["refresh_token"]}
        )
        assert answer.status_code == 200
        chain.append(answer.json())
    reuse = {"refresh_token": first["refresh_token"]}
    refused(await http.post(f"{SESSIONS}/refresh", json=reuse), 401, "identity.refresh_reused")
    refused(await http.post(f"{SESSIONS}/refresh", json=reuse), 401, "identity.session_expired")
    refused(await http.get(ME, headers=bearer(chain[-1])), 401, "identity.session_expired")


@pytest.mark.parametrize("token", ["", "x", "😀" * 59, "A" * 59])
async def test_what_is_no_refresh_token_is_refused(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.post(f"{SESSIONS}/refresh", json={"refresh_token": token})
    refused(answer, 401, "identity.session_missing")


async def test_devices_are_listed_and_logged_out_one_by_one(http: httpx.AsyncClient) -> None:
    phone = new_phone()
    tokens = await log_in(http, phone)
    answer = await http.get(SESSIONS, headers=bearer(tokens))
    (only,) = answer.json()["items"]
    assert answer.json()["next_cursor"] is None
    assert set(only) == {
        "id", "device_name", "platform", "current", "created_at", "last_seen_at",
    }  # fmt: skip
    assert only["current"] is True
    assert only["created_at"].endswith("+08:00")
    gone = await http.delete(f"{SESSIONS}/{only['id']}", headers=bearer(tokens))
    assert (gone.status_code, gone.content) == (204, b"")
    refused(await http.get(SESSIONS, headers=bearer(tokens)), 401, "identity.session_expired")


async def test_logging_out_everywhere(http: httpx.AsyncClient) -> None:
    tokens = await log_in(http)
    assert (await http.delete(SESSIONS, headers=bearer(tokens))).status_code == 204
    refused(await http.get(ME, headers=bearer(tokens)), 401, "identity.session_expired")


async def test_the_session_of_somebody_else_is_not_there(http: httpx.AsyncClient) -> None:
    mine, theirs = await log_in(http), await log_in(http)
    listed = (await http.get(SESSIONS, headers=bearer(theirs))).json()["items"]
    for session_id in (listed[0]["id"], "nothing", "A" * 300, "%00", "%F0%9F%98%80", "..%2f"):
        answer = await http.delete(f"{SESSIONS}/{session_id}", headers=bearer(mine))
        assert answer.status_code == 404, session_id
    assert (await http.get(ME, headers=bearer(theirs))).status_code == 200


async def test_preferences_are_changed_and_checked(http: httpx.AsyncClient) -> None:
    headers = bearer(await log_in(http))
    changed = await http.patch(
        f"{ME}/preferences", json={"elder": True, "region_code": "440100"}, headers=headers
    )
    assert changed.status_code == 200
    assert (changed.json()["elder"], changed.json()["region_code"]) == (True, "440100")
    unknown = await http.patch(f"{ME}/preferences", json={"region_code": "999999"}, headers=headers)
    assert unknown.status_code in (400, 404)
    refused(
        await http.patch(f"{ME}/preferences", json={"elder": "yes"}, headers=headers),
        400,
        "request.invalid",
    )


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        ("张三", "110105194912310021", "identity.id_number_invalid"),
        ("张三", "44010620010229003X", "identity.id_number_invalid"),
        ("张三", "1101051949123100", "identity.id_number_invalid"),
        ("张三", "😀", "identity.id_number_invalid"),
        ("张😀", "11010519491231002X", "identity.name_invalid"),
        ("", "11010519491231002X", "identity.name_invalid"),
        ("张三", "11010519491231002x", "identity.not_matched"),
        ("𬭚𠅤", "１１０１０５１９４９１２３１００２Ｘ", "identity.not_matched"),
    ],
)
async def test_identity_input_of_every_kind_gets_a_clear_answer(
    http: httpx.AsyncClient, name: str, number: str, code: str
) -> None:
    headers = bearer(await log_in(http))
    body = {"name": name, "id_number": number}
    answer = await http.post(f"{ME}/identity", json=body, headers=headers)
    problem = refused(answer, 400, code)
    if number:
        assert number not in answer.text
    assert problem["trace_id"] == answer.headers["x-request-id"]


async def test_nobody_waits_for_the_authority_longer_than_the_phone_does(
    http: httpx.AsyncClient,
) -> None:
    headers = bearer(await log_in(http))
    body = {"name": "张三", "id_number": "11010519491231002X"}
    hurried = await http.post(f"{ME}/identity", json=body, headers=headers | {"x-timeout-ms": "1"})
    refused(hurried, 503, "upstream.timeout")
    patient = await http.post(f"{ME}/identity", json=body, headers=headers)
    refused(patient, 400, "identity.not_matched")


async def test_too_low_a_level_names_the_one_that_is_needed(http: httpx.AsyncClient) -> None:
    headers = bearer(await log_in(http))
    consent = {"kind": "face", "version": PRIVACY}
    assert (await http.post(f"{ME}/consents", json=consent, headers=headers)).status_code == 201
    answer = await http.post(f"{ME}/face/photo", json={"image": "/9j/"}, headers=headers)
    assert refused(answer, 403, "identity.level_too_low")["required_level"] == 3


async def test_consents_are_given_and_taken_back(http: httpx.AsyncClient) -> None:
    headers = bearer(await log_in(http))
    old = {"kind": "face", "version": "2020-01-01"}
    answer = await http.post(f"{ME}/consents", json=old, headers=headers)
    assert refused(answer, 409, "identity.agreement_outdated")["version"] == PRIVACY
    other = {"kind": "cookies", "version": PRIVACY}
    refused(await http.post(f"{ME}/consents", json=other, headers=headers), 400, "request.invalid")
    given = await http.post(
        f"{ME}/consents", json={"kind": "face", "version": PRIVACY}, headers=headers
    )
    assert given.status_code == 201
    assert (await http.delete(f"{ME}/consents/face", headers=headers)).status_code == 204
    gone = await http.delete(f"{ME}/consents/cookies", headers=headers)
    refused(gone, 404, "identity.agreement_not_found")
    assert [each["kind"] for each in (await http.get(ME, headers=headers)).json()["consents"]] == [
        "privacy"
    ]


async def test_a_photo_that_is_too_large_is_refused(http: httpx.AsyncClient) -> None:
    headers = bearer(await log_in(http))
    for size, code in ((2_900_000, "identity.picture_too_large"), (3_500_000, "request.too_large")):
        body = {"image": "A" * size}
        answer = await http.post(f"{ME}/face/photo", json=body, headers=headers)
        refused(answer, 413, code)


async def test_the_inbox_is_empty_at_first_and_strange_cursors_are_refused(
    http: httpx.AsyncClient,
) -> None:
    headers = bearer(await log_in(http))
    answer = await http.get(MESSAGES, headers=headers)
    assert answer.json() == {"items": [], "next_cursor": None, "unread": 0}
    refused(
        await http.get(MESSAGES, params={"cursor": "x"}, headers=headers),
        400,
        "messages.cursor_invalid",
    )
    refused(await http.post(f"{MESSAGES}/x/read", headers=headers), 404, "messages.not_found")


@pytest.mark.parametrize("kind", ["privacy", "face"])
async def test_agreements_can_be_read_by_everybody(http: httpx.AsyncClient, kind: str) -> None:
    text = (await http.get(f"/api/v1/public/agreements/{kind}")).json()
    assert set(text) == {"kind", "version", "title", "effective_from", "sections"}
    assert text["kind"] == kind
    assert all(each["paragraphs"] for each in text["sections"])
    unknown = await http.get("/api/v1/public/agreements/cookies")
    refused(unknown, 404, "identity.agreement_not_found")


BAD_BODIES = [
    (b"{", "application/json", 400, "request.invalid"),
    (b"[]", "application/json", 400, "request.invalid"),
    (b'"text"', "application/json", 400, "request.invalid"),
    (b"\xff\xfe", "application/json", 400, "request.invalid"),
    (b'{"phone":"\\u0000"}', "application/json", 400, "request.invalid"),
    (b'{"phone":"\\ud800"}', "application/json", 400, "request.invalid"),
    (b"{}", "application/json", 400, "request.invalid"),
    (b'{"phone":1}', "application/json", 400, "request.invalid"),
    (b'{"phone":"13800138000","more":1}', "application/json", 400, "request.invalid"),
    (b"phone=13800138000", "application/x-www-form-urlencoded", 415, "request.media_type"),
    (b'{"phone":"13800138000"}', "text/plain", 415, "request.media_type"),
    (b" " * 100_000, "application/json", 413, "request.too_large"),
    (b" " * 4_000_000, "application/json", 413, "request.too_large"),
    (b"[" * 60_000, "application/json", 400, "request.invalid"),
]


@pytest.mark.parametrize(("body", "media_type", "status", "code"), BAD_BODIES)
async def test_bodies_that_are_not_as_described_are_refused(
    http: httpx.AsyncClient, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = await http.post(
        f"{SESSIONS}/sms-codes", content=body, headers={"content-type": media_type}
    )
    refused(answer, status, code)


async def test_a_crowd_at_one_phone_lets_one_in_and_breaks_nothing(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    phone = new_phone()
    body = {
        "phone": phone,
        "code": await sms_code(http, phone),
        "device": device(),
        "privacy_version": PRIVACY,
    }
    doors = aiohttp.TCPConnector(limit=DOORS)
    async with aiohttp.ClientSession(platform.url, connector=doors) as crowd:

        async def one() -> int:
            async with crowd.post(f"{SESSIONS}/phone", json=body) as answer:
                await answer.read()
                return answer.status

        seen = Counter(await asyncio.gather(*(one() for _ in range(CROWD))))
    assert seen.pop(201) == 1
    assert set(seen) <= {400, 429}

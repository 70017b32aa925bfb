"""What a department refuses: one test per refusal, every refusal signed."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from backend.upstream.signing import SigningKey, sign_request
from tests.sandbox_world import GATEWAY_KEY, HUSBAND, STRANGER_KEY, Answer, Running, holder

PATH = "/v1/licences/query"
BODY = json.dumps({"holder": holder(HUSBAND)}).encode()


def _refused(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status, answer.body
    assert answer.body["code"] == code
    assert answer.body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.signed


async def test_an_unsigned_call_is_refused(gongan: Running) -> None:
    _refused(await gongan.post(PATH, BODY, key=None), 401, "provider.signature_missing")


async def test_a_key_id_that_is_not_known_is_refused(gongan: Running) -> None:
    other = SigningKey.from_seed("gateway-2", b"g" * 32)
    _refused(await gongan.post(PATH, BODY, key=other), 401, "provider.signature_unknown_key")


async def test_a_strangers_signature_under_the_right_id_is_refused(gongan: Running) -> None:
    _refused(await gongan.post(PATH, BODY, key=STRANGER_KEY), 401, "provider.signature_wrong")


async def test_a_signature_of_another_path_is_refused(gongan: Running) -> None:
    headers = sign_request(GATEWAY_KEY, "POST", "/v1/sections/query", "", BODY)
    answer = await gongan.post(PATH, BODY, headers=headers)
    _refused(answer, 401, "provider.signature_wrong")


async def test_a_body_that_was_changed_on_the_way_is_refused(gongan: Running) -> None:
    headers = sign_request(GATEWAY_KEY, "POST", PATH, "", BODY)
    answer = await gongan.post(PATH, BODY.replace(b"44", b"45", 1), headers=headers)
    _refused(answer, 401, "provider.signature_digest")


async def test_an_old_signature_is_refused(
    gongan: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour_ago = time.time() - 3600
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: an_hour_ago)
        headers = sign_request(GATEWAY_KEY, "POST", PATH, "", BODY)
    _refused(await gongan.post(PATH, BODY, headers=headers), 401, "provider.signature_expired")


async def test_the_same_request_is_taken_once(gongan: Running) -> None:
    headers = sign_request(GATEWAY_KEY, "POST", PATH, "", BODY)
    assert (await gongan.post(PATH, BODY, headers=headers)).status == 200
    _refused(await gongan.post(PATH, BODY, headers=headers), 401, "provider.nonce_replayed")


async def test_another_media_type_is_refused(gongan: Running) -> None:
    answer = await gongan.post(PATH, BODY, content_type="text/plain")
    _refused(answer, 415, "provider.media_type_unsupported")


@pytest.mark.parametrize("size", [70_000, 5_000_000])
async def test_a_body_that_is_too_large_is_refused(gongan: Running, size: int) -> None:
    body = json.dumps({"holder": holder(HUSBAND), "padding": "x" * size}).encode()
    _refused(await gongan.post(PATH, body), 413, "provider.body_too_large")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{}}"])
async def test_what_is_no_json_object_is_refused(gongan: Running, body: bytes) -> None:
    _refused(await gongan.post(PATH, body), 400, "provider.body_malformed")


@pytest.mark.parametrize(
    ("operation", "payload", "pointer"),
    [
        ("licences.query", {}, "/holder"),
        ("licences.query", {"holder": {**holder(HUSBAND), "age": 3}}, "/holder/age"),
        ("licences.query", {"holder": {**holder(HUSBAND), "code": 44}}, "/holder/code"),
        ("licences.query", {"holder": {**holder(HUSBAND), "code": "44 01"}}, "/holder/code"),
        ("licences.query", {"holder": {**holder(HUSBAND), "name": ""}}, "/holder/name"),
        ("licences.query", {"holder": {**holder(HUSBAND), "name": "王" * 101}}, "/holder/name"),
        ("licences.query", {"holder": holder(HUSBAND), "types": ["x"]}, "/types/0"),
        ("licences.get", {"licence_identifier": "1.2.156"}, "/licence_identifier"),
        ("sections.query", {"section": "../x", "holder": holder(HUSBAND)}, "/section"),
        ("identity.match", {"name": "王伟", "id_number": "440106"}, "/id_type"),
        (
            "identity.match",
            {"name": "王伟", "id_type": "11", "id_number": "44010619840228"},
            "/id_type",
        ),
        ("identity.face", {"name": "王伟", "id_number": "4401061984", "image": ""}, "/image"),
    ],
)
async def test_input_that_breaks_the_schema_is_refused_with_its_place(
    gongan: Running, operation: str, payload: Any, pointer: str
) -> None:
    answer = await gongan.call(operation, payload)
    _refused(answer, 400, "provider.input_invalid")
    assert pointer in [error["pointer"] for error in answer.body["errors"]]
    assert HUSBAND.id_number not in json.dumps(answer.body)


@pytest.mark.parametrize("payload", [{"uscc": "914403"}, {"uscc": "91440300MA5ABCD19I"}, {}])
async def test_an_enterprise_code_of_another_form_is_refused(
    shijian: Running, payload: Any
) -> None:
    _refused(await shijian.call("enterprises.get", payload), 400, "provider.input_invalid")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/enterprises/get", 404),
        ("POST", "/v1/../etc/passwd", 404),
        ("GET", "/v1/licences/query", 405),
        ("DELETE", "/v1/health", 405),
    ],
)
async def test_what_the_department_does_not_offer_is_a_problem(
    gongan: Running, method: str, path: str, status: int
) -> None:
    async with gongan.session.request(method, gongan.url + path) as response:
        assert response.status == status
        assert response.content_type == "application/problem+json"
        assert (await response.json())["code"] == f"provider.http_{status}"


@pytest.mark.parametrize(
    "name",
    [
        "王\x00伟",
        "😀",
        "𬭚",
        "\u202e王伟",
        "a\u0301" * 50,
        "'; DROP TABLE holders; --",
        "^",
        "王^李",
    ],
)
async def test_a_strange_name_is_a_name_that_does_not_fit(gongan: Running, name: str) -> None:
    query = {"name": name, "id_type": "111", "id_number": HUSBAND.id_number}
    answer = await gongan.call("identity.match", query)
    assert answer.status == 200
    assert answer.body["result"] == "mismatch"
    asked = {"holder": {**holder(HUSBAND), "name": name}}
    assert (await gongan.call("licences.query", asked)).body["licences"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"holder": "\\ud800"}',
        b'{"holder": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"holder": {"code_type": "111", "code": 1e999, "name": "x"}}',
        b'{"holder": {}, "holder": {}}',
    ],
)
async def test_strange_json_is_refused_and_breaks_nothing(gongan: Running, body: bytes) -> None:
    answer = await gongan.post(PATH, body)
    assert answer.status == 400
    assert answer.signed


async def test_a_system_that_breaks_says_so_signed_and_without_details(
    gongan: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(tmp_path / "gongan.db") as database:
        database.execute("DROP TABLE licences")
    database.close()
    answer = await gongan.post(PATH, BODY)
    _refused(answer, 500, "provider.internal")
    assert "licences" not in json.dumps(answer.body)
    assert "provider.failed" in caplog.text
    assert HUSBAND.id_number not in caplog.text

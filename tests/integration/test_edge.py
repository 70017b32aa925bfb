"""What every request passes: strange requests get a problem with a stable code, never a 5xx."""

import json
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.one_store

CODES = "/api/v1/citizen/sessions/sms-codes"
JSON = {"content-type": "application/json"}


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text[:200]
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["trace_id"] == answer.headers["x-request-id"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail"])
    return body


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[]", b'"text"', b"null", b"\xff\xfe", b'{"phone": "\\u0000"}', b"[" * 5000],
    ids=["cut", "empty", "list", "text", "null", "no utf-8", "nul", "deep"],
)
async def test_a_body_that_is_not_the_object_asked_for_is_400(
    http: httpx.AsyncClient, body: bytes
) -> None:
    problem = is_problem(await http.post(CODES, content=body, headers=JSON), 400, "request.invalid")
    assert problem["errors"][0]["message"]


async def test_an_unknown_field_is_named_by_its_pointer(http: httpx.AsyncClient) -> None:
    answer = await http.post(CODES, json={"phone": "13800000001", "a/b~": 1})
    problem = is_problem(answer, 400, "request.invalid")
    assert problem["errors"] == [{"pointer": "/a~1b~0", "message": "不认识的字段"}]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_415(http: httpx.AsyncClient, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = await http.post(CODES, content=b"{}", headers=headers)
    is_problem(answer, 415, "request.media_type")


@pytest.mark.parametrize("size", [100_000, 10 * 1024 * 1024])
async def test_a_body_that_is_too_large_is_413(http: httpx.AsyncClient, size: int) -> None:
    body = json.dumps({"phone": "1" * size}).encode()
    is_problem(await http.post(CODES, content=body, headers=JSON), 413, "request.too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api/v1/nothing",
        "/../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/static/..%2f..%2f..%2fpackage.json",
        "/assets/%2e%2e/%2e%2e/%2e%2e/package.json",
        "/%00",
        "/" + "a" * 5000,
        "/docs/assets/../../../package.json",
        "//api//v1//public//bootstrap",
    ],
)
async def test_paths_that_lead_nowhere_or_out_are_404(http: httpx.AsyncClient, path: str) -> None:
    request = http.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = await http.send(request)
    assert answer.status_code in (400, 404), answer.text[:200]
    assert answer.json()["code"] in ("request.not_found", "request.malformed")


async def test_a_method_that_is_not_offered_is_405(http: httpx.AsyncClient) -> None:
    is_problem(await http.put("/api/v1/public/bootstrap"), 405, "request.method")


async def test_a_trace_of_the_caller_goes_on_and_rubbish_gets_a_new_one(
    http: httpx.AsyncClient,
) -> None:
    mine = "0af7651916cd43dd8448eb211c80319c"
    trace = {"traceparent": f"00-{mine}-b7ad6b7169203331-01"}
    answer = await http.get("/api/v1/citizen/me", headers=trace)
    assert answer.headers["x-request-id"] == mine
    answer = await http.get("/api/v1/citizen/me", headers={"traceparent": "<script>"})
    assert len(answer.headers["x-request-id"]) == 32


async def test_answers_forbid_sniffing_and_caching(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/public/bootstrap")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_metrics_count_by_endpoint_and_name_nobody(http: httpx.AsyncClient) -> None:
    await http.get("/api/v1/public/bootstrap")
    text = (await http.get("/metrics")).text
    counted = 'sst_requests_total{endpoint="public_bootstrap.bootstrap",status="200"}'
    assert counted in text
    assert "13800000001" not in text


async def test_the_explorer_and_the_provider_interface_are_served_from_here(
    http: httpx.AsyncClient,
) -> None:
    docs = await http.get("/docs")
    assert docs.status_code == 200
    assert "http" not in docs.text.replace("http-equiv", "")
    assert "frame-ancestors 'none'" in docs.headers["content-security-policy"]
    described = (await http.get("/openapi.json")).json()
    assert described["openapi"] == "3.1.0"
    interface = await http.get("/provider-interface.yaml")
    assert interface.status_code == 200
    assert "openapi: 3.1" in interface.text

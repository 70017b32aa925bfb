"""The short way of a POST: the same answers and refusals as on the ordinary one."""

import asyncio
import json
import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration.cast import somebody
from tests.integration.people import bearer, citizen
from tests.provinces import Platform
from tests.wire import Wire

SHOW = "/api/v1/citizen/presentations"
# Whatever has a query is read by Sanic.
ORDINARY = "?"
Known = tuple[str, str]
_KNOWN: dict[str, Known] = {}


@pytest.fixture
async def known(http: httpx.AsyncClient, platform: Platform) -> Known:
    """Somebody's ``Authorization``, and the id of a licence of theirs that is valid."""
    if platform.name not in _KNOWN:
        head = bearer(await citizen(http, somebody(platform, lambda each: each.driver is None)))
        items = (await http.get("/api/v1/citizen/wallet", headers=head)).json()["items"]
        valid = next(item["id"] for item in items if item["status"] == "VALID")
        _KNOWN[platform.name] = head["authorization"], valid
    return _KNOWN[platform.name]


def post(token: str, path: str, body: Any, *more: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    media = () if any(line.startswith("Content-Type") for line in more) else (
        "Content-Type: application/json",
    )  # fmt: skip
    lines = [f"POST {SHOW}{path} HTTP/1.1", "Host: gateway", f"Content-Length: {len(raw)}"]
    lines += [f"Authorization: {token}", *media, *more]
    return "\r\n".join([*lines, "", ""]).encode() + raw


async def test_both_ways_give_the_same_answer(wire: Wire, known: Known) -> None:
    token, licence = known
    answers = []
    for way in ("", ORDINARY):
        wire.write(post(token, f"/codes{way}", {"licence_id": licence}))
        answers.append(await wire.answer())
    (status, headers, body), ordinary = answers
    assert status == ordinary[0] == 201
    vary = {"x-request-id", "content-length"}
    assert {name: value for name, value in headers.items() if name not in vary} == {
        name: value for name, value in ordinary[1].items() if name not in vary
    }
    fixed = {"expires_in", "renew_after", "shows", "confirm"}
    short, long = json.loads(body), json.loads(ordinary[2])
    assert short.keys() == long.keys()
    assert {name: short[name] for name in fixed} == {name: long[name] for name in fixed}


REFUSED: list[tuple[str, Any, tuple[str, ...], int]] = [
    ("/codes", b"{", (), 400),
    ("/codes", b"", (), 400),
    ("/codes", b'{"licence_id":"\\u0000"}', (), 400),
    ("/codes", {"licence_id": ""}, (), 400),
    ("/codes", {"licence_id": "x", "more": 1}, (), 400),
    ("/codes", {"licence_id": "x"}, ("Content-Type: text/plain",), 415),
    ("/codes", {"licence_id": "unknown"}, (), 404),
    ("/codes", {"licence_id": "x"}, ("Idempotency-Key: no key",), 400),
    ("/verifications", {"code": "A" * 26, "purpose": "核对"}, (), 404),
    ("/verifications", {"code": "A" * 26, "purpose": "\n\n"}, (), 400),
]


@pytest.mark.parametrize(("path", "body", "more", "wanted"), REFUSED)
async def test_both_ways_give_the_same_refusal(
    wire: Wire, known: Known, path: str, body: Any, more: tuple[str, ...], wanted: int
) -> None:
    said = []
    for way in ("", ORDINARY):
        wire.write(post(known[0], path + way, body, *more))
        status, headers, raw = await wire.answer()
        problem = json.loads(raw)
        assert problem.pop("trace_id") == headers.pop("x-request-id")
        said.append((status, headers, problem))
    assert said[0] == said[1]
    assert said[0][0] == wanted


async def test_without_a_session_that_holds_there_is_a_refusal(wire: Wire, known: Known) -> None:
    token, licence = known
    for wrong in ("", "Bearer x", token[:-1] + ("A" if token[-1] != "A" else "B")):
        for way in ("", ORDINARY):
            wire.write(post(wrong, f"/codes{way}", {"licence_id": licence}))
            status, headers, _ = await wire.answer()
            assert (status, headers["www-authenticate"]) == (401, "Bearer")


async def test_a_body_that_is_too_large_is_refused(wire: Wire, known: Known) -> None:
    wire.write(post(known[0], "/codes", {"licence_id": "x" * 70_000}))
    assert (await wire.answer())[0] == 413


async def test_requests_of_one_packet_are_answered_in_their_order(wire: Wire, known: Known) -> None:
    token, licence = known
    get = f"GET /api/v1/citizen/wallet HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n"
    code = post(token, "/codes", {"licence_id": licence})
    wire.write(code + get.encode() + post(token, "/codes", b"{") + code + get.encode() + code)
    assert [(await wire.answer())[0] for _ in range(6)] == [201, 200, 400, 201, 200, 201]


async def test_a_request_in_many_packets(wire: Wire, known: Known) -> None:
    whole = post(known[0], "/codes", {"licence_id": known[1]})
    for place in range(0, len(whole), 50):
        wire.write(whole[place : place + 50])
        await asyncio.sleep(0.002)
    assert (await wire.answer())[0] == 201
    wire.write(whole)
    assert (await wire.answer())[0] == 201


async def test_the_trace_of_the_caller_is_kept(wire: Wire, known: Known) -> None:
    trace = f"traceparent: 00-{'ab' * 16}-{'cd' * 8}-01"
    for body in ({"licence_id": known[1]}, b"{"):
        wire.write(post(known[0], "/codes", body, trace))
        assert (await wire.answer())[1]["x-request-id"] == "ab" * 16


async def test_sent_again_under_a_key_it_is_not_carried_out_again(wire: Wire, known: Known) -> None:
    key = f"Idempotency-Key: {uuid.uuid4()}"
    bodies = []
    for way in ("", ""):
        wire.write(post(known[0], f"/codes{way}", {"licence_id": known[1]}, key))
        status, _, body = await wire.answer()
        assert status == 201
        bodies.append(body)
    assert bodies[0] == bodies[1]


async def test_it_is_counted_like_any_other(
    http: httpx.AsyncClient, wire: Wire, known: Known
) -> None:
    async def count(status: int) -> float:
        text = (await http.get("/metrics")).text
        labels = rf'endpoint="citizen_presentations\.make_code",status="{status}"'
        found = re.search(rf"sst_requests_total\{{{labels}\}} ([\d.]+)", text)
        return float(found[1]) if found is not None else 0.0

    before = [await count(201), await count(400)]
    for way, body in (("", {"licence_id": known[1]}), ("", b"{"), (ORDINARY, b"{")):
        wire.write(post(known[0], f"/codes{way}", body))
        await wire.answer()
    assert [await count(201), await count(400)] == [before[0] + 1, before[1] + 2]


async def test_whoever_hangs_up_in_the_middle_harms_nobody(
    platform: Platform, wire: Wire, known: Known
) -> None:
    whole = post(known[0], "/codes", {"licence_id": known[1]})
    place = urlsplit(platform.url)
    for _ in range(10):
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(whole * 2)
        writer.transport.abort()
    wire.write(post(known[0], "/codes", b"{"))
    assert (await wire.answer())[0] == 400

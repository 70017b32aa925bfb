"""The short way of a cached read: the same answers as on the ordinary one, in the right order."""

import asyncio
import re
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration.cast import somebody
from tests.integration.people import bearer, citizen
from tests.provinces import Platform
from tests.wire import Wire

WALLET = "/api/v1/citizen/wallet"


_TOKENS: dict[str, str] = {}


async def opened(http: httpx.AsyncClient, platform: Platform) -> str:
    """A session of its own whose wallet has been opened: everything about it is ready."""
    head = bearer(await citizen(http, somebody(platform, lambda each: each.driver is None)))
    assert (await http.get(WALLET, headers=head)).status_code == 200
    return head["authorization"]


@pytest.fixture
async def token(http: httpx.AsyncClient, platform: Platform) -> str:
    """Such a session, shared by the tests that leave it as it is."""
    if platform.name not in _TOKENS:
        _TOKENS[platform.name] = await opened(http, platform)
    return _TOKENS[platform.name]


def get(token: str, path: str = WALLET, *more: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: gateway", f"Authorization: {token}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


ORDINARY = "Content-Length: 0"


async def test_both_ways_give_the_same_answer(wire: Wire, token: str) -> None:
    wire.write(get(token))
    short = await wire.answer()
    wire.write(get(token, WALLET, ORDINARY))
    ordinary = await wire.answer()
    assert short[0] == ordinary[0] == 200
    assert short[2] == ordinary[2]
    names = {*short[1], *ordinary[1]} - {"x-request-id"}
    assert {name: short[1].get(name) for name in names} == {
        name: ordinary[1].get(name) for name in names
    }


async def test_requests_of_one_packet_are_answered_in_their_order(wire: Wire, token: str) -> None:
    public = get(token, "/api/v1/public/themes")
    wire.write(get(token) + public + get(token) + get(token, WALLET, ORDINARY) + get(token))
    bodies = [(await wire.answer())[2] for _ in range(5)]
    assert bodies[0] == bodies[2] == bodies[3] == bodies[4]
    assert bodies[1] != bodies[0]


async def test_a_head_in_many_packets(wire: Wire, token: str) -> None:
    whole = get(token)
    for place in range(0, len(whole), 40):
        wire.write(whole[place : place + 40])
        await asyncio.sleep(0.002)
    assert (await wire.answer())[0] == 200
    wire.write(whole)
    assert (await wire.answer())[0] == 200


async def test_a_read_under_way_is_not_overtaken(wire: Wire, token: str) -> None:
    wire.write(get(token))
    for _ in range(20):
        wire.write(get(token, "/api/v1/public/themes"))
        wire.write(get(token))
    first = (await wire.answer())[2]
    for _ in range(20):
        assert (await wire.answer())[2] != first
        assert (await wire.answer())[2] == first


async def test_what_the_caller_knows_is_not_sent_again(wire: Wire, token: str) -> None:
    wire.write(get(token))
    _, headers, _ = await wire.answer()
    wire.write(get(token, WALLET, f"If-None-Match: {headers['etag']}"))
    status, again, _ = await wire.answer(bodyless=True)
    assert (status, again["etag"]) == (304, headers["etag"])
    wire.write(get(token, WALLET, 'If-None-Match: "another"'))
    assert (await wire.answer())[0] == 200


async def test_the_trace_of_the_caller_is_kept(wire: Wire, token: str) -> None:
    wire.write(get(token, WALLET, f"traceparent: 00-{'ab' * 16}-{'cd' * 8}-01"))
    assert (await wire.answer())[1]["x-request-id"] == "ab" * 16
    wire.write(get(token, WALLET, "traceparent: nonsense"))
    assert re.fullmatch("[0-9a-f]{32}", (await wire.answer())[1]["x-request-id"])


async def test_a_caller_who_wants_to_go_is_let_go(wire: Wire, token: str) -> None:
    wire.write(get(token, WALLET, "Connection: close"))
    status, headers, _ = await wire.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert await wire.ended()


@pytest.mark.parametrize("more", [(), (ORDINARY,)])
async def test_without_a_session_that_holds_there_is_a_refusal(
    wire: Wire, token: str, more: tuple[str, ...]
) -> None:
    for wrong in ("", "Bearer x", token[:-1] + ("A" if token[-1] != "A" else "B"), token + " "):
        wire.write(get(wrong, WALLET, *more))
        status, _, body = await wire.answer()
        assert status == 401, (wrong, body)


async def test_a_log_out_counts_for_the_next_read_on_an_open_connection(
    http: httpx.AsyncClient, wire: Wire, platform: Platform
) -> None:
    token = await opened(http, platform)
    wire.write(get(token))
    assert (await wire.answer())[0] == 200
    gone = await http.delete("/api/v1/citizen/sessions/current", headers={"authorization": token})
    assert gone.status_code == 204, gone.text
    wire.write(get(token))
    assert (await wire.answer())[0] == 401


async def test_other_methods_and_paths_are_none_of_its_concern(wire: Wire, token: str) -> None:
    wire.write(get(token).replace(b"GET", b"POST"))
    assert (await wire.answer())[0] == 405
    wire.write(get(token, WALLET + "?x=1"))
    assert (await wire.answer())[0] == 200
    wire.write(get(token).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert (await wire.answer())[0] == 200
    assert await wire.ended()


async def test_it_is_counted_like_any_other(
    http: httpx.AsyncClient, wire: Wire, token: str
) -> None:
    async def count() -> float:
        text = (await http.get("/metrics")).text
        found = re.search(
            r'sst_requests_total\{endpoint="citizen_wallet\.read_wallet",status="200"\} ([\d.]+)',
            text,
        )
        assert found is not None
        return float(found[1])

    before = await count()
    for _ in range(3):
        wire.write(get(token))
        await wire.answer()
    wire.write(get(token, WALLET, ORDINARY))
    await wire.answer()
    assert await count() == before + 4


async def test_whoever_hangs_up_in_the_middle_harms_nobody(
    platform: Platform, wire: Wire, token: str
) -> None:
    place = urlsplit(platform.url)
    for _ in range(30):
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(get(token) * 3)
        writer.transport.abort()
    wire.write(get(token))
    assert (await wire.answer())[0] == 200

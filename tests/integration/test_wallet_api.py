"""The wallet over HTTP, on a whole running province: what a phone gets, and what it costs."""

import asyncio
import re
import secrets
from typing import Any

import httpx
import pytest

from backend.sandbox.population.people import Person
from tests.integration.cast import somebody
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

WALLET = "/api/v1/citizen/wallet"
READS = 20
PNG = b"\x89PNG\r\n\x1a\n"


def driver(platform: Platform) -> Person:
    return somebody(platform, lambda each: each.driver is not None)


@pytest.fixture
def someone(platform: Platform) -> Person:
    """A person of the population whose wallet nobody has opened yet."""
    return driver(platform)


@pytest.fixture
async def token(http: httpx.AsyncClient, someone: Person) -> dict[str, str]:
    """Their session at level 3."""
    return bearer(await citizen(http, someone))


async def wallet_of(http: httpx.AsyncClient, token: dict[str, str]) -> dict[str, Any]:
    answer = await http.get(WALLET, headers=token)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    return problem


async def fault(platform: Platform, system: str, kind: str | None) -> None:
    """Switch a fault of a department on, or all of its faults off."""
    async with httpx.AsyncClient() as control:
        url = f"{platform.systems[system]}/_control/faults"
        if kind is None:
            answer = await control.delete(url)
        else:
            answer = await control.post(url, json={"kind": kind, "operation": "licences.query"})
        assert answer.status_code in (200, 201, 204), answer.text
        for _ in range(300 if kind is None else 0):
            if system not in await left_alone(control, platform):
                break
            await asyncio.sleep(0.1)


async def left_alone(client: httpx.AsyncClient, platform: Platform) -> set[str]:
    """The systems of which the gateway leaves an operation alone, because it kept failing."""
    lines = (await client.get(f"{platform.url}/metrics")).text.splitlines()
    breakers = [re.match(r'sst_upstream_breaker\{.*system="([^"]+)".*\} 2', line) for line in lines]
    return {found[1] for found in breakers if found}


def commands(platform: Platform) -> dict[str, int]:
    """How often each command was carried out, over all nodes."""
    found: dict[str, int] = {}
    for node in platform.nodes:
        for line in node.ask("INFO", "commandstats").splitlines():
            name, _, facts = line.partition(":")
            if name.startswith("cmdstat_"):
                calls = int(facts.partition("=")[2].partition(",")[0])
                found[name[8:]] = found.get(name[8:], 0) + calls
    return found


async def test_a_wallet_holds_the_licences_of_many_issuers_all_masked(
    http: httpx.AsyncClient, token: dict[str, str], someone: Person
) -> None:
    answer = await http.get(WALLET, headers=token)
    wallet = answer.json()
    names = [card["name"] for card in wallet["items"]]
    assert names[0] == "居民身份证"
    assert "机动车驾驶证" in names
    assert {source["status"] for source in wallet["sources"]} <= {"fresh", "none"}
    assert len(wallet["sources"]) == 7
    assert someone.id_number not in answer.text
    assert someone.name not in answer.text


async def test_a_cached_wallet_costs_one_round_trip(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform
) -> None:
    first = await wallet_of(http, token)
    before = commands(platform)
    for _ in range(READS):
        assert (await http.get(WALLET, headers=token)).json() == first
    after = commands(platform)
    assert after.get("mget", 0) - before.get("mget", 0) == READS
    for command in ("get", "set", "eval", "del"):
        # What the worker does on its own beside us is some commands, and not one for each read.
        assert after.get(command, 0) - before.get(command, 0) < READS // 2, command


async def test_a_first_opening_costs_two_round_trips_more(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform
) -> None:
    before = commands(platform)
    await wallet_of(http, token)
    after = commands(platform)
    assert after.get("eval", 0) - before.get("eval", 0) == 2
    assert after.get("mget", 0) - before.get("mget", 0) == 1


async def test_order_and_favourites_are_kept_for_the_person(
    http: httpx.AsyncClient, token: dict[str, str]
) -> None:
    url = f"{WALLET}/arrangement"
    assert (await http.get(url, headers=token)).json() == {"order": [], "favourites": []}
    ids = [card["id"] for card in (await wallet_of(http, token))["items"]][::-1]
    wanted = {"order": ids, "favourites": ids[:1]}
    assert (await http.put(url, headers=token, json=wanted)).json() == wanted
    assert (await http.get(url, headers=token)).json() == wanted
    fewer = {"order": [], "favourites": [ids[1], ids[1]]}
    answer = await http.put(url, headers=token, json=fewer)
    assert answer.json() == {"order": [], "favourites": [ids[1]]}
    assert (await http.get(url, headers=token)).json() == answer.json()
    wrong = await http.put(url, headers=token, json={"order": ["x"], "favourites": []})
    refused(wrong, 400, "request.invalid")


async def test_what_i_could_have_comes_with_the_way_to_it(
    http: httpx.AsyncClient, token: dict[str, str]
) -> None:
    held = {card["type_code"] for card in (await wallet_of(http, token))["items"]}
    answer = await http.get(f"{WALLET}/obtainable", headers=token)
    found = {each["name"]: each for each in answer.json()["items"]}
    assert held.isdisjoint(each["type_code"] for each in found.values())
    # What only foreigners or people from Hong Kong, Macao and Taiwan get is not offered to others,
    # nor what is an enterprise's.
    assert not {"外国人永久居留身份证", "港澳台居民居住证", "营业执照"} & set(found)
    linked = [each for each in found.values() if each["item"]]
    assert linked
    item = linked[0]["item"]["id"]
    assert (await http.get(f"/api/v1/public/service-items/{item}")).status_code == 200
    assert all(each["words"] and each["hotline"] for each in found.values())


async def test_a_known_list_is_not_sent_again(
    http: httpx.AsyncClient, token: dict[str, str]
) -> None:
    await wallet_of(http, token)
    answer = await http.get(WALLET, headers=token)
    again = await http.get(WALLET, headers={**token, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    other = await http.get(WALLET, headers={**token, "if-none-match": '"else"'})
    assert other.status_code == 200


async def test_a_licence_shows_all_of_it_and_hides_what_is_sensitive(
    http: httpx.AsyncClient, token: dict[str, str], someone: Person
) -> None:
    card = (await wallet_of(http, token))["items"][0]
    answer = await http.get(f"{WALLET}/{card['id']}", headers=token)
    licence = answer.json()
    assert {**card, **licence} == licence
    assert licence["identifier"].startswith("1.2.156.3005.2.11100000000013127D001.")
    assert someone.id_number not in answer.text
    assert someone.address not in answer.text
    fields = {field["name"]: field for field in licence["fields"]}
    assert fields["sex"]["value"] == someone.sex
    assert fields["address"]["sensitive"] is True


async def test_a_tap_reveals_one_value(
    http: httpx.AsyncClient, token: dict[str, str], someone: Person
) -> None:
    url = f"{WALLET}/{(await wallet_of(http, token))['items'][0]['id']}/reveal"
    for field, value in (
        ("number", someone.id_number),
        ("address", someone.address),
        ("holder", someone.name),
    ):
        answer = await http.post(url, headers=token, json={"field": field})
        assert answer.json() == {"field": field, "value": value}


async def test_an_unknown_field_is_not_found(
    http: httpx.AsyncClient, token: dict[str, str]
) -> None:
    url = f"{WALLET}/{(await wallet_of(http, token))['items'][0]['id']}/reveal"
    refused(
        await http.post(url, headers=token, json={"field": "soul"}), 404, "wallet.field_unknown"
    )


@pytest.mark.parametrize("body", [{}, {"field": ""}, {"field": 1}, {"field": "sex", "more": 1}, []])
async def test_a_reveal_of_another_shape_is_refused(
    http: httpx.AsyncClient, token: dict[str, str], body: Any
) -> None:
    url = f"{WALLET}/{(await wallet_of(http, token))['items'][0]['id']}/reveal"
    refused(await http.post(url, headers=token, json=body), 400, "request.invalid")


@pytest.mark.parametrize("licence_id", ["AAAAAAAAAAAA", "x", "%E8%AF%81", "..%2Fwallet", "a" * 500])
async def test_a_licence_of_nobody_is_not_found(
    http: httpx.AsyncClient, token: dict[str, str], licence_id: str
) -> None:
    answer = await http.get(f"{WALLET}/{licence_id}", headers=token)
    assert answer.status_code == 404


async def test_anothers_licence_is_not_found(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform
) -> None:
    other = bearer(await citizen(http, driver(platform)))
    theirs = (await wallet_of(http, other))["items"][0]["id"]
    answer = await http.get(f"{WALLET}/{theirs}", headers=token)
    refused(answer, 404, "wallet.licence_not_found")


async def test_a_face_is_a_picture_that_no_cache_keeps(
    http: httpx.AsyncClient, token: dict[str, str]
) -> None:
    url = f"{WALLET}/{(await wallet_of(http, token))['items'][0]['id']}/face.png"
    sizes = []
    for query in ({}, {"purpose": "住宿登记"}, {"thumbnail": "1"}, {"full": "1"}):
        answer = await http.get(url, headers=token, params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"].startswith("no-store")
        assert answer.content.startswith(PNG)
        sizes.append(len(answer.content))
    assert sizes[2] < sizes[1] / 2


@pytest.mark.parametrize(
    "query",
    [{"purpose": "长" * 21}, {"purpose": " "}, {"purpose": "a\nb"}, {"thumbnail": "2"}, {"x": "1"}],
)
async def test_a_picture_asked_for_wrongly_is_refused(
    http: httpx.AsyncClient, token: dict[str, str], query: dict[str, str]
) -> None:
    url = f"{WALLET}/{(await wallet_of(http, token))['items'][0]['id']}/face.png"
    refused(await http.get(url, headers=token, params=query), 400, "request.invalid")


async def test_below_level_three_the_wallet_names_the_level(
    http: httpx.AsyncClient, someone: Person
) -> None:
    low = bearer(await citizen(http, someone, level=1))
    for path in ("", "/x", "/x/face.png"):
        problem = refused(
            await http.get(f"{WALLET}{path}", headers=low), 403, "identity.level_too_low"
        )
        assert problem["required_level"] == 3


async def test_a_hung_issuer_costs_its_own_licences_only(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform
) -> None:
    await fault(platform, "gd-renshe", "hang")
    try:
        async with asyncio.timeout(10):
            wallet = await wallet_of(http, token)
    finally:
        await fault(platform, "gd-renshe", None)
    states = {source["code"]: source["status"] for source in wallet["sources"]}
    assert states.pop("gd-renshe") == "unavailable"
    assert set(states.values()) <= {"fresh", "none"}
    assert wallet["items"]


@pytest.mark.parametrize("kind", ["status", "truncate", "wrong_signature", "malformed"])
async def test_a_broken_answer_is_no_answer(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, kind: str
) -> None:
    await fault(platform, "gd-gongan", kind)
    try:
        wallet = await wallet_of(http, token)
    finally:
        await fault(platform, "gd-gongan", None)
    states = {source["code"]: source["status"] for source in wallet["sources"]}
    assert states["gd-gongan"] == "unavailable"


async def test_a_change_at_the_issuer_is_in_the_wallet_before_long(
    http: httpx.AsyncClient, token: dict[str, str], platform: Platform, someone: Person
) -> None:
    before = await wallet_of(http, token)
    order = {
        "action": "set_status", "status": "SUSPENDED", "type": "机动车驾驶证",
        "holder": {"code_type": "111", "code": someone.id_number, "name": someone.name},
    }  # fmt: skip
    async with httpx.AsyncClient() as control:
        url = f"{platform.systems['gd-gongan']}/_control/licences"
        answer = await control.post(url, json=order)
        assert answer.status_code == 200, answer.text
    for _ in range(300):
        after = await wallet_of(http, token)
        found = {card["name"]: card["status"] for card in after["items"]}
        if found["机动车驾驶证"] == "SUSPENDED":
            break
        await asyncio.sleep(0.05)
    assert found["机动车驾驶证"] == "SUSPENDED"
    assert found["居民身份证"] == before["items"][0]["status"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "exchange.signature_missing"),
        (
            {"signature": "x", "signature-input": "y", "content-digest": "z"},
            "exchange.signature_malformed",
        ),
    ],
)
async def test_a_notice_that_no_system_signed_is_refused(
    http: httpx.AsyncClient, headers: dict[str, str], code: str
) -> None:
    answer = await http.post(
        "/api/v1/provider/licence-notices", json={"n": secrets.token_hex(4)}, headers=headers
    )
    refused(answer, 401, code)


async def test_a_notice_about_somebody_who_never_came_is_taken_and_not_kept(
    platform: Platform, someone: Person
) -> None:
    order = {
        "action": "set_status", "status": "LOST", "type": "居民身份证",
        "holder": {"code_type": "111", "code": someone.id_number, "name": someone.name},
    }  # fmt: skip
    async with httpx.AsyncClient(base_url=f"{platform.systems['gd-gongan']}/_control") as control:
        before = (await control.get("/state")).json()["notices"]
        assert (await control.post("/licences", json=order)).status_code == 200
        for _ in range(300):
            after = (await control.get("/state")).json()["notices"]
            if after["waiting"] == 0 and after["delivered"] > before["delivered"]:
                break
            await asyncio.sleep(0.05)
    assert after["delivered"] == before["delivered"] + 1
    assert after["refused"] == before["refused"]

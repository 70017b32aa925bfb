"""A time at a counter over HTTP: found near by, booked, scanned and called by the console."""

import asyncio
import re
from typing import Any

import httpx

from backend.sandbox.population.people import Person
from gateway.console.guards import SESSION_COOKIE
from tests.console_world import token_of
from tests.integration.cast import somebody
from tests.integration.people import CITIZEN, bearer, citizen
from tests.provinces import Platform

PUBLIC = "/api/v1/public/service-points"
WHERE = {"latitude": 23.125, "longitude": 113.361}


def _grown_up(person: Person) -> bool:
    return person.job is not None


async def near(http: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await http.get(PUBLIC, params={**WHERE, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def last_time(http: httpx.AsyncClient, place: str, item: str) -> dict[str, Any]:
    """The last published time: nobody else of these tests books it."""
    answer = await http.get(f"{PUBLIC}/{place}/times", params={"item": item})
    assert answer.status_code == 200, answer.text
    times = [time for day in answer.json()["days"] for time in day["times"]]
    found: dict[str, Any] = times[-1]
    return found


async def test_places_lie_down_to_the_village_and_the_nearest_comes_first(
    http: httpx.AsyncClient,
) -> None:
    found = await near(http, limit=50)
    distances = [one["distance_km"] for one in found["items"]]
    assert distances == sorted(distances)
    assert {one["kind"] for one in found["items"]} == {"hall", "branch", "street", "village"}
    village = next(one for one in found["items"] if one["kind"] == "village")
    assert len(village["region_code"]) == 12
    detail = (await http.get(f"{PUBLIC}/{village['code']}")).json()
    assert detail["items"]
    item = detail["items"][0]["code"]
    page = await near(http, item=item, limit=2)
    after = await near(http, item=item, limit=2, cursor=page["next_cursor"])
    assert page["items"][-1]["distance_km"] <= after["items"][0]["distance_km"]
    by_region = await http.get(PUBLIC, params={"item": item, "region": village["region_code"]})
    assert by_region.json()["items"][0]["code"] == village["code"]


async def test_a_village_has_one_place_at_a_time_and_six_people_want_it(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    found = await near(http, limit=50)
    stations = [one for one in found["items"] if one["kind"] == "village"]
    detail = (await http.get(f"{PUBLIC}/{stations[0]['code']}")).json()
    place, item = detail["code"], detail["items"][0]["code"]
    time = await last_time(http, place, item)
    assert time["left"] == 1
    people = [await citizen(http, somebody(platform, _grown_up)) for _ in range(6)]
    wish = {"item": item, "place": place, "starts_at": time["starts_at"]}
    answers = await asyncio.gather(
        *(http.post(f"{CITIZEN}/appointments", json=wish, headers=bearer(one)) for one in people)
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, *([409] * 5)], [answer.text for answer in answers]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "appointments.time_full"
    assert (await last_time(http, place, item))["left"] == 0
    mine = next(
        (person, answer.json())
        for person, answer in zip(people, answers, strict=True)
        if answer.status_code == 201
    )
    await _goes_on(platform, http, *mine)
    assert (await last_time(http, place, item))["left"] == 1


async def _goes_on(
    platform: Platform, http: httpx.AsyncClient, person: dict[str, Any], made: dict[str, Any]
) -> None:
    """Told, listed, seen by the operator, not of another place, cancelled."""
    me = bearer(person)
    inbox = (await http.get(f"{CITIZEN}/messages", headers=me)).json()["items"]
    assert inbox[0]["title"] == "预约成功"
    listed = (await http.get(f"{CITIZEN}/appointments?live=1", headers=me)).json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    standing = (await http.get(f"{CITIZEN}/appointments/standing", headers=me)).json()
    assert (standing["times"], standing["missed"], standing["blocked_until"]) == (3, 0, None)

    token = await token_of(http, platform, "operator")
    console = {"cookie": f"{SESSION_COOKIE}={token}"}
    path = f"/console/appointments/places/{made['place']}"
    page = await http.get(f"{path}/day?day={made['day']}", headers=console)
    assert page.status_code == 200
    assert made["name"] in page.text
    assert made["code"] not in page.text
    today = await http.get(f"{path}/day", headers=console)
    csrf = re.search(r'name="csrf" value="(\w+)"', today.text)
    assert csrf
    given = {"csrf": csrf[1], "code": made["code"]}
    early = await http.post(f"{path}/arrivals", data=given, headers=console)
    assert early.status_code == 409
    assert "之间取号" in early.text

    gone = await http.post(f"{CITIZEN}/appointments/{made['id']}/cancellation", headers=me)
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")

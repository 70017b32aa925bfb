"""A time at a counter over HTTP: found near by, booked, scanned and called by the console."""

import asyncio
import json
import re
from typing import Any

import httpx

from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.sandbox.population.people import Person
from backend.upstream.signing import sign_request
from gateway.console.guards import SESSION_COOKIE
from tests.appointments_world import counter, place
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


async def last_time(http: httpx.AsyncClient, point: str, item: str) -> dict[str, Any]:
    """The last published time: nobody else of these tests books it."""
    answer = await http.get(f"{PUBLIC}/{point}/times", params={"item": item})
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
    point, item = detail["code"], detail["items"][0]["code"]
    time = await last_time(http, point, item)
    assert time["left"] == 1
    people = [await citizen(http, somebody(platform, _grown_up)) for _ in range(6)]
    wish = {"item": item, "place": point, "starts_at": time["starts_at"]}
    answers = await asyncio.gather(
        *(http.post(f"{CITIZEN}/appointments", json=wish, headers=bearer(one)) for one in people)
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, *([409] * 5)], [answer.text for answer in answers]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "appointments.time_full"
    assert (await last_time(http, point, item))["left"] == 0
    mine = next(
        (person, answer.json())
        for person, answer in zip(people, answers, strict=True)
        if answer.status_code == 201
    )
    await _goes_on(platform, http, *mine)
    assert (await last_time(http, point, item))["left"] == 1


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

    await _console(http, console, csrf[1], path, made)

    gone = await http.post(f"{CITIZEN}/appointments/{made['id']}/cancellation", headers=me)
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")


async def _console(
    http: httpx.AsyncClient, console: dict[str, str], csrf: str, path: str, made: dict[str, Any]
) -> None:
    """The operator finds the place, sees what is left, and changes it as far as may be."""
    home = "/console/appointments"
    found = await http.get(home, params={"q": made["place_name"]}, headers=console)
    assert f'href="{path}"' in found.text
    shown = await http.get(path, params={"day": made["day"]}, headers=console)
    assert shown.status_code == 200, shown.text
    assert made["place_name"] in shown.text
    clock = made["starts_at"][11:16]
    slot = {"csrf": csrf, "counter": made["counter"], "day": made["day"], "clock": clock}
    below = await http.post(f"{path}/capacity", data={**slot, "capacity": "0"}, headers=console)
    assert (below.status_code, "已有 1 人预约" in below.text) == (409, True)
    more = await http.post(f"{path}/capacity", data={**slot, "capacity": "1"}, headers=console)
    assert more.status_code == 303, more.text
    rule = await http.get(f"{home}/rule", headers=console)
    assert "90 天内爽约满 3 次" in rule.text
    given = {"csrf": csrf, "times": "3", "period_days": "90", "blocked_days": "30"}
    assert (await http.post(f"{home}/rule", data=given, headers=console)).status_code == 303
    wrong = {**given, "times": "0"}
    assert (await http.post(f"{home}/rule", data=wrong, headers=console)).status_code == 400
    counter_ = {"csrf": csrf, "counter": "1", "people": "1", "minutes": "30", "open": "yes"}
    changed = await http.post(f"{path}/counters", data=counter_, headers=console)
    assert changed.status_code == 303, changed.text
    file = {"places": ("places.json", b"no json", "application/json")}
    refused = await http.post(f"{home}/import", data={"csrf": csrf}, files=file, headers=console)
    assert (refused.status_code, "请选择一个 JSON 文件" in refused.text) == (422, True)


async def signed(
    platform: Platform, http: httpx.AsyncClient, code: str, method: str, path: str, body: Any = None
) -> httpx.Response:
    """A request of a department's system."""
    found = department(code)
    key = department_key(platform.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    raw = json.dumps(body).encode() if body is not None else b""
    path = f"/api/v1/provider{path}"
    target, _, query = path.partition("?")
    headers = sign_request(key, method, target, query, raw)
    if body is not None:
        headers["content-type"] = "application/json"
    return await http.request(method, path, content=raw, headers=headers)


async def test_a_system_registers_a_place_serves_there_and_takes_it_away(
    platform: Platform, http: httpx.AsyncClient
) -> None:
    me = bearer(await citizen(http, somebody(platform, _grown_up)))
    nearest = (await near(http, limit=1))["items"][0]["code"]
    item = (await http.get(f"{PUBLIC}/{nearest}")).json()["items"][0]["code"]
    code = "440106-test-counter"
    spec = place(
        code=code, name="测试办事大厅", days_ahead=14, cancel_minutes=0,
        counters=[counter(lists=[], items=[item], capacity=1)],
    )  # fmt: skip
    made = await signed(platform, http, "gongan", "PUT", f"/service-points/{code}", spec)
    assert made.status_code == 200, made.text
    other = await signed(platform, http, "gjj", "PUT", f"/service-points/{code}", spec)
    assert (other.status_code, other.json()["code"]) == (409, "appointments.place_taken")
    differs = await signed(platform, http, "gongan", "PUT", "/service-points/another-code", spec)
    assert differs.status_code == 400
    # A worker that has just answered may know the places of two seconds ago.
    for _ in range(100):
        answer = await http.get(f"{PUBLIC}/{code}/times", params={"item": item})
        if answer.is_success:
            break
        await asyncio.sleep(0.2)
    time = await last_time(http, code, item)
    wish = {"item": item, "place": code, "starts_at": time["starts_at"]}
    booked = await http.post(f"{CITIZEN}/appointments", json=wish, headers=me)
    assert booked.status_code == 201, booked.text
    day = f"/service-points/{code}/appointments?day={booked.json()['day']}"
    guests = await signed(platform, http, "gongan", "GET", day)
    assert [one["id"] for one in guests.json()["items"]] == [booked.json()["id"]]
    hidden = await signed(platform, http, "gjj", "GET", day)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "appointments.place_unknown")
    scan = {"code": booked.json()["code"]}
    early = await signed(platform, http, "gongan", "POST", f"/service-points/{code}/arrivals", scan)
    assert (early.status_code, early.json()["code"]) == (409, "appointments.not_now")
    nobody = f"/service-points/{code}/counters/1/calls"
    waits = await signed(platform, http, "gongan", "POST", nobody)
    assert (waits.status_code, waits.json()["code"]) == (409, "appointments.nobody_waits")
    gone = await signed(platform, http, "gongan", "DELETE", f"/service-points/{code}")
    assert gone.json() == {"called_off": 1}
    mine = await http.get(f"{CITIZEN}/appointments/{booked.json()['id']}", headers=me)
    assert mine.json()["state"] == "called_off"
    inbox = (await http.get(f"{CITIZEN}/messages", headers=me)).json()["items"]
    assert inbox[0]["title"] == "预约被窗口取消"

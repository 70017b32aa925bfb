"""Places as they are registered, changed, closed and taken away."""

from datetime import date
from typing import Any

import pytest

from backend.appointments.errors import (
    CapacityBelowBooked,
    PlaceRefused,
    PlaceTaken,
    PlaceUnknown,
    TimeNotOffered,
)
from backend.appointments.service import Closure, Server
from tests.appointments_world import (
    HALL,
    ITEM,
    OPERATOR,
    STATION,
    TOMORROW,
    AppointmentsWorld,
    counter,
    place,
)

SYSTEM = Server("system:gd-ceshi", frozenset({"gd-ceshi"}))
VILLAGE = {
    "code": STATION, "name": "石牌街道新村便民服务站", "kind": "village",
    "region_code": "440106009201",
}  # fmt: skip


async def test_a_system_registers_its_own_place_in_a_village(here: AppointmentsWorld) -> None:
    registry = here.appointments.registry
    await registry.take(SYSTEM, "gd-ceshi", [], [place(**VILLAGE)])
    found = await here.appointments.near(ITEM, None, "440106009201")
    assert [one.near.place.spec.code for one in found.items] == [STATION, HALL]
    assert (await here.appointments.serving.place(SYSTEM, STATION)).owner == "gd-ceshi"
    with pytest.raises(PlaceUnknown):
        await here.appointments.serving.place(SYSTEM, HALL)


@pytest.mark.parametrize("at_once", [1, 2, 3, 500])
async def test_places_are_read_a_part_at_a_time_and_none_is_left_out(
    here: AppointmentsWorld, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("backend.appointments.directory._AT_ONCE", at_once)
    more = [f"{STATION}-{number}" for number in range(5)]
    await here.register(*(place(**{**VILLAGE, "code": code}) for code in more))
    found = await here.appointments.directory.all()
    assert [one.spec.code for one in found] == sorted([HALL, *more])


async def test_the_nearest_comes_first_and_a_full_place_says_when(
    here: AppointmentsWorld,
) -> None:
    await here.register(place(**VILLAGE, latitude=23.2, longitude=113.4))
    found = await here.appointments.near(ITEM, (23.201, 113.401), None)
    assert [one.near.place.spec.code for one in found.items] == [STATION, HALL]
    assert found.items[0].next_free is not None
    assert found.items[0].next_free.isoformat() == "2026-11-25T09:00:00+08:00"
    await here.register(place(**VILLAGE, counters=[counter(capacity=0)]))
    found = await here.appointments.near(ITEM, None, "440106009201")
    assert found.items[0].next_free is None


async def test_somebody_elses_place_is_not_replaced(here: AppointmentsWorld) -> None:
    with pytest.raises(PlaceTaken):
        await here.appointments.registry.take(SYSTEM, "gd-ceshi", [], [place()])
    lists = [{"code": "everything", "name": "另一张", "items": [ITEM]}]
    with pytest.raises(PlaceTaken):
        await here.appointments.registry.take(SYSTEM, "gd-ceshi", lists, [])


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"region_code": "990106"}, "region_code"),
        ({"latitude": 123.0}, "latitude"),
        ({"counters": []}, "counters"),
        ({"counters": [counter(lists=[])]}, "counters"),
        ({"counters": [counter(lists=["nothing"])]}, "counters"),
        ({"counters": [counter(items=["11440000MB9X00015F4440109009000"])]}, "counters"),
        ({"counters": [counter(), counter()]}, "points/0"),
        ({"hours": {"workdays": [{"opens": "12:00", "closes": "09:00"}]}}, "hours"),
        ({"surprise": True}, "surprise"),
    ],
)
async def test_a_wrong_description_is_refused_whole(
    here: AppointmentsWorld, changes: dict[str, Any], where: str
) -> None:
    with pytest.raises(PlaceRefused) as refused:
        await here.register(place(**VILLAGE), place(code="440106-x", **changes))
    assert any(where in one["pointer"] for one in refused.value.errors) or where == "points/0"
    assert [one.spec.code for one in await here.appointments.directory.all()] == [HALL]


async def test_a_code_twice_in_one_registration(here: AppointmentsWorld) -> None:
    with pytest.raises(PlaceRefused):
        await here.register(place(), place())


async def test_closing_calls_off_what_is_booked_and_tells(here: AppointmentsWorld) -> None:
    me, other = here.person(), here.person()
    made, kept = await here.book(me), await here.book(other, day=date(2026, 11, 27))
    closure = Closure(first=TOMORROW, last=TOMORROW, why="台风停工")
    assert await here.appointments.registry.close(OPERATOR, HALL, closure) == 1
    assert await here.state(made) == "called_off"
    assert await here.state(kept) == "booked"
    assert (await here.told(me))[0] == "预约被窗口取消"
    with pytest.raises(TimeNotOffered):
        await here.book(me)
    # What slipped in while it closed is called off by the worker.
    assert await here.appointments.chores.close_times() is None


async def test_taking_a_place_away(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    assert await here.appointments.registry.withdraw(OPERATOR, HALL) == 1
    assert await here.state(made) == "called_off"
    found = await here.appointments.booking.one(me, made.id)
    assert found.point_name == "天河区政务服务中心"
    with pytest.raises(PlaceUnknown):
        await here.appointments.registry.withdraw(OPERATOR, HALL)


async def test_capacity_of_one_time(here: AppointmentsWorld) -> None:
    registry = here.appointments.registry
    await here.book(here.person())
    await here.book(here.person())
    await registry.set_capacity(OPERATOR, HALL, "1", (TOMORROW, "09:00"), 3)
    await here.book(here.person())
    with pytest.raises(CapacityBelowBooked):
        await registry.set_capacity(OPERATOR, HALL, "1", (TOMORROW, "09:00"), 2)
    with pytest.raises(CapacityBelowBooked):
        await registry.set_capacity(OPERATOR, HALL, "1", (TOMORROW, "09:00"), None)
    with pytest.raises(TimeNotOffered):
        await registry.set_capacity(OPERATOR, HALL, "1", (TOMORROW, "09:10"), 3)
    with pytest.raises(TimeNotOffered):
        await registry.set_capacity(OPERATOR, HALL, "9", (TOMORROW, "09:00"), 3)
    await registry.set_capacity(OPERATOR, HALL, "1", (TOMORROW, "10:00"), 0)
    place_ = await here.appointments.directory.get(HALL)
    days = await here.appointments.schedule.days(place_, ITEM)
    clocks = [f"{one.starts_at:%H:%M}" for one in days[1].times]
    assert "10:00" not in clocks
    assert "09:00" in clocks

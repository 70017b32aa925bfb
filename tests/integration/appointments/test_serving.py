"""The day at the counter: scanning, calling, serving, not coming, and each refusal."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from backend.appointments.errors import (
    AppointmentUnknown,
    NobodyWaits,
    NotNow,
    PlaceUnknown,
    StateConflict,
)
from backend.appointments.models import Appointment as Row
from backend.appointments.service import Server
from tests.appointments_world import (
    HALL,
    OPERATOR,
    TOMORROW,
    AppointmentsWorld,
    counter,
    moment,
    place,
)
from tests.catalogue_items import DEPARTMENT

STRANGER = Server("system:gd-other", frozenset({"gd-other"}))


async def test_from_the_code_to_the_service(here: AppointmentsWorld) -> None:
    serving, me = here.appointments.serving, here.person()
    made = await here.book(me)
    here.clock.go(moment(TOMORROW, "08:30"))
    spelled = f" yy{made.code[:4].lower()}-{made.code[4:]} "
    arrived = await serving.arrive(OPERATOR, HALL, spelled)
    assert (arrived.number, arrived.code) == ("Y001", "")
    assert (await here.appointments.booking.one(me, made.id)).ahead == 0
    # Scanned again it is the same number.
    assert (await serving.arrive(OPERATOR, HALL, made.code)).number == "Y001"
    called = await serving.call_next(OPERATOR, HALL, "1")
    assert called.id == made.id
    await serving.call(OPERATOR, made.id)
    assert (await Row.get(id=made.id)).calls == 2
    served = await serving.serve(OPERATOR, made.id)
    assert served.state_name == "已办理"
    assert await here.told(me) == ["办理完成，请评价", "轮到您了", "取号成功 Y001", "预约成功"]
    assert [one for one in await here.audited() if one != "appointments.places_registered"] == [
        "appointments.booked", "appointments.arrived", "appointments.called",
        "appointments.called", "appointments.served",
    ]  # fmt: skip


async def test_numbers_go_up_and_many_scans_at_once_give_each_one(
    here: AppointmentsWorld,
) -> None:
    await here.register(place(counters=[counter(capacity=20)]))
    made = [await here.book(here.person()) for _ in range(12)]
    here.clock.go(moment(TOMORROW, "08:30"))
    scans = (here.appointments.serving.arrive(OPERATOR, HALL, one.code) for one in made * 2)
    found = await asyncio.gather(*scans)
    assert len({one.number for one in found}) == 12
    # A number that a second scan had taken is given back with it.
    assert sorted(one.number for one in found)[-1] == "Y012"


async def test_who_comes_first_by_time_is_called_first(here: AppointmentsWorld) -> None:
    serving = here.appointments.serving
    later, earlier = await here.book(here.person(), "09:30"), await here.book(here.person())
    here.clock.go(moment(TOMORROW, "08:45"))
    for one in (later, earlier):
        await serving.arrive(OPERATOR, HALL, one.code)
    clerks = [serving.call_next(OPERATOR, HALL, "1") for _ in range(2)]
    called = await asyncio.gather(*clerks)
    assert {one.id for one in called} == {earlier.id, later.id}
    with pytest.raises(NobodyWaits):
        await serving.call_next(OPERATOR, HALL, "1")


@pytest.mark.parametrize(
    ("clock", "day"),
    [("07:59", TOMORROW), ("10:01", TOMORROW), ("09:00", date(2026, 11, 27))],
)
async def test_a_code_is_good_around_its_time(
    here: AppointmentsWorld, clock: str, day: date
) -> None:
    made = await here.book(here.person())
    here.clock.go(moment(day, clock))
    with pytest.raises(NotNow) as refused:
        await here.appointments.serving.arrive(OPERATOR, HALL, made.code)
    assert refused.value.context()["opens"] == "2026-11-26T08:00:00+08:00"


async def test_what_is_not_theirs_does_not_exist_for_others(here: AppointmentsWorld) -> None:
    serving = here.appointments.serving
    made = await here.book(here.person())
    here.clock.go(moment(TOMORROW, "08:30"))
    for place_act in (serving.day(STRANGER, HALL, TOMORROW), serving.arrive(STRANGER, HALL, "x")):
        with pytest.raises(PlaceUnknown):
            await place_act
    for act in (serving.call, serving.serve, serving.miss):
        with pytest.raises(AppointmentUnknown):
            await act(STRANGER, made.id)
        with pytest.raises(AppointmentUnknown):
            await act(OPERATOR, uuid4())
    with pytest.raises(AppointmentUnknown):
        await serving.arrive(OPERATOR, HALL, "YY23456789ABCD")


async def test_a_cancelled_code_opens_nothing(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    await here.appointments.booking.cancel(me, made.id)
    here.clock.go(moment(TOMORROW, "08:30"))
    with pytest.raises(StateConflict) as refused:
        await here.appointments.serving.arrive(OPERATOR, HALL, made.code)
    assert "已取消" in refused.value.detail
    with pytest.raises(StateConflict):
        await here.appointments.serving.serve(OPERATOR, made.id)


async def test_nobody_is_missed_while_still_expected(here: AppointmentsWorld) -> None:
    made = await here.book(here.person())
    here.clock.go(moment(TOMORROW, "10:00"))
    with pytest.raises(NotNow):
        await here.appointments.serving.miss(OPERATOR, made.id)
    here.clock.on(minutes=1)
    assert (await here.appointments.serving.miss(OPERATOR, made.id)).state_name == "爽约"


async def test_the_day_lists_names_masked_and_is_in_the_audit(here: AppointmentsWorld) -> None:
    await here.book(here.person())
    found = await here.appointments.serving.day(OPERATOR, HALL, TOMORROW)
    assert [(one.name, one.code) for one in found] == [("陈*", "")]
    assert (await here.audited())[-1] == "appointments.day_read"


async def test_the_reminder_comes_once_on_the_day_before(here: AppointmentsWorld) -> None:
    chores, me, cancelled = here.appointments.chores, here.person(), here.person()
    day = TOMORROW + timedelta(days=1)
    await here.book(me, day=day)
    gone = await here.book(cancelled, day=day)
    await here.appointments.booking.cancel(cancelled, gone.id)
    here.clock.go(moment(TOMORROW, "08:59"))
    assert await chores.remind() is None
    here.clock.go(moment(TOMORROW, "09:00"))
    late = here.person()
    await here.book(late, "10:00", day=day)
    told = await asyncio.gather(chores.remind(), chores.remind())
    assert sorted(one or 0 for one in told) == [0, 1]
    assert await chores.remind() is None
    assert (await here.told(me))[0] == "明天有预约"
    assert "明天有预约" not in await here.told(late) + await here.told(cancelled)


async def test_the_worker_closes_the_day(here: AppointmentsWorld) -> None:
    chores, serving = here.appointments.chores, here.appointments.serving
    absent, waiting = await here.book(here.person()), await here.book(here.person())
    here.clock.go(moment(TOMORROW, "08:30"))
    await serving.arrive(OPERATOR, HALL, waiting.code)
    here.clock.go(moment(TOMORROW, "10:01"))
    assert await chores.close_times() == 1
    assert await here.state(absent) == "no_show"
    here.clock.go(moment(TOMORROW + timedelta(days=1), "00:01"))
    assert await chores.close_times() == 1
    # Who came and was not served did not stay away.
    assert await here.state(waiting) == "lapsed"
    assert await chores.close_times() is None


async def test_what_was_served_can_be_judged_by_its_owner_alone(here: AppointmentsWorld) -> None:
    me, visits = here.person(), here.appointments.visits
    made = await here.book(me)
    event = str(made.id)
    assert await visits.find(me.subject, event) is None
    here.clock.go(moment(TOMORROW, "08:30"))
    await here.appointments.serving.arrive(OPERATOR, HALL, made.code)
    await here.appointments.serving.serve(OPERATOR, made.id)
    found = await visits.find(me.subject, event)
    assert found is not None
    assert (found.department_uscc, found.department_name) == (DEPARTMENT.uscc, "测试厅")
    assert found.title == "在天河区政务服务中心办理“办一件测试的事”"
    since, until = moment(TOMORROW, "00:00"), moment(TOMORROW, "23:00")
    assert [one.id for one in await visits.recent(me.subject, since, 5)] == [event]
    served = await visits.served(DEPARTMENT.uscc, None, since, until)
    assert [(one.event_id, one.subject) for one in served] == [(event, me.subject)]
    assert await visits.served("11110000000021135M", None, since, until) == []
    assert await visits.find(here.person().subject, event) is None
    assert await visits.find(me.subject, "nonsense") is None

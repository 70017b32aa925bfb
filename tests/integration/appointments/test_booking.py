"""Booking, cancelling, and each way to be refused."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from backend.appointments.booking import MOST_LIVE
from backend.appointments.errors import (
    AlreadyBooked,
    AppointmentUnknown,
    Blocked,
    CancelTooLate,
    CursorRefused,
    ItemNotHere,
    PlaceUnknown,
    StateConflict,
    TimeFull,
    TimeNotOffered,
    TooManyBooked,
)
from backend.appointments.models import Appointment as Row
from backend.appointments.models import Slot
from backend.lending.errors import MemberUnknown
from tests.appointments_world import (
    HALL,
    ITEM,
    OPERATOR,
    OTHER_ITEM,
    TOMORROW,
    AppointmentsWorld,
    counter,
    moment,
    place,
)


async def test_a_booking_takes_one_place_and_is_told(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    assert (made.point_name, made.item_name) == ("天河区政务服务中心", "办一件测试的事")
    assert made.starts_at == moment(TOMORROW, "09:00")
    assert made.cancel_until == moment(TOMORROW, "07:00")
    assert made.name == "陈*"
    assert await here.left() == 1
    assert await here.told(me) == ["预约成功"]
    assert "appointments.booked" in await here.audited()
    assert [one.id for one in (await here.appointments.booking.mine(me, live=True)).items] == [
        made.id
    ]


async def test_what_is_kept_of_a_person_is_sealed(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    row = await Row.get(id=made.id)
    holder = here.people.holders[me.person_id]
    for kept in (row.holder, row.code, (row.live_key or "").encode(), row.code_index.encode()):
        assert holder.code.encode() not in kept
        assert holder.name.encode() not in kept
        assert made.code.encode() not in kept


async def test_a_full_time_is_refused_with_the_next_free_ones(here: AppointmentsWorld) -> None:
    for _ in range(2):
        await here.book(here.person())
    with pytest.raises(TimeFull) as refused:
        await here.book(here.person())
    # Today, 25 November at 8, is bookable, too.
    assert refused.value.context()["free"][0] == "2026-11-25T09:00:00+08:00"


async def test_a_second_counter_takes_who_does_not_fit_at_the_first(
    here: AppointmentsWorld,
) -> None:
    await here.register(place(counters=[counter(), counter(number="2", capacity=1)]))
    counters = [(await here.book(here.person())).counter for _ in range(3)]
    assert sorted(counters) == ["1", "1", "2"]
    with pytest.raises(TimeFull):
        await here.book(here.person())


async def test_one_booking_for_one_person_one_item_and_one_day(here: AppointmentsWorld) -> None:
    me = here.person()
    await here.book(me)
    with pytest.raises(AlreadyBooked):
        await here.book(me, "10:00")
    # The place that was counted for the second is free again.
    assert await here.left("10:00") == 2
    await here.book(me, "10:00", item=OTHER_ITEM)
    await here.book(me, "10:00", day=TOMORROW + timedelta(days=1))


async def test_many_bookings_of_one_person_at_once_are_one(here: AppointmentsWorld) -> None:
    me = here.person()
    found = await asyncio.gather(
        *(here.book(me, clock) for clock in ("09:00", "09:30", "10:00", "10:30")),
        return_exceptions=True,
    )
    assert sum(isinstance(one, AlreadyBooked) for one in found) == 3
    assert sum([await here.left(one) for one in ("09:00", "09:30", "10:00", "10:30")]) == 7


async def test_a_parent_books_for_a_child_and_for_themselves(here: AppointmentsWorld) -> None:
    parent, other = here.person(), here.person()
    link = here.child_of(parent)
    for_child = await here.book(parent, member=link)
    assert (for_child.kind, for_child.name) == ("child", "陈**")
    await here.book(parent)
    # The other parent cannot book the same child a second time.
    second = uuid4()
    here.people.links[other.person_id, second] = here.people.links[parent.person_id, link]
    with pytest.raises(AlreadyBooked):
        await here.book(other, "10:00", member=second)


async def test_who_is_not_carried_is_not_booked_for(here: AppointmentsWorld) -> None:
    link = here.child_of(here.person())
    with pytest.raises(MemberUnknown):
        await here.book(here.person(), member=link)
    assert await here.left() == 2


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ("09:15", TOMORROW),  # between two times
        ("12:00", TOMORROW),  # closed at noon
        ("09:00", date(2026, 12, 3)),  # not published yet
        ("09:00", date(2026, 11, 29)),  # a Sunday
        ("09:00", date(2026, 11, 24)),  # yesterday
    ],
)
async def test_a_time_that_is_not_offered(here: AppointmentsWorld, clock: str, day: date) -> None:
    with pytest.raises(TimeNotOffered):
        await here.book(here.person(), clock, day)


async def test_a_time_that_has_begun_is_not_offered(here: AppointmentsWorld) -> None:
    here.clock.go(moment(TOMORROW, "09:00"))
    with pytest.raises(TimeNotOffered):
        await here.book(here.person(), "09:00")
    await here.book(here.person(), "09:30")


async def test_there_is_no_such_place_or_it_is_closed(here: AppointmentsWorld) -> None:
    with pytest.raises(PlaceUnknown):
        await here.book(here.person(), point="nowhere")
    await here.register(place(open=False))
    with pytest.raises(PlaceUnknown):
        await here.book(here.person())


async def test_the_item_is_not_done_there(here: AppointmentsWorld) -> None:
    await here.register(place(counters=[counter(lists=[], items=[OTHER_ITEM])]))
    with pytest.raises(ItemNotHere):
        await here.book(here.person(), item=ITEM)


async def test_nobody_hoards_bookings(here: AppointmentsWorld) -> None:
    await here.register(place(counters=[counter(capacity=MOST_LIVE + 1)]))
    me = here.person()
    for _ in range(MOST_LIVE):
        await here.book(me, member=here.child_of(me))
    with pytest.raises(TooManyBooked):
        await here.book(me)


async def test_cancelling_frees_exactly_one_place(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    await here.book(here.person())
    cancelled = await here.appointments.booking.cancel(me, made.id)
    assert cancelled.state_name == "已取消"
    assert await here.left() == 1
    # Again does nothing.
    await here.appointments.booking.cancel(me, made.id)
    assert await here.left() == 1
    await here.book(me)
    over = await here.appointments.booking.mine(me, live=False)
    assert [one.id for one in over.items] == [made.id]


async def test_cancelling_at_once_frees_one(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    found = await asyncio.gather(
        *(here.appointments.booking.cancel(me, made.id) for _ in range(5)), return_exceptions=True
    )
    assert all(
        not isinstance(one, BaseException) or isinstance(one, StateConflict) for one in found
    )
    assert await here.left() == 2
    assert (await Slot.get(id=f"{HALL}/1/202611260900")).booked == 0


async def test_cancelling_too_late(here: AppointmentsWorld) -> None:
    me = here.person()
    made = await here.book(me)
    here.clock.go(moment(TOMORROW, "07:00") + timedelta(seconds=1))
    with pytest.raises(CancelTooLate) as refused:
        await here.appointments.booking.cancel(me, made.id)
    assert "020-12345" in refused.value.detail
    assert refused.value.context()["until"] == "2026-11-26T07:00:00+08:00"


async def test_a_booking_of_somebody_else_does_not_exist(here: AppointmentsWorld) -> None:
    made = await here.book(here.person())
    stranger = here.person()
    for act in (here.appointments.booking.cancel, here.appointments.booking.one):
        with pytest.raises(AppointmentUnknown):
            await act(stranger, made.id)


async def test_what_is_over_comes_a_page_at_a_time(here: AppointmentsWorld) -> None:
    await here.register(place(counters=[counter(capacity=50)]))
    me = here.person()
    for _ in range(23):
        made = await here.book(me)
        await here.appointments.booking.cancel(me, made.id)
    booking = here.appointments.booking
    first = await booking.mine(me, live=False)
    second = await booking.mine(me, live=False, cursor=first.next_cursor)
    assert (len(first.items), len(second.items), second.next_cursor) == (20, 3, None)
    with pytest.raises(CursorRefused):
        await booking.mine(me, cursor="nonsense")


async def test_three_times_not_come_and_a_month_without_booking(here: AppointmentsWorld) -> None:
    me = here.person()
    await here.misses(me, [date(2026, 11, 26), date(2026, 11, 27)])
    here.clock.go(moment(date(2026, 11, 30), "07:00"))
    await here.misses(me, [date(2026, 11, 30)])
    here.clock.go(moment(date(2026, 12, 30), "08:00"))
    with pytest.raises(Blocked) as refused:
        await here.book(me, day=date(2026, 12, 31))
    assert refused.value.context() == {"until": "2026-12-31"}
    assert "3 次" in refused.value.detail
    here.clock.go(moment(date(2026, 12, 31), "08:00"))
    await here.book(me, day=date(2026, 12, 31))


async def test_the_rule_is_data(here: AppointmentsWorld) -> None:
    await here.rule(times=1, period_days=10, blocked_days=2)
    me = here.person()
    await here.misses(me, [TOMORROW])
    with pytest.raises(Blocked):
        await here.book(me, day=date(2026, 11, 27))
    await here.rule(times=2, period_days=10, blocked_days=2)
    await here.book(me, day=date(2026, 11, 27))
    assert (await here.appointments.rules.of(me.person_id)).missed == 1


async def test_an_excused_absence_counts_no_more(here: AppointmentsWorld) -> None:
    await here.rule(times=1, period_days=10, blocked_days=2)
    me = here.person()
    await here.misses(me, [TOMORROW])
    missed = (await here.appointments.booking.mine(me, live=False)).items[0]

    await here.appointments.serving.excuse(OPERATOR, missed.id, "台风停工")
    await here.book(me, day=date(2026, 11, 27))
    assert (await here.told(me))[1] == "爽约记录已撤销"

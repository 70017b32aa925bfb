"""Opening hours against the working calendar, and the times that follow from them."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.appointments.hours import opening, spans_on, times_of
from backend.appointments.shapes import PointSpec
from backend.calendar.service import Workdays
from tests.appointments_world import counter, moment, place

NONE: dict[date, bool] = {}
POINT = PointSpec.model_validate(place())
IS_WORKDAY = Workdays(NONE).is_workday


def hours(day: date, point: PointSpec = POINT) -> list[str]:
    return [one.opens for one in spans_on(point, day, IS_WORKDAY)]


def test_a_working_day_a_saturday_and_a_sunday() -> None:
    assert hours(date(2026, 11, 25)) == ["09:00", "14:00"]
    assert hours(date(2026, 11, 28)) == ["09:00"]
    assert hours(date(2026, 11, 29)) == []


def test_a_make_up_workday_has_the_hours_of_a_working_day() -> None:
    # Sunday 20 September and Saturday 10 October 2026 are worked (国务院办公厅 arrangement).
    assert hours(date(2026, 9, 20)) == ["09:00", "14:00"]
    assert hours(date(2026, 10, 10)) == ["09:00", "14:00"]


def test_a_holiday_and_the_weekend_that_borders_on_it_are_closed() -> None:
    assert [hours(date(2026, 10, day)) for day in range(1, 8)] == [[]] * 7
    # 25 to 27 September 2026: a Friday holiday, and the weekend after it.
    assert hours(date(2026, 9, 26)) == []


def test_an_override_of_the_calendar_goes_before_everything() -> None:
    typhoon, made_up = date(2026, 11, 26), date(2026, 11, 29)
    told = Workdays({typhoon: False, made_up: True}).is_workday
    assert spans_on(POINT, typhoon, told) == []
    assert len(spans_on(POINT, made_up, told)) == 2


def test_a_closed_place_has_no_hours_and_says_why() -> None:
    closed = [{"first": "2026-11-25", "last": "2026-11-26", "why": "搬迁"}]
    point = PointSpec.model_validate(place(closures=closed))
    assert hours(date(2026, 11, 26), point) == []
    found = opening(point, moment(date(2026, 11, 25), "10:00"), IS_WORKDAY)
    assert (found.open_now, found.why_closed) == (False, "搬迁")
    assert found.opens_at == moment(date(2026, 11, 27), "09:00")


def test_open_now_and_when_next() -> None:
    day = date(2026, 11, 25)
    found = opening(POINT, moment(day, "11:59"), IS_WORKDAY)
    assert (found.open_now, found.closes_at) == (True, moment(day, "12:00"))
    found = opening(POINT, moment(day, "12:00"), IS_WORKDAY)
    assert (found.open_now, found.opens_at) == (False, moment(day, "14:00"))
    found = opening(POINT, moment(date(2026, 11, 28), "13:00"), IS_WORKDAY)
    assert found.opens_at == moment(date(2026, 11, 30), "09:00")


@given(day=st.dates(date(2024, 1, 1), date(2028, 12, 31)), minutes=st.integers(10, 240))
def test_times_lie_within_the_hours_and_never_overlap(day: date, minutes: int) -> None:
    point = PointSpec.model_validate(place(counters=[counter(slot_minutes=minutes)]))
    found = list(times_of(point, point.counters[0], day, IS_WORKDAY))
    spans = [
        (moment(day, one.opens), moment(day, one.closes))
        for one in spans_on(point, day, IS_WORKDAY)
    ]
    for one in found:
        assert one.ends_at - one.starts_at == timedelta(minutes=minutes)
        assert any(opens <= one.starts_at and one.ends_at <= closes for opens, closes in spans)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(found))
    # Nothing that would fit is left out.
    room = sum((closes - opens) // timedelta(minutes=minutes) for opens, closes in spans)
    assert len(found) == room

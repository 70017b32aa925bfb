"""Periods that stop and go on, against counting day by day over twenty years of dates."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.calendar.service import Workdays
from backend.cases.periods import Period, Unit, months_later

FIRST, LAST = date(2016, 1, 1), date(2035, 12, 31)
Stop = tuple[int, int]


class Calendar:
    """The published calendar with a few announcements, as the services ask it."""

    def __init__(self, overrides: dict[date, bool]) -> None:
        self._workdays = Workdays(overrides)
        self.is_workday = self._workdays.is_workday
        self.due = self._workdays.due
        self.workdays_between = self._workdays.between


def obvious(
    start: date, unit: Unit, days: int, stops: Sequence[tuple[date, date]], calendar: Calendar
) -> date:
    """Count each day that counts: none up to the start, none within a stop, no day off."""
    day, counted, last = start, 0, start
    if days == 0:
        while not calendar.is_workday(day):
            day += timedelta(days=1)
        return day
    while counted < days:
        day += timedelta(days=1)
        if any(begin < day <= end for begin, end in stops):
            continue
        if unit == "day" or calendar.is_workday(day):
            counted += 1
            last = day
    return last


def quick(
    start: date, unit: Unit, days: int, stops: Sequence[tuple[date, date]], calendar: Calendar
) -> date:
    """As the clocks of a case do it: one event after the other."""
    period = Period(unit, start, days)
    due = period.due(calendar).day
    for begin, end in stops:
        period = period.stopped(begin, calendar).resumed(end)
        if period.left > 0:
            due = period.due(calendar).day
    return due


@st.composite
def histories(draw: st.DrawFn) -> tuple[date, Unit, int, list[tuple[date, date]]]:
    start = draw(st.dates(FIRST, LAST))
    unit: Unit = draw(st.sampled_from(["workday", "day"]))
    days = draw(st.integers(1, 45))
    moment, stops = start, []
    for waits, lasts in draw(
        st.lists(st.tuples(st.integers(0, 20), st.integers(0, 60)), max_size=3)
    ):
        begin = moment + timedelta(days=waits)
        moment = begin + timedelta(days=lasts)
        stops.append((begin, moment))
    return start, unit, days, stops


OVERRIDES = st.dictionaries(st.dates(FIRST, date(2037, 12, 31)), st.booleans(), max_size=30)


@settings(max_examples=400, deadline=None)
@given(history=histories(), overrides=OVERRIDES)
def test_stopped_periods_end_where_counting_day_by_day_ends(
    history: tuple[date, Unit, int, list[tuple[date, date]]], overrides: dict[date, bool]
) -> None:
    start, unit, days, stops = history
    calendar = Calendar(overrides)
    assert quick(start, unit, days, stops, calendar) == obvious(start, unit, days, stops, calendar)


def test_every_start_of_twenty_years_ends_where_counting_ends() -> None:
    calendar, day = Calendar({}), FIRST
    while day <= LAST:
        for days in (0, 5, 20):
            found = Period("workday", day, days).due(calendar)
            assert found.day == obvious(day, "workday", days, [], calendar)
            # Past the last announced year the guess says that it is one.
            assert found.provisional == (found.day > date(2026, 12, 31) and found.day != day)
        day += timedelta(days=1)


@given(st.dates(FIRST, LAST), st.integers(1, 36))
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int) -> None:
    found = months_later(day, months)
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == day.day or (found + timedelta(days=1)).day == 1

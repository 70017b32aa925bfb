"""Working days: announced ones, overridden ones, and guesses that say so."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.calendar.workdays import MOST_WORKDAYS, Due, Workdays

PLAIN = Workdays({})
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
COUNTS = st.integers(1, 120)


def test_twenty_working_days_from_the_23rd_of_november_2026() -> None:
    assert PLAIN.due(date(2026, 11, 23), 20) == Due(date(2026, 12, 21), provisional=False)


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_make_up_days_of_2026_are_worked(day: str) -> None:
    assert PLAIN.is_workday(date.fromisoformat(day))


@pytest.mark.parametrize("day", range(1, 8))
def test_the_first_week_of_october_2026_is_off(day: int) -> None:
    assert not PLAIN.is_workday(date(2026, 10, day))


def test_a_year_that_was_not_announced_is_guessed_and_marked() -> None:
    assert not PLAIN.is_workday(date(2027, 1, 1))  # a Friday, at a fixed date
    assert PLAIN.is_workday(date(2027, 1, 4))
    assert PLAIN.due(date(2026, 12, 30), 1) == Due(date(2026, 12, 31), provisional=False)
    assert PLAIN.due(date(2026, 12, 31), 1) == Due(date(2027, 1, 4), provisional=True)


def test_an_override_goes_before_the_calendar_and_makes_a_day_known() -> None:
    announced = Workdays({date(2027, 1, 4): False, date(2026, 11, 24): False})
    assert not announced.is_workday(date(2027, 1, 4))
    assert announced.due(date(2026, 11, 23), 20).day == date(2026, 12, 22)
    assert announced.due(date(2026, 12, 31), 1) == Due(date(2027, 1, 5), provisional=True)
    first_days = Workdays({date(2027, 1, day): day == 4 for day in range(1, 5)})
    assert first_days.due(date(2026, 12, 31), 1) == Due(date(2027, 1, 4), provisional=False)


@pytest.mark.parametrize("workdays", [0, -1, MOST_WORKDAYS + 1])
def test_a_period_that_is_none_is_refused(workdays: int) -> None:
    with pytest.raises(ValueError, match="working days"):
        PLAIN.due(date(2026, 11, 23), workdays)


@given(DAYS, COUNTS)
def test_a_deadline_is_a_working_day_and_counts_back_to_its_period(day: date, count: int) -> None:
    due = PLAIN.due(day, count)
    assert PLAIN.is_workday(due.day)
    assert PLAIN.between(day, due.day) == count
    assert PLAIN.between(day, due.day - timedelta(days=1)) == count - 1
    assert PLAIN.between(due.day, day) == -count


@given(DAYS, COUNTS, COUNTS)
def test_periods_add_up(day: date, first: int, second: int) -> None:
    middle, end = PLAIN.due(day, first), PLAIN.due(day, first + second)
    onward = PLAIN.due(middle.day, second)
    assert onward.day == end.day
    assert end.provisional == (middle.provisional or onward.provisional)


@given(DAYS, COUNTS, st.dictionaries(DAYS, st.booleans(), max_size=30))
def test_more_days_off_never_make_a_deadline_earlier(
    day: date, count: int, overrides: dict[date, bool]
) -> None:
    off = dict.fromkeys(overrides, False)
    on = dict.fromkeys(overrides, True)
    assert Workdays(on).due(day, count).day <= PLAIN.due(day, count).day
    assert PLAIN.due(day, count).day <= Workdays(off).due(day, count).day

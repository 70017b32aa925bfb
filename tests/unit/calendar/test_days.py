"""The day changes in China at 16:00 UTC, and not a second before."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from backend.calendar.service import BEIJING, china_day, china_digits

NEW_YEAR = int(datetime(2027, 1, 1, tzinfo=BEIJING).timestamp())


def test_the_last_second_of_a_year_and_the_first() -> None:
    assert datetime.fromtimestamp(NEW_YEAR, UTC).hour == 16
    assert (china_day(NEW_YEAR - 1), china_digits(NEW_YEAR - 1)) == (date(2026, 12, 31), "20261231")
    assert (china_day(NEW_YEAR), china_digits(NEW_YEAR)) == (date(2027, 1, 1), "20270101")


@given(st.integers(0, 2**33))
def test_any_moment(now: int) -> None:
    day = datetime.fromtimestamp(now, BEIJING).date()
    assert (china_day(now), china_digits(now)) == (day, day.strftime("%Y%m%d"))

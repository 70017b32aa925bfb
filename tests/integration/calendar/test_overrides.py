"""Overrides are kept in the database and reach every worker."""

from datetime import UTC, date, datetime

from backend.calendar.service import WorkCalendar


async def test_an_override_reaches_a_calendar_that_reads_again(database: str) -> None:
    one, other = WorkCalendar(), WorkCalendar()
    day = date(2027, 2, 5)
    assert one.is_workday(day)
    await one.override(day, False, "国办发明电〔2026〕7号")
    assert not one.is_workday(day)
    assert other.is_workday(day)
    await other.reload()
    assert not other.is_workday(day)
    await one.override(day, True, "更正")
    await other.reload()
    assert other.is_workday(day)
    assert other.workdays_between(date(2027, 2, 4), day) == 1


def test_today_is_the_day_in_china() -> None:
    evening = WorkCalendar(lambda: datetime(2026, 11, 23, 17, tzinfo=UTC))
    assert evening.today() == date(2026, 11, 24)

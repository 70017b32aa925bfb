"""The working calendar (工作日历): what statutory clocks run by.

The only module of the package that others import.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

from backend.calendar.models import CalendarOverride
from backend.calendar.workdays import Due, Workdays

__all__ = ["BEIJING", "Due", "WorkCalendar", "Workdays"]

BEIJING = timezone(timedelta(hours=8))


def _now() -> datetime:
    return datetime.now(UTC)


class WorkCalendar:
    """Working days, with the overrides of the database kept in memory.

    Args:
        clock: the present moment.
    """

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._workdays = Workdays({})

    async def reload(self) -> None:
        """Read the overrides; cheap, since there are a few dozen a year."""
        rows = await CalendarOverride.all().values_list("date", "is_workday")
        self._workdays = Workdays({day: bool(working) for day, working in rows})

    async def override(self, day: date, is_workday: bool, source: str) -> None:
        """Take in what was announced for a day (make-up workdays, days in lieu).

        Args:
            source: the announcement, by its number.
        """
        await CalendarOverride.update_or_create(
            date=day, defaults={"is_workday": is_workday, "source": source}
        )
        await self.reload()

    def today(self) -> date:
        """The present day in China."""
        return self._clock().astimezone(BEIJING).date()

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day, as far as is known."""
        return self._workdays.is_workday(day)

    def due(self, after: date, workdays: int) -> Due:
        """The day on which so many working days after a day end. See ``Workdays.due``."""
        return self._workdays.due(after, workdays)

    def workdays_between(self, after: date, until: date) -> int:
        """Working days after one day up to and with another; negative where it lies before."""
        return self._workdays.between(after, until)

"""How a period is counted that may be stopped and go on: values only, no clock and no store.

The day on which a period begins does not count (民法典 art. 201). Of a stop, the day on which it
begins still counts and the day on which it ends does not: the rest runs from the day after
(行政许可法 art. 45). A period of no days (即办) ends on the day itself, or the next working day.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Protocol

from backend.calendar.service import Due

Unit = Literal["workday", "day"]


class Calendar(Protocol):
    """What is asked of the working calendar."""

    def is_workday(self, day: date) -> bool: ...

    def due(self, after: date, workdays: int) -> Due: ...

    def workdays_between(self, after: date, until: date) -> int: ...


@dataclass(frozen=True, slots=True)
class Period:
    """So many days of a kind, of which ``left`` count after ``anchor``.

    Attributes:
        left: not positive once it was stopped on its last day or later: then it ended when it did.
    """

    unit: Unit
    anchor: date
    left: int

    def due(self, calendar: Calendar) -> Due:
        """The last day, and whether the calendar of a year on the way is not known yet."""
        if self.left <= 0:
            return _at_once(self.anchor, calendar)
        if self.unit == "day":
            return Due(self.anchor + timedelta(days=self.left), False)
        return calendar.due(self.anchor, self.left)

    def stopped(self, on: date, calendar: Calendar) -> "Period":
        """What is left of it when it stops on a day."""
        return replace(self, anchor=on, left=self.left - _passed(self, on, calendar))

    def resumed(self, on: date) -> "Period":
        """It goes on: the rest counts after that day."""
        return replace(self, anchor=on)

    def longer(self, days: int) -> "Period":
        """So many days more."""
        return replace(self, left=self.left + days)


def _passed(period: Period, until: date, calendar: Calendar) -> int:
    if until <= period.anchor:
        return 0
    if period.unit == "day":
        return (until - period.anchor).days
    return calendar.workdays_between(period.anchor, until)


def _at_once(day: date, calendar: Calendar) -> Due:
    return Due(day, False) if calendar.is_workday(day) else calendar.due(day, 1)


def months_later(day: date, months: int) -> date:
    """The day of the same number so many months later, or the last of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))

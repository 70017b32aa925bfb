"""Working days in China: a published calendar, announcements since, and an honest guess beyond.

The holiday arrangement of a year is announced by the 国务院办公厅 in the autumn before. Until it is
known, Monday to Friday without the holidays that stand in 全国年节及纪念日放假办法 at fixed dates
(2025: 1 January, 1–2 May, 1–3 October) are taken, and what follows from it is ``provisional``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

SATURDAY = 5
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
# Nobody's deadline is further away; a loop without end would be worse than a refusal.
MOST_WORKDAYS = 5000


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: until the end of ``day``.

    Attributes:
        provisional: a day on the way lies in a year whose arrangement is not known yet.
    """

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Workdays:
    """Working days by calendar and overrides.

    Attributes:
        overrides: day → whether it is a working day; goes before everything else.
    """

    overrides: Mapping[date, bool]

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day, as far as is known."""
        return self._known(day)[0]

    def _known(self, day: date) -> tuple[bool, bool]:
        """Whether it is a working day, and whether that was announced."""
        override = self.overrides.get(day)
        if override is not None:
            return override, True
        published = _published(day)
        if published is not None:
            return published, True
        fixed = (day.month, day.day) in FIXED_HOLIDAYS
        return day.weekday() < SATURDAY and not fixed, False

    def due(self, after: date, workdays: int) -> Due:
        """The day on which a period of so many working days ends.

        Args:
            after: the day on which it began, which does not count (民法典 art. 201).
            workdays: at least 1.

        Raises:
            ValueError: fewer than 1 or more than 5,000.
        """
        if not 1 <= workdays <= MOST_WORKDAYS:
            raise ValueError(f"a period has 1 to {MOST_WORKDAYS} working days, not {workdays}")
        day, left, provisional = after, workdays, False
        while left:
            day += timedelta(days=1)
            working, known = self._known(day)
            provisional = provisional or not known
            left -= working
        return Due(day, provisional)

    def between(self, after: date, until: date) -> int:
        """Working days after one day up to and with another; negative where it lies before."""
        if until < after:
            return -self.between(until, after)
        days = (until - after).days
        return sum(self.is_workday(after + timedelta(days=ahead)) for ahead in range(1, days + 1))


@lru_cache(maxsize=8192)
def _published(day: date) -> bool | None:
    """What the published calendar says of a day; None beyond its years.

    Kept, because the clocks of each application walk through the same weeks.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None

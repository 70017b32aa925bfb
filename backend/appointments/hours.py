"""When a place is open, and the times at which people can come. Everything in China's time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backend.appointments.shapes import CounterSpec, PointSpec, Span
from backend.calendar.service import BEIJING

SATURDAY, SUNDAY = 5, 6
IsWorkday = Callable[[date], bool]
_DAY = timedelta(days=1)
# How far ahead an opening is looked for; nobody waits longer than a long holiday.
_LOOK_AHEAD = 15


@dataclass(frozen=True, slots=True)
class Time:
    """A time that can be booked at one counter."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a place is open now, until when, or when it opens next (None: not soon)."""

    open_now: bool
    closes_at: datetime | None
    opens_at: datetime | None
    why_closed: str = ""


def spans_on(point: PointSpec, day: date, is_workday: IsWorkday) -> list[Span]:
    """The hours of one day; empty when the place is closed."""
    if not point.open or closure_on(point, day):
        return []
    if is_workday(day):
        return point.hours.workdays
    if day.weekday() == SATURDAY and _plain_weekend(day, day + 2 * _DAY, is_workday):
        return point.hours.saturday
    if day.weekday() == SUNDAY and _plain_weekend(day - _DAY, day + _DAY, is_workday):
        return point.hours.sunday
    return []


def _plain_weekend(saturday: date, monday: date, is_workday: IsWorkday) -> bool:
    """A weekend between two working days; one that borders on a holiday belongs to it."""
    return is_workday(saturday - _DAY) and is_workday(monday)


def closure_on(point: PointSpec, day: date) -> str:
    """Why it is closed on a day by announcement; empty when it is not."""
    return next((each.why for each in point.closures if each.first <= day <= each.last), "")


def at(day: date, clock: time) -> datetime:
    """A moment by a clock on the wall in China."""
    return datetime.combine(day, clock, BEIJING)


def midnight(day: date) -> datetime:
    """When a day begins in China."""
    return at(day, time())


def times_of(
    point: PointSpec, counter: CounterSpec, day: date, is_workday: IsWorkday
) -> Iterator[Time]:
    """The times of a counter on a day; a rest that is too short for one person is not offered."""
    length = timedelta(minutes=counter.slot_minutes)
    for span in spans_on(point, day, is_workday):
        start, end = at(day, span.start), at(day, span.end)
        while start + length <= end:
            yield Time(start, start + length)
            start += length


def opening(point: PointSpec, now: datetime, is_workday: IsWorkday) -> Opening:
    """How the place stands at a moment."""
    here = now.astimezone(BEIJING)
    today = here.date()
    for ahead in range(_LOOK_AHEAD):
        day = today + ahead * _DAY
        for span in spans_on(point, day, is_workday):
            start, end = at(day, span.start), at(day, span.end)
            if start <= here < end:
                return Opening(True, end, None)
            if here < start:
                return Opening(False, None, start, closure_on(point, today))
    return Opening(False, None, None, closure_on(point, today))


def bookable_days(point: PointSpec, today: date) -> list[date]:
    """Today and as many days after it as the place publishes."""
    return [today + ahead * _DAY for ahead in range(point.days_ahead + 1)]

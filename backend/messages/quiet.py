"""Quiet hours (免打扰): when nothing is pushed, in the time of day in China."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one minute of the day up to another, over midnight where the first is the later.

    Attributes:
        start, end: minutes since midnight; the end is not quiet any more. Equal: never quiet.
    """

    on: bool = True
    start: int = 22 * 60
    end: int = 8 * 60

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is quiet."""
        if not self.on or self.start == self.end:
            return False
        local = moment.astimezone(BEIJING)
        minute = local.hour * 60 + local.minute
        return (minute - self.start) % DAY_MIN < (self.end - self.start) % DAY_MIN

    def allowed(self, moment: datetime) -> datetime:
        """The first moment from this one on that is not quiet."""
        if not self.covers(moment):
            return moment
        local = moment.astimezone(BEIJING).replace(second=0, microsecond=0)
        wait = (self.end - local.hour * 60 - local.minute) % DAY_MIN
        return local + timedelta(minutes=wait)

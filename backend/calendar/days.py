"""The day in China at a moment, cheap enough for what is asked with every request."""

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8))


def china_day(now: int) -> date:
    """The day in China at a Unix time."""
    return _day(now // 3600)


def china_digits(now: int) -> str:
    """The same as it stands in a key, ``20261126``."""
    return _digits(now // 3600)


# Kept by the hour: every hour of Unix time lies within one day of China.
@lru_cache(maxsize=4)
def _day(hour: int) -> date:
    return datetime.fromtimestamp(hour * 3600, BEIJING).date()


@lru_cache(maxsize=4)
def _digits(hour: int) -> str:
    return f"{_day(hour):%Y%m%d}"

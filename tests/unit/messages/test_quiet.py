"""Quiet hours, held against a walk from minute to minute."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.messages.pushing import LONGEST_PAUSE, pause_after
from backend.messages.quiet import BEIJING, DAY_MIN, QuietHours

MINUTES = st.integers(0, DAY_MIN - 1)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
HOURS = st.builds(QuietHours, on=st.booleans(), start=MINUTES, end=MINUTES)


def _is_quiet(hours: QuietHours, moment: datetime) -> bool:
    """The obvious way: walk from the start to the end and look whether one passes by."""
    if not hours.on:
        return False
    local = moment.astimezone(BEIJING)
    wanted, minute = local.hour * 60 + local.minute, hours.start
    while minute != hours.end:
        if minute == wanted:
            return True
        minute = (minute + 1) % DAY_MIN
    return False


@given(hours=HOURS, moment=MOMENTS)
def test_a_moment_is_quiet_as_the_walk_says(hours: QuietHours, moment: datetime) -> None:
    assert hours.covers(moment) == _is_quiet(hours, moment)


@given(hours=HOURS, moment=MOMENTS)
def test_what_waits_goes_out_at_the_first_minute_that_is_not_quiet(
    hours: QuietHours, moment: datetime
) -> None:
    allowed = hours.allowed(moment)
    assert not _is_quiet(hours, allowed)
    assert moment <= allowed < moment + timedelta(days=1)
    if allowed != moment:
        assert _is_quiet(hours, moment)
        assert _is_quiet(hours, allowed - timedelta(minutes=1))


def test_the_night_is_quiet_unless_somebody_says_otherwise() -> None:
    night = datetime(2026, 11, 25, 23, 30, tzinfo=BEIJING)
    assert QuietHours().allowed(night) == datetime(2026, 11, 26, 8, 0, tzinfo=BEIJING)
    assert QuietHours(on=False).allowed(night) == night


@given(tries=st.integers(1, 60))
def test_pauses_grow_up_to_an_hour(tries: int) -> None:
    assert pause_after(tries) <= pause_after(tries + 1) <= LONGEST_PAUSE

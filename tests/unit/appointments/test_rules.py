"""The rule on not coming, against a slow and obvious reading of it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.appointments.rules import NoShowRule, standing

TODAY = date(2026, 11, 25)
DAYS = st.lists(st.integers(0, 200).map(lambda ago: TODAY - timedelta(days=ago)), max_size=8)


def test_three_times_within_ninety_days_block_for_thirty() -> None:
    missed = [date(2026, 8, 28), date(2026, 10, 1), date(2026, 11, 20)]
    found = standing(NoShowRule(), missed, TODAY)
    assert (found.missed, found.blocked_until) == (3, date(2026, 12, 21))
    apart = [date(2026, 8, 22), *missed[1:]]
    assert standing(NoShowRule(), apart, TODAY).blocked_until is None
    assert standing(NoShowRule(), missed, date(2026, 12, 20)).blocked_until is not None
    assert standing(NoShowRule(), missed, date(2026, 12, 21)).blocked_until is None


@given(missed=DAYS, times=st.integers(1, 4), period=st.integers(1, 100), blocked=st.integers(1, 60))
def test_a_block_is_what_counting_day_by_day_says(
    missed: list[date], times: int, period: int, blocked: int
) -> None:
    rule = NoShowRule(times, period, blocked)
    ends = []
    for day in missed:
        window = [one for one in missed if day - timedelta(days=period) < one <= day]
        if len(window) >= times:
            ends.append(day + timedelta(days=blocked + 1))
    expected = max(ends, default=None)
    found = standing(rule, missed, TODAY).blocked_until
    assert found == (expected if expected is not None and expected > TODAY else None)

"""The days that statistics show when nobody says which."""

from datetime import date

import pytest

from backend.sharing.statistics import month_until


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (date(2026, 11, 30), date(2026, 11, 1)),
        (date(1, 1, 5), date(1, 1, 1)),
        (date(9999, 12, 31), date(9999, 12, 2)),
    ],
)
def test_thirty_days_as_far_as_there_are_so_many(last: date, first: date) -> None:
    assert month_until(last) == first

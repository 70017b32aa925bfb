"""When a job of the worker counts as late."""

import pytest

from backend.jobs.service import Run


@pytest.mark.parametrize(
    ("every_s", "ago_s", "late"),
    [(1, 62, False), (1, 63, True), (300, 660, False), (300, 661, True)],
)
def test_silence_of_two_periods_and_a_minute_is_late(every_s: int, ago_s: int, late: bool) -> None:
    assert Run("x", every_s, 1000.0, 0.1).is_late(1000.0 + ago_s) is late

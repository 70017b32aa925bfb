"""What the worker does has a name on the console, and spans of time are said in one unit."""

import pytest

from backend.worker import JOBS
from gateway.console import behind_words
from gateway.console.rendering import lasting


def test_every_job_has_a_name() -> None:
    assert {job.name for job in JOBS} == behind_words.JOBS.keys()
    assert len(set(behind_words.JOBS.values())) == len(JOBS)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 秒"),
        (59, "59 秒"),
        (60, "1 分钟"),
        (3599, "60 分钟"),
        (7200, "2 小时"),
        (86_400, "1 天"),
    ],
)
def test_spans_of_time(seconds: float, words: str) -> None:
    assert lasting(seconds) == words

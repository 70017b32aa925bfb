"""UUID version 7 (RFC 9562)."""

import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from backend.store.ids import least_uuid7, uuid7


def milliseconds(made: UUID) -> int:
    """The time that an id carries."""
    return made.int >> 80


def test_version_and_variant_stand_where_they_belong() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == RFC_4122


def test_an_id_carries_the_moment_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert before <= milliseconds(made) <= time.time_ns() // 1_000_000 + 1


def test_ids_sort_in_the_order_of_their_making() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert [str(each) for each in made] == sorted(str(each) for each in made)


def test_ids_of_many_threads_are_all_different() -> None:
    made: list[UUID] = []
    threads = [
        threading.Thread(target=lambda: made.extend([uuid7() for _ in range(2_000)]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16_000


def test_a_clock_that_jumps_back_does_not_bring_an_older_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert uuid7() > before


def test_ids_are_bounded_by_the_time_of_their_making() -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    made = [uuid7() for _ in range(100)]
    after = datetime.now(UTC) + timedelta(seconds=1)
    assert all(least_uuid7(before) < one < least_uuid7(after) for one in made)
    bound = least_uuid7(before)
    assert (bound.version, bound.variant) == (7, RFC_4122)
    assert least_uuid7(before) < least_uuid7(before + timedelta(milliseconds=1))


def test_a_moment_before_1970_bounds_from_below() -> None:
    early = least_uuid7(datetime(1, 1, 1, tzinfo=UTC))
    assert early == least_uuid7(datetime(1970, 1, 1, tzinfo=UTC)) < uuid7()

"""Times in SQLite, which knows none."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import backend.store.database  # noqa: F401 (registers how times are written)

BEIJING = timezone(timedelta(hours=8))


def test_times_of_different_zones_compare_by_the_moment() -> None:
    earlier = datetime(2026, 11, 24, 14, 0, tzinfo=BEIJING)
    later = datetime(2026, 11, 24, 6, 0, 0, 1, tzinfo=UTC)
    database = sqlite3.connect(":memory:")
    try:
        (less,) = database.execute("SELECT ? < ?", (earlier, later)).fetchone()
        (text,) = database.execute("SELECT ?", (earlier,)).fetchone()
    finally:
        database.close()
    assert less == 1
    assert text == "2026-11-24 06:00:00+00:00"

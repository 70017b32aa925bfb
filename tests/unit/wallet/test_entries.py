"""How old a part may be, and what the calendar does to a licence."""

from dataclasses import replace
from datetime import date

import pytest

from backend.wallet.entries import (
    NEVER,
    Age,
    LicenceStatus,
    Part,
    age_of,
    china_day,
    china_time,
    fresh_until,
)
from tests.wallet_world import FRESH_S, HARD_S, NEGATIVE_S, STALE_S, START, SYSTEM, licence

FULL = Part(1, START, START, (licence("x"),))
NONE = Part(1, START, START)
LAST_DAY = licence("x")._replace(valid_to="2026-12-31")
# 2027-01-01 00:00 in China.
NEW_YEAR = 1_798_732_800


@pytest.mark.parametrize(
    ("part", "seconds", "age"),
    [
        (None, 0, Age.OLD),
        (FULL, 0, Age.FRESH),
        (FULL, FRESH_S - 1, Age.FRESH),
        (FULL, FRESH_S, Age.STALE),
        (FULL, STALE_S - 1, Age.STALE),
        (FULL, STALE_S, Age.OLD),
        (FULL, HARD_S, Age.OLD),
        (NONE, NEGATIVE_S - 1, Age.FRESH),
        (NONE, NEGATIVE_S, Age.OLD),
    ],
)
def test_age(part: Part | None, seconds: int, age: Age) -> None:
    assert age_of(part, SYSTEM, START + seconds) is age


def test_the_type_that_goes_off_first_decides_for_the_part() -> None:
    short = SYSTEM.manifest.licence_types[0].model_copy(
        update={
            "code": "11440000MB9X00111Q009",
            "freshness": SYSTEM.manifest.licence_types[0].freshness.model_copy(
                update={"fresh_s": 5}
            ),
        }
    )
    both = SYSTEM.manifest.model_copy(
        update={"licence_types": [*SYSTEM.manifest.licence_types, short]}
    )
    system = replace(SYSTEM, manifest=both)
    part = FULL._replace(licences=(licence("x"), licence("y")._replace(type_code=short.code)))
    assert fresh_until(part, system, START) == START + 5
    assert age_of(part, system, START + 5) is Age.STALE


def test_a_part_is_fresh_until_it_says() -> None:
    assert fresh_until(FULL, SYSTEM, START) == START + FRESH_S
    assert fresh_until(NONE, SYSTEM, START) == START + NEGATIVE_S


def test_a_system_that_wants_no_none_remembered_is_believed_for_a_second() -> None:
    forgetful = replace(SYSTEM, manifest=SYSTEM.manifest.model_copy(update={"negative_s": 0}))
    assert age_of(NONE, forgetful, START) is Age.FRESH
    assert age_of(NONE, forgetful, START + 1) is Age.OLD


def test_a_licence_is_valid_through_its_last_day_and_expired_the_next() -> None:
    assert LAST_DAY.status_on(date(2026, 12, 31)) is LicenceStatus.VALID
    assert LAST_DAY.status_on(date(2027, 1, 1)) is LicenceStatus.EXPIRED


@pytest.mark.parametrize(
    "status", [status for status in LicenceStatus if status is not LicenceStatus.VALID]
)
def test_a_date_changes_no_other_status(status: LicenceStatus) -> None:
    assert LAST_DAY._replace(status=status).status_on(date(2030, 1, 1)) is status
    assert LAST_DAY._replace(status=status).expires_after(START) == NEVER


def test_a_licence_without_end_stays_valid() -> None:
    assert licence("x").status_on(date(2999, 1, 1)) is LicenceStatus.VALID
    assert licence("x").expires_after(START) == NEVER


def test_it_expires_at_midnight_in_china() -> None:
    assert LAST_DAY.expires_after(START) == NEW_YEAR
    assert LAST_DAY.expires_after(NEW_YEAR) == NEVER
    assert china_day(NEW_YEAR - 1) == date(2026, 12, 31)
    assert china_day(NEW_YEAR) == date(2027, 1, 1)
    assert china_time(NEW_YEAR) == "2027-01-01T00:00:00+08:00"

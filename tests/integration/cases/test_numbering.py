"""办件编号: each once, whichever process gives it; gaps only where an item is much asked for."""

import asyncio

import pytest

from backend.cases import numbering
from backend.cases.models import CaseNumber
from backend.cases.numbering import Numbers, is_case_no

TASK = "11440000MB9X00015F4440109001000"
DAY = "20261126"


async def test_two_processes_give_each_number_once(database: str) -> None:
    both = [Numbers(), Numbers()]
    given = await asyncio.gather(*(one.next(TASK, DAY) for _ in range(100) for one in both))
    assert len(set(given)) == 200
    assert all(is_case_no(number) for number in given)
    # Taken in lots that double: what is left over is less than a lot of each.
    assert (await CaseNumber.get(id=f"{TASK}{DAY}")).given <= 200 + 2 * 64


async def test_what_is_seldom_asked_for_has_no_gaps(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "_SOON_S", 0.0)
    both = [Numbers(), Numbers()]
    given = [await both[turn % 2].next(TASK, DAY) for turn in range(5)]
    assert given == [f"{TASK}{DAY}{number:04d}" for number in range(1, 6)]
    assert await both[0].next(TASK, "20261127") == f"{TASK}202611270001"

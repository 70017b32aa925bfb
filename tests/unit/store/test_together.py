"""Writes that come at the same moment."""

import asyncio
from collections.abc import Sequence

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from backend.store.together import Together


class Writer:
    """Writes numbers down; refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.refused: dict[int, Exception] = {}
        self.free = asyncio.Event()
        self.free.set()

    async def write(self, lot: Sequence[int]) -> Sequence[str]:
        await self.free.wait()
        for one in lot:
            if one in self.refused:
                raise self.refused[one]
        self.lots.append(list(lot))
        return [str(one) for one in lot]


async def test_who_comes_alone_is_written_alone() -> None:
    writer = Writer()
    together = Together(writer.write, (IntegrityError,))
    assert [await together.add(one) for one in (1, 2)] == ["1", "2"]
    assert writer.lots == [[1], [2]]


async def test_who_comes_while_a_lot_is_written_is_in_the_next() -> None:
    writer = Writer()
    together = Together(writer.write, (IntegrityError,), most=3)
    writer.free.clear()
    first = asyncio.create_task(together.add(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(together.add(one)) for one in range(1, 6)]
    await asyncio.sleep(0)
    writer.free.set()
    assert await asyncio.gather(first, *others) == ["0", "1", "2", "3", "4", "5"]
    assert writer.lots == [[0], [1, 2, 3], [4, 5]]


async def test_one_that_violates_a_constraint_spoils_nobody_else() -> None:
    writer = Writer()
    writer.refused = {2: IntegrityError("there already")}
    together = Together(writer.write, (IntegrityError,))
    answers = await asyncio.gather(
        *(together.add(one) for one in (1, 2, 3)), return_exceptions=True
    )
    assert answers == ["1", writer.refused[2], "3"]
    assert sorted(one for lot in writer.lots for one in lot) == [1, 3]


async def test_a_store_that_fails_is_told_to_all_and_nothing_is_written_again() -> None:
    writer = Writer()
    writer.refused = {2: OperationalError("gone")}
    together = Together(writer.write, (IntegrityError,))
    answers = await asyncio.gather(
        *(together.add(one) for one in (1, 2, 3)), return_exceptions=True
    )
    assert answers == [writer.refused[2]] * 3
    assert writer.lots == []
    writer.refused = {}
    assert await together.add(4) == "4"


async def test_who_waits_no_more_is_written_and_disturbs_nobody() -> None:
    writer = Writer()
    together = Together(writer.write, (IntegrityError,))
    writer.free.clear()
    gone, stays = (asyncio.create_task(together.add(one)) for one in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    writer.free.set()
    assert await stays == "2"
    assert writer.lots == [[1, 2]]

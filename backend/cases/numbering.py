"""办件编号: 实施编码 (31) + day (8) + a number of the day, at least 4 digits."""

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass, field

from tortoise import connections

from backend.cases.models import CaseNumber

_DIGITS = 4
_CASE_NO = re.compile(r"[0-9A-Z]{19}[0-9]{12}[0-9]{8}[0-9]{4,10}")
# At most so many at a time, and so many more each time as long as they last less than a second.
_MOST, _GROWTH, _SOON_S = 64, 2, 1.0
_MOST_ITEMS = 10_000


def is_case_no(text: str) -> bool:
    """Whether a text could be the number of a case."""
    return _CASE_NO.fullmatch(text) is not None


def case_no(task_code: str, day: str, number: int) -> str:
    """The number of a case.

    Args:
        day: YYYYMMDD.
    """
    return f"{task_code}{day}{number:0{_DIGITS}d}"


@dataclass(slots=True)
class _Block:
    """Numbers of an item on a day that this process may give out."""

    numbers: deque[int] = field(default_factory=deque)
    size: int = 1
    taken_at: float = float("-inf")
    refilling: asyncio.Lock = field(default_factory=asyncio.Lock)


class Numbers:
    """Gives out 办件编号, each once.

    Whoever writes the last number given out keeps everybody else from it until their transaction
    ends. So a process takes numbers by themselves, before the transaction of the cases, and of an
    item that is much asked for many at a time. What it took and did not need stays a gap.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, _Block] = {}

    async def next(self, task_code: str, day: str) -> str:
        """The next number of an item; outside of any transaction.

        Args:
            day: YYYYMMDD.
        """
        key = f"{task_code}{day}"
        block = self._blocks.get(key)
        if block is None:
            if len(self._blocks) >= _MOST_ITEMS:
                self._blocks.clear()
            block = self._blocks[key] = _Block()
        async with block.refilling:
            if not block.numbers:
                await _refill(block, key)
            return case_no(task_code, day, block.numbers.popleft())


async def _refill(block: _Block, key: str) -> None:
    now = time.monotonic()
    soon = now - block.taken_at < _SOON_S
    block.size, block.taken_at = min(block.size * _GROWTH, _MOST) if soon else 1, now
    last = await _take(key, block.size)
    block.numbers.extend(range(last - block.size + 1, last + 1))


async def _take(key: str, count: int) -> int:
    """Take numbers of an item on a day; gives the last of them."""
    connection = connections.get("default")
    if connection.capabilities.dialect == "postgres":
        statement = 'UPDATE "case_number" SET given = given + $1 WHERE id = $2 RETURNING given'
    else:
        statement = 'UPDATE "case_number" SET given = given + ? WHERE id = ? RETURNING given'
    rows = await connection.execute_query_dict(statement, [count, key])
    if not rows:
        # The first of the day; whoever is first at the same moment finds the row, too.
        await CaseNumber.bulk_create([CaseNumber(id=key, given=0)], ignore_conflicts=True)
        rows = await connection.execute_query_dict(statement, [count, key])
    return int(rows[0]["given"])

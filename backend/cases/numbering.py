"""办件编号 (DOMAIN.md §3.1): 实施编码 (31) + day (8) + a number of the day, at least 4 digits."""

import re
from datetime import date

from tortoise import connections
from tortoise.exceptions import IntegrityError

from backend.cases.models import CaseNumber

_DIGITS = 4
_CASE_NO = re.compile(r"[0-9A-Z]{19}[0-9]{12}[0-9]{8}[0-9]{4,10}")


def is_case_no(text: str) -> bool:
    """Whether a text could be the number of a case."""
    return _CASE_NO.fullmatch(text) is not None


async def next_case_no(task_code: str, day: date) -> str:
    """A number that no other case has.

    On PostgreSQL it is taken by itself, before the transaction of the case: a lock on one item's
    counter held to the end of each would let only one submission of an item through at a time. So
    a number whose case did not come about stays unused. SQLite has one writer anyway, and a
    transaction more costs it a disk write more: there it is taken inside (``taken_inside``).
    """
    key = f"{task_code}{day:%Y%m%d}"
    return f"{key}{await _next(key):0{_DIGITS}d}"


def taken_inside() -> bool:
    """Whether a number is taken in the transaction of its case."""
    return not connections.get("default").capabilities.support_for_update


async def _next(key: str) -> int:
    connection = connections.get("default")
    if connection.capabilities.dialect == "postgres":
        statement = 'UPDATE "case_number" SET given = given + 1 WHERE id = $1 RETURNING given'
    else:
        statement = 'UPDATE "case_number" SET given = given + 1 WHERE id = ? RETURNING given'
    rows = await connection.execute_query_dict(statement, [key])
    if not rows:
        try:
            await CaseNumber.create(id=key, given=1)
            return 1
        except IntegrityError:  # the first of the day came twice
            rows = await connection.execute_query_dict(statement, [key])
    return int(rows[0]["given"])

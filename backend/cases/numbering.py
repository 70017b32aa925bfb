"""办件编号 (DOMAIN.md §3.1): 实施编码 (31) + day (8) + a number of the day, at least 4 digits."""

import re

from tortoise import connections

from backend.cases.models import CaseNumber

_DIGITS = 4
_CASE_NO = re.compile(r"[0-9A-Z]{19}[0-9]{12}[0-9]{8}[0-9]{4,10}")


def is_case_no(text: str) -> bool:
    """Whether a text could be the number of a case."""
    return _CASE_NO.fullmatch(text) is not None


def case_no(task_code: str, day: str, number: int) -> str:
    """The number of a case.

    Args:
        day: YYYYMMDD.
    """
    return f"{task_code}{day}{number:0{_DIGITS}d}"


async def take_numbers(key: str, count: int) -> int:
    """Take numbers of an item on a day, in the transaction of the cases; gives the last of them.

    Args:
        key: 实施编码 and day.
    """
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

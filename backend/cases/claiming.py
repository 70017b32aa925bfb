"""Taking drafts that become cases: each once, whoever submits it at the same moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import connections

from backend.cases.drafts import OPEN, SUBMITTED

# In one order for everybody: two with the same drafts wait for each other, and no more.
_ON_POSTGRESQL = """
WITH wanted AS (
  SELECT id FROM case_draft
  JOIN unnest($1::uuid[], $2::int[]) AS asked (id, version) USING (id, version)
  WHERE state = $3 ORDER BY id FOR UPDATE OF case_draft
)
UPDATE case_draft SET state = $4, content = '', updated_at = $5
FROM wanted WHERE case_draft.id = wanted.id RETURNING case_draft.id, case_draft.version
"""
_ON_SQLITE = """
UPDATE case_draft SET state = ?, content = x'', updated_at = ?
WHERE state = ? AND (id, version) IN (VALUES {asked}) RETURNING id, version
"""


async def take_drafts(asked: Sequence[tuple[UUID, int]], now: datetime) -> list[tuple[UUID, int]]:
    """Mark drafts as submitted, in the transaction of the cases; gives those that were taken.

    A draft that is not open any more, or in another version, is not.

    Args:
        asked: id and version of each.
    """
    connection: Any = connections.get("default")
    if connection.capabilities.dialect == "postgres":
        ids, versions = [one for one, _ in asked], [version for _, version in asked]
        values: list[Any] = [ids, versions, OPEN, SUBMITTED, now]
        rows = await connection.execute_query_dict(_ON_POSTGRESQL, values)
    else:
        statement = _ON_SQLITE.format(asked=",".join(["(?,?)"] * len(asked)))
        flat = [value for one, version in asked for value in (str(one), version)]
        rows = await connection.execute_query_dict(statement, [SUBMITTED, now, OPEN, *flat])
    return [(UUID(str(row["id"])), row["version"]) for row in rows]

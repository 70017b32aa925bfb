"""Sealing anew, by the newest key of the ring, what older keys sealed: an old key can leave then.

It runs beside gateways and workers: no transaction holds rows that somebody waits for, and a value
is replaced only where it still is what was read. What is done is told by the first bytes of each
value, so nothing is kept of a run: one that was stopped is begun again.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from tortoise import connections

from backend.store.database import PACKAGES
from backend.store.keyring import HEAD_BYTES, KeyRing, SealBroken
from backend.store.table import Sealed

BATCH = 500
# So many values that do not open are named; more of them have one reason.
NAMED = 20
# In place of a key's id: a value whose first bytes name no key of the ring.
UNKNOWN = ""


@dataclass(slots=True)
class Tally:
    """What was found in one place: a table, or the files.

    Attributes:
        looked: values that were looked at; anew: those of them that were sealed anew.
        broken: values that do not open, the first of them by ``named``: primary key and column.
        keys: key id → values that it seals, after all was done.
    """

    place: str
    looked: int = 0
    anew: int = 0
    broken: int = 0
    named: list[str] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)

    def is_broken(self, name: str) -> None:
        """Note a value that does not open."""
        self.broken += 1
        if len(self.named) < NAMED:
            self.named.append(name)

    def is_done(self, newest: str) -> bool:
        """Whether only the newest key is left."""
        return not self.broken and not self.keys.keys() - {newest}


Tell = Callable[[Tally], None]


def all_sealed() -> list[Sealed]:
    """What every package says of its tables; the models have to be open."""
    modules = [import_module(f"backend.{package}.models") for package in PACKAGES]
    return [one for module in modules for one in getattr(module, "SEALED", ())]


async def reseal_table(keyring: KeyRing, sealed: Sealed, tell: Tell) -> Tally:
    """Seal a table anew, and count by a second look what is left.

    Args:
        tell: is told how far it is after each batch.
    """
    table = _Table(sealed)
    tally = Tally(sealed.model._meta.db_table)
    async for batch in table.heads():
        for row, column, head in batch:
            tally.looked += 1
            if keyring.key_of(head) == keyring.newest:
                continue
            try:
                tally.anew += await _reseal(keyring, table, row, column)
            except SealBroken:
                tally.is_broken(f"{row} {column}")
        tell(tally)
    async for batch in table.heads():
        tally.keys.update(keyring.key_of(head) or UNKNOWN for _, _, head in batch)
    return tally


async def _reseal(keyring: KeyRing, table: "_Table", row: Any, column: str) -> bool:
    """Whether it was sealed anew: it may be gone by now, or written by somebody else."""
    while found := await table.value(row, column):
        held, context = found
        if keyring.key_of(held) == keyring.newest:
            return False
        if await table.replace(row, column, held, keyring.anew(held, context)):
            return True
    return False


class _Table:
    """The sealed values of a table, past the ORM: no value is read that need not be."""

    def __init__(self, sealed: Sealed) -> None:
        self._sealed = sealed
        meta = sealed.model._meta
        self._names = dict(meta.fields_db_projection)
        self._table, self._key = f'"{meta.db_table}"', f'"{meta.db_pk_column}"'
        self._db: Any = connections.get("default")

    async def heads(self) -> AsyncIterator[list[tuple[Any, str, bytes]]]:
        """Primary key, column and first bytes of every value, so many rows at a time."""
        columns = ",".join(
            f'substr("{self._names[column]}",1,{HEAD_BYTES}) AS "{column}"'
            for column in self._sealed.columns
        )
        select = f'SELECT {self._key} AS "key of it",{columns} FROM {self._table}'  # noqa: S608
        order = f"ORDER BY {self._key} LIMIT {BATCH}"
        rows = await self._rows(f"{select} {order}")
        while rows:
            yield [
                (row["key of it"], column, row[column])
                for row in rows
                for column in self._sealed.columns
                if row[column]
            ]
            last = rows[-1]["key of it"]
            rows = await self._rows(f"{select} WHERE {self._key}>{self._mark(1)} {order}", last)

    async def value(self, row: Any, column: str) -> tuple[bytes, bytes] | None:
        """A value as it is now, and its context; None where there is none any more."""
        wanted = ",".join(f'"{self._names[name]}"' for name in (*self._sealed.by, column))
        select = f"SELECT {wanted} FROM {self._table}"  # noqa: S608
        rows = await self._rows(f"{select} WHERE {self._key}={self._mark(1)}", row)
        if not rows or not rows[0][self._names[column]]:
            return None
        of_it = [rows[0][self._names[name]] for name in self._sealed.by]
        context = self._sealed.context(*of_it, self._sealed.columns[column])
        return rows[0][self._names[column]], context.encode()

    async def replace(self, row: Any, column: str, held: bytes, new: bytes) -> bool:
        """Whether it was replaced: it still was what had been read."""
        name = self._names[column]
        changed, _ = await self._db.execute_query(
            f'UPDATE {self._table} SET "{name}"={self._mark(1)}'  # noqa: S608
            f' WHERE {self._key}={self._mark(2)} AND "{name}"={self._mark(3)}',
            [new, row, held],
        )
        return bool(changed)

    async def _rows(self, statement: str, *values: Any) -> Sequence[dict[str, Any]]:
        rows: Sequence[dict[str, Any]] = await self._db.execute_query_dict(statement, list(values))
        return rows

    def _mark(self, place: int) -> str:
        return f"${place}" if self._db.capabilities.dialect == "postgres" else "?"

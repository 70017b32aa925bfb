"""Fills a department's SQLite file from the stream of households, in bounded memory.

Rows are gathered into batches and written by ``executemany`` without a journal into a file beside
the final one, which takes its name only when it is complete: whoever stops in between finds either
the whole province or none of it, never a part.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from backend.sandbox.departments.files import HolderFile, NewLicence
from backend.sandbox.departments.store import INDEXES, PUT_LICENCE, SCHEMA
from backend.sandbox.population.people import Household

BATCH_ROWS = 2_000
Records = Callable[[Household, date], Iterator[HolderFile]]
Row = tuple[Any, ...]


@dataclass(slots=True)
class _Batch:
    holders: list[Row] = field(default_factory=list)
    licences: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)


class Loader:
    """One department's side of seeding: ``begin``, ``add`` for every household, ``finish``.

    Args:
        path: where the finished file goes.
        records: the department's ``files(household, today)``.
        type_codes: licence type code by the name that ``NewLicence.kind`` uses.
        today: the day that the province is drawn for; licences expire relative to it.
        meta: kept in the file beside them (seed, people).
    """

    def __init__(
        self,
        path: Path,
        records: Records,
        type_codes: Mapping[str, str],
        today: date,
        meta: Mapping[str, str],
    ) -> None:
        self._path, self._partial = path, path.with_suffix(".db.part")
        self._records, self._type_codes, self._today = records, type_codes, today
        self._meta = meta
        self._batch = _Batch()
        self._next_id = 1
        self._db: sqlite3.Connection | None = None

    def begin(self) -> None:
        """Open an empty file beside the final one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._partial.unlink(missing_ok=True)
        self._db = sqlite3.connect(self._partial, isolation_level=None)
        for pragma in (
            "page_size=8192",
            "journal_mode=OFF",
            "synchronous=OFF",
            "cache_size=-2000",
        ):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._db.executescript(SCHEMA)
        self._db.execute("BEGIN")

    def add(self, household: Household) -> None:
        """Put the household's people and enterprises on file."""
        for file in self._records(household, self._today):
            self._add_file(file)
        if len(self._batch.holders) >= BATCH_ROWS:
            self._flush()

    def finish(self) -> None:
        """Write what is left, build the index, and give the file its name."""
        self._flush()
        db = self._opened
        # Revisions of a newly seeded province go on from those of the one before, so that a
        # gateway that remembers the old one takes the new answers for the newer ones.
        values = {
            **self._meta,
            "today": self._today.isoformat(),
            "base_revision": str(int(time.time())),
        }
        db.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", list(values.items()))
        db.execute("COMMIT")
        db.executescript(INDEXES)
        db.close()
        self._db = None
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._partial.replace(self._path)

    def abandon(self) -> None:
        """Throw away what was written so far."""
        if self._db is not None:
            self._db.close()
            self._db = None
        self._partial.unlink(missing_ok=True)

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            raise RuntimeError("begin() comes before add() and finish()")
        return self._db

    def _add_file(self, file: HolderFile) -> None:
        batch, holder_id = self._batch, self._next_id
        self._next_id += 1
        holder = file.holder
        batch.holders.append((holder_id, holder.code, holder.code_type, holder.name))
        for slot, licence in enumerate(file.licences):
            batch.licences.append(self._licence_row(holder_id, slot, licence))
        for name, data in file.facts.items():
            batch.facts.append((holder_id, name, orjson.dumps(data)))
        for code in file.found_by:
            batch.links.append((code, holder_id))

    def _licence_row(self, holder_id: int, slot: int, new: NewLicence) -> Row:
        return (
            holder_id,
            slot,
            self._type_codes[new.kind],
            new.serial,
            new.version,
            new.number,
            new.status,
            new.issued.isoformat(),
            new.valid_from.isoformat(),
            new.valid_to.isoformat() if new.valid_to else None,
            new.region_code,
            orjson.dumps([[h.code_type, h.code, h.name] for h in new.holders])
            if new.holders
            else None,
            orjson.dumps(new.extra),
        )

    def _flush(self) -> None:
        batch, db = self._batch, self._opened
        db.executemany(
            "INSERT INTO holders (id, code, code_type, name) VALUES (?, ?, ?, ?)", batch.holders
        )
        db.executemany(PUT_LICENCE, batch.licences)
        db.executemany("INSERT INTO facts VALUES (?, ?, ?)", batch.facts)
        db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", batch.links)
        self._batch = _Batch()

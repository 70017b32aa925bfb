"""A department's SQLite file: holders, their licences, its registers.

One row per holder, per licence and holder, and per register entry, clustered by holder, so that an
answer costs two indexed reads of a few microseconds and a million people need no more memory than
two thousand. What follows from the licence type (name, identifier prefix, issuer) is not stored.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from backend.numbers.holder import Holder

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE holders (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, code_type TEXT NOT NULL, name TEXT NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0);
CREATE TABLE licences (
    holder_id INTEGER NOT NULL, slot INTEGER NOT NULL, type_code TEXT NOT NULL,
    serial TEXT NOT NULL, version INTEGER NOT NULL, number TEXT NOT NULL, status TEXT NOT NULL,
    issued TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT, region_code TEXT NOT NULL,
    holders BLOB, extra BLOB NOT NULL,
    PRIMARY KEY (holder_id, slot)) WITHOUT ROWID;
CREATE TABLE facts (
    holder_id INTEGER NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (holder_id, name)) WITHOUT ROWID;
CREATE TABLE links (
    code TEXT NOT NULL, holder_id INTEGER NOT NULL, PRIMARY KEY (code, holder_id)) WITHOUT ROWID;
CREATE TABLE notices (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""
# Built after loading: filling a table and then sorting it is several times faster.
INDEXES = """
CREATE UNIQUE INDEX holders_by_code ON holders (code);
CREATE INDEX licences_by_serial ON licences (serial);
"""
READ_LICENCES = (
    "SELECT slot, type_code, serial, version, number, status, issued, valid_from, valid_to,"
    " region_code, holders, extra FROM licences WHERE holder_id = ? ORDER BY slot"
)
PUT_LICENCE = "INSERT OR REPLACE INTO licences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(slots=True)
class StoredHolder:
    """A holder as on file; ``changes`` counts what happened to the file since it was seeded."""

    id: int
    holder: Holder
    changes: int


@dataclass(slots=True)
class StoredLicence:
    """A licence as on file; dates are ISO texts, ``holders`` is None unless it is a joint one."""

    slot: int
    type_code: str
    serial: str
    version: int
    number: str
    status: str
    issued: str
    valid_from: str
    valid_to: str | None
    region_code: str
    holders: list[list[str]] | None
    extra: dict[str, Any]


class Store:
    """Reads and changes one department's file; one connection, used from one thread."""

    def __init__(self, path: Path) -> None:
        # autocommit off the driver's own transactions: ``changing`` begins and ends them.
        self._db = sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=2000",
            "cache_size=-8000",
            f"mmap_size={1 << 30}",
        ):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self.base_revision = int(self.meta("base_revision"))

    @property
    def connection(self) -> sqlite3.Connection:
        """For other registers of the department that lie in the same file (its cases)."""
        return self._db

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def meta(self, name: str) -> str:
        """A value that the loader wrote (``seed``, ``people``, ``base_revision``…)."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0])

    def count(self, table: str) -> int:
        """Rows of ``holders``, ``licences``, ``facts`` or ``notices``."""
        queries = {
            "holders": "SELECT count(*) FROM holders",
            "licences": "SELECT count(*) FROM licences",
            "facts": "SELECT count(*) FROM facts",
            "notices": "SELECT count(*) FROM notices",
        }
        return int(self._db.execute(queries[table]).fetchone()[0])

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction: all of what happens inside, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def holder(self, code: str) -> StoredHolder | None:
        """The holder of that number, or None."""
        row = self._db.execute(
            "SELECT id, code_type, code, name, changes FROM holders WHERE code = ?", (code,)
        ).fetchone()
        return StoredHolder(row[0], Holder(row[1], row[2], row[3]), row[4]) if row else None

    def add_holder(self, holder: Holder) -> StoredHolder:
        """Open a file for a holder who has none."""
        cursor = self._db.execute(
            "INSERT INTO holders (code, code_type, name) VALUES (?, ?, ?)",
            (holder.code, holder.code_type, holder.name),
        )
        return StoredHolder(int(cursor.lastrowid or 0), holder, 0)

    def renumber(self, holder_id: int, code: str) -> None:
        """Give a holder another number."""
        self._db.execute("UPDATE holders SET code = ? WHERE id = ?", (code, holder_id))

    def touch(self, stored: StoredHolder) -> None:
        """Count a change to a holder's file: its revision grows."""
        self._db.execute("UPDATE holders SET changes = changes + 1 WHERE id = ?", (stored.id,))
        stored.changes += 1

    def licences(self, holder_id: int) -> list[StoredLicence]:
        """The licences on a holder's file, in their order."""
        return [_licence(row) for row in self._db.execute(READ_LICENCES, (holder_id,))]

    def bearers(self, type_code: str, serial: str, version: int) -> list[str]:
        """Numbers of the holders who have this very version of a licence on file."""
        rows = self._db.execute(
            "SELECT code FROM licences JOIN holders ON holders.id = holder_id"
            " WHERE serial = ? AND type_code = ? AND version = ? ORDER BY holder_id",
            (serial, type_code, version),
        )
        return [row[0] for row in rows]

    def put_licence(self, holder_id: int, licence: StoredLicence) -> None:
        """Put a licence on file, replacing the one in its slot."""
        self._db.execute(
            PUT_LICENCE,
            (
                holder_id,
                licence.slot,
                licence.type_code,
                licence.serial,
                licence.version,
                licence.number,
                licence.status,
                licence.issued,
                licence.valid_from,
                licence.valid_to,
                licence.region_code,
                orjson.dumps(licence.holders) if licence.holders else None,
                orjson.dumps(licence.extra),
            ),
        )

    def remove_licence(self, holder_id: int, slot: int) -> None:
        """Take a licence off the file."""
        self._db.execute("DELETE FROM licences WHERE holder_id = ? AND slot = ?", (holder_id, slot))

    def fact(self, holder_id: int, name: str) -> dict[str, Any] | None:
        """A register entry of a holder, or None."""
        row = self._db.execute(
            "SELECT data FROM facts WHERE holder_id = ? AND name = ?", (holder_id, name)
        ).fetchone()
        return orjson.loads(row[0]) if row else None

    def put_fact(self, holder_id: int, name: str, data: Mapping[str, Any] | None) -> None:
        """Write a register entry; None removes it."""
        if data is None:
            self._db.execute(
                "DELETE FROM facts WHERE holder_id = ? AND name = ?", (holder_id, name)
            )
            return
        self._db.execute(
            "INSERT OR REPLACE INTO facts (holder_id, name, data) VALUES (?, ?, ?)",
            (holder_id, name, orjson.dumps(data)),
        )

    def linked(self, code: str, name: str) -> list[dict[str, Any]]:
        """Register entries of that name on all files that are found by a person's number."""
        rows = self._db.execute(
            "SELECT data FROM links JOIN facts USING (holder_id) WHERE code = ? AND name = ?"
            " ORDER BY holder_id",
            (code, name),
        )
        return [orjson.loads(row[0]) for row in rows]

    def relink(self, holder_id: int, code: str) -> None:
        """Let a file be found by this person's number only."""
        self._db.execute("DELETE FROM links WHERE holder_id = ?", (holder_id,))
        self._db.execute("INSERT INTO links (code, holder_id) VALUES (?, ?)", (code, holder_id))

    def renumber_links(self, old: str, new: str) -> None:
        """Let the files that were found by one number be found by another."""
        self._db.execute("UPDATE links SET code = ? WHERE code = ?", (new, old))

    def queue_notice(self, body: bytes) -> None:
        """Put a notice at the end of the queue; it survives a restart."""
        self._db.execute("INSERT INTO notices (body) VALUES (?)", (body,))

    def next_notice(self) -> tuple[int, bytes] | None:
        """The oldest notice that has not been delivered: its id and body."""
        row = self._db.execute("SELECT id, body FROM notices ORDER BY id LIMIT 1").fetchone()
        return (int(row[0]), bytes(row[1])) if row else None

    def drop_notice(self, notice_id: int) -> None:
        """Forget a notice that was delivered or refused for good."""
        self._db.execute("DELETE FROM notices WHERE id = ?", (notice_id,))


def _licence(row: tuple[Any, ...]) -> StoredLicence:
    holders = orjson.loads(row[10]) if row[10] else None
    columns: tuple[Any, ...] = (*row[:10], holders, orjson.loads(row[11]))
    return StoredLicence(*columns)

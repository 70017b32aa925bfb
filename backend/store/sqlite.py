"""Tortoise's client of SQLite, for several processes that use one file at the same time.

Tortoise has one connection a process, and while it is in a transaction everybody else in the
process waits, also whoever only reads. SQLite (in WAL mode) lets readers read meanwhile: here they
have a connection of their own. Those who write take turns, see ``backend.store.turns``.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any

import aiosqlite

# Imported for its adapters, which those of ``backend.store.database`` have to come after.
import tortoise.backends.sqlite.executor  # noqa: F401
from tortoise.backends.base.client import ConnectionWrapper, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.exceptions import TransactionManagementError

from backend.store.turns import Turns, turns_of

Insert = tuple[str, list[list[Any]]]


class _Turn(ConnectionWrapper[aiosqlite.Connection]):
    """The connection for one statement that writes, when it is this process's turn."""

    client: "Client"

    async def __aenter__(self) -> aiosqlite.Connection:
        connection = await super().__aenter__()
        try:
            await self.client.turns.take()
        except BaseException:
            self._lock.release()
            raise
        return connection

    async def __aexit__(self, *raised: Any) -> None:
        self.client.turns.give()
        await super().__aexit__(*raised)


class Client(SqliteClient):
    """The client: one connection that writes, one that reads."""

    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **kwargs)
        self._reader: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()

    @property
    def turns(self) -> Turns:
        """The turns of those who write."""
        return turns_of(self.filename)

    def acquire_connection(self) -> _Turn:
        """The connection that writes."""
        return _Turn(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionContext(Transaction(self), self._lock)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[Any]]:
        """As Tortoise's; a plain SELECT waits for no transaction."""
        if not query.startswith("SELECT"):
            written: tuple[int, Sequence[Any]] = await super().execute_query(query, values)
            return written
        rows = await self._read(query, values)
        return len(rows), rows

    async def execute_query_dict(
        self, query: str, values: list[Any] | None = None
    ) -> list[dict[str, Any]]:
        """As ``execute_query``, with rows as dictionaries."""
        if not query.startswith("SELECT"):
            found: list[dict[str, Any]] = await super().execute_query_dict(query, values)
            return found
        return [dict(row) for row in await self._read(query, values)]

    @translate_exceptions
    async def _read(self, query: str, values: list[Any] | None = None) -> Sequence[Any]:
        reader = self._reader or await self._open_reader()
        query = query.replace("\x00", "'||CHAR(0)||'")
        return list(await reader.execute_fetchall(query, values))

    async def _open_reader(self) -> aiosqlite.Connection:
        async with self._opening:
            if self._reader is None:
                if self._connection is None:
                    # The file and its mode are there as soon as the one that writes is open.
                    async with ConnectionWrapper(self._lock, self):
                        pass
                reader = await aiosqlite.connect(self.filename, isolation_level=None)
                reader._conn.row_factory = sqlite3.Row
                await reader.execute_fetchall("PRAGMA query_only = ON")
                self._reader = reader
            return self._reader

    async def close(self) -> None:
        """Close both connections."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()
        await super().close()


class Transaction(SqliteTransactionWrapper):
    """A transaction, which has the right to write from its beginning.

    One that reads first and writes then is refused by SQLite without any wait ("database is
    locked") when another process has written in between.
    """

    _parent: Client

    async def begin(self) -> None:
        """Take the turn and the right to write; wait where another process has it."""
        turns = self._parent.turns
        await turns.take()
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            turns.give()
            if isinstance(error, sqlite3.OperationalError):
                raise TransactionManagementError(error) from error
            raise

    async def commit(self) -> None:
        """Commit, and let the next one write."""
        try:
            await super().commit()
        finally:
            self._parent.turns.give()

    async def rollback(self) -> None:
        """Roll back, and let the next one write."""
        try:
            await super().rollback()
        finally:
            self._parent.turns.give()

    async def insert_lot(self, lot: Sequence[Insert]) -> None:
        """Rows of several tables in one step: each to the connection's thread costs its share."""
        await self._insert_lot("", lot)

    @translate_exceptions
    async def _insert_lot(self, _: str, lot: Sequence[Insert]) -> None:
        def insert() -> None:
            for statement, rows in lot:
                self._connection._conn.executemany(statement, rows)

        await self._connection._execute(insert)  # type: ignore[no-untyped-call]


client_class = Client

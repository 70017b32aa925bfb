"""Tortoise's client of SQLite, for several processes that use one file at the same time.

Tortoise has one connection a process, and while it is in a transaction everybody else in the
process waits, also whoever only reads. SQLite (in WAL mode) lets readers read meanwhile: here they
have a connection of their own. Those who write take turns, see ``backend.store.turns``. A turn is
taken, and the transaction begun, together with its first statement, and the last rows go in
together with the commit: whatever the event loop does between two steps, all others wait for.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
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

# A statement, its values, and how many rows it puts in.
Insert = tuple[str, list[Any], int]
# As aiosqlite's own, which asks for it.
_CHUNK = 64


class Writer(aiosqlite.Connection):
    """The connection that writes; what nobody waits for is done with its thread's next step."""

    def __init__(self, file: str) -> None:
        super().__init__(partial(sqlite3.connect, file, isolation_level=None), _CHUNK)
        self._first: list[Callable[[], object]] = []
        self._rows = 0

    def put_first(self, step: Callable[[], object], rows: int = 0) -> None:
        """Do this before the next step, in its turn of the thread.

        Args:
            rows: how many it writes.
        """
        self._first.append(step)
        self._rows += rows

    def drop_first(self) -> None:
        """Leave undone what has not been begun."""
        self._first, self._rows = [], 0

    @property
    def total_changes(self) -> int:
        """Rows written so far, those that wait as well: a statement's own are the difference."""
        return self._conn.total_changes + self._rows

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        first = self._first
        self.drop_first()

        def together() -> Any:
            for step in first:
                step()
            return fn(*args, **kwargs)

        return await super()._execute(together if first else partial(fn, *args, **kwargs))  # type: ignore[no-untyped-call]


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

    async def create_connection(self, with_db: bool) -> None:
        """Open the connection that writes, as Tortoise opens its one."""
        if self._connection is None:
            writer = await Writer(self.filename)
            writer._conn.row_factory = sqlite3.Row
            for name, value in self.pragmas.items():
                await writer.execute_fetchall(f"PRAGMA {name}={value}")
            self._connection = writer
            await self._post_connect()

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

    _connection: Writer
    _parent: Client
    _begun = False

    async def begin(self) -> None:
        """Begin with the first statement."""
        self._connection.put_first(self._begin)

    def _begin(self) -> None:
        """Take the turn and the right to write; wait where another process has it."""
        self._parent.turns.hold()
        try:
            self._connection._conn.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._parent.turns.give()
            raise
        self._begun = True

    async def commit(self) -> None:
        """Commit, with the rows that wait for it, and let the next one write.

        Raises:
            IntegrityError: one of them breaks a rule of its table; all is rolled back.
        """
        try:
            await self._commit("")
        except BaseException:
            await self.rollback()
            raise
        self._finalized = True

    @translate_exceptions
    async def _commit(self, _: str) -> None:
        await self._connection._execute(self._end, sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Roll back, and let the next one write."""
        if self._finalized:
            raise TransactionManagementError("the transaction is over")
        self._connection.drop_first()
        self._finalized = True
        # Also where it was not begun yet: that may be under way in the thread, for nobody any more.
        await self._connection._execute(self._end, sqlite3.Connection.rollback)

    def _end(self, how: Callable[[sqlite3.Connection], None]) -> None:
        if self._begun:
            how(self._connection._conn)
            self._begun = False
            self._parent.turns.give()

    async def insert_lot(self, lot: Sequence[Insert]) -> None:
        """Rows of several tables in one step, with the next statement or with the commit.

        A row that breaks a rule of its table raises there.
        """
        for statement, values, rows in lot:
            insert = self._connection._conn.execute
            self._connection.put_first(partial(insert, statement, values), rows)


client_class = Client

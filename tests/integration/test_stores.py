"""The stores that every other integration test stands on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tortoise import connections
from tortoise.transactions import in_transaction

from backend.store.database import close_database, open_database
from backend.store.redis import Redis
from tests.servers import Backing


async def test_a_fresh_database_has_every_table_and_takes_rows(database: str) -> None:
    rows = await connections.get("default").execute_query_dict("SELECT 1 AS one")
    assert rows == [{"one": 1}]


async def test_redis_starts_empty_and_keeps_what_it_is_given(
    backing: Backing, redis: Redis
) -> None:
    for number in range(30):
        await redis.set(f"key:{number}", number)
    assert [await redis.get(f"key:{number}") for number in (0, 29)] == [b"0", b"29"]
    assert len(backing.nodes) == (3 if backing.name == "beyond" else 1)


async def test_a_transaction_on_sqlite_may_write_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "shengshitong.db"
    await open_database(f"sqlite://{path}", only="audit")
    try:
        async with in_transaction() as mine:
            await mine.execute_query("SELECT 1")
            other = sqlite3.connect(path, timeout=0)
            with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("CREATE TABLE theirs (id INTEGER)")
            await mine.execute_query("CREATE TABLE mine (id INTEGER)")
    finally:
        await close_database()

"""The stores that every other integration test stands on."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tortoise import connections
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.models import AuditEntry
from backend.audit.service import made
from backend.cases.models import CaseClock, CaseNumber
from backend.store.database import close_database, open_database
from backend.store.ids import uuid7
from backend.store.redis import Redis
from backend.store.rows import insert_all, new_row, row_of, update_all
from backend.store.turns import Turns
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


async def test_on_sqlite_who_reads_waits_for_no_transaction(tmp_path: Path) -> None:
    await open_database(f"sqlite://{tmp_path / 'shengshitong.db'}", only="audit")
    try:
        await connections.get("default").execute_script("CREATE TABLE one (id INTEGER)")
        began, goes_on = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            async with in_transaction() as mine:
                await mine.execute_query("INSERT INTO one VALUES (1)")
                began.set()
                await goes_on.wait()

        writing = asyncio.create_task(write())
        await began.wait()
        outside = connections.get("default")
        async with asyncio.timeout(20):
            assert await outside.execute_query_dict("SELECT id FROM one") == []
        goes_on.set()
        await writing
        assert await outside.execute_query_dict("SELECT id FROM one") == [{"id": 1}]
    finally:
        await close_database()


async def test_rows_of_several_tables_go_in_together_or_not_at_all(database: str) -> None:
    entries = [made("person:1", "test.made", "person:1", {"number": n}) for n in range(2)]
    async with in_transaction():
        await insert_all([*entries, CaseNumber(id="first", given=7)])
    assert await row_of(AuditEntry, id=entries[1].id, actor="person:1") == entries[1]
    assert await row_of(AuditEntry, id=entries[1].id, actor="person:2") is None
    kept = await row_of(CaseNumber, id="first")
    assert kept is not None
    assert kept.given == 7
    third = made("person:3", "test.made", "person:3")
    with pytest.raises(IntegrityError):
        async with in_transaction():
            await insert_all([third, CaseNumber(id="first", given=7)])
    assert await row_of(AuditEntry, id=third.id) is None


async def test_rows_that_wait_for_the_next_step_are_no_rows_of_it(database: str) -> None:
    async with in_transaction():
        await insert_all([CaseNumber(id=f"of-{number}", given=number) for number in range(3)])
        assert await CaseNumber.filter(id="nobody").update(given=9) == 0
        await insert_all([CaseNumber(id="of-3", given=3)])
        async with in_transaction():
            assert await CaseNumber.filter(id="of-3").update(given=9) == 1
        await insert_all([CaseNumber(id="of-4", given=4)])
        assert await CaseNumber.all().count() == 5
    assert sorted([row.given for row in await CaseNumber.all()]) == [0, 1, 2, 4, 9]


async def test_a_refused_lot_leaves_nothing_behind_and_nobody_waiting(database: str) -> None:
    async def write() -> None:
        async with in_transaction():
            await CaseNumber.create(id="before", given=1)
            await insert_all([CaseNumber(id="twice", given=1), CaseNumber(id="twice", given=2)])

    with pytest.raises(IntegrityError):
        await write()
    async with asyncio.timeout(20):
        await CaseNumber.create(id="after", given=1)
    assert [row.id for row in await CaseNumber.all()] == ["after"]


async def test_who_is_gone_while_waiting_to_write_on_sqlite_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "shengshitong.db"
    await open_database(f"sqlite://{file}", only="audit")
    try:
        outside = connections.get("default")
        await outside.execute_script("CREATE TABLE one (id INTEGER)")
        elsewhere = Turns(f"{file}.turn")
        await elsewhere.take()

        async def write() -> None:
            async with in_transaction() as mine:
                await mine.execute_query("INSERT INTO one VALUES (1)")

        waiting = asyncio.create_task(write())
        await asyncio.wait({waiting}, timeout=0.05)
        waiting.cancel()
        elsewhere.give()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(20):
            await outside.execute_query("INSERT INTO one VALUES (2)")
            await elsewhere.take()
        elsewhere.give()
        assert await outside.execute_query_dict("SELECT id FROM one") == [{"id": 2}]
    finally:
        await close_database()


async def test_columns_of_rows_are_written_together(database: str) -> None:
    rows = [CaseNumber(id=f"of-{number}", given=number) for number in range(3)]
    async with in_transaction():
        await insert_all(rows)
    for row in rows:
        row.given += 10
    async with in_transaction():
        await update_all(rows[:2], "given")
        await update_all([], "given")
    kept = {row.id: row.given for row in await CaseNumber.filter(id__startswith="of-")}
    assert kept == {"of-0": 10, "of-1": 11, "of-2": 2}


def test_a_new_row_is_as_tortoise_would_make_it() -> None:
    values = {"case_id": uuid7(), "kind": "accept", "unit": "workday", "days": 5}
    ours, theirs = new_row(CaseClock, **values), CaseClock(**values)
    assert ours.id != theirs.id
    theirs.id = ours.id
    assert vars(ours) == vars(theirs)
    with pytest.raises(TypeError, match="shade"):
        new_row(CaseClock, **values, shade="red")

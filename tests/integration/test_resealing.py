"""Sealing anew on both databases: every table, while others write, stopped and run again."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tortoise import fields

from backend.contacts.models import ServiceContact
from backend.sharing.models import FileChunk
from backend.store import resealing
from backend.store.keyring import KeyRing
from backend.store.resealing import UNKNOWN, Tally, _Table, all_sealed, reseal_table
from backend.store.rows import new_row
from backend.store.table import Sealed

OLD, NEW, LOST = (bytes([number]) * 32 for number in (1, 2, 3))
BEFORE, BOTH, AFTER = KeyRing({"o": OLD}), KeyRing({"n": NEW, "o": OLD}), KeyRing({"n": NEW})
TABLES = {one.model.__name__: one for one in all_sealed()}
CONTACT, CHUNK = TABLES[ServiceContact.__name__], TABLES[FileChunk.__name__]

MADE: dict[type[fields.Field[Any]], Any] = {
    fields.UUIDField: uuid.uuid4,
    fields.CharField: lambda: uuid.uuid4().hex,
    fields.DatetimeField: lambda: datetime.now(UTC),
    fields.DateField: date.today,
    fields.JSONField: dict,
    fields.BooleanField: bool,
}


@pytest.fixture(autouse=True)
def _small_batches(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database
    monkeypatch.setattr(resealing, "BATCH", 3)


def value_for(column: fields.Field[Any], number: int) -> Any:
    """Something that the column takes, in each row something else."""
    if (enum := getattr(column, "enum_type", None)) is not None:
        return next(iter(enum))
    made = next((MADE[kind] for kind in MADE if isinstance(column, kind)), lambda: number)()
    most = getattr(column, "max_length", None)
    return made[:most] if most and isinstance(made, str) else made


def text_of(sealed: Sealed, row: Any, column: str) -> tuple[bytes, bytes]:
    """What is sealed there, and its context."""
    context = sealed.context(*(getattr(row, name) for name in sealed.by), sealed.columns[column])
    return f"张建国 {row.pk} {column}".encode(), context.encode()


async def rows_of(
    sealed: Sealed, count: int, ring: KeyRing = BEFORE, first: int = 1
) -> Sequence[Any]:
    """So many rows of a table, with every sealed column filled."""
    made = []
    columns = sealed.model._meta.fields_map.items()
    for number in range(first, first + count):
        values = {name: value_for(column, number) for name, column in columns}
        row = new_row(sealed.model, **values)
        for column in sealed.columns:
            setattr(row, column, ring.seal(*text_of(sealed, row, column)))
        await row.save(force_create=True)
        made.append(row)
    return made


async def opened(sealed: Sealed, rows: Sequence[Any], ring: KeyRing) -> None:
    """Every value opens and says what it said."""
    for row in rows:
        now = await sealed.model.get(pk=row.pk)
        for column in sealed.columns:
            text, context = text_of(sealed, row, column)
            assert ring.open(getattr(now, column), context) == text


async def bytes_of(sealed: Sealed) -> list[Any]:
    """All that the table holds in sealed columns."""
    return sorted(await sealed.model.all().values_list(*sealed.columns))


def quiet(_: Tally) -> None:
    """Nobody looks on."""


@pytest.mark.parametrize("name", TABLES)
async def test_in_every_table_the_new_key_alone_opens_what_the_old_one_sealed(name: str) -> None:
    sealed = TABLES[name]
    rows = [*await rows_of(sealed, 4), *await rows_of(sealed, 1, BOTH, first=5)]
    tally = await reseal_table(BOTH, sealed, quiet)
    columns = len(sealed.columns)
    assert (tally.looked, tally.anew, tally.broken) == (5 * columns, 4 * columns, 0)
    assert tally.keys == {"n": 5 * columns}
    assert tally.is_done("n")
    await opened(sealed, rows, AFTER)


async def test_what_is_empty_is_not_a_value() -> None:
    sealed = TABLES["CaseDraft"]
    (row,) = await rows_of(sealed, 1)
    await sealed.model.filter(pk=row.pk).update(content=b"")
    tally = await reseal_table(BOTH, sealed, quiet)
    assert (tally.looked, tally.keys, tally.is_done("n")) == (0, {}, True)


async def test_a_ring_with_one_key_does_nothing() -> None:
    await rows_of(CONTACT, 4)
    before = await bytes_of(CONTACT)
    tally = await reseal_table(BEFORE, CONTACT, quiet)
    assert (tally.looked, tally.anew, tally.keys) == (8, 0, {"o": 8})
    assert tally.is_done("o")
    assert await bytes_of(CONTACT) == before


@pytest.mark.parametrize("ring", [BEFORE, BOTH], ids=["old", "new"])
async def test_a_value_that_was_changed_meanwhile_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch, ring: KeyRing
) -> None:
    (row,) = await rows_of(CONTACT, 1)
    _, context = text_of(CONTACT, row, "name")
    replace, told = _Table.replace, list[Any]()

    async def late(table: _Table, pk: Any, column: str, held: bytes, new: bytes) -> bool:
        if column == "name" and not told:
            told.append(pk)
            changed = ring.seal("李秀英".encode(), context)
            await ServiceContact.filter(id=row.id).update(name=changed)
            # Whoever read before the change has lost.
            assert not await replace(table, pk, column, held, new)
            return False
        return await replace(table, pk, column, held, new)

    monkeypatch.setattr(_Table, "replace", late)
    tally = await reseal_table(BOTH, CONTACT, quiet)
    now = await ServiceContact.get(id=row.id)
    assert AFTER.open_text(now.name, context.decode()) == "李秀英"
    assert tally.anew == (2 if ring is BEFORE else 1)
    assert tally.is_done("n")


async def test_a_row_that_is_gone_meanwhile_stays_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    await rows_of(CONTACT, 1)
    replace = _Table.replace

    async def late(table: _Table, *args: Any) -> bool:
        await ServiceContact.all().delete()
        return await replace(table, *args)

    monkeypatch.setattr(_Table, "replace", late)
    tally = await reseal_table(BOTH, CONTACT, quiet)
    assert (tally.anew, tally.broken, tally.is_done("n")) == (0, 0, True)
    assert not await ServiceContact.exists()


async def test_others_who_write_and_read_all_the_time_lose_nothing() -> None:
    rows = await rows_of(CONTACT, 12)
    said = {row.id: "" for row in rows}
    done = asyncio.Event()

    async def write() -> None:
        number = 0
        while not done.is_set():
            row, number = rows[number % len(rows)], number + 1
            _, context = text_of(CONTACT, row, "phone")
            said[row.id] = f"1380013{number:04}"
            sealed = (BEFORE, BOTH)[number % 2].seal_text(said[row.id], context.decode())
            await ServiceContact.filter(id=row.id).update(phone=sealed)

    writer = asyncio.create_task(write())
    for _ in range(5):
        await reseal_table(BOTH, CONTACT, quiet)
    done.set()
    await writer
    tally = await reseal_table(BOTH, CONTACT, quiet)
    assert tally.is_done("n")
    for row in rows:
        now = await ServiceContact.get(id=row.id)
        _, context = text_of(CONTACT, row, "phone")
        if said[row.id]:
            assert AFTER.open_text(now.phone, context.decode()) == said[row.id]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("name", ["ServiceContact", "FileChunk", "KeyedAnswer"])
async def test_stopped_in_the_middle_it_goes_on_where_it_was(name: str) -> None:
    sealed = TABLES[name]
    rows = await rows_of(sealed, 10)

    def kill(tally: Tally) -> None:
        if tally.looked >= 6:
            raise Killed

    with pytest.raises(Killed):
        await reseal_table(BOTH, sealed, kill)
    await opened(sealed, rows, BOTH)
    half = await sealed.model.all().values_list(*sealed.columns)
    left = sum(BOTH.key_of(value) == "o" for row in half for value in row)
    assert 0 < left < 10 * len(sealed.columns)
    tally = await reseal_table(BOTH, sealed, quiet)
    assert tally.anew == left
    assert tally.is_done("n")
    await opened(sealed, rows, AFTER)


async def test_what_does_not_open_is_named_and_left_as_it_is() -> None:
    whole, swapped, foreign, rubbish = await rows_of(CONTACT, 4)
    lost = KeyRing({"gone": LOST}).seal(b"x", b"y")
    await ServiceContact.filter(id=swapped.id).update(name=whole.name)
    await ServiceContact.filter(id=foreign.id).update(name=lost)
    await ServiceContact.filter(id=rubbish.id).update(name="张建国".encode())
    tally = await reseal_table(BOTH, CONTACT, quiet)
    assert {*tally.named} == {f"{row.id} name" for row in (swapped, foreign, rubbish)}
    assert (tally.broken, tally.anew) == (3, 5)
    assert tally.keys == {"n": 5, "o": 1, UNKNOWN: 2}
    assert not tally.is_done("n")
    held = dict(await ServiceContact.all().values_list("id", "name"))
    assert held[swapped.id] == whole.name
    assert held[foreign.id] == lost
    # Whoever looks after the test whether all is bound as declared finds none of it.
    await ServiceContact.all().delete()


async def test_of_many_that_do_not_open_the_first_are_named() -> None:
    await rows_of(CHUNK, resealing.NAMED + 5, KeyRing({"gone": LOST}))
    tally = await reseal_table(BOTH, CHUNK, quiet)
    assert (tally.broken, len(tally.named)) == (resealing.NAMED + 5, resealing.NAMED)

"""The catalogue's files: made once, whole or not at all, and the same for whoever opens them."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from backend.catalogue import building
from backend.catalogue.building import Builder, build, generation
from backend.catalogue.models import CatalogueGeneration, ServiceItem
from backend.catalogue.service import Card, Catalogue, CatalogueQuery
from backend.catalogue.snapshot import CARD_COLUMNS, Snapshot, write_snapshot
from tests.catalogue_items import documents, full_item, system
from tests.regions import REGIONS

QUERIES = [
    CatalogueQuery(),
    CatalogueQuery(audience="enterprise", region="440300"),
    CatalogueQuery(theme="marriage-birth", online=True),
    *(CatalogueQuery(text=text) for text in ("公积金", "gongjijin", "gjj", "身分证", "怎么办护照")),
    CatalogueQuery(text="换证", audience="citizen", region="440100"),
]


@pytest.fixture
async def filled(database: str) -> str:
    """A database with what two departments of the sandbox ship; gives its address."""
    catalogue = Catalogue(REGIONS)
    for department, document in documents()[:2]:
        await catalogue.replace_items(system(f"gd-{department.code}", department), document)
    return database


def finished(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.name.isdecimal())


def unfinished(root: Path) -> list[Path]:
    return list(root.glob(".unfinished-*"))


def written(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


async def seen(catalogue: Catalogue) -> list[tuple[list[Card], int, str | None]]:
    pages = [await catalogue.list(query) for query in QUERIES]
    return [(page.cards, page.total, page.suggestion) for page in pages]


async def test_whoever_opens_the_files_sees_what_their_maker_sees(
    filled: str, tmp_path: Path
) -> None:
    maker, other = Catalogue(REGIONS, tmp_path), Catalogue(REGIONS, tmp_path)
    made = await seen(maker)
    before = written(tmp_path)
    assert await seen(other) == made
    assert sum(total > 0 for _, total, _ in made) >= 5
    assert written(tmp_path) == before
    alone = Catalogue(REGIONS)
    assert await seen(alone) == made


async def test_the_cards_are_those_of_the_database(filled: str, tmp_path: Path) -> None:
    snapshot = Snapshot(await build(tmp_path), REGIONS)
    stored = {row.task_code: row for row in await ServiceItem.all()}
    assert len(snapshot.rows) == len(stored) == len(snapshot.place)
    for place, card in enumerate(snapshot.rows):
        row = stored[card.task_code]
        assert snapshot.place[card.task_code] == place
        for name in CARD_COLUMNS:
            found, expected = getattr(card, name), getattr(row, name)
            assert (list(found) if isinstance(found, tuple) else found) == expected
        for region in card.regions:
            assert snapshot.offered_in(region) >> place & 1
        for tag in card.tags:
            assert snapshot.tagged([tag]) >> place & 1


async def test_many_at_once_make_it_once(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []

    def counted(folder: Path, number: int, records: Any) -> None:
        times.append(number)
        write_snapshot(folder, number, records)

    monkeypatch.setattr(building, "write_snapshot", counted)
    folders = await asyncio.gather(*(Builder(tmp_path).folder() for _ in range(8)))
    assert len(set(folders)) == len(times) == 1


async def test_two_processes_at_once_make_it_once(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "LARGE", 1)
    folders = await asyncio.gather(*(Builder(tmp_path, filled).folder() for _ in range(2)))
    assert folders[0] == folders[1]
    assert finished(tmp_path) == [folders[0].name] == [str(await generation())]
    assert not unfinished(tmp_path)
    assert len(Snapshot(folders[0], REGIONS).rows) == await ServiceItem.all().count()


async def test_a_maker_that_dies_leaves_nothing_half(filled: str, tmp_path: Path) -> None:
    # A process that takes the lock, writes a part, and is killed by the system.
    script = (
        "import asyncio, sys, time, pathlib; from backend.store import folders;"
        "root = pathlib.Path(sys.argv[1]); lock = asyncio.run(folders.take_lock(root));"
        "kept = folders.unfinished(root); place = kept.__enter__();"
        "(place / 'about.json').write_text('{'); print('half', flush=True); time.sleep(60)"
    )
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert dying.stdout is not None
    assert await dying.stdout.readline() == b"half\n"
    waiting = asyncio.create_task(Builder(tmp_path).folder())
    await asyncio.sleep(0.2)
    assert not waiting.done(), "somebody made the files while another held the lock"
    assert finished(tmp_path) == []
    dying.kill()
    await dying.wait()
    folder = await waiting
    assert finished(tmp_path) == [folder.name]
    assert not unfinished(tmp_path)


async def test_what_fails_in_the_middle_is_swept_away_and_can_be_tried_again(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(folder: Path, number: int, records: Any) -> None:
        (folder / "about.json").write_text("{")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(building, "write_snapshot", full_disk)
        with pytest.raises(OSError, match="No space left"):
            await Builder(tmp_path).folder()
    assert finished(tmp_path) == []
    assert not unfinished(tmp_path)
    assert (await Builder(tmp_path).folder()).is_dir()


async def test_old_files_go_and_what_is_open_stays_readable(database: str, tmp_path: Path) -> None:
    catalogue = Catalogue(REGIONS)
    await catalogue.replace_items(system(), [full_item()])
    first = Snapshot(await build(tmp_path), REGIONS)
    for number in range(3):
        await catalogue.replace_items(system(), [full_item(plain_name=f"第{number}次")])
        await build(tmp_path)
    kept = finished(tmp_path)
    assert len(kept) == 2
    assert str(first.generation) not in kept
    assert first.rows[0].plain_name == "办一件测试的事"
    assert first.index.search("测试", (), 5).positions == [0]


async def test_every_state_of_the_catalogue_has_a_number_of_its_own(database: str) -> None:
    catalogue, numbers = Catalogue(REGIONS), []
    for _ in range(3):
        await catalogue.replace_items(system(), [full_item()])
        numbers.append(await generation())
    # The clock of this machine was put back, or that of another was ahead.
    ahead = time.time_ns() // 1000 + 10**12
    await CatalogueGeneration.filter(id=1).update(generation=ahead)
    await catalogue.withdraw_items("gd-ceshi")
    numbers += [ahead, await generation()]
    assert numbers == sorted(set(numbers))


async def test_an_empty_catalogue_has_files_too(database: str, tmp_path: Path) -> None:
    page = await Catalogue(REGIONS, tmp_path).list(CatalogueQuery(text="公积金"))
    assert (page.cards, page.total) == ([], 0)
    assert await Catalogue(REGIONS, tmp_path).departments() == []


async def test_a_maker_that_cannot_is_said_to_have_failed(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "LARGE", 1)
    with pytest.raises(ChildProcessError):
        await Builder(tmp_path, f"sqlite://{tmp_path}/without/tables.db").folder()
    assert finished(tmp_path) == []

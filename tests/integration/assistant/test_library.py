"""What is answered from follows the catalogue and the policies, and is made once for all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backend.assistant import library as module
from backend.assistant.errors import LibraryUnavailable
from backend.assistant.index import Index
from backend.assistant.library import Library
from backend.assistant.ranking import rank
from backend.catalogue.service import Catalogue
from backend.policies.models import PolicyVersion
from backend.policies.service import Book
from backend.regions.service import Regions
from backend.sandbox.departments.registry import departments
from tests.catalogue_items import full_item, system

TODAY = date(2026, 11, 26)
Open = Callable[[], Library]


@pytest.fixture
async def catalogue(database: str) -> Catalogue:
    return Catalogue(Regions())


@pytest.fixture
async def opened(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    """Libraries of the same machine, which look at once whether something changed."""
    monkeypatch.setattr(module, "_LOOK_S", 0.0)
    made = []

    def make() -> Library:
        made.append(Library(tmp_path / "a", catalogue, Book(), Regions(), lambda: TODAY))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def first(index: Index, text: str) -> str:
    found = [one for one in rank(index, text, "citizen") if one.sure]
    return found[0].source.title if found else ""


async def answers(library: Library, text: str, title: str) -> None:
    """Wait until the library gives this for that."""
    for _ in range(600):
        if first(await library.index(), text) == title:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{title} does not answer {text}")


async def gone(library: Library, title: str) -> bool:
    """Whether no source has this title."""
    found = rank(await library.index(), title, "citizen", limit=50)
    return title not in {one.source.title for one in found}


async def publish(code: str) -> None:
    """Publish one of the sandbox's policies."""
    document: dict[str, Any] = next(
        raw for one in departments() for raw in one.policies if raw["code"] == code
    )
    await PolicyVersion.create(
        code=code, version=1, system_code="gd-minzheng", department_uscc="11440000MB9X001546",
        department_name="广东省民政厅", document=document, digest="d", state="published",
        edited_by=uuid4(), edited_at=datetime.now(UTC),
    )  # fmt: skip


async def test_it_follows_what_is_published(catalogue: Catalogue, opened: Open) -> None:
    await catalogue.replace_items(system(), [full_item(plain_name="登记无人机")])
    library = opened()
    await answers(library, "无人机怎么登记", "登记无人机")
    assert first(await library.index(), "热气球怎么登记") == ""
    await catalogue.replace_items(system(), [full_item(plain_name="登记热气球")])
    await publish("changshou-baojian")
    await answers(library, "热气球怎么登记", "登记热气球")
    assert await gone(library, "登记无人机")
    await answers(library, "百岁老人长寿保健金", "百岁老人长寿保健金")
    assert first(await library.index(), "怎么把字变大") == "怎么把字变大，长辈版在哪里"


async def test_workers_of_a_machine_make_it_once(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = [opened(), opened(), opened()]
    await asyncio.gather(*(one.index() for one in libraries))
    kept = [one for one in (tmp_path / "a").iterdir() if one.is_dir()]
    assert len(kept) == 1
    assert sorted(kept[0].glob("sources*")) == []

    async def none(*given: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr("backend.assistant.building._cut", none)
    assert first(await opened().index(), "怎么亮证") == "怎么亮证，亮码怎么用"


async def test_what_cannot_be_made_is_said_and_tried_again(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*given: object) -> None:
        raise ChildProcessError

    library = opened()
    with monkeypatch.context() as patch:
        patch.setattr("backend.assistant.building._cut", broken)
        with pytest.raises(LibraryUnavailable):
            await library.index()
    assert [one for one in (tmp_path / "a").iterdir() if one.is_dir()] == []
    assert first(await library.index(), "怎么亮证") == "怎么亮证，亮码怎么用"

"""What can be answered from at this moment, kept up with catalogue and policies.

The index of a state has a name made of the catalogue's number, the policies in force and the
questions about the platform; every two seconds at most somebody who asks looks whether the name is
still that of the index at hand. A newer one is made in the background, and the old one answers
until it is there.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import structlog

from backend.assistant.building import build
from backend.assistant.errors import LibraryUnavailable
from backend.assistant.faqs import faq_source, faqs
from backend.assistant.guides import guide_source
from backend.assistant.index import Index
from backend.assistant.rules import policy_source
from backend.assistant.sources import Side, Source
from backend.catalogue.service import Catalogue
from backend.policies.service import Book, Policy
from backend.regions.service import Regions

log = structlog.get_logger("assistant")

# Counted up when what stands in the files changes: those of an older program are not read.
FORMAT = 1
_LOOK_S = 2.0
_BATCH = 100
_SIDES: tuple[Side, ...] = ("citizen", "enterprise")
# 台湾, 香港, 澳门: for whoever asks about them they are the matter itself.
_MATTERS = ("71", "81", "82")
_UNITS = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "地区", "省", "市", "盟",
)  # fmt: skip


class Library:
    """Gives the index.

    Args:
        root: folder of its files, for all workers of the machine.
        today: the day in China, by which policies are in force.
    """

    def __init__(
        self,
        root: Path,
        catalogue: Catalogue,
        book: Book,
        regions: Regions,
        today: Callable[[], date],
    ) -> None:
        self._root, self._catalogue, self._book = root, catalogue, book
        self._regions, self._today = regions, today
        self._index: Index | None = None
        self._name = ""
        self._looked = 0.0
        self._refresh: asyncio.Task[None] | None = None

    async def index(self) -> Index:
        """The index at hand; the first one is waited for.

        Raises:
            LibraryUnavailable: there is none, and none could be made.
        """
        self.look()
        if self._index is None and self._refresh is not None:
            await asyncio.shield(self._refresh)
        if self._index is None:
            raise LibraryUnavailable
        return self._index

    def look(self) -> None:
        """Have it brought up to date in the background, if it is time to look."""
        if self._refresh is not None and not self._refresh.done():
            return
        if self._index is None or time.monotonic() - self._looked >= _LOOK_S:
            self._refresh = asyncio.create_task(self._refreshed())

    async def close(self) -> None:
        """Let go of what is being made."""
        if self._refresh is not None and not self._refresh.done():
            self._refresh.cancel()
            await asyncio.wait([self._refresh])

    async def _refreshed(self) -> None:
        try:
            policies = await self._in_force()
            name = await self._named(policies)
            if name != self._name:
                sources = self._sources(policies)
                folder = await build(self._root, name, sources, list(place_names(self._regions)))
                self._index = await asyncio.to_thread(Index, folder)
                self._name = name
        except Exception as error:  # noqa: BLE001 (the index read before goes on answering)
            log.warning("assistant.index_not_made", error=type(error).__name__)
        self._looked = time.monotonic()

    async def _in_force(self) -> list[Policy]:
        today = self._today()
        await self._book.reload()
        found = [policy for side in _SIDES for policy in self._book.in_force(side, today)]
        return sorted(found, key=lambda one: one.code)

    async def _named(self, policies: Sequence[Policy]) -> str:
        versions = [f"{one.code}:{one.version}" for one in policies]
        questions = [one.model_dump_json() for one in faqs()]
        rest = sha256("\n".join((*versions, *questions)).encode()).hexdigest()[:16]
        return f"{FORMAT}-{await self._catalogue.generation()}-{rest}"

    async def _sources(self, policies: Sequence[Policy]) -> AsyncIterator[Sequence[Source]]:
        yield [faq_source(faq) for faq in faqs()]
        yield [policy_source(one, self._book.department(one.code)) for one in policies]
        batch = []
        async for elements in self._catalogue.download():
            batch.append(elements)
            if len(batch) == _BATCH:
                yield await asyncio.to_thread(_guides, batch)
                batch = []
        yield _guides(batch)


def _guides(batch: list[dict[str, object]]) -> list[Source]:
    return [guide_source(one) for one in batch]


def place_names(regions: Regions) -> Iterator[str]:
    """Provinces and cities, as people call them and in full."""
    for province in regions.children():
        if province.code[:2] in _MATTERS:
            continue
        for place in (province, *regions.children(province.code)):
            yield place.name
            for unit in _UNITS:
                if place.name.endswith(unit) and len(place.name) > len(unit) + 1:
                    yield place.name.removesuffix(unit)
                    break

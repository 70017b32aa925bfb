"""Use cases of the catalogue: publish a system's items, list, find, open and download them."""

import asyncio
import shutil
import time
import weakref
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import structlog
from tortoise.transactions import in_transaction

from backend.catalogue.building import Builder, generation
from backend.catalogue.compact import expand_items
from backend.catalogue.cursors import Cursor
from backend.catalogue.errors import ItemNotFound
from backend.catalogue.export import csv_lines
from backend.catalogue.filling import Filling
from backend.catalogue.forms import DIALECT, Form
from backend.catalogue.items import PublishedElements
from backend.catalogue.labels import ELEMENTS as ELEMENT_LABELS
from backend.catalogue.labels import PARTS as ELEMENT_PART_LABELS
from backend.catalogue.labels import item_schemas
from backend.catalogue.models import ServiceItem
from backend.catalogue.offers import Offer, Offers, offer_of
from backend.catalogue.pinyin import full as pinyin_full
from backend.catalogue.pinyin import initials as pinyin_initials
from backend.catalogue.places import named, nearest
from backend.catalogue.publishing import (
    BATCH,
    RegisteringSystem,
    department_of,
    elements_of,
    next_generation,
    publishable,
    refuse_taken,
    row_of,
)
from backend.catalogue.snapshot import FORMAT, Row, Snapshot, positions
from backend.catalogue.themes import THEMES, Audience, Theme
from backend.catalogue.views import Card, CatalogueQuery, Detail, Page
from backend.catalogue.words import bigrams, cut, is_latin, normal, same_words
from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from backend.regions.service import Region, Regions

__all__ = [
    "DIALECT",
    "ELEMENT_LABELS",
    "ELEMENT_PART_LABELS",
    "Audience",
    "Card",
    "Catalogue",
    "CatalogueQuery",
    "Detail",
    "Filling",
    "Form",
    "Offer",
    "Page",
    "PublishedElements",
    "bigrams",
    "csv_lines",
    "cut",
    "is_latin",
    "item_schemas",
    "normal",
    "offer_of",
    "pinyin_full",
    "pinyin_initials",
    "same_words",
]

log = structlog.get_logger("catalogue")

_CHECK_S = 1.0
_TRIES = 5


class Catalogue:
    """The published service items of all systems.

    Cards and the search index are files that all workers of a machine share, made once for each
    generation of the catalogue in the database, which is looked at once a second at most.

    Args:
        folder: for those files; without it they go with this object.
        database_url: of the database that is open, for the process that makes a large catalogue.
    """

    def __init__(
        self, regions: Regions, folder: Path | None = None, database_url: str | None = None
    ) -> None:
        self._regions = regions
        if folder is None:
            folder = Path(mkdtemp(prefix="sst-catalogue-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._builder = Builder(folder / FORMAT, database_url)
        self._current: Snapshot | None = None
        self._checked = 0.0
        self._offers = Offers()
        self._reading = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None

    def knows_place(self, region_code: str) -> bool:
        """Whether there is, or was, a region of this code."""
        try:
            self._regions.get(region_code)
        except (RegionCodeInvalid, RegionUnknown):
            return False
        return True

    async def replace_items(self, system: RegisteringSystem, document: object) -> int:
        """Publish a system's items in place of all that it published before.

        Args:
            document: items in full or in the short form, see ``compact``.

        Returns:
            How many items are published.

        Raises:
            ItemsRefused: an item is malformed, fails a publication check, repeats another, or
                belongs to another system; nothing is changed then.
        """
        specs = await asyncio.to_thread(publishable, self._regions, document, department_of(system))
        rows = await asyncio.to_thread(lambda: [row_of(spec, system.code) for spec in specs])
        async with in_transaction():
            # First of all: whoever publishes at this moment has the row, and is waited for.
            await next_generation()
            await refuse_taken(system, specs, document)
            await ServiceItem.filter(system_code=system.code).delete()
            await ServiceItem.bulk_create(rows, batch_size=BATCH)
        self._checked = 0.0
        return len(rows)

    async def examine(
        self, system: RegisteringSystem, document: object
    ) -> dict[str, dict[str, Any]]:
        """Apply every check of a publication to a system's items without publishing them.

        Returns:
            The elements of each item by 实施编码.

        Raises:
            ItemsRefused: as by ``replace_items``.
        """
        specs = await asyncio.to_thread(publishable, self._regions, document, department_of(system))
        await refuse_taken(system, specs, document)
        return elements_of(specs)

    async def elements(
        self, system: RegisteringSystem, document: object
    ) -> dict[str, dict[str, Any]]:
        """The elements of each item by 实施编码, without the checks of a publication.

        Raises:
            ItemsRefused: an item is malformed.
        """
        specs = await asyncio.to_thread(expand_items, document, department_of(system))
        return elements_of(specs)

    async def withdraw_items(self, system_code: str) -> int:
        """Take all items of a system out of the catalogue; returns how many there were."""
        gone = await ServiceItem.filter(system_code=system_code).delete()
        await next_generation()
        self._checked = 0.0
        return gone

    async def close(self) -> None:
        """Wait for a reading that runs in the background."""
        if self._refresh is not None:
            await self._refresh

    async def generation(self) -> int:
        """The number of the catalogue's current state, for entity tags."""
        return (await self._snapshot()).generation

    async def list(self, query: CatalogueQuery) -> Page:
        """A page of cards; what the region does not offer is shown as unavailable there.

        Raises:
            CursorInvalid: the cursor is of no page, or of another list.
            RegionCodeInvalid, RegionUnknown: there is no such region.
        """
        region = self._regions.get(query.region) if query.region else None
        snapshot = await self._snapshot()
        if query.text and query.text.strip():
            return await self._found(snapshot, query, query.text, region)
        return self._listed(snapshot, query, region)

    def _listed(self, snapshot: Snapshot, query: CatalogueQuery, region: Region | None) -> Page:
        wanted = snapshot.tagged(query.tags())
        here = wanted & snapshot.offered_in(region.code) if region else wanted
        phases = (here, wanted & ~here)
        cursor = Cursor.read(query.cursor, query)
        phase, after = cursor.place_in(snapshot.place) if cursor else (0, -1)
        chosen: list[tuple[int, int]] = []
        for number in range(phase, len(phases)):
            room = query.limit + 1 - len(chosen)
            start = after if number == phase else -1
            chosen += [(number, one) for one in islice(positions(phases[number], start), room)]
        cards = [self._card(snapshot.rows[place], region) for _, place in chosen[: query.limit]]
        following = None
        if len(chosen) > query.limit:
            last_phase, last = chosen[query.limit - 1]
            following = Cursor(last_phase, snapshot.rows[last].task_code).text(query)
        return Page(cards, following, wanted.bit_count())

    async def _found(
        self, snapshot: Snapshot, query: CatalogueQuery, text: str, region: Region | None
    ) -> Page:
        cursor = Cursor.read(query.cursor, query)
        offset = cursor.number if cursor else 0
        found = await asyncio.to_thread(
            snapshot.index.search, text, query.tags(), query.limit, offset
        )
        cards = [self._card(snapshot.rows[place], region) for place in found.positions]
        reached = offset + len(cards)
        following = Cursor(reached, "").text(query) if cards and reached < found.total else None
        suggestion = f"您是不是要找“{found.suggestion}”" if found.suggestion else None
        return Page(cards, following, found.total, suggestion)

    async def get(self, task_code: str, region: str | None = None) -> Detail:
        """One item with everything about it.

        Raises:
            ItemNotFound: none of that code is published.
            RegionCodeInvalid, RegionUnknown: there is no such region.
        """
        seen_from = self._regions.get(region) if region else None
        snapshot = await self._snapshot()
        place = snapshot.place.get(task_code)
        stored = await ServiceItem.get_or_none(task_code=task_code) if place is not None else None
        if place is None or stored is None:
            raise ItemNotFound
        elements = {
            **stored.elements,
            "region_names": [self._regions.get(code).name for code in stored.regions],
        }
        return Detail(self._card(snapshot.rows[place], seen_from), elements)

    async def names(self, codes: Iterable[str]) -> dict[str, str]:
        """Everyday names of the items that are published, by 实施编码; others are left out."""
        snapshot = await self._snapshot()
        places = {code: snapshot.place[code] for code in codes if code in snapshot.place}
        return {code: snapshot.rows[place].plain_name for code, place in places.items()}

    async def look(self) -> None:
        """Read the current state, if it is another than the one that was read last."""
        await self._snapshot()

    async def offer(self, task_code: str) -> Offer:
        """One item as it is applied for, with its form ready.

        Raises:
            ItemNotFound: none of that code is published.
        """
        found = await self._offers.get(task_code, (await self._snapshot()).generation)
        if found is None:
            raise ItemNotFound
        return found

    async def themes(self, audience: Audience | None = None) -> Sequence[tuple[Theme, int]]:
        """The themes of an audience (or of both) with the number of items in each."""
        snapshot = await self._snapshot()
        return [
            (theme, snapshot.tagged([f"theme:{theme.code}"]).bit_count())
            for theme in THEMES
            if audience in (None, theme.audience)
        ]

    async def departments(self) -> Sequence[tuple[str, str, str, int]]:
        """Code, name, short name and number of items of each department that has any."""
        return (await self._snapshot()).departments()

    async def download(self) -> AsyncIterator[dict[str, Any]]:
        """The elements of every item, in the order of their codes, a few hundred in memory."""
        last = ""
        while True:
            batch = await (
                ServiceItem.filter(task_code__gt=last)
                .order_by("task_code")
                .limit(BATCH)
                .values("task_code", "elements")
            )
            for record in batch:
                yield record["elements"]
            if len(batch) < BATCH:
                return
            last = batch[-1]["task_code"]

    def _card(self, row: Row, region: Region | None) -> Card:
        covers = self._regions.covers
        if region is None:
            inside = list(row.regions)
        elif any(covers(offered, region.code) for offered in row.regions):
            return Card(row, region.code, region.name, True, None)
        else:
            inside = [offered for offered in row.regions if covers(region.code, offered)]
        if inside or region is None:
            return Card(row, inside[0], named(inside, self._regions, 2), True, None)
        others = named(nearest(region.code, row.regions), self._regions)
        reason = f"{region.name}暂未开通，可到{others}办理"
        return Card(row, region.code, region.name, False, reason)

    async def _read(self) -> Snapshot:
        for _ in range(_TRIES):
            folder = await self._builder.folder()
            try:
                return await asyncio.to_thread(Snapshot, folder, self._regions)
            except FileNotFoundError:
                # Two changes since we asked, and whoever made the files of the last swept ours up.
                continue
        raise FileNotFoundError(folder)

    async def _snapshot(self) -> Snapshot:
        now = time.monotonic()
        current = self._current
        if current is not None and now - self._checked < _CHECK_S:
            return current
        if current is None:
            async with self._reading:
                if self._current is None:
                    self._current = await self._read()
                    self._checked = time.monotonic()
                return self._current
        self._checked = now
        if not self._is_refreshing():
            # Nobody who searches waits for it, nor finds nothing while the database is away.
            self._refresh = asyncio.create_task(self._read_again(current.generation))
        return current

    def _is_refreshing(self) -> bool:
        return self._refresh is not None and not self._refresh.done()

    async def _read_again(self, known: int) -> None:
        try:
            if await generation() != known:
                self._current = await self._read()
        except Exception as error:  # noqa: BLE001 (the catalogue read before goes on serving)
            log.warning("catalogue.unreadable", error=type(error).__name__)

"""The catalogue as a worker reads it: cards, sets of positions for filters, the search index.

A set of items is one Python integer with a bit per item, so that filters are single AND
operations and a page costs as much as it shows, with 50,000 items as with 150.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import orjson

from backend.catalogue.search import Entry, SearchIndex, write_index
from backend.catalogue.themes import Audience
from backend.regions.service import Regions
from backend.store.shelves import Shelf, write_shelf


@dataclass(frozen=True, slots=True)
class Row:
    """An item's card as the database holds it; see ``models.ServiceItem``."""

    task_code: str
    system_code: str
    task_name: str
    plain_name: str
    department_code: str
    department_name: str
    department_short_name: str
    citizen: bool
    enterprise: bool
    online: bool
    hot: bool
    fee: bool
    visits: int
    min_level: int
    promise: str
    themes: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def audience(self) -> list[Audience]:
        """Whom it serves."""
        both: tuple[tuple[Audience, bool], ...] = (
            ("citizen", self.citizen),
            ("enterprise", self.enterprise),
        )
        return [name for name, served in both if served]

    @property
    def tags(self) -> tuple[str, ...]:
        """What it can be filtered by."""
        found = [f"theme:{code}" for code in self.themes]
        found += [f"department:{self.department_code}"]
        found += [f"audience:{name}" for name in self.audience]
        return (*found, *(["online"] if self.online else []))


CARD_COLUMNS = tuple(Row.__dataclass_fields__)
# Counted up when what stands in the files changes: those of an older program are not read.
FORMAT = "2"
_ABOUT, _CODES, _CARDS, _INDEX = "about.json", "codes.txt", "cards.jsonl", "index"


class Rows(Sequence[Row]):
    """The cards in their order, read from their file."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def __len__(self) -> int:
        return len(self._shelf)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        values = self._shelf[place]
        values[-2:] = map(tuple, values[-2:])
        return Row(*values)


class Snapshot:
    """All published items of one generation, as ``write_snapshot`` left them in a folder."""

    def __init__(self, folder: Path, regions: Regions) -> None:
        self._regions = regions
        about = orjson.loads((folder / _ABOUT).read_bytes())
        self.generation: int = about["generation"]
        self._departments = [tuple(each) for each in about["departments"]]
        self._tagged = _bits(about["tagged"])
        self._offered = _bits(about["offered"])
        self._offered_in: dict[str, int] = {}
        self.rows = Rows(Shelf(folder / _CARDS))
        codes = (folder / _CODES).read_text("utf-8").split()
        self.place = {code: place for place, code in enumerate(codes)}
        self.everything = (1 << len(self.rows)) - 1
        self.index = SearchIndex(folder / _INDEX)

    def tagged(self, tags: Iterable[str]) -> int:
        """The items that carry all these tags, as bits."""
        bits = self.everything
        for tag in tags:
            bits &= self._tagged.get(tag, 0)
        return bits

    def offered_in(self, region: str) -> int:
        """The items that someone in this region can have there or below it, as bits.

        Args:
            region: a code that the regions know, so that what is remembered stays bounded.
        """
        bits = self._offered_in.get(region)
        if bits is None:
            bits, covers = 0, self._regions.covers
            for offered, items in self._offered.items():
                if covers(offered, region) or covers(region, offered):
                    bits |= items
            self._offered_in[region] = bits
        return bits

    def departments(self) -> list[tuple[str, str, str, int]]:
        """Code, name, short name and number of items of each department with items."""
        return [
            (code, name, short_name, self.tagged([f"department:{code}"]).bit_count())
            for code, name, short_name in self._departments
        ]


def write_snapshot(folder: Path, generation: int, records: Iterable[dict[str, Any]]) -> None:
    """Leave a snapshot in an empty folder. It computes: do it off the event loop.

    Args:
        generation: of the catalogue when the records were read.
        records: columns of ``Row`` and ``keywords``, ``words``.
    """
    ordered = _in_order(records)
    rows = [_row(record) for record in ordered]
    tagged: dict[str, list[int]] = {}
    offered: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        for tag in row.tags:
            tagged.setdefault(tag, []).append(place)
        for region in row.regions:
            offered.setdefault(region, []).append(place)
    departments = {
        row.department_code: (row.department_name, row.department_short_name) for row in rows
    }
    about = {
        "generation": generation,
        "departments": [(code, *names) for code, names in sorted(departments.items())],
        "tagged": {tag: _hex(places) for tag, places in tagged.items()},
        "offered": {region: _hex(places) for region, places in offered.items()},
    }
    (folder / _ABOUT).write_bytes(orjson.dumps(about))
    (folder / _CODES).write_text("\n".join(row.task_code for row in rows), "utf-8")
    write_shelf(folder / _CARDS, ([getattr(row, name) for name in CARD_COLUMNS] for row in rows))
    (folder / _INDEX).mkdir()
    write_index(folder / _INDEX, [_entry(record) for record in ordered])


def _hex(places: list[int]) -> str:
    """A set of places as bits; JSON knows no integers of this size."""
    bits = bytearray(places[-1] // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return bits[::-1].hex()


def _bits(sets: dict[str, str]) -> dict[str, int]:
    return {name: int(bits, 16) for name, bits in sets.items()}


def positions(bits: int, after: int = -1) -> Iterator[int]:
    """The positions in a set of bits, ascending, from behind ``after``."""
    bits = bits >> (after + 1) << (after + 1)
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _in_order(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Popular items first, the departments taking turns, then the rest by code."""
    turns: Counter[str] = Counter()
    keyed = []
    for record in sorted(records, key=lambda one: str(one["task_code"])):
        department, hot = record["department_code"], record["hot"]
        turn = turns[department] if hot else 0
        turns[department] += hot
        keyed.append(((not hot, turn, record["task_code"]), record))
    return [record for _, record in sorted(keyed, key=lambda pair: pair[0])]


def _row(record: dict[str, Any]) -> Row:
    values = {name: record[name] for name in CARD_COLUMNS}
    values["themes"] = tuple(values["themes"])
    values["regions"] = tuple(values["regions"])
    return Row(**values)


def _entry(record: dict[str, Any]) -> Entry:
    return Entry(
        phrases=(record["plain_name"], record["task_name"], *record["keywords"]),
        words=record["words"],
        tags=_row(record).tags,
        hot=record["hot"],
    )

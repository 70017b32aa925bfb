"""The catalogue as one worker holds it: cards, sets of positions for filters, the search index.

A set of items is one Python integer with a bit per item, so that filters are single AND
operations and a page costs as much as it shows, with 50,000 items as with 150.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from backend.catalogue.search import Entry, SearchIndex
from backend.catalogue.themes import Audience
from backend.regions.service import Regions


@dataclass(frozen=True, slots=True)
class Row:
    """An item's card as the database holds it; see ``models.ServiceItem``."""

    task_code: str
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


class Snapshot:
    """All published items of one generation. Building computes: do it off the event loop.

    Args:
        generation: of the catalogue when the records were read.
        records: columns of ``Row`` and ``keywords``, ``words``.
    """

    def __init__(
        self, generation: int, records: Iterable[dict[str, Any]], regions: Regions
    ) -> None:
        self.generation = generation
        self._regions = regions
        ordered = _in_order(records)
        self.rows = [_row(record) for record in ordered]
        self.place = {row.task_code: place for place, row in enumerate(self.rows)}
        self.everything = (1 << len(self.rows)) - 1
        self._tagged: dict[str, int] = {}
        self._offered: dict[str, int] = {}
        self._offered_in: dict[str, int] = {}
        for place, row in enumerate(self.rows):
            for tag in row.tags:
                self._tagged[tag] = self._tagged.get(tag, 0) | 1 << place
            for region in row.regions:
                self._offered[region] = self._offered.get(region, 0) | 1 << place
        self.index = SearchIndex([_entry(record) for record in ordered])

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
        found = {
            row.department_code: (row.department_name, row.department_short_name)
            for row in self.rows
        }
        return [
            (code, *names, self.tagged([f"department:{code}"]).bit_count())
            for code, names in sorted(found.items())
        ]


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

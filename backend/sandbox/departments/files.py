"""What a department's file on one holder contains, before it is stored.

Each department describes in ``<department>/records.py`` which files it keeps on a household; this
module has the vocabulary for that. Everything that the population does not say (a deposit, the day
on which a card was issued) is drawn from the holder's index alone, so that the same seed gives the
same province whatever is asked first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from backend.exchange.documents import read_yaml
from backend.numbers.holder import Holder

STORIES_FILE = Path(__file__).with_name("stories.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLicence:
    """A licence to be put on file.

    Attributes:
        kind: name of the licence type in the department's manifest.
        serial: 流水号, unique per type and department.
        number: 证照编号, as printed on the face.
        valid_to: None for one without end.
        extra: facts on its face, by the field names of the manifest.
        holders: all holders of a joint licence in their order; empty when it has one.
    """

    kind: str
    serial: str
    number: str
    issued: date
    valid_from: date
    valid_to: date | None
    region_code: str
    extra: Mapping[str, Any]
    status: str = "VALID"
    version: int = 1
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True)
class HolderFile:
    """Everything that a department has on one holder.

    Attributes:
        licences: in the order in which they are given out.
        facts: register entries by name: the sections of the manifest (``social_security``) and
            what other operations answer from (``identity``, ``enterprise``).
        found_by: numbers of other people under which the file is found too (those who represent
            an enterprise).
    """

    holder: Holder
    licences: tuple[NewLicence, ...] = ()
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    found_by: tuple[str, ...] = ()


@cache
def _stories() -> dict[tuple[str, int], dict[str, int]]:
    """What ``stories.yaml`` settles, by department and index."""
    told = read_yaml(STORIES_FILE)
    return {(code, index): words for code, all_ in told.items() for index, words in all_.items()}


class Draw:
    """Reproducible choices for one holder: the same index and word always give the same."""

    __slots__ = ("_key", "_told")

    def __init__(self, department: str, index: int) -> None:
        self._key = f"{department}:{index}:"
        self._told = _stories().get((department, index))

    def below(self, word: str, limit: int) -> int:
        """A number from 0 to ``limit`` - 1."""
        if self._told is not None and word in self._told:
            return self._told[word]
        return crc32((self._key + word).encode()) % limit

    def between(self, word: str, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.below(word, high - low + 1)

    def day(self, word: str, first: date, last: date) -> date:
        """A day from ``first`` to ``last``; ``first`` where they are the wrong way round."""
        days = (last - first).days
        return first + timedelta(days=self.below(word, days + 1)) if days > 0 else first

    def one_in(self, word: str, rarity: int) -> bool:
        """True for one holder in ``rarity``."""
        return self.below(word, rarity) == 0


def years_after(day: date, years: int) -> date:
    """The same calendar day so many years later; 29 February becomes the 28th where needed."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_between(first: date, last: date) -> int:
    """Whole calendar months from the month of ``first`` to the month of ``last``, at least 0."""
    return max(0, (last.year - first.year) * 12 + last.month - first.month)


@lru_cache(maxsize=1024)
def month_before(day: date) -> str:
    """The month before the one of ``day``, ``YYYY-MM``."""
    return f"{(day.replace(day=1) - timedelta(days=1)):%Y-%m}"


def serial(issued: date, index: int, nth: int = 1) -> str:
    """流水号 of the sandbox: year, holder index, running number (GB/T 36904 leaves it free)."""
    return f"{issued.year}{index:010d}{nth:02d}"


EXPIRING_ONE_IN, EXPIRED_ONE_IN = 40, 60


def drawn_term(draw: Draw, word: str, today: date, years: int, earliest: date) -> tuple[date, date]:
    """First and last day of a licence that is issued for so many years.

    Most are in force; one in 40 ends within a month and one in 60 ended within the last three,
    so that reminders and expired licences are seen.

    Args:
        earliest: no licence begins before this day (a birthday, a foundation).
    """
    if draw.one_in(f"{word}:expiring", EXPIRING_ONE_IN):
        last = today + timedelta(days=draw.between(f"{word}:left", 5, 28))
    elif draw.one_in(f"{word}:expired", EXPIRED_ONE_IN):
        last = today - timedelta(days=draw.between(f"{word}:over", 3, 90))
    else:
        newest = years_after(today, -years) + timedelta(days=60)
        first = draw.day(f"{word}:issued", max(newest, earliest), today)
        return first, years_after(first, years)
    first = max(years_after(last, -years), earliest)
    return first, last

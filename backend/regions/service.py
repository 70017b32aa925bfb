"""Regions by code: look up, climb, descend, compare and search.

Codes follow GB/T 2260 and its extension downwards: 6 digits to the county (``440000``, ``440100``,
``440106``), 9 for a street (``440106009``), 12 for a village. Longer forms padded with zeros mean
the same region. 东莞, 中山, 儋州 and 嘉峪关 have no counties: streets hang directly on the city.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from backend.regions.errors import RegionCodeInvalid, RegionUnknown

DATA = Path(__file__).parent / "data"
PROVINCE, CITY, COUNTY, STREET = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative unit.

    Attributes:
        code: 6 digits down to the county, 9 for a street.
        name: as of today, or the last one of an abolished unit.
        level: 1 province, 2 city, 3 county, 4 street.
        parent_code: the unit above; None for a province.
        in_force: False for codes that live on only in ID numbers and old records.
        until: last full year of an abolished code, where known.
    """

    code: str
    name: str
    level: int
    parent_code: str | None
    in_force: bool = True
    until: int | None = None


def normalise(code: str) -> str:
    """The short form of a code: zeros that say nothing are dropped (``440106000000`` → 440106).

    A village keeps its 12 digits.

    Raises:
        RegionCodeInvalid: not 6, 9 or 12 ASCII digits, or nothing but zeros in front.
    """
    if len(code) not in (6, 9, 12) or not (code.isascii() and code.isdigit()) or code[:2] == "00":
        raise RegionCodeInvalid(code)
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    return code


def _significant(code: str) -> str:
    """The digits that every region within this one begins with."""
    code = normalise(code)
    if len(code) == 6:
        code = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return code


class Regions:
    """All regions in force, read once; immutable and safe to share between threads.

    Abolished codes are read at the first question about one: few processes meet any.
    """

    def __init__(self) -> None:
        table: dict[str, Region] = {}
        below: dict[str | None, list[Region]] = {}
        for code, name, level, parent in _rows("regions.csv"):
            region = Region(code, name, int(level), parent or None)
            table[code] = region
            below.setdefault(region.parent_code, []).append(region)
        self._table = table
        self._below = {parent: tuple(regions) for parent, regions in below.items()}

    @cached_property
    def _abolished(self) -> dict[str, Region]:
        return {
            code: Region(code, name, int(level), parent or None, False, int(until or 0) or None)
            for code, name, level, parent, until in _rows("abolished.csv")
        }

    def get(self, code: str) -> Region:
        """The region with this code, abolished ones too (``in_force`` tells).

        Raises:
            RegionCodeInvalid: not a code.
            RegionUnknown: no such region, or a village.
        """
        short = normalise(code)
        region = self._table.get(short) or self._abolished.get(short)
        if region is None:
            raise RegionUnknown(code)
        return region

    def children(self, code: str | None = None) -> tuple[Region, ...]:
        """What lies directly below, in order of code; without a code the provinces.

        Streets are kept for Guangdong only; a county elsewhere has no children here.
        """
        if code is None:
            return self._below[None]
        return self._below.get(self.get(code).code, ())

    def has_children(self, code: str) -> bool:
        """Whether ``children`` would answer anything."""
        return normalise(code) in self._below

    def path(self, code: str) -> tuple[Region, ...]:
        """From the province down to the region itself."""
        region: Region | None = self.get(code)
        climbed = []
        while region is not None:
            climbed.append(region)
            region = self.get(region.parent_code) if region.parent_code else None
        return tuple(reversed(climbed))

    def covers(self, outer: str, inner: str) -> bool:
        """Whether ``inner`` is ``outer`` or lies within it; villages and abolished codes too.

        Decided by the digits alone, so a code that no table knows may be asked about.

        Raises:
            RegionCodeInvalid: one of them is not a code.
        """
        return _significant(inner).startswith(_significant(outer))

    def search(self, name: str, limit: int = 20) -> tuple[Region, ...]:
        """Regions in force whose name holds this text: exact first, then beginnings, then larger.

        Args:
            name: part of a Chinese name; blanks around it do not count.
            limit: how many at most.
        """
        wanted = name.strip()
        if not wanted:
            return ()
        found = [region for region in self._table.values() if wanted in region.name]
        found.sort(
            key=lambda region: (
                region.name != wanted,
                not region.name.startswith(wanted),
                region.level,
                region.code,
            )
        )
        return tuple(found[:limit])

    def counties(self, within: str | None = None) -> tuple[Region, ...]:
        """Where ID numbers and enterprises are registered: counties, and cities without any.

        Args:
            within: a province or city; without it the whole country.
        """
        prefix = _significant(within) if within else ""
        return tuple(
            region
            for region in self._table.values()
            if region.code.startswith(prefix) and self._is_lowest_before_street(region)
        )

    def _is_lowest_before_street(self, region: Region) -> bool:
        if region.level == COUNTY:
            return True
        if region.level != CITY:
            return False
        below = self._below.get(region.code, ())
        return not below or below[0].level == STREET

    def streets_of(self, code: str) -> tuple[Region, ...]:
        """Every street within a region, or the street itself; Guangdong only."""
        prefix = _significant(self.get(code).code)
        return tuple(
            region
            for region in self._table.values()
            if region.level == STREET and region.code.startswith(prefix)
        )


def _rows(file: str) -> list[list[str]]:
    """Lines of a table without its header; no name holds a comma or a quote."""
    lines = (DATA / file).read_text(encoding="utf-8").splitlines()
    return [line.split(",") for line in lines[1:]]

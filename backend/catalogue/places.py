"""Where an item is offered, told by region codes alone.

GB/T 2260: 2 digits are the province, 4 the city, 6 the county, 9 the street.
"""

from collections.abc import Iterable
from typing import Protocol


class RegionNames(Protocol):
    """What the catalogue asks of the regions package."""

    def name_of(self, code: str) -> str | None:
        """The name of a region, None where there is none of that code."""


def stem(code: str) -> str:
    """The digits that all regions below share: 440100 → 4401, 441900003 → itself."""
    for length, rest in ((2, 4), (4, 2)):
        if code[length:] == "0" * rest:
            return code[:length]
    return code.removesuffix("000") if len(code) == 12 else code


def covers(region: str, other: str) -> bool:
    """Whether ``other`` is the region itself or lies in it."""
    return other.startswith(stem(region))


def nearest(asked: str, offered: Iterable[str]) -> list[str]:
    """The offering regions, those that share most of their code with the asked one first."""
    return sorted(offered, key=lambda code: (-_shared(asked, code), code))


def _shared(left: str, right: str) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def named(codes: list[str], names: RegionNames, at_most: int = 3) -> str:
    """Regions in words: “深圳市、东莞市” or “广州市、深圳市、东莞市等6地”."""
    words = "、".join(names.name_of(code) or code for code in codes[:at_most])
    return words if len(codes) <= at_most else f"{words}等{len(codes)}地"

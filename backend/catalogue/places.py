"""Where an item is offered, in words and by nearness."""

from collections.abc import Iterable

from backend.regions.service import Regions


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


def named(codes: list[str], regions: Regions, at_most: int = 3) -> str:
    """Regions in words: “深圳市、东莞市” or “广州市、深圳市、东莞市等6地”."""
    words = "、".join(regions.get(code).name for code in codes[:at_most])
    return words if len(codes) <= at_most else f"{words}等{len(codes)}地"

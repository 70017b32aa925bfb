"""Which characters a typeface has: its ``cmap`` table (OpenType specification, formats 4 and 12).

Pillow draws a character that a typeface lacks as an empty box and does not tell.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

_COLLECTION = b"ttcf"
_UNICODE = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}


class Coverage:
    """The code points of a typeface, as sorted ranges."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        ordered = sorted(ranges)
        self._starts = [first for first, _ in ordered]
        self._ends = [last for _, last in ordered]

    def has(self, char: str) -> bool:
        """Whether the typeface has a picture for the character."""
        place = bisect_right(self._starts, ord(char)) - 1
        return place >= 0 and ord(char) <= self._ends[place]


def coverage(path: Path, face: int = 0) -> Coverage:
    """Read the coverage of a TTF, OTF or collection.

    Args:
        face: index within a collection.

    Raises:
        ValueError: not a typeface, or without a Unicode table.
        OSError: the file cannot be read.
    """
    try:
        return Coverage(_merge(sorted(_ranges(_table(path, face)))))
    except struct.error:
        raise ValueError(f"{path} is not a typeface") from None


def _table(path: Path, face: int) -> bytes:
    with path.open("rb") as file:
        start = 0
        head = file.read(12)
        if head[:4] == _COLLECTION:
            file.seek(12 + 4 * face)
            (start,) = struct.unpack(">I", file.read(4))
            file.seek(start)
            head = file.read(12)
        (count,) = struct.unpack_from(">H", head, 4)
        records = file.read(16 * count)
        for tag, _, offset, length in struct.iter_unpack(">4sIII", records):
            if tag == b"cmap":
                file.seek(offset)
                return file.read(length)
    raise ValueError(f"{path} has no cmap table")


def _ranges(table: bytes) -> Iterator[tuple[int, int]]:
    (count,) = struct.unpack_from(">H", table, 2)
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * number)
        if (platform, encoding) not in _UNICODE:
            continue
        (form,) = struct.unpack_from(">H", table, offset)
        if form == 4:
            yield from _format_4(table, offset)
        elif form == 12:
            yield from _format_12(table, offset)


def _format_4(table: bytes, offset: int) -> Iterator[tuple[int, int]]:
    (doubled,) = struct.unpack_from(">H", table, offset + 6)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", table, offset + 14)
    starts = struct.unpack_from(f">{count}H", table, offset + 16 + doubled)
    # The last segment is a mark of the end, U+FFFF.
    yield from ((first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF)


def _format_12(table: bytes, offset: int) -> Iterator[tuple[int, int]]:
    (groups,) = struct.unpack_from(">I", table, offset + 12)
    for number in range(groups):
        first, last = struct.unpack_from(">II", table, offset + 16 + 12 * number)
        yield first, last


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join ranges that touch, so that looking up stays simple when tables overlap."""
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined

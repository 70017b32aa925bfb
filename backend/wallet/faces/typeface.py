"""Text in Chinese, drawn so that no character turns into an empty box.

Noto Sans SC first; what it lacks is taken from Debian's Noto CJK where that is installed; what both
lack is named in words, ``〔U+2A6A5〕``.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageDraw, ImageFont

from backend.wallet.errors import FaceUnavailable
from backend.wallet.faces.cmap import Coverage, coverage

SHIPPED = ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")
DEBIAN = Path("/usr/share/fonts/opentype/noto")
DEBIAN_FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
_DEBIAN_SIMPLIFIED = 2
# Characters that shape or join others and have no picture of their own.
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))

Colour = tuple[int, int, int]


class Run(NamedTuple):
    """Characters in a row that one typeface draws."""

    file: int
    text: str


@dataclass(frozen=True, slots=True)
class _File:
    regular: Path
    bold: Path
    face: int
    covers: Coverage

    def font(self, size: int, bold: bool) -> ImageFont.FreeTypeFont:
        return _font(self.bold if bold else self.regular, self.face, size)


@lru_cache(maxsize=64)
def _font(path: Path, face: int, size: int) -> ImageFont.FreeTypeFont:
    # Chinese needs no shaping; the basic layout is several times faster.
    return ImageFont.truetype(str(path), size, index=face, layout_engine=ImageFont.Layout.BASIC)


class Typeface:
    """What is installed here to draw with.

    Args:
        folder: where the shipped typeface lies.
        debian: folder of Debian's fonts-noto-cjk.

    Raises:
        FaceUnavailable: neither is there.
    """

    def __init__(self, folder: Path, debian: Path = DEBIAN) -> None:
        found = [_file(folder, SHIPPED, 0), _file(debian, DEBIAN_FILES, _DEBIAN_SIMPLIFIED)]
        self._files: Sequence[_File] = [file for file in found if file is not None]
        if not self._files:
            raise FaceUnavailable

    def words(self, text: str) -> str:
        """The text as it can be drawn: without invisible characters, missing ones named."""
        return "".join(map(self._word, unicodedata.normalize("NFC", text)))

    def _word(self, char: str) -> str:
        if self._place(char) is not None:
            return char
        if _is_invisible(char):
            return " " if char in "\t\n\r" else ""
        return f"〔U+{ord(char):04X}〕"

    def _place(self, char: str) -> int | None:
        if _is_invisible(char):
            return None
        return next((n for n, file in enumerate(self._files) if file.covers.has(char)), None)

    def width(self, text: str, size: int, bold: bool = False) -> float:
        """The width of a line in pixels."""
        return sum(
            self._files[run.file].font(size, bold).getlength(run.text)
            for run in self._runs(self.words(text))
        )

    def wrap(self, text: str, size: int, width: int, most: int, bold: bool = False) -> list[str]:
        """Break a text into at most so many lines; what is too long ends with an ellipsis."""
        lines: list[str] = []
        line = ""
        for char in self.words(text):
            if line and self.width(line + char, size, bold) > width:
                lines.append(line)
                line = char
            else:
                line += char
        lines.append(line)
        if len(lines) > most:
            last = lines[most - 1]
            while last and self.width(last + "…", size, bold) > width:
                last = last[:-1]
            lines = [*lines[: most - 1], last + "…"]
        return lines

    def draw(
        self,
        canvas: ImageDraw.ImageDraw,
        place: tuple[float, float],
        text: str,
        size: int,
        colour: Colour | int,
        bold: bool = False,
    ) -> float:
        """Draw one line; ``place`` is the left end of its base line. Gives the right end."""
        left, base = place
        for run in self._runs(self.words(text)):
            font = self._files[run.file].font(size, bold)
            canvas.text((left, base), run.text, fill=colour, font=font, anchor="ls")
            left += font.getlength(run.text)
        return left

    def _runs(self, words: str) -> Iterator[Run]:
        place, start = 0, 0
        for number, char in enumerate(words):
            here = self._place(char) or 0
            if here != place:
                if number > start:
                    yield Run(place, words[start:number])
                place, start = here, number
        if start < len(words):
            yield Run(place, words[start:])


def _file(folder: Path, names: tuple[str, str], face: int) -> _File | None:
    regular, bold = (folder / name for name in names)
    if not regular.is_file():
        return None
    return _File(regular, bold if bold.is_file() else regular, face, coverage(regular, face))


def _is_invisible(char: str) -> bool:
    if any(ord(char) in selectors for selectors in _VARIATION_SELECTORS):
        return True
    return unicodedata.category(char) in _INVISIBLE

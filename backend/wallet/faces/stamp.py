"""加注件: a face with what it was made for stamped below it, as PNG or as PDF.

The stamp stands under the face, not over it, and the face carries the same words as a watermark:
whoever cuts the stamp off keeps a picture that still says what it is for. A QR code (ISO/IEC 18004)
beside the words leads whoever receives the copy to the page that says whether it is genuine.
"""

import io
import time
from dataclasses import dataclass
from typing import Final

import segno
from PIL import Image, ImageDraw

from backend.wallet.faces.card import WIDTH
from backend.wallet.faces.typeface import Colour, Typeface

_MARGIN: Final = 56
_TITLE, _TEXT, _LINE = 36, 28, 44
_LABEL_ROOM: Final = 200
_MOST_LINES: Final = 4
_MODULE, _QUIET, _QR_GAP = 6, 4, 32
_CAPTION: Final = 24
_RESOLUTION: Final = 150.0
_QUALITY: Final = 92
_PAPER: Colour = (255, 255, 255)
_INK: Colour = (31, 35, 41)
_SOFT_INK: Colour = (81, 86, 93)
_RULE: Colour = (176, 42, 33)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is stamped; times as they are written, ``made`` as Unix time."""

    purpose: str
    recipient: str
    made_at: str
    expires_at: str
    code: str
    check_at: str
    made: int

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Labels and words, from the top."""
        return [
            ("使用用途", self.purpose),
            ("提供对象", self.recipient),
            ("制作时间", self.made_at),
            ("有效期至", self.expires_at),
            ("加注件编号", self.code),
            ("核验地址", self.check_at),
        ]


def stamped(face: Image.Image, stamp: Stamp, typeface: Typeface) -> Image.Image:
    """The face with the stamp below it."""
    code = _qr(stamp.check_at)
    room = WIDTH - 2 * _MARGIN - _LABEL_ROOM - code.width - _QR_GAP
    rows = [(label, typeface.wrap(words, _TEXT, room, _MOST_LINES)) for label, words in stamp.rows]
    written = sum(_LINE * len(lines) for _, lines in rows)
    height = 120 + max(written, code.height + _LINE) + 64
    picture = Image.new("RGB", (WIDTH, face.height + height), _PAPER)
    picture.paste(face, (0, 0))
    canvas = ImageDraw.Draw(picture)
    top = face.height
    canvas.rectangle((24, top + 20, WIDTH - 24, top + height - 20), outline=_RULE, width=4)
    typeface.draw(
        canvas, (_MARGIN, top + 80), "加注件 · 仅限下列用途使用", _TITLE, _RULE, bold=True
    )
    base = top + 80 + 60
    for label, lines in rows:
        typeface.draw(canvas, (_MARGIN, base), label, _TEXT, _SOFT_INK)
        for line in lines:
            typeface.draw(canvas, (_MARGIN + _LABEL_ROOM, base), line, _TEXT, _INK)
            base += _LINE
    left, upper = WIDTH - _MARGIN - code.width, top + 80 + 28
    picture.paste(code, (left, upper))
    typeface.draw(
        canvas, (left + 4 * _MODULE, upper + code.height + 20), "扫码核验真伪", _CAPTION, _SOFT_INK
    )
    return picture


def _qr(text: str) -> Image.Image:
    """A text as a QR code with its quiet zone, level M."""
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix_iter(border=_QUIET)]
    picture = Image.new("1", (len(rows[0]), len(rows)))
    picture.putdata([0 if dark else 1 for row in rows for dark in row])
    size = (picture.width * _MODULE, picture.height * _MODULE)
    return picture.resize(size, Image.Resampling.NEAREST).convert("RGB")


def as_png(picture: Image.Image) -> bytes:
    """Without any metadata."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=6)
    return out.getvalue()


def as_pdf(picture: Image.Image, made: int) -> bytes:
    """One page; its metadata say when it was made, and nothing else.

    Pillow writes pictures into PDF as JPEG: at this quality letters of 28 points keep their edges.
    """
    out, moment = io.BytesIO(), time.gmtime(made)
    picture.save(
        out, "PDF", resolution=_RESOLUTION, quality=_QUALITY, subsampling=0,
        producer="shengshitong", creationDate=moment, modDate=moment,
    )  # fmt: skip
    return out.getvalue()

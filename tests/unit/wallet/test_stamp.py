"""The stamp of a copy: its words, and the code that leads to where it is checked."""

from dataclasses import replace
from pathlib import Path

import pytest
import segno
from PIL import Image

from backend.wallet.faces.card import WIDTH
from backend.wallet.faces.stamp import Stamp, stamped
from backend.wallet.faces.typeface import Typeface

FONTS = Path(__file__).parents[3] / "miniprogram/dist/fonts"
STAMP = Stamp(
    purpose="办理租房备案", recipient="示范房产中介有限公司", made_at="2026-11-25 19:10",
    expires_at="2026-12-25 19:10", code="ABCDEF-GHIJKL-MNOPQR-STUVWX",
    check_at="https://gov.example/#/lending/check?code=ABCDEFGHIJKLMNOPQRSTUVWX", made=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def typeface() -> Typeface:
    return Typeface(FONTS, FONTS)


def _modules(picture: Image.Image, count: int) -> list[list[bool]]:
    """The code read back from the picture: its left upper corner is the first black square."""
    grey = picture.convert("L").crop((WIDTH - 330, 705, WIDTH - 30, picture.height - 30))
    dark = grey.point(lambda value: 255 if value < 60 else 0)
    box = dark.getbbox()
    assert box is not None
    left, upper, size = box[0], box[1], 6
    return [
        [dark.getpixel((left + x * size + 3, upper + y * size + 3)) == 255 for x in range(count)]
        for y in range(count)
    ]


def test_the_code_says_where_the_copy_is_checked(typeface: Typeface) -> None:
    face = Image.new("RGB", (WIDTH, 600), (255, 255, 255))
    wanted = [
        [bool(dark) for dark in row] for row in segno.make_qr(STAMP.check_at, error="m").matrix
    ]
    assert _modules(stamped(face, STAMP, typeface), len(wanted)) == wanted


def test_long_words_make_the_stamp_higher(typeface: Typeface) -> None:
    face = Image.new("RGB", (WIDTH, 600), (255, 255, 255))
    long = replace(STAMP, purpose="核" * 40, recipient="对" * 40)
    short = stamped(face, STAMP, typeface)
    assert stamped(face, long, typeface).height > short.height > face.height

"""The face of a licence as a picture: a document card in the hue of its type."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from backend.exchange.service import FACE_WIDTH, FaceLayout, FacePlace
from backend.wallet.entries import STATUS_LABELS, LicenceStatus
from backend.wallet.faces.typeface import Colour, Typeface
from backend.wallet.view import Card, masked_field, masked_holder, masked_licence_number

WIDTH: Final = FACE_WIDTH
LEAST_HEIGHT: Final = 678
BAND: Final = 168
_MARGIN = 56
_GAP = 48
_LABEL, _VALUE, _LINE = 26, 34, 46
_ROW_GAP = 22
_FOOT = 150
# A field has 500 characters at most; none of them is left out.
_MOST_LINES = 20
_NUMBER_ROOM = 570
_LEAST_SIZE = 18
_INK: Colour = (31, 35, 41)
_SOFT_INK: Colour = (81, 86, 93)
_WHITE: Colour = (255, 255, 255)
_GOOD: Colour = (23, 111, 61)
_BAD: Colour = (176, 42, 33)


@dataclass(frozen=True, slots=True)
class _Palette:
    start: Colour
    end: Colour
    ground: Colour
    line: Colour


def _hex(text: str) -> Colour:
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


# The hues of the licence cards in the front end's design tokens.
_PALETTES: dict[str, _Palette] = {
    "blue": _Palette(_hex("2a6fe0"), _hex("1a4fb0"), _hex("f5f9ff"), _hex("dbe7fb")),
    "green": _Palette(_hex("1e8a52"), _hex("12633a"), _hex("f4fbf7"), _hex("d5ecdf")),
    "red": _Palette(_hex("c5443a"), _hex("97271f"), _hex("fef7f6"), _hex("f7dcda")),
    "gold": _Palette(_hex("9c6a14"), _hex("744a05"), _hex("fdfaf2"), _hex("f1e3c4")),
    "teal": _Palette(_hex("0f7f86"), _hex("075a60"), _hex("f3fbfb"), _hex("cfe9ea")),
    "purple": _Palette(_hex("6d53c4"), _hex("4b3699"), _hex("f8f6fd"), _hex("e2dcf5")),
    "slate": _Palette(_hex("55647a"), _hex("37445a"), _hex("f6f8fa"), _hex("dde3ea")),
}


@dataclass(frozen=True, slots=True)
class FaceModel:
    """Everything that is written on a face; two equal ones look the same.

    Attributes:
        facts: label and value, in their order; named: name and value, for a layout.
        layout: of the type; None: the general one.
    """

    title: str
    hue: str
    facts: tuple[tuple[str, str], ...]
    number_label: str
    number: str
    issuer: str
    validity: str
    status: LicenceStatus
    issue_date: str = ""
    named: tuple[tuple[str, str], ...] = ()
    layout: FaceLayout | None = None

    def __hash__(self) -> int:
        # A layout holds a list; it is the same for all licences of a type.
        return hash((self.title, self.hue, self.facts, self.number, self.issuer, self.status))


def face_model(card: Card, full: bool) -> FaceModel:
    """What the face of a licence says; sensitive values masked unless ``full``."""
    licence, kind = card.licence, card.kind
    holder = licence.holder_name.replace("^", "、") if full else masked_holder(licence)
    facts = [("名称" if kind.audience == "enterprise" else "姓名", holder)]
    shown = [
        (spec, masked_field(licence.fields[spec.name], spec.sensitive and not full))
        for spec in kind.fields
        if spec.name in licence.fields
    ]
    facts += [(spec.label, value) for spec, value in shown]
    until = licence.valid_to.replace("-", ".") if licence.valid_to else "长期"
    return FaceModel(
        title=licence.name,
        hue=kind.hue,
        facts=tuple(facts),
        number_label=kind.number_label,
        number=licence.number if full else masked_licence_number(licence),
        issuer=licence.issuer_name,
        validity=f"{licence.valid_from.replace('-', '.')} 至 {until}",
        status=card.status,
        issue_date=licence.issue_date.replace("-", "."),
        named=(("holder", holder), *((spec.name, value) for spec, value in shown)),
        layout=kind.face,
    )


def band_of(card: Card) -> int:
    """Height in pixels of the coloured top."""
    return BAND if card.kind.face is None else card.kind.face.band


@dataclass(frozen=True, slots=True)
class _Cell:
    """A labelled value, laid out."""

    label: str
    lines: list[str]
    wide: bool

    @property
    def height(self) -> int:
        return _LABEL + 12 + _LINE * len(self.lines)


def draw_face(model: FaceModel, typeface: Typeface) -> Image.Image:
    """Draw a face, without watermark: ``WIDTH`` pixels wide, as high as its facts need."""
    if model.layout is not None:
        return _laid_out(model, model.layout, typeface)
    rows = _rows(model.facts, typeface)
    body = sum(max(cell.height for cell in row) + _ROW_GAP for row in rows)
    height = max(LEAST_HEIGHT, BAND + 40 + body + _FOOT)
    palette = _PALETTES[model.hue]
    picture = ground(palette, height, BAND)
    # Below the writing: a long fact in the upper row runs over it and stays readable.
    _stamp(picture, model.status, typeface)
    canvas = ImageDraw.Draw(picture)
    _band(canvas, model, typeface)
    top = BAND + 40
    for row in rows:
        left = _MARGIN
        for cell in row:
            _cell(canvas, cell, left, top, typeface)
            left += _column() + _GAP
        top += max(cell.height for cell in row) + _ROW_GAP
    _foot(canvas, model, height, palette, typeface)
    return picture


def _laid_out(model: FaceModel, layout: FaceLayout, typeface: Typeface) -> Image.Image:
    """Draw a face by the layout of its type."""
    of_hue = _PALETTES[model.hue]
    palette = _Palette(
        _colour(layout.start) or of_hue.start, _colour(layout.end) or of_hue.end,
        _hex(layout.ground[1:]), _hex(layout.line[1:]),
    )  # fmt: skip
    picture = ground(palette, layout.height, layout.band)
    _stamp(picture, model.status, typeface, layout.band)
    canvas = ImageDraw.Draw(picture)
    values = _values(model)
    for place in layout.places:
        if value := values.get(place.fact):
            _place(canvas, place, value, layout, typeface)
    return picture


def _values(model: FaceModel) -> dict[str, str]:
    start, _, end = model.validity.partition(" 至 ")
    return dict(model.named) | {
        "title": model.title, "number": model.number, "issuer": model.issuer,
        "issue_date": model.issue_date, "validity": model.validity,
        "valid_from": start, "valid_to": end,
    }  # fmt: skip


def _place(
    canvas: ImageDraw.ImageDraw, place: FacePlace, value: str, layout: FaceLayout,
    typeface: Typeface,
) -> None:  # fmt: skip
    top = place.y
    on_band = place.y < layout.band
    if place.label is not None:
        soft = _WHITE if on_band else _hex(layout.label_ink[1:])
        typeface.draw(canvas, (place.x, top + _LABEL), place.label, _LABEL, soft)
        top += _LABEL + 12
    ink = _colour(place.colour) or (_WHITE if on_band else _hex(layout.ink[1:]))
    # Nothing is cut as long as smaller letters help.
    size = place.size
    lines = typeface.wrap(value, size, place.width, _MOST_LINES, bold=place.bold)
    while len(lines) > place.lines and size > _LEAST_SIZE:
        size -= 2
        lines = typeface.wrap(value, size, place.width, _MOST_LINES, bold=place.bold)
    if len(lines) > place.lines:
        lines = typeface.wrap(value, size, place.width, place.lines, bold=place.bold)
    for line in lines:
        left: float = place.x
        if place.align != "left":
            room = place.width - typeface.width(line, size, bold=place.bold)
            left += room / 2 if place.align == "center" else room
        typeface.draw(canvas, (left, top + size), line, size, ink, bold=place.bold)
        top += int(size * 1.35)


def _colour(text: str | None) -> Colour | None:
    return _hex(text[1:]) if text is not None else None


def _column() -> int:
    return (WIDTH - 2 * _MARGIN - _GAP) // 2


def _rows(facts: Sequence[tuple[str, str]], typeface: Typeface) -> list[list[_Cell]]:
    """Short facts side by side, long ones over the whole width."""
    rows: list[list[_Cell]] = []
    for label, value in facts:
        wide = typeface.width(value, _VALUE) > _column()
        width = WIDTH - 2 * _MARGIN if wide else _column()
        cell = _Cell(label, typeface.wrap(value, _VALUE, width, _MOST_LINES), wide)
        if not wide and rows and len(rows[-1]) == 1 and not rows[-1][0].wide:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows


def _cell(
    canvas: ImageDraw.ImageDraw, cell: _Cell, left: int, top: int, typeface: Typeface
) -> None:
    typeface.draw(canvas, (left, top + _LABEL), cell.label, _LABEL, _SOFT_INK)
    base = top + _LABEL + 12 + 36
    for line in cell.lines:
        typeface.draw(canvas, (left, base), line, _VALUE, _INK)
        base += _LINE


def _band(canvas: ImageDraw.ImageDraw, model: FaceModel, typeface: Typeface) -> None:
    chip = "电子证照"
    chip_width = typeface.width(chip, 26)
    right = WIDTH - _MARGIN
    canvas.rounded_rectangle(
        (right - chip_width - 40, 60, right, 108), radius=24, outline=_WHITE, width=2
    )
    typeface.draw(canvas, (right - chip_width - 20, 93), chip, 26, _WHITE)
    room = int(right - chip_width - 40 - _MARGIN - 24)
    title = typeface.wrap(model.title, 54, room, 1, bold=True)[0]
    typeface.draw(canvas, (_MARGIN, 90), title, 54, _WHITE, bold=True)
    issuer = typeface.wrap(model.issuer, 28, room, 1)[0]
    typeface.draw(canvas, (_MARGIN, 136), issuer, 28, _WHITE)


def _foot(
    canvas: ImageDraw.ImageDraw,
    model: FaceModel,
    height: int,
    palette: _Palette,
    typeface: Typeface,
) -> None:
    top = height - _FOOT + 12
    canvas.line((_MARGIN, top, WIDTH - _MARGIN, top), fill=palette.line, width=2)
    typeface.draw(canvas, (_MARGIN, top + 42), model.number_label, _LABEL, _SOFT_INK)
    # A number is never cut: a long one gets smaller letters.
    size = 36
    while size > 18 and typeface.width(model.number, size, bold=True) > _NUMBER_ROOM:
        size -= 2
    typeface.draw(canvas, (_MARGIN, top + 96), model.number, size, palette.end, bold=True)
    left = WIDTH - _MARGIN - max(typeface.width(model.validity, 30), typeface.width("有效期", 26))
    typeface.draw(canvas, (left, top + 42), "有效期", _LABEL, _SOFT_INK)
    typeface.draw(canvas, (left, top + 94), model.validity, 30, _INK)


def _stamp(
    picture: Image.Image, status: LicenceStatus, typeface: Typeface, band: int = BAND
) -> None:
    """The state of the licence, like a rubber stamp; not like a seal, which only a seal may be."""
    text = STATUS_LABELS[status]
    colour = _GOOD if status is LicenceStatus.VALID else _BAD
    width = int(typeface.width(text, 44, bold=True)) + 56
    mask = Image.new("L", (width, 88), 0)
    canvas = ImageDraw.Draw(mask)
    canvas.rounded_rectangle((3, 3, width - 4, 84), radius=14, outline=170, width=5)
    typeface.draw(canvas, (28, 60), text, 44, 170, bold=True)
    mask = mask.rotate(12, Image.Resampling.BICUBIC, expand=True)
    place = (WIDTH - _MARGIN - mask.width, band + 20)
    picture.paste(Image.new("RGB", mask.size, colour), place, mask)


def ground(palette: _Palette, height: int, band: int) -> Image.Image:
    """Band and background: a gradient, and fine waves as on security paper."""
    picture = Image.new("RGB", (WIDTH, height), palette.ground)
    canvas = ImageDraw.Draw(picture)
    for wave in range(0, height - band + 120, 26):
        points = [
            (
                x,
                band + wave - 60 + 26 * math.sin(x / 130 + wave / 90) + 9 * math.sin(x / 37),
            )
            for x in range(0, WIDTH + 12, 12)
        ]
        canvas.line(points, fill=palette.line, width=1)
    if band:
        ramp = Image.linear_gradient("L").rotate(90).resize((WIDTH, band))
        end, start = (Image.new("RGB", ramp.size, each) for each in (palette.end, palette.start))
        picture.paste(Image.composite(end, start, ramp), (0, 0))
    return picture

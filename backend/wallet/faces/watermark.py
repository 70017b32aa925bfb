"""Writing all over a picture what it was made for: a copy of it is good for nothing else."""

from PIL import Image, ImageDraw

from backend.wallet.faces.typeface import Colour, Typeface

_SIZE = 30
_ANGLE = 22
_INK: Colour = (40, 48, 66)
_ON_BAND: Colour = (255, 255, 255)
_STRENGTH = 72
_ACROSS, _DOWN = 90, 70


def watermark(picture: Image.Image, text: str, typeface: Typeface, band: int) -> None:
    """Write a text over a picture, repeated and slanted, edge to edge.

    Args:
        band: height in pixels of the dark top, where the writing is light.
    """
    tile = _tile(text, typeface)
    mask = Image.new("L", picture.size, 0)
    step_x, step_y = tile.width + _ACROSS // 3, tile.height // 2 + _DOWN
    for row, top in enumerate(range(-tile.height // 2, picture.height, step_y)):
        shift = (row % 2) * step_x // 2
        for left in range(-tile.width + shift, picture.width, step_x):
            mask.paste(tile, (left, top), tile)
    ink = Image.new("RGB", picture.size, _INK)
    ink.paste(_ON_BAND, (0, 0, picture.width, band))
    picture.paste(ink, (0, 0), mask)


def _tile(text: str, typeface: Typeface) -> Image.Image:
    width = int(typeface.width(text, _SIZE)) + 1
    flat = Image.new("L", (width, _SIZE * 2), 0)
    typeface.draw(ImageDraw.Draw(flat), (0, int(_SIZE * 1.4)), text, _SIZE, _STRENGTH)
    return flat.rotate(_ANGLE, Image.Resampling.BICUBIC, expand=True)

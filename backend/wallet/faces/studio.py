"""Where face pictures are drawn: in a thread, so that the event loop never waits for one."""

import asyncio
import io
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from PIL import Image

from backend.wallet.entries import CHINA
from backend.wallet.errors import FaceUnavailable
from backend.wallet.faces.card import FaceModel, band_of, draw_face, face_model
from backend.wallet.faces.stamp import Stamp, as_pdf, as_png, stamped
from backend.wallet.faces.typeface import DEBIAN, Typeface
from backend.wallet.faces.watermark import watermark
from backend.wallet.view import Card

log = structlog.get_logger("wallet")

THUMBNAIL_SHARE = 3
# About 3 MB each; enough for those who change the purpose on the same licence.
KEPT_FACES = 2


@dataclass(frozen=True, slots=True)
class FaceRequest:
    """What is to be drawn; ``now`` is Unix time."""

    card: Card
    purpose: str
    viewer: str
    thumbnail: bool
    full: bool
    now: int


class Studio:
    """Draws face pictures.

    Args:
        fonts: folder of the shipped typeface; looked at when the first picture is wanted.
        debian: folder of Debian's fonts-noto-cjk.
    """

    def __init__(self, fonts: Path, debian: Path = DEBIAN) -> None:
        self._fonts, self._debian = fonts, debian
        self._typeface: Typeface | None = None
        self._kept: OrderedDict[FaceModel, Image.Image] = OrderedDict()
        # One thread: Pillow holds the interpreter's lock for much of its work, a second would
        # only push the event loop aside more often.
        self._thread = ThreadPoolExecutor(1, "faces")

    async def draw(self, request: FaceRequest) -> bytes:
        """The picture as PNG.

        Raises:
            FaceUnavailable: no typeface is installed.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._draw, request)

    async def copy(self, card: Card, stamp: Stamp, pdf: bool) -> bytes:
        """A copy of the face in full, stamped with what it is for, as PNG or PDF.

        Raises:
            FaceUnavailable: no typeface is installed.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._copy, card, stamp, pdf)

    def _copy(self, card: Card, stamp: Stamp, pdf: bool) -> bytes:
        typeface = self._find_typeface()
        face = self._face(face_model(card, full=True), typeface).copy()
        words = f"仅供{stamp.recipient}用于{stamp.purpose} {stamp.made_at}"
        watermark(face, words, typeface, band_of(card))
        picture = stamped(face, stamp, typeface)
        return as_pdf(picture, stamp.made) if pdf else as_png(picture)

    def _draw(self, request: FaceRequest) -> bytes:
        typeface = self._find_typeface()
        picture = self._face(face_model(request.card, request.full), typeface).copy()
        moment = datetime.fromtimestamp(request.now, CHINA).strftime("%Y-%m-%d %H:%M")
        watermark(
            picture, f"{request.purpose} {moment} {request.viewer}", typeface, band_of(request.card)
        )
        if request.thumbnail:
            picture = picture.reduce(THUMBNAIL_SHARE)
        return _png(picture)

    def _face(self, model: FaceModel, typeface: Typeface) -> Image.Image:
        face = self._kept.pop(model, None) or draw_face(model, typeface)
        self._kept[model] = face
        if len(self._kept) > KEPT_FACES:
            self._kept.popitem(last=False)
        return face

    def _find_typeface(self) -> Typeface:
        if self._typeface is None:
            try:
                self._typeface = Typeface(self._fonts, self._debian)
            except FaceUnavailable:
                log.error(
                    "wallet.no_typeface",
                    looked_in=str(self._fonts),
                    mend="npm run build:fonts in miniprogram, or install fonts-noto-cjk",
                )
                raise
        return self._typeface

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    # A palette would be smaller, but shows as steps in the coloured band.
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()

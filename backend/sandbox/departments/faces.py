"""Comparing a picture with the register's photograph, as far as a sandbox does it.

There is no face recognition here: any JPEG or PNG of a sensible size passes as the person, unless
the person was drawn as one whom the machine never recognises, or the control interface says so.
"""

import asyncio
import base64
import binascii
import io
import secrets
from dataclasses import dataclass
from typing import Any

MIN_SIDE = 64
MAX_PIXELS = 40_000_000
NOT_A_PICTURE = "照片无法识别，请重新拍摄"
TOO_SMALL = "照片太小，请靠近一些重新拍摄"
NOT_THE_PERSON = "照片与本人登记信息不一致"
NO_FACE = "未检测到清晰的人脸，请在光线充足处正对屏幕重新拍摄"


@dataclass(slots=True)
class FaceDesk:
    """Compares; ``forced`` is the control interface's verdict on real pictures, None for none."""

    forced: bool | None = None
    forced_reason: str = NO_FACE

    async def compare(self, image: str, known: bool, recognisable: bool) -> dict[str, Any]:
        """The result for a picture in base64.

        Args:
            known: name and number belong together and to a living person.
            recognisable: False for a person whom the machine never recognises.
        """
        reason = await asyncio.to_thread(picture_fault, image)
        if reason is None and not known:
            reason = NOT_THE_PERSON
        if reason is None and self.forced is not None:
            reason = None if self.forced else self.forced_reason
        elif reason is None and not recognisable:
            reason = NO_FACE
        return {
            "passed": reason is None,
            "reason": reason,
            "reference": f"FACE{secrets.token_hex(8).upper()}",
        }


def picture_fault(image: str) -> str | None:
    """What is wrong with a picture in base64, in Chinese; None when it can be compared."""
    # Here and not above: one department of ten ever looks at a picture.
    from PIL import Image

    try:
        raw = base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):
        return NOT_A_PICTURE
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG")) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                return NOT_A_PICTURE
            picture.load()
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        # What Pillow raises for a picture that breaks off or lies about itself.
        return NOT_A_PICTURE
    return TOO_SMALL if min(width, height) < MIN_SIDE else None

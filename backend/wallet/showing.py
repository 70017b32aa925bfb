"""Showing a licence: a field in full, a picture of its face, a stamped copy."""

import asyncio

from backend.audit.service import Audit
from backend.wallet.errors import FieldUnknown
from backend.wallet.faces.stamp import Stamp
from backend.wallet.faces.studio import FaceRequest, Studio
from backend.wallet.view import Card


class Showing:
    """Shows licences to whoever may see them; what is shown in full is written to the audit."""

    def __init__(self, studio: Studio, audit: Audit) -> None:
        self._studio, self._audit = studio, audit

    async def reveal(self, card: Card, field: str, actor: str, about: str) -> str:
        """The full value of a masked field; written to the audit.

        Args:
            field: ``number``, ``holder`` or the name of a field of the licence type.
            actor: who looks, about: whose licence it is, both as the audit calls them.

        Raises:
            FieldUnknown: there is no such field on this licence.
        """
        licence = card.licence
        value = {"number": licence.number, "holder": licence.holder_name.replace("^", "、")}.get(
            field, licence.fields.get(field)
        )
        if value is None:
            raise FieldUnknown
        detail = {"licence": licence.id, "licence_type": licence.type_code, "field": field}
        await self._audit.record(actor, "wallet.reveal", about, detail)
        return value

    async def face(self, request: FaceRequest, actor: str, about: str) -> bytes:
        """A picture of the licence as PNG, with a watermark of purpose, time and viewer.

        With sensitive values in full it is written to the audit.

        Raises:
            FaceUnavailable: no typeface is installed.
        """
        picture = await self._studio.draw(request)
        if request.full:
            detail = {
                "licence": request.card.licence.id,
                "licence_type": request.card.licence.type_code,
                "purpose": request.purpose,
            }
            await self._audit.record(actor, "wallet.present", about, detail)
        return picture

    async def copy(self, card: Card, stamp: Stamp, pdf: bool) -> bytes:
        """A copy of a licence in full, stamped with what it is for, as PNG or PDF.

        Who makes copies writes down what they make.

        Raises:
            FaceUnavailable: no typeface is installed.
        """
        return await self._studio.copy(card, stamp, pdf)

    async def close(self) -> None:
        """End the thread that draws."""
        await asyncio.to_thread(self._studio.close)

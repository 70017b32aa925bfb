"""加注件: copies stamped with what they are for; each can be traced by its code.

What is kept is that a copy was made, never the picture: it is drawn again when it is fetched, and
only as long as the licence is the very version that it shows. Whoever holds a copy asks by its
code whether it is genuine; the licence is looked at then, so that a withdrawal reaches copies.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

import orjson
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.exchange.service import Audience
from backend.identity.service import Session
from backend.lending.errors import CopyOver, CopyUnknown, LicenceChanged, TooManyOpen
from backend.lending.models import LicenceCopy
from backend.lending.parts import Parts
from backend.numbers.service import Holder, mask_name
from backend.presentation.errors import LicenceNotValid
from backend.store.ids import uuid7
from backend.wallet.service import (
    STATUS_LABELS,
    Card,
    IssuersSilent,
    LicenceNotFound,
    LicenceStatus,
    Stamp,
    china_time,
)

MOST_COPIES = 200
_MOST_LISTED = 200
_BYTES = 15
_CODE = re.compile(r"[A-Z2-7]{24}")
# A person's name has hardly more; whoever is longer is an organisation, whose name is public.
_NAME_CHARS = 4
# The owner of a copy that a system was given: no account made it.
_NOBODY = UUID(int=0)

CopyState = Literal["valid", "expired", "withdrawn", "licence_invalid", "unconfirmed"]
COPY_LABELS: dict[CopyState, str] = {
    "valid": "真实有效", "expired": "已过期", "withdrawn": "已作废",
    "licence_invalid": "证照已变更或失效", "unconfirmed": "暂时无法确认",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy as its maker sees it; of ``state`` the licence's part is left out in lists."""

    id: UUID
    code: str
    licence_id: str
    type_code: str
    type_name: str
    purpose: str
    recipient: str
    created_at: datetime
    expires_at: datetime
    state: CopyState


@dataclass(frozen=True, slots=True)
class Checked:
    """What anyone who holds a copy may know of it: enough to compare it, masked."""

    state: CopyState
    type_name: str
    issuer: str
    holder: str
    purpose: str
    recipient: str
    created_at: datetime
    expires_at: datetime


class Copies:
    """The use cases of copies.

    Args:
        origin: of the public pages, where a code is checked.
    """

    def __init__(self, parts: Parts, origin: str) -> None:
        self._parts, self._origin = parts, origin

    async def make(
        self, session: Session, card: Card, purpose: str, recipient: str, days: int
    ) -> Copy:
        """A new copy of a licence of one's own, good for so many days.

        Raises:
            LicenceNotValid, TooManyOpen.
        """
        if card.status is not LicenceStatus.VALID:
            raise LicenceNotValid(card.status.value, STATUS_LABELS[card.status])
        copy_id, now = uuid7(), self._parts.now()
        good = LicenceCopy.filter(owner_id=session.person_id, withdrawn_at=None)
        if await good.filter(expires_at__gt=now).count() >= MOST_COPIES:
            raise TooManyOpen
        async with in_transaction():
            row = await self._create(
                copy_id, card, session.subject, purpose, recipient, days, session.person_id
            )
            await self._record(row, "lending.copy_made")
        return self._copy(row)

    async def make_for_system(
        self, system: str, subject: str, holder: Holder, card: Card, purpose: str,
        recipient: str, days: int,
    ) -> bytes:  # fmt: skip
        """A copy for a system that may have it, as PDF; its reading is in the usage log.

        Raises:
            LicenceNotValid, FaceUnavailable.
        """
        if card.status is not LicenceStatus.VALID:
            raise LicenceNotValid(card.status.value, STATUS_LABELS[card.status])
        parts, copy_id = self._parts, uuid7()
        row = await self._create(copy_id, card, subject, purpose, recipient, days, _NOBODY)
        drawn = await parts.wallet.copy(card, self._stamp(row), pdf=True)
        sealed = orjson.dumps([holder.code_type, holder.code, holder.name]).decode()
        await LicenceCopy.filter(id=copy_id).update(
            holder=parts.seal(sealed, copy_id, "bearer"), system_code=system,
            pdf_digest=sha256(drawn).hexdigest(),
        )  # fmt: skip
        return drawn

    async def all(self, session: Session, licence_id: str | None = None) -> list[Copy]:
        """The copies that a person made, newest first."""
        found = LicenceCopy.filter(owner_id=session.person_id)
        if licence_id is not None:
            found = found.filter(licence_id=licence_id)
        return [self._copy(row) for row in await found.order_by("-id").limit(_MOST_LISTED)]

    async def licence_of(self, session: Session, copy_id: UUID) -> str:
        """Of which licence a copy is.

        Raises:
            CopyUnknown.
        """
        return (await self._own(session, copy_id)).licence_id

    async def file(self, session: Session, copy_id: UUID, card: Card, pdf: bool) -> bytes:
        """A copy as PNG or PDF; written to the audit.

        Args:
            card: the licence as it stands now.

        Raises:
            CopyUnknown, CopyOver, LicenceChanged, FaceUnavailable.
        """
        row = await self._own(session, copy_id)
        if self._kept_state(row) != "valid":
            raise CopyOver
        if card.status is not LicenceStatus.VALID or card.licence.version != row.version:
            raise LicenceChanged
        drawn = await self._parts.wallet.copy(card, self._stamp(row), pdf)
        digest = sha256(drawn).hexdigest()
        # One person, one copy, drawn the same each time: whatever was handed out can be known.
        change = {"pdf_digest": digest} if pdf else {"png_digest": digest}
        async with in_transaction():
            await LicenceCopy.filter(id=row.id).update(**change)
            await self._record(row, "lending.copy_fetched")
        return drawn

    async def withdraw(self, session: Session, copy_id: UUID) -> None:
        """Make a copy worthless; again does nothing.

        Raises:
            CopyUnknown.
        """
        row = await self._own(session, copy_id)
        async with in_transaction():
            still = LicenceCopy.filter(id=row.id, withdrawn_at=None)
            if await still.update(withdrawn_at=self._parts.now()):
                await self._record(row, "lending.copy_withdrawn")

    async def check(self, code: str) -> Checked:
        """Whether a copy is genuine, and whether it and its licence are still good.

        Raises:
            CopyUnknown.
        """
        plain = code.upper().replace("-", "").replace(" ", "")
        if _CODE.fullmatch(plain) is None:
            raise CopyUnknown
        row = await LicenceCopy.get_or_none(code_index=self._index(plain))
        if row is None:
            raise CopyUnknown
        return await self._checked(row)

    async def check_file(self, digest: str) -> Checked:
        """The same by the SHA-256 of a file (核验文件).

        Raises:
            CopyUnknown: no copy was ever handed out as this file.
        """
        row = await LicenceCopy.filter(Q(png_digest=digest) | Q(pdf_digest=digest)).first()
        if row is None:
            raise CopyUnknown
        return await self._checked(row)

    async def _create(
        self, copy_id: UUID, card: Card, subject: str, purpose: str, recipient: str, days: int,
        owner_id: UUID,
    ) -> LicenceCopy:  # fmt: skip
        parts, now, licence = self._parts, self._parts.now(), card.licence
        code = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
        first = licence.holder_name.split("^")[0]
        holder = first if card.kind.audience == "enterprise" else mask_name(first)
        return await LicenceCopy.create(
            id=copy_id, owner_id=owner_id, subject=subject, licence_id=licence.id,
            type_code=licence.type_code, type_name=card.kind.name,
            issuer_name=licence.issuer_name, version=licence.version,
            holder_masked=parts.seal(holder, copy_id, "holder"),
            code=parts.seal(code, copy_id, "code"), code_index=self._index(code),
            purpose=parts.seal(purpose, copy_id, "purpose"),
            recipient=parts.seal(recipient, copy_id, "recipient"),
            created_at=now, expires_at=now + timedelta(days=days),
        )  # fmt: skip

    async def _checked(self, row: LicenceCopy) -> Checked:
        parts, state = self._parts, self._kept_state(row)
        if state == "valid":
            state = await self._licence_state(row)
        recipient = parts.open(row.recipient, row.id, "recipient")
        return Checked(
            state=state, type_name=row.type_name, issuer=row.issuer_name,
            holder=parts.open(row.holder_masked, row.id, "holder"),
            purpose=parts.open(row.purpose, row.id, "purpose"),
            recipient=recipient if len(recipient) > _NAME_CHARS else mask_name(recipient),
            created_at=row.created_at, expires_at=row.expires_at,
        )  # fmt: skip

    async def _licence_state(self, row: LicenceCopy) -> CopyState:
        owner = await self._bearer(row)
        if owner is None:
            return "licence_invalid"
        audience: Audience = "enterprise" if owner.code_type == "001" else "citizen"
        try:
            card = await self._parts.wallet.licence(row.subject, owner, row.licence_id, audience)
        except LicenceNotFound:
            return "licence_invalid"
        except IssuersSilent:
            return "unconfirmed"
        good = card.status is LicenceStatus.VALID and card.licence.version == row.version
        return "valid" if good else "licence_invalid"

    async def _bearer(self, row: LicenceCopy) -> Holder | None:
        if row.holder is None:
            return await self._parts.identity.named(row.owner_id)
        return Holder(*orjson.loads(self._parts.open(row.holder, row.id, "bearer")))

    def _kept_state(self, row: LicenceCopy) -> CopyState:
        if row.withdrawn_at is not None:
            return "withdrawn"
        return "expired" if self._parts.now() >= row.expires_at else "valid"

    async def _own(self, session: Session, copy_id: UUID) -> LicenceCopy:
        row = await LicenceCopy.get_or_none(id=copy_id, owner_id=session.person_id)
        if row is None:
            raise CopyUnknown
        return row

    def _index(self, code: str) -> str:
        return self._parts.index.of("licence-copy", code)

    def _stamp(self, row: LicenceCopy) -> Stamp:
        code = self._parts.open(row.code, row.id, "code")
        return Stamp(
            purpose=self._parts.open(row.purpose, row.id, "purpose"),
            recipient=self._parts.open(row.recipient, row.id, "recipient"),
            made_at=_minute(row.created_at), expires_at=_minute(row.expires_at),
            code="-".join(code[place : place + 6] for place in range(0, len(code), 6)),
            check_at=f"{self._origin}/#/lending/check?code={code}",
            made=int(row.created_at.timestamp()),
        )  # fmt: skip

    async def _record(self, row: LicenceCopy, action: str) -> None:
        detail = {"copy": str(row.id), "licence": row.licence_id, "licence_type": row.type_code}
        who = person(row.owner_id)
        await self._parts.audit.record(who, action, who, detail)

    def _copy(self, row: LicenceCopy) -> Copy:
        parts = self._parts
        return Copy(
            id=row.id, code=parts.open(row.code, row.id, "code"), licence_id=row.licence_id,
            type_code=row.type_code, type_name=row.type_name,
            purpose=parts.open(row.purpose, row.id, "purpose"),
            recipient=parts.open(row.recipient, row.id, "recipient"),
            created_at=row.created_at, expires_at=row.expires_at, state=self._kept_state(row),
        )  # fmt: skip


def _minute(moment: datetime) -> str:
    return china_time(int(moment.timestamp()))[:16].replace("T", " ")

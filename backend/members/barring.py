"""Who was taken out comes in by no electronic business licence, until the enterprise lets them.

The licence is another system's, where the enterprise may not have removed them yet, or where their
appointment goes on for other purposes. What the enterprise took back here stays taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.audit.service import person as actor_of
from backend.members.errors import BarUnknown
from backend.members.models import CorpBar, CorpMember
from backend.members.parts import ACTIVE, Acting, Parts
from backend.members.scopes import Role
from backend.numbers.service import mask_name, mask_phone
from backend.store.ids import uuid7

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Bar:
    """Somebody who may not come in by licence, masked."""

    id: UUID
    name: str
    phone: str
    barred_at: datetime


class Barring:
    """Lists and lifts bars; they are put up by taking somebody out."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def bars(self, acting: Acting) -> Sequence[Bar]:
        """Those of an enterprise, the latest first."""
        found = CorpBar.filter(uscc=acting.enterprise.uscc).order_by("-id")
        return [self._shown(row) for row in await found.limit(MOST_SHOWN)]

    async def lift(self, acting: Acting, bar_id: UUID) -> None:
        """Let somebody come in by licence again; of what was taken back nothing comes back.

        Args:
            acting: of somebody who manages members.

        Raises:
            BarUnknown.
        """
        parts, uscc = self._parts, acting.enterprise.uscc
        async with in_transaction():
            await parts.lock(uscc)
            if not await CorpBar.filter(id=bar_id, uscc=uscc).delete():
                raise BarUnknown
            await parts.audit.record(
                actor_of(acting.person_id), "members.licence_allowed", parts.about(uscc),
                {"bar": str(bar_id)},
            )  # fmt: skip

    def _shown(self, row: CorpBar) -> Bar:
        name = self._parts.open(row.name, row.id, "name")
        phone = self._parts.open(row.phone, row.id, "phone")
        return Bar(row.id, mask_name(name), mask_phone(phone), row.barred_at)


async def is_barred(parts: Parts, uscc: str, number: str) -> bool:
    """Whether whoever has this identity number may not come in by licence."""
    return await CorpBar.filter(uscc=uscc, person_index=_index(parts, number)).exists()


async def end_shown(parts: Parts, actor: str, row: CorpMember) -> None:
    """End what a member has by licence besides; inside a transaction that holds the lock."""
    shown = CorpMember.filter(uscc=row.uscc, person_id=row.person_id, state=ACTIVE)
    shown = shown.exclude(session_id="").exclude(role=Role.LEGAL_REP).exclude(id=row.id)
    for each in await shown.order_by("id"):
        if await parts.end(each, "revoked"):
            await parts.record(actor, "members.revoked", each)


async def bar(parts: Parts, acting: Acting, row: CorpMember) -> None:
    """Let a member whose grant ends in by no licence any more; inside the same transaction."""
    person = await parts.identity.named(cast(UUID, row.person_id))
    if person is None:
        return
    index = _index(parts, person.code)
    if await CorpBar.filter(uscc=row.uscc, person_index=index).exists():
        return
    bar_id = uuid7()
    made = CorpBar(
        id=bar_id, uscc=row.uscc, person_index=index,
        name=parts.seal(parts.open(row.name, row.id, "name"), bar_id, "name"),
        phone=parts.seal(parts.open(row.phone, row.id, "phone"), bar_id, "phone"),
        barred_by=acting.person_id, barred_at=parts.now(),
    )  # fmt: skip
    await made.save(force_create=True)
    actor = actor_of(acting.person_id)
    await parts.record(actor, "members.licence_barred", row, bar=str(bar_id))


def _index(parts: Parts, number: str) -> str:
    return parts.index.of("members-barred", number)

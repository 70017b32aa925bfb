"""Acting by 电子营业执照: somebody shows its code, and acts with what the licence makes of them.

It holds in the session in which the code was shown and nowhere else, for at most half a day, and
ends with whatever ends a grant: taken back by the enterprise, another representative, struck off.
Whoever is not the representative gets an agent's access, with all matters or those of their
appointment: nobody is appointed by it, no software registered, no member managed.
"""

from datetime import timedelta

from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.audit.service import person as actor_of
from backend.enterprise.service import Enterprise, ShownLicence
from backend.identity.service import Session
from backend.members.admitting import Admitting, Held
from backend.members.barring import is_barred
from backend.members.errors import (
    LicenceBarred,
    LicenceClosed,
    LicenceNotYours,
    LicenceOutdated,
    TooManyCodes,
)
from backend.members.models import CorpMember
from backend.members.parts import ACTIVE, Parts
from backend.members.scopes import GRANTABLE, Role
from backend.numbers.service import Holder
from backend.store.ids import uuid7
from backend.store.tries import Mark, Rule
from backend.upstream.deadline import Deadline

# Of codes that were shown by a person; a code is too long to be guessed, and nobody needs more.
SHOWING = Rule("licence-codes", 10, 600)
LIFE = timedelta(hours=12)


class Licensed:
    """Lets in by the code of an electronic business licence."""

    def __init__(self, parts: Parts, admitting: Admitting) -> None:
        self._parts, self._admitting = parts, admitting

    async def enter(
        self, session: Session, person: Holder, code: str, trace: str = "",
        deadline: Deadline | None = None,
    ) -> Held:  # fmt: skip
        """Act for the enterprise whose licence the code shows, in this session.

        Args:
            person: the verified person of the session; the licence must be in their own hand.

        Raises:
            TooManyCodes, LicenceNotYours, LicenceClosed, LicenceOutdated, LicenceBarred,
            RegisterUnavailable.
            LicenceCodeUnknown, LicenceCodeUsed, LicenceCodeExpired, LicenceSystemSilent: of the
                enterprise package.
        """
        parts = self._parts
        wait = await parts.tries.take([Mark(SHOWING, session.subject)])
        if wait:
            raise TooManyCodes(wait)
        shown = await parts.enterprises.shown_licence(code, trace, deadline)
        if not _same(shown, person):
            await self._refused(session, shown, "not_theirs")
            raise LicenceNotYours
        enterprise = await self._admitting.in_force(shown.uscc, trace, deadline, anew=True)
        if enterprise is None:
            await self._refused(session, shown, "closed")
            raise LicenceClosed
        if not self._in_force(shown, enterprise):
            await self._refused(session, shown, "outdated")
            raise LicenceOutdated
        row = await self._row(session, shown, enterprise)
        if not await self._let_in(session, shown, row):
            await self._refused(session, shown, "barred")
            raise LicenceBarred
        return Held(await parts.shown_counted(row), enterprise)

    async def _let_in(self, session: Session, shown: ShownLicence, row: CorpMember) -> bool:
        parts = self._parts
        async with in_transaction():
            await parts.lock(row.uscc)
            # Asked under the lock: somebody may be taking them out at this moment.
            if row.role != Role.LEGAL_REP and await is_barred(
                parts, row.uscc, shown.holder.id_number
            ):
                return False
            for before in await self._of(session).filter(uscc=row.uscc):
                await parts.end(before, "replaced")
            await row.save(force_create=True)
            await parts.record(
                actor_of(session.person_id), "members.licence_shown", row,
                shown_as=shown.role, until=str(row.ends_at),
            )  # fmt: skip
        return True

    async def leave(self, session: Session) -> None:
        """Act by no licence any more in this session; again does nothing."""
        for row in await self._of(session):
            async with in_transaction():
                await self._parts.lock(row.uscc)
                if await self._parts.end(row, "resigned"):
                    actor = actor_of(session.person_id)
                    await self._parts.record(actor, "members.resigned", row)

    def _of(self, session: Session) -> QuerySet[CorpMember]:
        return CorpMember.filter(
            person_id=session.person_id, session_id=session.session_id, state=ACTIVE
        )

    def _in_force(self, shown: ShownLicence, enterprise: Enterprise) -> bool:
        """Whether register and licence agree now on what the holder is."""
        if shown.valid_until is not None and shown.valid_until <= self._parts.now():
            return False
        named = enterprise.legal_representative.id_number
        return shown.role != "representative" or shown.holder.id_number == named

    async def _row(
        self, session: Session, shown: ShownLicence, enterprise: Enterprise
    ) -> CorpMember:
        parts, row_id, now = self._parts, uuid7(), self._parts.now()
        role = Role.LEGAL_REP if shown.role == "representative" else Role.AGENT
        reach = await parts.identity.reach(session.person_id)
        latest = now + LIFE
        return CorpMember(
            id=row_id, uscc=enterprise.uscc, enterprise_name=enterprise.name, role=role,
            state=ACTIVE, invited_index="", session_id=session.session_id,
            name=parts.seal(shown.holder.name, row_id, "name"),
            phone=parts.seal(reach.phone or "", row_id, "phone"),
            person_id=session.person_id,
            scopes=sorted(GRANTABLE) if role is Role.AGENT else [],
            items=sorted(set(shown.items)) if role is Role.AGENT else [],
            ends_at=min(latest, shown.valid_until) if shown.valid_until else latest,
            under_index=parts.under(enterprise), given_by=session.person_id,
            created_at=now, accepted_at=now,
        )  # fmt: skip

    async def _refused(self, session: Session, shown: ShownLicence, why: str) -> None:
        await self._parts.audit.record(
            actor_of(session.person_id), "members.licence_refused",
            self._parts.about(shown.uscc), {"reason": why},
        )  # fmt: skip


def _same(shown: ShownLicence, person: Holder) -> bool:
    return shown.holder.id_number == person.code and shown.holder.name == person.name

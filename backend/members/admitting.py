"""Whether somebody may act for an enterprise now: the register first, then what it gave.

A grant is read from the database with each request, so that what was taken back a moment ago opens
nothing on any worker. It stands on the register's word of at most a minute ago: with another
representative, or struck off, it ends there and then.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.audit.service import person as actor_of
from backend.enterprise.service import Enterprise, NotRepresentative, RegisterUnavailable
from backend.identity.service import Level, Session
from backend.members.carrying import carrier
from backend.members.errors import (
    GrantEnded,
    GrantExpired,
    ItemNotGranted,
    MemberUnknown,
    ScopeMissing,
)
from backend.members.models import CorpBook, CorpMember
from backend.members.parts import ACTIVE, ENDED, IN_BUSINESS, INVITED, Acting, Member, Parts
from backend.members.scopes import Role, Scope, scopes_of
from backend.numbers.service import Holder, is_uscc
from backend.upstream.deadline import Deadline

PLATFORM = "platform"
_WORDS = {
    "representative_changed": "登记的法定代表人（负责人）已变更",
    "struck_off": "登记显示企业已注销或被吊销",
}


MOST_HELD = 50


@dataclass(frozen=True, slots=True)
class Held:
    """What a person was given, and the enterprise, unless its register is silent now."""

    grant: Member
    enterprise: Enterprise | Literal["silent"]


class Admitting:
    """Lets in, and ends what the register ends."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def admit(
        self, session: Session, person: Holder, uscc: str, scope: Scope, item_code: str = "",
        trace: str = "", deadline: Deadline | None = None, represented: bytes | None = None,
    ) -> Acting:  # fmt: skip
        """How somebody acts for an enterprise, if they may do this there.

        Args:
            item_code: of the service item that it is about; empty where it is about none.
            represented: the value of ``represented_key(subject)``, if it was fetched already.

        Raises:
            NotRepresentative: they have nothing to do with it, whether it exists or not.
            GrantEnded, GrantExpired, ScopeMissing, ItemNotGranted: of a member.
            RegisterUnavailable: nobody can say at present.
        """
        enterprises = self._parts.enterprises
        try:
            found = await enterprises.require(
                session.subject, person, uscc, trace, deadline, represented
            )
        except NotRepresentative:
            acting = await self._member(session, uscc, trace, deadline)
        else:
            acting = self._representative(session.person_id, found)
        if scope not in acting.scopes:
            raise ScopeMissing(scope)
        if not acting.may(scope, item_code):
            raise ItemNotGranted
        return acting

    def _representative(self, person_id: UUID, enterprise: Enterprise) -> Acting:
        role = Role.LEGAL_REP
        about = self._parts.about(enterprise.uscc)
        return Acting(
            person_id, enterprise, role, scopes_of(role, ()), frozenset(), None, None, about
        )

    async def licensed(self, session: Session, uscc: str) -> bool:
        """Whether the enterprise's electronic licence was shown in this session, and still holds.

        It stands for the face of level 4: whoever opens the licence on their phone has shown it.
        """
        if not is_uscc(uscc):
            return False
        rows = CorpMember.filter(
            person_id=session.person_id, uscc=uscc, session_id=session.session_id, state=ACTIVE
        )
        return any(not self._parts.expired(row) for row in await rows)

    async def _member(
        self, session: Session, uscc: str, trace: str, deadline: Deadline | None
    ) -> Acting:
        if not is_uscc(uscc):
            raise NotRepresentative
        mine = _seen_in(session).filter(uscc=uscc)
        # What was shown in this session comes before what was given by invitation. A former
        # representative has nothing by having shown the licence as one.
        rows = await mine.filter(state=ACTIVE).exclude(role=Role.LEGAL_REP).order_by(
            "-session_id", "-id"
        )  # fmt: skip
        row = next((each for each in rows if not self._parts.expired(each)), None)
        if row is None:
            if rows:
                raise GrantExpired
            raise GrantEnded if await mine.exists() else NotRepresentative
        enterprise = await self.in_force(uscc, trace, deadline)
        if enterprise is None or row.under_index != self._parts.under(enterprise):
            raise GrantEnded
        return self._parts.acting(row, enterprise, await carrier(row))

    async def in_force(
        self, uscc: str, trace: str = "", deadline: Deadline | None = None, anew: bool = False
    ) -> Enterprise | None:
        """The enterprise by the register, after ending what the register ends; None: struck off.

        Raises:
            RegisterUnavailable.
        """
        found = await self._parts.enterprises.record(uscc, trace, deadline, anew)
        if found is None or found.status != IN_BUSINESS:
            await self._end_all(uscc, "struck_off", "")
            return None
        await self._end_all(uscc, "representative_changed", self._parts.under(found))
        return found

    async def _end_all(self, uscc: str, reason: str, but_under: str) -> None:
        parts = self._parts
        stale = CorpMember.filter(uscc=uscc, state__in=(INVITED, ACTIVE)).exclude(
            under_index=but_under
        )
        if not await stale.exists():
            return
        told = []
        async with in_transaction():
            await parts.lock(uscc)
            for row in await stale:
                if await parts.end(row, reason):
                    await parts.record(PLATFORM, "members.ended", row, reason=reason)
                    told += [(row.person_id, row.enterprise_name)] if row.person_id else []
        for person_id, name in told:
            text = f"{_WORDS[reason]}，您为“{name}”办事的授权已自动终止。"
            await parts.messages.post(person_id, "members.ended", "企业授权已终止", text)

    async def watch(self, most: int = 200) -> int | None:
        """Ask the register again about enterprises with members; the worker calls it.

        Says how many it asked about; None for none.
        """
        asked = 0
        for book in await CorpBook.filter().order_by("checked_at").limit(most):
            # Taken before the call: a silent register is asked about another one next.
            await CorpBook.filter(uscc=book.uscc).update(checked_at=self._parts.now())
            if not await CorpMember.filter(uscc=book.uscc, state__in=(INVITED, ACTIVE)).exists():
                continue
            asked += 1
            await self.in_force(book.uscc, anew=True)
        return asked or None

    # For whom

    async def of_person(
        self, session: Session, trace: str = "", deadline: Deadline | None = None
    ) -> list[Held]:
        """What others gave to a person and still holds, the latest first.

        Below level 4 no more than what was shown in the session by electronic licence, as
        representative too.
        """
        rows = _seen_in(session).filter(state=ACTIVE).order_by("-id")
        if session.level >= Level.FACE:
            rows = rows.exclude(role=Role.LEGAL_REP)
        else:
            rows = rows.filter(session_id=session.session_id)
        chosen: dict[str, CorpMember] = {}
        for row in await rows.limit(MOST_HELD):
            if not self._parts.expired(row) and (row.uscc not in chosen or row.session_id):
                chosen[row.uscc] = row
        open_rows = list(chosen.values())
        known = await asyncio.gather(*(self._known(row, trace, deadline) for row in open_rows))
        found = zip(open_rows, known, strict=True)
        return [
            Held(await self._parts.shown_counted(row), one) for row, one in found if one is not None
        ]

    async def _known(
        self, row: CorpMember, trace: str, deadline: Deadline | None
    ) -> Enterprise | Literal["silent"] | None:
        """The enterprise of a grant; None when the register has ended it."""
        try:
            found = await self.in_force(row.uscc, trace, deadline)
        except RegisterUnavailable:
            return "silent"
        if found is None or row.under_index != self._parts.under(found):
            return None
        return found

    async def lost(self, session: Session) -> list[str]:
        """Enterprises whose applications this person once could see as a member and now cannot.

        What was shown in another session is over in this one.
        """
        of_person = CorpMember.filter(person_id=session.person_id, state__in=(ACTIVE, ENDED))
        rows = await of_person.exclude(role=Role.LEGAL_REP)
        seen = {
            row.uscc
            for row in rows
            if row.state == ACTIVE and not self._parts.expired(row)
            and row.session_id in ("", session.session_id)
            and Scope.CASES_READ in scopes_of(Role(row.role), row.scopes)
        }  # fmt: skip
        return sorted({row.uscc for row in rows} - seen)

    async def resign(self, acting: Acting) -> None:
        """Give back what one was given.

        Raises:
            MemberUnknown: there is nothing to give back.
        """
        parts = self._parts
        row = await CorpMember.filter(id=acting.member_id, state=ACTIVE).first()
        if acting.member_id is None or row is None:
            raise MemberUnknown
        async with in_transaction():
            await parts.lock(row.uscc)
            if await parts.end(row, "resigned"):
                await parts.record(actor_of(acting.person_id), "members.resigned", row)


def _seen_in(session: Session) -> QuerySet[CorpMember]:
    """What a person has in this session: by invitation, and by what was shown in it."""
    return CorpMember.filter(person_id=session.person_id, session_id__in=("", session.session_id))

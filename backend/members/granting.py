"""Inviting, accepting, declining and taking back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from tortoise.expressions import F
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.audit.service import person as actor_of
from backend.enterprise.service import Enterprise
from backend.identity.service import Session
from backend.members.admitting import Admitting
from backend.members.barring import bar, end_shown
from backend.members.counting import MOST_CASES
from backend.members.errors import (
    EnterpriseClosed,
    GrantInvalid,
    InvitationUnknown,
    MemberUnknown,
    OwnInvitation,
    PhoneInvalid,
    ScopeMissing,
    TooManyAdministrators,
    TooManyInvitations,
    TooManyMembers,
)
from backend.members.models import CorpBook, CorpMember
from backend.members.parts import (
    ACTIVE,
    ENDED,
    INVITED,
    MOST_ADMINISTRATORS,
    Acting,
    Member,
    Parts,
)
from backend.members.scopes import GRANTABLE, Role, Scope, manages
from backend.numbers.service import Holder, PhoneRefused, normalise_phone
from backend.store.ids import uuid7
from backend.store.tries import Mark, Rule

MOST_MEMBERS = 200
MOST_ITEMS = 50
LONGEST_DAYS = 366
INVITING = Rule("members-invite", 40, 86_400)
_ROLE = {Role.ADMINISTRATOR: "管理员", Role.AGENT: "办事人"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What is to be given, and to whom; ``phone`` as typed.

    Attributes:
        most_cases: how many applications an agent may file; None for any number.
    """

    role: Role
    name: str
    phone: str
    scopes: Sequence[Scope] = ()
    items: Sequence[str] = ()
    ends_on: date | None = None
    most_cases: int | None = None


class Granting:
    """Gives, and takes back."""

    def __init__(self, parts: Parts, admitting: Admitting) -> None:
        self._parts, self._admitting = parts, admitting

    async def members(self, acting: Acting) -> list[Member]:
        """Members and open invitations of an enterprise, administrators first."""
        await self._admitting.in_force(acting.enterprise.uscc)
        rows = await self._open(acting.enterprise.uscc).order_by("id")
        # Who showed the licence and whose half day is over is nobody to be shown.
        shown = [
            await self._parts.shown_counted(row)
            for row in rows
            if not (row.session_id and self._parts.expired(row))
        ]
        return sorted(shown, key=lambda each: each.role is not Role.ADMINISTRATOR)

    async def invite(self, acting: Acting, grant: Grant) -> Member:
        """Invite an administrator, or an agent.

        Args:
            acting: of somebody who manages members.

        Raises:
            ScopeMissing: only the representative appoints administrators.
            GrantInvalid, PhoneInvalid, EnterpriseClosed, TooManyAdministrators, TooManyMembers,
            TooManyInvitations, RegisterUnavailable.
        """
        parts, uscc = self._parts, acting.enterprise.uscc
        if not acting.may(manages(grant.role)):
            raise ScopeMissing(manages(grant.role))
        self._check(grant)
        grant = replace(grant, name=grant.name.strip(), phone=_phone(grant.phone))
        enterprise = await self._admitting.in_force(uscc)
        if enterprise is None:
            raise EnterpriseClosed
        await self._bounded(acting, grant.role)
        row = self._row(acting, enterprise, grant)
        async with in_transaction():
            await parts.lock(uscc)
            again = self._open(uscc).filter(
                state=INVITED, invited_index=row.invited_index, role=row.role
            )
            for before in await again:
                await parts.end(before, "replaced")
            await row.save(force_create=True)
            await parts.record(
                actor_of(acting.person_id), "members.invited", row,
                scopes=" ".join(row.scopes), ends_on=str(row.ends_on or ""),
                items=str(len(row.items)),
            )  # fmt: skip
        await self._tell(row, grant)
        return parts.shown(row)

    def _check(self, grant: Grant) -> None:
        ahead = (grant.ends_on - self._parts.today()).days if grant.ends_on else None
        if ahead is not None and not 0 <= ahead <= LONGEST_DAYS:
            raise GrantInvalid
        if grant.role is Role.ADMINISTRATOR:
            if grant.scopes or grant.items or grant.most_cases is not None:
                raise GrantInvalid
            return
        fits = grant.scopes and set(grant.scopes) <= set(GRANTABLE)
        if grant.role is not Role.AGENT or not fits or ahead is None:
            raise GrantInvalid
        if len(grant.items) > MOST_ITEMS:
            raise GrantInvalid
        _check_most(grant.most_cases, grant.scopes)

    async def _bounded(self, acting: Acting, role: Role) -> None:
        given = self._open(acting.enterprise.uscc).filter(session_id="")
        open_rows = [row for row in await given if not self._parts.expired(row)]
        if len(open_rows) >= MOST_MEMBERS:
            raise TooManyMembers
        administrators = [row for row in open_rows if row.role == Role.ADMINISTRATOR]
        if role is Role.ADMINISTRATOR and len(administrators) >= MOST_ADMINISTRATORS:
            raise TooManyAdministrators
        wait = await self._parts.tries.take([Mark(INVITING, str(acting.person_id))])
        if wait:
            raise TooManyInvitations(wait)

    def _row(self, acting: Acting, enterprise: Enterprise, grant: Grant) -> CorpMember:
        parts, row_id = self._parts, uuid7()
        return CorpMember(
            id=row_id, uscc=enterprise.uscc, enterprise_name=enterprise.name, role=grant.role,
            state=INVITED, invited_index=parts.invited_index(grant.phone, grant.name),
            name=parts.seal(grant.name, row_id, "name"),
            phone=parts.seal(grant.phone, row_id, "phone"),
            scopes=sorted(set(grant.scopes)), items=sorted(set(grant.items)),
            ends_on=grant.ends_on, most_cases=grant.most_cases, under_index=parts.under(enterprise),
            given_by=acting.person_id, created_at=parts.now(),
        )  # fmt: skip

    async def _tell(self, row: CorpMember, grant: Grant) -> None:
        """Tell whoever has the phone and the name; of anybody else nothing can be learnt here."""
        invited = await self._parts.identity.verified_by_phone(grant.phone, grant.name)
        if invited is not None:
            text = f"“{row.enterprise_name}”邀请您担任{_ROLE[grant.role]}，请在 7 天内答复。"
            await self._parts.messages.post(
                invited, "members.invited", "有企业邀请您办事", text, "/enterprise/invitations"
            )

    # By the invited person

    async def invitations(self, session: Session, person: Holder) -> list[Member]:
        """The open invitations for a verified person, found by their own phone and name."""
        reach = await self._parts.identity.reach(session.person_id)
        if reach.phone is None:
            return []
        index = self._parts.invited_index(reach.phone, person.name)
        rows = await CorpMember.filter(invited_index=index, state=INVITED).order_by("-id")
        return [self._parts.shown(row) for row in rows if not self._parts.expired(row)]

    async def accept(self, session: Session, person: Holder, row_id: UUID) -> Member:
        """Become a member; an earlier grant of the same enterprise is replaced.

        Raises:
            InvitationUnknown, OwnInvitation, TooManyAdministrators, RegisterUnavailable.
        """
        parts, row = self._parts, await self._mine(session, person, row_id)
        enterprise = await self._admitting.in_force(row.uscc)
        if enterprise is None or row.under_index != parts.under(enterprise):
            raise InvitationUnknown
        if enterprise.is_represented_by(person):
            raise OwnInvitation
        async with in_transaction():
            await parts.lock(row.uscc)
            await self._take(session, row)
            await parts.record(actor_of(session.person_id), "members.accepted", row)
        await row.refresh_from_db()
        return parts.shown(row)

    async def _take(self, session: Session, row: CorpMember) -> None:
        parts = self._parts
        before = CorpMember.filter(
            uscc=row.uscc, person_id=session.person_id, state=ACTIVE, session_id=""
        )
        for each in await before:
            await parts.end(each, "replaced")
        taken = await CorpMember.filter(id=row.id, state=INVITED).update(
            state=ACTIVE, person_id=session.person_id, accepted_at=parts.now()
        )
        if not taken:
            raise InvitationUnknown
        if row.role == Role.ADMINISTRATOR:
            await self._end_expired(row.uscc)
            room = CorpBook.filter(uscc=row.uscc, administrators__lt=MOST_ADMINISTRATORS)
            if not await room.update(administrators=F("administrators") + 1):
                raise TooManyAdministrators

    async def _end_expired(self, uscc: str) -> None:
        """An administrator whose last day is over holds no place."""
        over = CorpMember.filter(uscc=uscc, role=Role.ADMINISTRATOR, state=ACTIVE)
        for each in await over.filter(ends_on__lt=self._parts.today()):
            await self._parts.end(each, "lapsed")

    async def decline(self, session: Session, person: Holder, row_id: UUID) -> None:
        """Do without.

        Raises:
            InvitationUnknown.
        """
        parts, row = self._parts, await self._mine(session, person, row_id)
        async with in_transaction():
            await parts.lock(row.uscc)
            if await parts.end(row, "declined"):
                await parts.record(actor_of(session.person_id), "members.declined", row)

    async def _mine(self, session: Session, person: Holder, row_id: UUID) -> CorpMember:
        row = await CorpMember.get_or_none(id=row_id, state=INVITED)
        if row is None or self._parts.expired(row):
            raise InvitationUnknown
        reach = await self._parts.identity.reach(session.person_id)
        if not self._parts.is_of(row, person, reach.phone):
            raise InvitationUnknown
        return row

    # By the enterprise

    async def revoke(self, acting: Acting, row_id: UUID) -> None:
        """Take back what was given or offered, at once.

        With an administrator go the invitations that they have open. A member has nothing by the
        electronic licence any more either, and comes in by none until that is lifted.

        Raises:
            MemberUnknown, ScopeMissing.
        """
        parts = self._parts
        row = await self._open(acting.enterprise.uscc).get_or_none(id=row_id)
        if row is None:
            raise MemberUnknown
        if not acting.may(manages(Role(row.role))):
            raise ScopeMissing(manages(Role(row.role)))
        async with in_transaction():
            await parts.lock(row.uscc)
            await row.refresh_from_db()
            actor = actor_of(acting.person_id)
            if row.state == ACTIVE:
                # What was shown ends before what was given, as submissions count in that order.
                await end_shown(parts, actor, row)
            if row.state == ENDED or not await parts.end(row, "revoked"):
                raise MemberUnknown
            await parts.record(actor, "members.revoked", row)
            if row.state == ACTIVE:
                await bar(parts, acting, row)
            if row.person_id is not None and row.role == Role.ADMINISTRATOR:
                for each in await self._open(row.uscc).filter(
                    given_by=row.person_id, state=INVITED
                ):
                    await parts.end(each, "revoked")
        if row.person_id is not None:
            role = _ROLE[Role(row.role)]
            text = (
                f"“{row.enterprise_name}”已收回给您的{role}授权，您也不能再用电子营业执照登录它。"
            )
            await parts.messages.post(row.person_id, "members.revoked", "企业授权已收回", text)

    async def limit(self, acting: Acting, row_id: UUID, most: int | None) -> Member:
        """Let an agent file so many applications in all, those that they filed included.

        Args:
            most: None for any number; fewer than they have filed lets them file no more.

        Raises:
            MemberUnknown, GrantInvalid: of whoever may not apply, or showed the licence.
        """
        parts = self._parts
        row = await self._open(acting.enterprise.uscc).get_or_none(id=row_id)
        if row is None or parts.expired(row):
            raise MemberUnknown
        if row.role != Role.AGENT or row.session_id:
            raise GrantInvalid
        _check_most(most, row.scopes)
        async with in_transaction():
            await parts.lock(row.uscc)
            if not await self._open(row.uscc).filter(id=row.id).update(most_cases=most):
                raise MemberUnknown
            actor = actor_of(acting.person_id)
            await parts.record(actor, "members.limited", row, most_cases=str(most or ""))
        await row.refresh_from_db()
        return parts.shown(row)

    def _open(self, uscc: str) -> QuerySet[CorpMember]:
        found = CorpMember.filter(uscc=uscc, state__in=(INVITED, ACTIVE))
        # A representative who showed the licence is nobody's member.
        return found.exclude(role=Role.LEGAL_REP)

    async def purge(self) -> int | None:
        """End invitations, and what was shown by licence, whose time is over; says how many."""
        now = self._parts.now()
        done = 0
        for over in (
            CorpMember.filter(state=INVITED, created_at__lt=now - timedelta(days=8)),
            CorpMember.filter(state=ACTIVE, ends_at__lt=now),
        ):
            done += await over.update(state=ENDED, ended_at=now, ended_reason="lapsed")
        return done or None


def _check_most(most: int | None, scopes: Sequence[str]) -> None:
    if most is None:
        return
    if Scope.CASES_APPLY not in scopes or not 1 <= most <= MOST_CASES:
        raise GrantInvalid


def _phone(typed: str) -> str:
    try:
        return normalise_phone(typed)
    except PhoneRefused:
        raise PhoneInvalid from None

"""家庭: a guardian carries the licences of children under 14, a relative those of a relative.

A child's licences are read through the same wallet, under the child's own tag. What proves the
right is the birth certificate: it lies in the guardian's wallet and names both, and its issuer
gives the same one for the child's number. Whether it still holds is looked at with each use.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.identity.service import Session, subject_of
from backend.lending.errors import (
    ChildGrownUp,
    InvitationUnknown,
    MemberUnknown,
    NotACertificate,
    NotAParent,
    OwnInvitation,
    SourceSilent,
    TooManyOpen,
)
from backend.lending.members import GROWN_UP, Carried, Member, child_subject, grown_up_on
from backend.lending.models import FamilyLink
from backend.lending.parts import INVITATION_LIFE, Parts, end_of_day, new_invitation
from backend.messages.service import person_of
from backend.numbers.service import (
    Holder,
    IdNumberRefused,
    age_on,
    mask_name,
    parse_id_number,
)
from backend.store.ids import uuid7
from backend.upstream.deadline import Deadline
from backend.wallet.service import Card, IssuersSilent, LicenceNotFound, LicenceStatus, WalletView

MOST_LINKS = 20
Kind = Literal["child", "relative"]


class Family:
    """The use cases of families."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def subject_of_number(self, number: str) -> str:
        """The tag under which the wallet of the bearer of a number is kept, account or not."""
        found = await self._parts.identity.subject_bearing(number)
        return found or child_subject(self._parts.index, number)

    async def told_of(self, number: str) -> list[UUID]:
        """Who is told of what becomes of somebody's licences.

        The bearer of the number, and whoever carries the licences of that child.
        """
        found = await self._parts.identity.subject_bearing(number)
        index = self._parts.index.of("family-child", number)
        links = await FamilyLink.filter(holder_index=index, kind="child", state="active")
        carriers = [row.carrier_id for row in links if row.carrier_id and self._holds(row)]
        return [*([person_of(found)] if found else []), *carriers]

    # Children

    async def add_child(
        self, session: Session, certificate: Card, id_number: str, trace: str
    ) -> Member:
        """Carry the licences of a child of one's own.

        Args:
            certificate: a licence of the guardian's that proves parentage.
            id_number: the child's, as typed.

        Raises:
            NotACertificate, NotAParent, ChildGrownUp, TooManyTries, TooManyOpen, SourceSilent.
        """
        parts = self._parts
        await parts.try_once(session.person_id, "child")
        guardian = await parts.identity.holder(session)
        child, birth = _child_of(certificate, guardian, id_number)
        if age_on(birth, parts.today()) >= GROWN_UP:
            raise ChildGrownUp
        await self._prove(child, certificate, trace)
        index = parts.index.of("family-child", child.code)
        link_id, ends_on = uuid7(), grown_up_on(birth)
        sealed = orjson.dumps([child.code_type, child.code, child.name]).decode()
        async with in_transaction():
            await self._bounded(FamilyLink.filter(carrier_id=session.person_id))
            before = FamilyLink.filter(
                carrier_id=session.person_id, holder_index=index, state="active"
            )
            await before.update(state="ended", ended_at=parts.now())
            row = await FamilyLink.create(
                id=link_id, kind="child", carrier_id=session.person_id,
                holder=parts.seal(sealed, link_id, "holder"), holder_index=index,
                proof_licence=certificate.licence.id, ends_on=ends_on, state="active",
                created_at=parts.now(),
            )  # fmt: skip
            await self._record(row, session, "lending.family_added", await self._about(child))
        return self._member(row, "carried", mask_name(child.name))

    async def _prove(self, child: Holder, certificate: Card, trace: str) -> None:
        """The issuer gives the same certificate for the child's number and name."""
        subject = await self.subject_of_number(child.code)
        try:
            found = await self._parts.wallet.licence(
                subject, child, certificate.licence.id, trace=trace
            )
        except IssuersSilent:
            raise SourceSilent from None
        except LicenceNotFound:
            raise NotAParent from None
        if found.status is not LicenceStatus.VALID:
            raise NotACertificate

    # Relatives

    async def invite(self, session: Session, until: date) -> Member:
        """Let a relative carry one's licences; the code is handed over by oneself.

        Raises:
            EndInvalid, TooManyOpen.
        """
        parts, code, link_id = self._parts, new_invitation(), uuid7()
        parts.end_of(until)
        async with in_transaction():
            await self._bounded(FamilyLink.filter(member_id=session.person_id))
            row = await FamilyLink.create(
                id=link_id, kind="relative", member_id=session.person_id,
                invitation_index=parts.invitation_index(code),
                ends_on=until + timedelta(days=1), state="invited", created_at=parts.now(),
            )  # fmt: skip
            await self._record(row, session, "lending.family_invited", person(session.person_id))
        return self._member(row, "carrier", "", code)

    async def accept(self, session: Session, code: str) -> Member:
        """Carry the licences of the relative whose code this is.

        Raises:
            InvitationUnknown, OwnInvitation, TooManyTries, TooManyOpen.
        """
        parts = self._parts
        await parts.try_once(session.person_id, "invitation")
        row = await FamilyLink.get_or_none(
            invitation_index=parts.invitation_index(code), state="invited"
        )
        if row is None or row.member_id is None or not self._holds(row):
            raise InvitationUnknown
        if row.member_id == session.person_id:
            raise OwnInvitation
        carrier = await parts.identity.holder(session)
        member = await parts.identity.named(row.member_id)
        if member is None:
            raise InvitationUnknown
        async with in_transaction():
            await self._bounded(FamilyLink.filter(carrier_id=session.person_id))
            changed = await FamilyLink.filter(id=row.id, state="invited").update(
                state="active", carrier_id=session.person_id, invitation_index=None
            )
            if not changed:
                raise InvitationUnknown
            about = person(row.member_id)
            await self._record(row, session, "lending.family_accepted", about)
            text = f"{mask_name(carrier.name)}已接受邀请，可代您查看和出示证照。您可随时收回。"
            await parts.messages.post(row.member_id, "family", "家人已开始代管您的证照", text)
        return self._member(await FamilyLink.get(id=row.id), "carried", mask_name(member.name))

    # Both

    async def members(self, session: Session) -> list[Member]:
        """Whom a person carries, and who carries theirs; only what holds now."""
        mine = Q(carrier_id=session.person_id) | Q(member_id=session.person_id)
        rows = await FamilyLink.filter(mine, state__in=("active", "invited")).order_by("id")
        found = []
        for row in rows:
            if not self._holds(row) or await self._parts.is_over(row.id):
                continue
            role = "carried" if row.carrier_id == session.person_id else "carrier"
            name = await self._other_name(row, role)
            if name is not None:
                found.append(self._member(row, role, name))
        return found

    async def _other_name(self, row: FamilyLink, role: str) -> str | None:
        if role == "carried" and row.kind == "child":
            return mask_name(self._child(row).name)
        other = row.member_id if role == "carried" else row.carrier_id
        if other is None:
            return ""
        holder = await self._parts.identity.named(other)
        return None if holder is None else mask_name(holder.name)

    async def carrier(self, session: Session, link_id: UUID) -> UUID | None:
        """The account of the relative who carries the caller's licences by this link, if any."""
        row = await FamilyLink.get_or_none(
            id=link_id, member_id=session.person_id, kind="relative", state="active"
        )
        if row is None or not self._holds(row) or await self._parts.is_over(row.id):
            return None
        return row.carrier_id

    async def end(self, session: Session, link_id: UUID) -> None:
        """End it, from either side; at once, everywhere. Again does nothing.

        Raises:
            MemberUnknown.
        """
        mine = Q(carrier_id=session.person_id) | Q(member_id=session.person_id)
        row = await FamilyLink.filter(mine, id=link_id).first()
        if row is None:
            raise MemberUnknown
        parts = self._parts
        await parts.mark_over(row.id, end_of_day(row.ends_on))
        try:
            async with in_transaction():
                still = FamilyLink.filter(id=row.id, state__in=("active", "invited"))
                if not await still.update(
                    state="ended", ended_at=parts.now(), invitation_index=None
                ):
                    return
                about = await self._about_link(row)
                await self._record(row, session, "lending.family_ended", about)
                await self._tell_other(row, session)
        except BaseException:
            await parts.unmark(row.id)
            raise

    async def _tell_other(self, row: FamilyLink, session: Session) -> None:
        other = row.member_id if row.carrier_id == session.person_id else row.carrier_id
        if other is not None:
            text = "家庭成员之间的证照代管已结束，即刻失效。"
            await self._parts.messages.post(other, "family", "证照代管已结束", text)

    # Carrying

    async def carried(self, session: Session, link_id: UUID, what: str) -> Carried:
        """The wallet that a link opens now; each look is written to the audit.

        Args:
            what: is looked at (``wallet``, ``licence``, ``face``, ``show``, ``usages``).

        Raises:
            MemberUnknown: it holds no more.
        """
        row = await FamilyLink.get_or_none(id=link_id, carrier_id=session.person_id)
        found = await self._opened(row)
        if row is None or found is None:
            raise MemberUnknown
        detail = {"link": str(row.id), "kind": row.kind, "what": what}
        await self._parts.audit.record(
            person(session.person_id), "lending.family_read", found.about, detail
        )
        return found

    async def wallet(
        self, carried: Carried, trace: str, deadline: Deadline | None = None
    ) -> WalletView:
        """All of a carried wallet.

        Raises:
            MemberUnknown: the certificate that proves a child's is withdrawn.
        """
        view = await self._parts.wallet.open(
            carried.subject, carried.holder, deadline=deadline, trace=trace
        )
        self._still_proven(carried, view.cards)
        return view

    async def card(self, carried: Carried, licence_id: str, trace: str) -> Card:
        """One licence of a carried wallet.

        Raises:
            MemberUnknown, LicenceNotFound, IssuersSilent.
        """
        if carried.proof is not None:
            known = await self._parts.wallet.known(carried.subject, carried.proof)
            self._still_proven(carried, [known] if known is not None else [])
        return await self._parts.wallet.licence(
            carried.subject, carried.holder, licence_id, trace=trace
        )

    async def used(self, grant: UUID) -> str | None:
        """Whom a look under a link is told; None when the link holds no more."""
        row = await FamilyLink.get_or_none(id=grant)
        if row is None or await self._opened(row) is None or row.carrier_id is None:
            return None
        return subject_of(row.member_id or row.carrier_id)

    def _still_proven(self, carried: Carried, cards: Sequence[Card]) -> None:
        proof = next((card for card in cards if card.licence.id == carried.proof), None)
        if proof is not None and proof.status is not LicenceStatus.VALID:
            raise MemberUnknown

    async def _opened(self, row: FamilyLink | None) -> Carried | None:
        if row is None or row.state != "active" or not self._holds(row):
            return None
        if await self._parts.is_over(row.id):
            return None
        if row.kind == "child":
            child = self._child(row)
            subject = await self.subject_of_number(child.code)
            return Carried(row.id, subject, child, await self._about(child), row.proof_licence)
        holder = await self._parts.identity.named(row.member_id) if row.member_id else None
        if holder is None or row.member_id is None:
            return None
        return Carried(row.id, subject_of(row.member_id), holder, person(row.member_id), None)

    def _holds(self, row: FamilyLink) -> bool:
        if self._parts.today() >= row.ends_on:
            return False
        return row.state != "invited" or self._parts.now() < row.created_at + INVITATION_LIFE

    def _child(self, row: FamilyLink) -> Holder:
        return Holder(*orjson.loads(self._parts.open(row.holder or b"", row.id, "holder")))

    async def _about(self, child: Holder) -> str:
        found = await self._parts.identity.subject_bearing(child.code)
        return f"child:{found or child_subject(self._parts.index, child.code)}"

    async def _about_link(self, row: FamilyLink) -> str:
        if row.member_id is not None:
            return person(row.member_id)
        return await self._about(self._child(row))

    async def _bounded(self, links: Any) -> None:
        open_ = links.filter(state__in=("active", "invited"), ends_on__gt=self._parts.today())
        if await open_.count() >= MOST_LINKS:
            raise TooManyOpen

    async def _record(self, row: FamilyLink, by: Session, action: str, about: str) -> None:
        detail = {"link": str(row.id), "kind": row.kind}
        await self._parts.audit.record(person(by.person_id), action, about, detail)

    def _member(
        self, row: FamilyLink, role: str, name: str, invitation: str | None = None
    ) -> Member:
        return Member(
            row.id, row.kind, role, name, row.state, row.created_at, row.ends_on, invitation
        )


def _child_of(certificate: Card, guardian: Holder, id_number: str) -> tuple[Holder, date]:
    """The child that a certificate names beside its guardian.

    Raises:
        NotACertificate, NotAParent.
    """
    spec, fields = certificate.kind.parentage, certificate.licence.fields
    if spec is None or certificate.status is not LicenceStatus.VALID:
        raise NotACertificate
    name, born_on = fields.get(spec.child, ""), fields.get(spec.born_on, "")
    if guardian.name not in [fields.get(parent, "") for parent in spec.parents]:
        raise NotAParent
    try:
        number = parse_id_number(id_number)
        birth = date.fromisoformat(born_on)
    except (IdNumberRefused, ValueError):
        raise NotAParent from None
    if number.birth != birth or number.value == guardian.code or not name:
        raise NotAParent
    return Holder(number.id_type, number.value, name), birth

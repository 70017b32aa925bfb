"""用证授权: one licence, for one person, company or system, for one purpose, so often, until then.

A use is checked, counted by the database in one statement, written to the holder's usage log, and
only then answered. What ended is marked in Redis before the database knows it: should the rest
fail, too little is open rather than too much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.exchange.service import ProviderSystem
from backend.identity.service import Session, subject_of
from backend.lending.errors import (
    InvitationUnknown,
    LendingError,
    LoanRevoked,
    LoanUnknown,
    LoanUsedUp,
    OwnInvitation,
    TooManyOpen,
)
from backend.lending.grantees import Grantees, system_name
from backend.lending.loan_states import (
    REFUSALS,
    Loan,
    LoanState,
    Showing,
    Use,
    Wish,
    loan_state,
)
from backend.lending.models import Loan as LoanRow
from backend.lending.parts import Parts, new_invitation
from backend.numbers.service import Holder, mask_name
from backend.presentation.errors import FieldsUnknown, LicenceNotValid
from backend.presentation.service import Fact, Look, facts_of
from backend.store.ids import uuid7
from backend.wallet.service import STATUS_LABELS, Card, LicenceStatus

MOST_OPEN = 100
_MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class _User:
    """Who uses a loan, as the log names them."""

    kind: str
    id: str
    name: str


class Loans:
    """The use cases of loans."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._grantees = parts, Grantees(parts)

    # The holder

    async def lend(self, session: Session, card: Card, wish: Wish, trace: str = "") -> Loan:
        """Lend a licence of one's own.

        Raises:
            LicenceNotValid, FieldsUnknown: it is not to be shown like that.
            GranteeUnknown, OwnInvitation, EndInvalid, TooManyTries, TooManyOpen; of a company
                EnterpriseUnknown, RegisterUnavailable.
        """
        if card.status is not LicenceStatus.VALID:
            raise LicenceNotValid(card.status.value, STATUS_LABELS[card.status])
        facts = self._facts(card, wish.facts)
        ends_at = self._parts.end_of(wish.until)
        open_ = LoanRow.filter(owner_id=session.person_id, state__in=("active", "invited"))
        if await open_.filter(ends_at__gt=self._parts.now()).count() >= MOST_OPEN:
            raise TooManyOpen
        row, told = await self._grantees.addressed(session, wish, trace)
        code = new_invitation() if row.state == LoanState.INVITED else None
        row.owner_id, row.subject = session.person_id, session.subject
        row.licence_id, row.type_code = card.licence.id, card.licence.type_code
        row.type_name = card.kind.name
        row.invitation_index = self._parts.invitation_index(code) if code else None
        row.purpose = self._parts.seal(wish.purpose, row.id, "purpose")
        row.facts = [[fact.name, fact.label] for fact in facts]
        row.times, row.used, row.ends_at = wish.times, 0, ends_at
        row.created_at = self._parts.now()
        async with in_transaction():
            await row.save(force_create=True)
            await self._record(row, session.person_id, "lending.lent")
            whose = "您" if row.company_index is None else "您的企业"
            await self._tell(row, told, f"借给{whose}使用")
        return self._loan(row, code)

    async def company(self, session: Session, code: str, trace: str) -> Holder:
        """A company in business by its USCC as typed, to lend to.

        Raises:
            EnterpriseUnknown, RegisterUnavailable, TooManyTries.
        """
        return (await self._grantees.company(session, code, trace)).holder

    def systems(self, words: str = "") -> list[tuple[str, str]]:
        """Code and name of the systems with these words in their name, to lend to."""
        return self._grantees.systems(words)

    async def given(self, session: Session) -> list[Loan]:
        """What a person lent, newest first."""
        rows = await LoanRow.filter(owner_id=session.person_id).order_by("-id").limit(_MOST_LISTED)
        return [self._loan(row) for row in rows]

    async def one_given(self, session: Session, loan_id: UUID) -> Loan:
        """One of them.

        Raises:
            LoanUnknown.
        """
        return self._loan(await self._owned(session, loan_id))

    async def revoke(self, session: Session, loan_id: UUID) -> None:
        """Take a loan back; at once, everywhere. Again does nothing.

        Raises:
            LoanUnknown.
        """
        row = await self._owned(session, loan_id)
        await self._end(row, LoanState.REVOKED, session.person_id)

    async def _owned(self, session: Session, loan_id: UUID) -> LoanRow:
        row = await LoanRow.get_or_none(id=loan_id, owner_id=session.person_id)
        if row is None:
            raise LoanUnknown
        return row

    async def _end(self, row: LoanRow, state: LoanState, by: UUID) -> None:
        await self._parts.mark_over(row.id, row.ends_at)
        try:
            async with in_transaction():
                still = LoanRow.filter(id=row.id, state__in=("active", "invited"))
                changed = await still.update(
                    state=state.value, ended_at=self._parts.now(), invitation_index=None
                )
                if not changed:
                    return
                await self._record(row, by, f"lending.{state}")
                if state is LoanState.RETURNED:
                    await self._tell_owner(row)
                else:
                    await self._tell(row, row.grantee_id, "已收回，不能再使用")
        except BaseException:
            await self._parts.unmark(row.id)
            raise

    # Who it is lent to

    async def accept(self, session: Session, code: str) -> Loan:
        """Take what somebody lent by invitation.

        Raises:
            InvitationUnknown, OwnInvitation, TooManyTries.
        """
        parts = self._parts
        await parts.try_once(session.person_id, "invitation")
        row = await LoanRow.get_or_none(invitation_index=parts.invitation_index(code))
        if row is None or loan_state(row, parts.now()) is not LoanState.INVITED:
            raise InvitationUnknown
        if row.owner_id == session.person_id:
            raise OwnInvitation
        name = mask_name((await parts.identity.holder(session)).name)
        async with in_transaction():
            changed = await LoanRow.filter(id=row.id, state="invited").update(
                state="active", grantee_id=session.person_id, invitation_index=None,
                grantee_name=parts.seal(name, row.id, "grantee"),
            )  # fmt: skip
            if not changed:
                raise InvitationUnknown
            await self._record(row, session.person_id, "lending.accepted")
            text = f"{name}接受了您的邀请，可按约定使用您的{row.type_name}。您可随时收回。"
            await parts.messages.post(row.owner_id, "loan", "用证授权已被接受", text)
        return self._loan(await LoanRow.get(id=row.id))

    # Below: with ``company``, what was lent to it. Whether the session's person may act for it has
    # been found out by whoever asks.

    async def borrowed(self, session: Session, company: Holder | None = None) -> list[Loan]:
        """借给我的证照, newest first."""
        mine = LoanRow.filter(**self._borrower(session, company))
        return [self._loan(row) for row in await mine.order_by("-id").limit(_MOST_LISTED)]

    async def give_back(
        self, session: Session, loan_id: UUID, company: Holder | None = None
    ) -> None:
        """Do without it. Again does nothing.

        Raises:
            LoanUnknown.
        """
        row = await self._taken(session, loan_id, company)
        await self._end(row, LoanState.RETURNED, session.person_id)

    async def use(
        self, session: Session, loan_id: UUID, trace: str, company: Holder | None = None
    ) -> Use:
        """See what was lent: counted, written down, told to its holder.

        Raises:
            LoanUnknown, LoanRevoked, LoanExpired, LoanUsedUp: it does not hold (any more).
            LicenceNotValid, LicenceNotFound, IssuersSilent, FieldsUnknown.
        """
        row = await self._taken(session, loan_id, company)
        name = mask_name((await self._parts.identity.holder(session)).name)
        who = f"{name}（个人）" if company is None else f"{company.name}（{name}经办）"
        return await self._use(row, _User("person", str(session.person_id), who), "", trace)

    async def to_show(
        self, session: Session, loan_id: UUID, trace: str, company: Holder | None = None
    ) -> Showing:
        """What the grantee may show by a code; it is counted when somebody looks at it.

        Raises:
            LoanUnknown, LoanRevoked, LoanExpired, LoanUsedUp: it does not hold (any more).
            LicenceNotValid, LicenceNotFound, IssuersSilent.
        """
        row = await self._taken(session, loan_id, company)
        await self.check(row)
        card = await self._card(row, trace)
        names = [name for name, _ in row.facts]
        purpose = self._parts.open(row.purpose, row.id, "purpose")
        return Showing(card, row.subject, names, purpose)

    def _borrower(self, session: Session, company: Holder | None) -> dict[str, Any]:
        if company is None:
            return {"grantee_id": session.person_id}
        return {"company_index": self._parts.company_index(company.code)}

    async def _taken(self, session: Session, loan_id: UUID, company: Holder | None) -> LoanRow:
        row = await LoanRow.get_or_none(id=loan_id, **self._borrower(session, company))
        if row is None:
            raise LoanUnknown
        return row

    async def used(self, loan_id: UUID) -> str | None:
        """Count a look at a code that was shown under a loan; gives the tag of its owner.

        None: there is no such loan, or it holds no more.
        """
        row = await LoanRow.get_or_none(id=loan_id)
        if row is None:
            return None
        try:
            await self.check(row)
            await self._count(row)
        except LendingError:
            return None
        return subject_of(row.owner_id)

    # A system it is lent to

    async def of_system(self, system: ProviderSystem) -> list[Loan]:
        """What was lent to a system and holds still, newest first."""
        mine = LoanRow.filter(grantee_system=system.code, state="active").filter(
            ends_at__gt=self._parts.now()
        )
        return [self._loan(row) for row in await mine.order_by("-id").limit(_MOST_LISTED)]

    async def use_by_system(
        self, system: ProviderSystem, loan_id: UUID, words: str, trace: str
    ) -> Use:
        """See what was lent to a system. See ``use``.

        Args:
            words: what the system says it is for, beside the purpose that was agreed.
        """
        row = await LoanRow.get_or_none(id=loan_id, grantee_system=system.code)
        if row is None:
            raise LoanUnknown
        user = _User("system", system.code, system_name(system))
        return await self._use(row, user, words, trace)

    async def _use(self, row: LoanRow, user: _User, words: str, trace: str) -> Use:
        await self.check(row)
        card = await self._card(row, trace)
        facts = self._facts(card, [name for name, _ in row.facts])
        await self._count(row)
        parts = self._parts
        purpose = parts.open(row.purpose, row.id, "purpose")
        look = Look(
            id=str(uuid7()), subject=row.subject, shower=subject_of(row.owner_id),
            licence_id=row.licence_id, type_code=row.type_code, type_name=row.type_name,
            at=int(parts.clock() * 1000), how="grant", verifier_kind=user.kind,
            verifier_id=user.id, verifier=user.name,
            purpose=f"{purpose}（{words}）" if words else purpose,
            fields=[(fact.name, fact.label) for fact in facts], grant=str(row.id),
        )  # fmt: skip
        await parts.presentations.looks.write(look)
        # Taken back while we asked: what was not handed out yet is not.
        await self.check(row)
        return Use(look.id, look.moment, card, facts, max(row.times - row.used - 1, 0))

    async def check(self, row: LoanRow) -> None:
        """Refuse what does not hold now.

        Raises:
            LoanUnknown, LoanRevoked, LoanExpired, LoanUsedUp.
        """
        if await self._parts.is_over(row.id):
            raise LoanRevoked
        refusal = REFUSALS.get(loan_state(row, self._parts.now()))
        if refusal is not None:
            raise refusal

    async def _card(self, row: LoanRow, trace: str) -> Card:
        owner = await self._parts.identity.named(row.owner_id)
        if owner is None:
            raise LoanRevoked
        card = await self._parts.wallet.licence(row.subject, owner, row.licence_id, trace=trace)
        if card.status is not LicenceStatus.VALID:
            raise LicenceNotValid(card.status.value, STATUS_LABELS[card.status])
        return card

    async def _count(self, row: LoanRow) -> None:
        """Count one use; the database lets no more through than there are, whoever asks at once."""
        counted = await LoanRow.filter(
            Q(id=row.id, state="active", used__lt=F("times"), ends_at__gt=self._parts.now())
        ).update(used=F("used") + 1)
        if not counted:
            await self.check(await LoanRow.get(id=row.id))
            raise LoanUsedUp

    def _facts(self, card: Card, names: Sequence[str]) -> list[Fact]:
        offered = facts_of(card, self._parts.today())
        missing = sorted(set(names) - {fact.name for fact in offered})
        if missing:
            raise FieldsUnknown(missing)
        return [fact for fact in offered if fact.name in names]

    async def _record(self, row: LoanRow, by: UUID, action: str) -> None:
        detail: dict[str, str | int | bool | None] = {
            "loan": str(row.id), "licence": row.licence_id, "licence_type": row.type_code,
            "times": row.times, "grantee_system": row.grantee_system or "",
        }  # fmt: skip
        if row.grantee_company is not None:
            uscc = self._parts.open(row.grantee_company, row.id, "company")
            detail["grantee"] = f"enterprise:{self._parts.wallet.enterprise_subject(uscc)}"
        await self._parts.audit.record(person(by), action, person(row.owner_id), detail)

    async def _tell(self, row: LoanRow, whom: UUID | None, what: str) -> None:
        if whom is None:
            return
        owner = self._parts.open(row.owner_name, row.id, "owner")
        purpose = self._parts.open(row.purpose, row.id, "purpose")
        text = f"{owner}的{row.type_name}{what}。用途：{purpose}。请在“用证授权”中查看。"
        await self._parts.messages.post(whom, "loan", f"{row.type_name}{what}", text)

    async def _tell_owner(self, row: LoanRow) -> None:
        name = self._parts.open(row.grantee_name, row.id, "grantee")
        text = f"{name}已退回您的{row.type_name}的用证授权，此授权已失效。"
        await self._parts.messages.post(row.owner_id, "loan", "用证授权已退回", text)

    def _loan(self, row: LoanRow, invitation: str | None = None) -> Loan:
        parts, kind = self._parts, "person"
        if row.grantee_system is not None:
            kind = "system"
        elif row.company_index is not None:
            kind = "company"
        elif row.grantee_id is None:
            kind = "invitation"
        return Loan(
            id=row.id, licence_id=row.licence_id, type_code=row.type_code,
            type_name=row.type_name, owner=parts.open(row.owner_name, row.id, "owner"),
            grantee_kind=kind, grantee=parts.open(row.grantee_name, row.id, "grantee"),
            purpose=parts.open(row.purpose, row.id, "purpose"), facts=row.facts,
            times=row.times, used=row.used, ends_at=row.ends_at,
            state=loan_state(row, parts.now()), created_at=row.created_at, invitation=invitation,
        )  # fmt: skip

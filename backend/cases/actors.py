"""Who acts for whom: oneself, a guardian, a relative with a mandate, whoever represents a
company or has its leave.

The right is looked at when a draft is opened and again when it is submitted.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.cases.content import Agent, ForKind
from backend.cases.errors import ForWhomUnknown, MandateMissing, MandateUnknown
from backend.cases.models import CaseMandate
from backend.cases.parts import Parts
from backend.enterprise.service import NotRepresentative
from backend.exchange.service import Audience
from backend.identity.service import Session
from backend.lending.errors import MemberUnknown
from backend.lending.service import Carried
from backend.members.service import Scope
from backend.numbers.service import Holder, mask_name
from backend.wallet.service import IssuersSilent, LicenceNotFound

LONGEST_DAYS = 366
_CARRIED = ("relative", "carried", "active")


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom somebody acts.

    Attributes:
        subject: tag of the applicant's wallet; about: how the audit calls them.
        agent: None for oneself.
    """

    applicant: Holder
    subject: str
    about: str
    audience: Audience
    agent: Agent | None


@dataclass(frozen=True, slots=True)
class Mandate:
    """办事授权, as both sides see it."""

    id: UUID
    link_id: UUID
    item_code: str
    ends_on: date


class Actors:
    """Finds out for whom somebody may act."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def acting(
        self, session: Session, kind: ForKind, for_id: str, item_code: str, trace: str,
        stored: bytes | None = None,
    ) -> Acting:  # fmt: skip
        """The applicant, and in which role the caller acts.

        Args:
            for_id: of a family link, or a USCC; empty for oneself.
            stored: the value of ``holder_key(subject)``, if it was fetched already.

        Raises:
            ForWhomUnknown, MandateMissing: the caller does not act for them.
            GrantEnded, GrantExpired, ScopeMissing, ItemNotGranted: nor for the enterprise any more,
                or not in this.
            RegisterUnavailable: nobody can say at present.
        """
        caller = await self._parts.services.identity.holder(session, stored)
        if kind == "self":
            return Acting(caller, session.subject, person(session.person_id), "citizen", None)
        if kind == "enterprise":
            return await self._enterprise(session, caller, for_id, item_code, trace)
        carried = await self._carried(session, for_id)
        if kind == "child":
            proof = await self._child(carried, trace)
            agent = Agent(caller, "guardian", proof)
        else:
            agent = Agent(caller, "relative", await self._relative(carried, item_code))
        return Acting(carried.holder, carried.subject, carried.about, "citizen", agent)

    async def _enterprise(
        self, session: Session, caller: Holder, uscc: str, item_code: str, trace: str
    ) -> Acting:
        services = self._parts.services
        try:
            found = await services.members.admit(
                session, caller, uscc, Scope.CASES_APPLY, item_code, trace
            )
        except NotRepresentative:
            raise ForWhomUnknown from None
        subject = services.wallet.enterprise_subject(uscc)
        agent = Agent(caller, "representative", "经营主体登记的法定代表人（负责人）")
        if found.member_id is not None:
            basis = "企业授权" if found.ends_at is None else "电子营业执照授权"
            agent = Agent(caller, "agent", f"{basis} {found.member_id}", found.member_id)
        applicant = Holder("001", uscc, found.enterprise.name)
        return Acting(applicant, subject, f"enterprise:{subject}", "enterprise", agent)

    async def _carried(self, session: Session, link_id: str) -> Carried:
        try:
            return await self._parts.services.lending.family.carried(
                session, UUID(link_id), "apply"
            )
        except (MemberUnknown, ValueError):
            raise ForWhomUnknown from None

    async def _child(self, carried: Carried, trace: str) -> str:
        """The certificate that proves it, looked at now."""
        if carried.proof is None:
            raise ForWhomUnknown
        try:
            card = await self._parts.services.lending.family.card(carried, carried.proof, trace)
        except (MemberUnknown, LicenceNotFound, IssuersSilent):
            raise ForWhomUnknown from None
        return f"{card.kind.name} {card.licence.identifier}"

    async def _relative(self, carried: Carried, item_code: str) -> str:
        rows = CaseMandate.filter(link_id=carried.id, ended_at=None)
        today = self._parts.today()
        for row in await rows.filter(ends_on__gte=today).order_by("-id"):
            if row.item_code in ("", item_code):
                return f"办事授权 {row.id}"
        raise MandateMissing

    # Mandates, by the relative who gives them

    async def grant(self, session: Session, link_id: UUID, item_code: str, until: date) -> Mandate:
        """Let whoever carries one's licences also apply in one's name; they are told.

        One for the same item is replaced: the newest counts.

        Args:
            item_code: of the only item; empty for any.

        Raises:
            MandateUnknown: the caller is not carried under such a link, or the day is not within
                a year from now.
        """
        carrier = await self._parts.services.lending.family.carrier(session, link_id)
        if carrier is None:
            raise MandateUnknown
        today = self._parts.today()
        if not today <= until <= today + timedelta(days=LONGEST_DAYS):
            raise MandateUnknown
        async with in_transaction():
            await CaseMandate.filter(
                grantor_id=session.person_id, link_id=link_id, item_code=item_code, ended_at=None
            ).update(ended_at=self._parts.now())
            row = await CaseMandate.create(
                link_id=link_id, grantor_id=session.person_id, item_code=item_code,
                ends_on=until, created_at=self._parts.now(),
            )  # fmt: skip
            await self._record(session, row, "cases.mandate_given", carrier)
            await self._tell(session, carrier, f"授权您代办，到 {until.isoformat()} 为止（含当天）")
        return _mandate(row)

    async def mandates(self, session: Session) -> list[Mandate]:
        """What the caller gave and still holds."""
        rows = CaseMandate.filter(grantor_id=session.person_id, ended_at=None)
        return [_mandate(row) for row in await rows.filter(ends_on__gte=self._parts.today())]

    async def received(self, session: Session) -> list[Mandate]:
        """What relatives gave the caller and holds still."""
        members = await self._parts.services.lending.family.members(session)
        links = [m.id for m in members if (m.kind, m.role, m.state) == _CARRIED]
        rows = CaseMandate.filter(link_id__in=links, ended_at=None)
        return [_mandate(row) for row in await rows.filter(ends_on__gte=self._parts.today())]

    async def revoke(self, session: Session, mandate_id: UUID) -> None:
        """Take a mandate back, at once; again does nothing. Who had it is told.

        Raises:
            MandateUnknown.
        """
        row = await CaseMandate.get_or_none(id=mandate_id, grantor_id=session.person_id)
        if row is None:
            raise MandateUnknown
        carrier = await self._parts.services.lending.family.carrier(session, row.link_id)
        async with in_transaction():
            if await CaseMandate.filter(id=row.id, ended_at=None).update(
                ended_at=self._parts.now()
            ):
                await self._record(session, row, "cases.mandate_revoked", carrier)
                await self._tell(session, carrier, "收回了代办授权，即刻失效")

    async def _tell(self, session: Session, carrier: UUID | None, what: str) -> None:
        if carrier is not None:
            name = mask_name((await self._parts.services.identity.holder(session)).name)
            text = f"{name}{what}。可在“我的—办事授权”中查看。"
            await self._parts.services.messages.post(carrier, "family", "办事授权有变化", text)

    async def _record(
        self, session: Session, row: CaseMandate, action: str, carrier: UUID | None
    ) -> None:
        who = person(session.person_id)
        detail = {
            "mandate": str(row.id), "link": str(row.link_id), "item_code": row.item_code,
            "to": person(carrier) if carrier is not None else "",
        }  # fmt: skip
        await self._parts.services.audit.record(who, action, who, detail)


def _mandate(row: CaseMandate) -> Mandate:
    return Mandate(row.id, row.link_id, row.item_code, row.ends_on)

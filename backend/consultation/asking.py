"""The person's side: ask, follow, have it looked at again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.consultation.errors import (
    KindUnknown,
    ReopenedTooOften,
    ReopenTooLate,
    TicketUnknown,
    TooManyOpen,
)
from backend.consultation.kinds import DISPATCH_WORKDAYS, KINDS, Kind
from backend.consultation.models import ConsultationTicket
from backend.consultation.parts import Parts, found
from backend.consultation.states import Act, State, after
from backend.consultation.views import Ticket, Views
from backend.identity.service import Session
from backend.store.ids import uuid7

MOST_OPEN = 10
MOST_REOPENED = 2
REOPENED_WITHIN = timedelta(days=30)
_OPEN = (State.SUBMITTED, State.ASSIGNED)
_ATTEMPTS = 5
_DIGITS = 10**6
_LISTED = 50


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wants.

    Attributes:
        department_uscc: whom it is for, if the person knows.
        case_no: the application that it is about; may be empty, as item_code.
        secret: the department is not to learn who asks.
    """

    kind: str
    title: str
    content: str
    region_code: str
    department_uscc: str = ""
    item_code: str = ""
    case_no: str = ""
    secret: bool = False


class Asking:
    """The use cases of the person."""

    def __init__(self, parts: Parts, views: Views) -> None:
        self._parts, self._views = parts, views

    async def ask(self, session: Session, question: Question) -> Ticket:
        """Hand a question in; it goes to its department at once where that is known.

        Raises:
            KindUnknown, RegionUnknown, DepartmentUnknown, TooManyOpen.
        """
        kind, parts = KINDS.get(question.kind), self._parts
        if kind is None:
            raise KindUnknown
        parts.regions.get(question.region_code)
        if question.department_uscc:
            parts.department(question.department_uscc)
        mine = ConsultationTicket.filter(person_id=session.person_id, state__in=_OPEN)
        if await mine.count() >= MOST_OPEN:
            raise TooManyOpen
        ticket = await self._numbered(session, question, kind)
        return await self._views.own(ticket)

    async def _numbered(
        self, session: Session, question: Question, kind: Kind
    ) -> ConsultationTicket:
        """Write a ticket; a number that is taken already is drawn anew."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._written(session, question, kind)
            except IntegrityError:
                continue
        return await self._written(session, question, kind)

    async def _written(
        self, session: Session, question: Question, kind: Kind
    ) -> ConsultationTicket:
        parts, made, now = self._parts, uuid7(), self._parts.clock()
        number = f"{kind.prefix}{question.region_code[:6]:0<6}{parts.today:%Y%m%d}"
        ticket = ConsultationTicket(
            id=made, ticket_no=f"{number}{secrets.randbelow(_DIGITS):06}",
            person_id=session.person_id, kind=kind.code,
            title=parts.seal(question.title, made, "title"),
            content=parts.seal(question.content, made, "content"),
            region_code=question.region_code, item_code=question.item_code,
            case_no=question.case_no, secret=question.secret, state=State.SUBMITTED,
            created_at=now,
        )  # fmt: skip
        async with in_transaction():
            parts.start(ticket, DISPATCH_WORKDAYS)
            if question.department_uscc:
                ticket.department_uscc = question.department_uscc
                ticket.department_name = parts.department(question.department_uscc)
                ticket.state = after(State.SUBMITTED, Act.ASSIGN)
                parts.start(ticket, kind.workdays)
            await ticket.save(force_create=True)
            if question.department_uscc:
                await parts.step(ticket, Act.ASSIGN, None)
            who = person(session.person_id)
            await parts.audit.record(
                who, "consultation.asked", who, {"ticket": ticket.ticket_no, "kind": kind.code}
            )
            await parts.notify(ticket, f"新的{kind.name}工单", f"请于 {ticket.due_on} 前处理。")
            await parts.tell(
                ticket, "asked", f"您的{kind.name}已收到",
                f"工单编号 {ticket.ticket_no}，答复后会通知您。",
            )  # fmt: skip
        return ticket

    async def mine(self, session: Session) -> Sequence[Ticket]:
        """The person's tickets, newest first."""
        rows = await ConsultationTicket.filter(person_id=session.person_id).order_by("-id").limit(
            _LISTED
        )  # fmt: skip
        return [await self._views.own(row, steps=False) for row in rows]

    async def one(self, session: Session, ticket_no: str) -> Ticket:
        """One of them, with what was done to it.

        Raises:
            TicketUnknown.
        """
        return await self._views.own(await self._mine(session, ticket_no))

    async def withdraw(self, session: Session, ticket_no: str) -> Ticket:
        """Take a ticket back before it is answered.

        Raises:
            TicketUnknown, ActNotPossible.
        """
        async with in_transaction():
            ticket = await self._mine(session, ticket_no)
            before = State(ticket.state)
            ticket.state, ticket.closed_at = after(before, Act.WITHDRAW), self._parts.clock()
            await self._parts.keep(ticket, before)
            await self._parts.step(ticket, Act.WITHDRAW, None)
        return await self._views.own(ticket)

    async def reopen(self, session: Session, ticket_no: str, reason: str) -> Ticket:
        """Have a ticket looked at again, twice at most; the platform assigns it anew.

        Raises:
            TicketUnknown, ActNotPossible, ReopenedTooOften, ReopenTooLate.
        """
        parts = self._parts
        async with in_transaction():
            ticket = await self._mine(session, ticket_no)
            before = State(ticket.state)
            ticket.state = after(before, Act.REOPEN)
            if ticket.reopened >= MOST_REOPENED:
                raise ReopenedTooOften
            if ticket.answered_at and parts.clock() - ticket.answered_at > REOPENED_WITHIN:
                raise ReopenTooLate
            ticket.reopened += 1
            ticket.department_uscc = ticket.department_name = ""
            ticket.extended_workdays, ticket.extension_reason = 0, ""
            ticket.satisfaction = ticket.opinion = ticket.closed_at = None
            parts.start(ticket, DISPATCH_WORKDAYS)
            await parts.keep(ticket, before)
            await parts.step(ticket, Act.REOPEN, None, reason)
            await parts.notify(ticket, "工单要求重新办理", f"{ticket.ticket_no} 请重新派单。")
        return await self._views.own(ticket)

    async def _mine(self, session: Session, ticket_no: str) -> ConsultationTicket:
        ticket = await found(ticket_no)
        if ticket is None or ticket.person_id != session.person_id:
            raise TicketUnknown
        return ticket

"""Tickets as those see them who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backend.consultation.answered import event_of
from backend.consultation.kinds import KINDS
from backend.consultation.models import ConsultationStep, ConsultationTicket
from backend.consultation.parts import Parts
from backend.consultation.states import Act, State
from backend.numbers.service import mask_name

NAMELESS = "要求保密"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to a ticket."""

    at: datetime
    act: Act
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket, opened.

    Attributes:
        asker: masked name, for officers alone; without one where secrecy was asked for.
        event_id: of the answer, for whoever wants to judge it; None without one.
        left: working days that are left, negative when overdue; None where no clock runs.
    """

    ticket_no: str
    kind: str
    kind_name: str
    title: str
    content: str
    region_code: str
    region: str
    item_code: str
    case_no: str
    secret: bool
    department_uscc: str
    department: str
    state: State
    reopened: int
    started_on: date
    workdays: int
    due_on: date
    provisional: bool
    left: int | None
    extended_workdays: int
    extension_reason: str
    overdue_workdays: int
    answer: str
    answered_at: datetime | None
    event_id: str | None
    satisfaction: int | None
    opinion: str
    created_at: datetime
    asker: str
    steps: Sequence[Step]


class Views:
    """Opens tickets."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def own(self, row: ConsultationTicket, *, steps: bool = True) -> Ticket:
        """As the person sees it."""
        return self._ticket(row, await self._steps(row) if steps else (), "")

    async def officers(self, row: ConsultationTicket, *, steps: bool = True) -> Ticket:
        """As an officer sees it."""
        asker = NAMELESS
        if not row.secret:
            holder = await self._parts.named(row.person_id)
            asker = mask_name(holder.name) if holder else ""
        return self._ticket(row, await self._steps(row) if steps else (), asker)

    async def _steps(self, row: ConsultationTicket) -> list[Step]:
        rows = await ConsultationStep.filter(ticket_id=row.id).order_by("id")
        return [
            Step(
                step.at, Act(step.act), step.role, self._parts.open(step.reason, step.id, "reason")
            )
            for step in rows
        ]

    def _ticket(self, row: ConsultationTicket, steps: Sequence[Step], asker: str) -> Ticket:
        parts = self._parts
        running = row.state in (State.SUBMITTED, State.ASSIGNED)
        left = parts.calendar.workdays_between(parts.today, row.due_on) if running else None
        return Ticket(
            ticket_no=row.ticket_no, kind=row.kind, kind_name=KINDS[row.kind].name,
            title=parts.open(row.title, row.id, "title"),
            content=parts.open(row.content, row.id, "content"),
            region_code=row.region_code, region=parts.regions.get(row.region_code).name,
            item_code=row.item_code, case_no=row.case_no, secret=row.secret,
            department_uscc=row.department_uscc, department=row.department_name,
            state=State(row.state), reopened=row.reopened, started_on=row.started_on,
            workdays=row.workdays, due_on=row.due_on, provisional=row.provisional, left=left,
            extended_workdays=row.extended_workdays, extension_reason=row.extension_reason,
            overdue_workdays=row.overdue_workdays,
            answer=parts.open(row.answer, row.id, "answer"), answered_at=row.answered_at,
            event_id=event_of(row) if row.state in (State.ANSWERED, State.CLOSED) else None,
            satisfaction=row.satisfaction, opinion=parts.open(row.opinion, row.id, "opinion"),
            created_at=row.created_at, asker=asker, steps=steps,
        )  # fmt: skip

"""What the use cases of consultation stand on, and what they have in common."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.consultation.errors import ActNotPossible, DepartmentUnknown
from backend.consultation.models import ConsultationStep, ConsultationTicket, context
from backend.consultation.states import Act, State
from backend.exchange.service import Exchange
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.operators.service import Officer, Operators, Role
from backend.regions.service import Regions
from backend.store.keyring import KeyRing

CONSOLE = "/console/consultations/{}"
PAGE_LINK = "/voice/ticket?no={}"
_NUMBER = re.compile(r"[A-Z]{2}\d{20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parts:
    """The services below.

    Attributes:
        named: the verified person of an account, for the department that has to know.
        clock: the present moment.
    """

    keyring: KeyRing
    calendar: WorkCalendar
    regions: Regions
    exchange: Exchange
    operators: Operators
    messages: Messages
    audit: Audit
    named: Callable[[UUID], Awaitable[Holder | None]]
    clock: Callable[[], datetime]

    @property
    def today(self) -> date:
        """The present day in China."""
        return self.calendar.today()

    def seal(self, text: str, row: UUID, column: str) -> bytes:
        """Seal a text to its place."""
        return self.keyring.seal_text(text, context(row, column))

    def open(self, sealed: bytes | None, row: UUID, column: str) -> str:
        """Open it again; nothing gives nothing."""
        if sealed is None:
            return ""
        return self.keyring.open_text(sealed, context(row, column))

    def departments(self) -> dict[str, str]:
        """Departments that can be assigned: USCC → name."""
        departments = [system.manifest.system.department for system in self.exchange.systems()]
        return {each.uscc: each.name for each in sorted(departments, key=lambda one: one.name)}

    def department(self, uscc: str) -> str:
        """The name of a department.

        Raises:
            DepartmentUnknown.
        """
        name = self.departments().get(uscc)
        if name is None:
            raise DepartmentUnknown
        return name

    def start(self, ticket: ConsultationTicket, workdays: int) -> None:
        """Start the clock of a ticket; today does not count."""
        due = self.calendar.due(self.today, workdays)
        ticket.started_on, ticket.workdays = self.today, workdays
        ticket.due_on, ticket.provisional = due.day, due.provisional
        ticket.reminded_on = ticket.overdue_on = None

    async def keep(self, ticket: ConsultationTicket, before: State) -> None:
        """Save a ticket unless somebody moved it in between.

        Raises:
            ActNotPossible.
        """
        if not await ConsultationTicket.filter(id=ticket.id, state=before).update(
            state=ticket.state
        ):
            raise ActNotPossible
        await ticket.save()

    async def step(
        self, ticket: ConsultationTicket, act: Act, officer: Officer | None, reason: str = ""
    ) -> None:
        """Write down what was done; inside a transaction it is kept or lost with the rest."""
        made = ConsultationStep(
            ticket_id=ticket.id, at=self.clock(), act=act.value, state=ticket.state,
            account_id=officer.account_id if officer else None,
            role=officer.role.value if officer else "",
        )  # fmt: skip
        made.reason = self.seal(reason, made.id, "reason") if reason else None
        await made.save(force_create=True)

    async def notify(self, ticket: ConsultationTicket, title: str, text: str) -> None:
        """Tell whoever has to do something next."""
        link = CONSOLE.format(ticket.ticket_no)
        if ticket.department_uscc:
            for role in (Role.CLERK, Role.HEAD):
                await self.operators.notify(
                    role=role, department_uscc=ticket.department_uscc,
                    kind="consultation", title=title, text=text, link=link,
                )  # fmt: skip
        else:
            await self.operators.notify(
                role=Role.OPERATOR, kind="consultation", title=title, text=text, link=link
            )

    async def tell(self, ticket: ConsultationTicket, what: str, title: str, text: str) -> None:
        """Tell the person."""
        await self.messages.tell(
            ticket.person_id, f"consultation.{what}", title, text,
            PAGE_LINK.format(ticket.ticket_no),
            dedupe_key=f"consultation:{ticket.id}:{what}:{ticket.reopened}:{ticket.started_on}",
        )  # fmt: skip


async def found(ticket_no: str) -> ConsultationTicket | None:
    """A ticket by its number, whoever asks; None for what is no number."""
    if not _NUMBER.fullmatch(ticket_no):
        return None
    return await ConsultationTicket.get_or_none(ticket_no=ticket_no)

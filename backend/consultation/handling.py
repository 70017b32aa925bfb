"""The officers' side: assign, give back, extend, answer; and the worker that watches the clocks."""

from collections.abc import Sequence

from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.calendar.service import BEIJING
from backend.consultation.errors import ExtendedAlready, NotYoursToDo, TicketUnknown
from backend.consultation.kinds import DISPATCH_WORKDAYS, EXTENSION_WORKDAYS, KINDS
from backend.consultation.models import ConsultationTicket
from backend.consultation.parts import CONSOLE, Parts, found
from backend.consultation.states import Act, State, after
from backend.consultation.views import Ticket, Views
from backend.operators.service import Officer, Role

_DEPARTMENT = frozenset({Role.CLERK, Role.HEAD})
_RUNNING = (State.SUBMITTED, State.ASSIGNED)
REMIND_WORKDAYS = 1
# Who says nothing to an answer for so many working days has it closed.
SILENCE = 10
_LISTED = 200


class Handling:
    """The use cases of officers."""

    def __init__(self, parts: Parts, views: Views) -> None:
        self._parts, self._views = parts, views

    def departments(self) -> dict[str, str]:
        """Whom a ticket can be assigned to: USCC → name."""
        return self._parts.departments()

    async def all(self, officer: Officer, state: State | None = None) -> Sequence[Ticket]:
        """Tickets that concern the officer, those due first."""
        tickets = ConsultationTicket.all()
        if officer.role in _DEPARTMENT:
            tickets = tickets.filter(department_uscc=officer.department_uscc)
        elif officer.role is not Role.OPERATOR:
            return []
        tickets = tickets.filter(state=state) if state else tickets.filter(state__in=_RUNNING)
        rows = await tickets.order_by("due_on", "id").limit(_LISTED)
        return [await self._views.officers(row, steps=False) for row in rows]

    async def one(self, officer: Officer, ticket_no: str) -> Ticket:
        """One of them; that an officer read it stands in the audit.

        Raises:
            TicketUnknown.
        """
        row = await self._seen(officer, ticket_no)
        await self._parts.audit.record(
            officer.actor, "consultation.read", person(row.person_id), {"ticket": row.ticket_no}
        )
        return await self._views.officers(row)

    async def assign(self, officer: Officer, ticket_no: str, department_uscc: str) -> None:
        """Hand a ticket to a department; its promised term begins.

        Raises:
            TicketUnknown, NotYoursToDo, DepartmentUnknown, ActNotPossible.
        """
        _needs(officer, Role.OPERATOR)
        async with in_transaction():
            row = await self._seen(officer, ticket_no)
            before = State(row.state)
            row.state = after(before, Act.ASSIGN)
            row.department_name = self._parts.department(department_uscc)
            row.department_uscc = department_uscc
            self._parts.start(row, KINDS[row.kind].workdays)
            await self._parts.keep(row, before)
            await self._parts.step(row, Act.ASSIGN, officer, row.department_name)
            await self._parts.notify(row, "收到咨询投诉工单", f"请于 {row.due_on} 前答复。")

    async def give_back(self, officer: Officer, ticket_no: str, reason: str) -> None:
        """Say that a ticket is another department's.

        Raises:
            TicketUnknown, NotYoursToDo, ActNotPossible.
        """
        _needs(officer, *_DEPARTMENT)
        async with in_transaction():
            row = await self._seen(officer, ticket_no)
            before = State(row.state)
            row.state = after(before, Act.GIVE_BACK)
            row.department_uscc = row.department_name = ""
            self._parts.start(row, DISPATCH_WORKDAYS)
            await self._parts.keep(row, before)
            await self._parts.step(row, Act.GIVE_BACK, officer, reason)
            await self._parts.notify(row, "工单被退回", f"{row.ticket_no}：{reason}")

    async def extend(self, officer: Officer, ticket_no: str, reason: str) -> None:
        """Extend the term once, with a reason that the person is told.

        Raises:
            TicketUnknown, NotYoursToDo, ActNotPossible, ExtendedAlready.
        """
        _needs(officer, Role.HEAD, Role.OPERATOR)
        async with in_transaction():
            row = await self._seen(officer, ticket_no)
            row.state = after(State(row.state), Act.EXTEND)
            if row.extended_workdays:
                raise ExtendedAlready
            row.extended_workdays, row.extension_reason = EXTENSION_WORKDAYS, reason
            due = self._parts.calendar.due(row.started_on, row.workdays + EXTENSION_WORKDAYS)
            row.due_on, row.provisional = due.day, due.provisional
            row.reminded_on = row.overdue_on = None
            await self._parts.keep(row, State.ASSIGNED)
            await self._parts.step(row, Act.EXTEND, officer, reason)
            await self._parts.tell(
                row, "extended", "您的诉求需要多一些时间",
                f"办理期限延长到 {row.due_on}。原因：{reason}",
            )  # fmt: skip

    async def answer(self, officer: Officer, ticket_no: str, text: str) -> None:
        """Answer a ticket; the platform may answer what it has not assigned.

        Raises:
            TicketUnknown, NotYoursToDo, ActNotPossible.
        """
        _needs(officer, Role.OPERATOR, *_DEPARTMENT)
        parts = self._parts
        async with in_transaction():
            row = await self._seen(officer, ticket_no)
            before = State(row.state)
            if (before is State.ASSIGNED) != (officer.role in _DEPARTMENT):
                after(before, Act.ANSWER)
                raise NotYoursToDo
            row.state = after(before, Act.ANSWER)
            row.answer, row.answered_at = parts.seal(text, row.id, "answer"), parts.clock()
            row.overdue_workdays = max(parts.calendar.workdays_between(row.due_on, parts.today), 0)
            await parts.keep(row, before)
            await parts.step(row, Act.ANSWER, officer)
            name = KINDS[row.kind].name
            await parts.tell(
                row, "answered", f"您的{name}有答复了", "请查看答复，并告诉我们您是否满意。"
            )

    # The worker

    async def watch(self) -> int | None:
        """Settle clocks, remind of what is due, close what nobody objected to."""
        done = 0
        for row in await ConsultationTicket.filter(state__in=_RUNNING, overdue_on__isnull=True):
            done += await self._watch(row)
        for row in await ConsultationTicket.filter(state=State.ANSWERED):
            done += await self._close_silent(row)
        return done or None

    async def _watch(self, row: ConsultationTicket) -> int:
        calendar, today = self._parts.calendar, self._parts.today
        if row.provisional:
            due = calendar.due(row.started_on, row.workdays + row.extended_workdays)
            row.due_on, row.provisional = due.day, due.provisional
            await ConsultationTicket.filter(id=row.id).update(
                due_on=due.day, provisional=due.provisional
            )
        if row.due_on < today:
            return await self._remind(row, "overdue_on", "工单已超期")
        if calendar.workdays_between(today, row.due_on) <= REMIND_WORKDAYS:
            return await self._remind(row, "reminded_on", "工单即将到期")
        return 0

    async def _remind(self, row: ConsultationTicket, column: str, title: str) -> int:
        """Mark first, so that two workers do not tell twice."""
        mark = {column: self._parts.today}
        unmarked = ConsultationTicket.filter(id=row.id, **{f"{column}__isnull": True})
        if not await unmarked.update(**mark):
            return 0
        await self._parts.notify(row, title, f"{row.ticket_no} 应于 {row.due_on} 前处理。")
        if column == "overdue_on" and row.department_uscc:
            await self._parts.operators.notify(
                role=Role.OPERATOR, kind="consultation.overdue", title=title,
                text=f"{row.department_name} 逾期未答复 {row.ticket_no}，请督办。",
                link=CONSOLE.format(row.ticket_no),
            )  # fmt: skip
        return 1

    async def _close_silent(self, row: ConsultationTicket) -> int:
        parts = self._parts
        if row.answered_at is None:
            return 0
        answered = row.answered_at.astimezone(BEIJING).date()
        if parts.calendar.workdays_between(answered, parts.today) <= SILENCE:
            return 0
        async with in_transaction():
            changed = await ConsultationTicket.filter(id=row.id, state=State.ANSWERED).update(
                state=State.CLOSED, closed_at=parts.clock()
            )
            if changed:
                row.state = State.CLOSED
                await parts.step(row, Act.CLOSE, None)
        return int(bool(changed))

    async def _seen(self, officer: Officer, ticket_no: str) -> ConsultationTicket:
        row = await found(ticket_no)
        own = row is not None and (
            officer.role is Role.OPERATOR
            or (officer.role in _DEPARTMENT and row.department_uscc == officer.department_uscc)
        )
        if row is None or not own:
            raise TicketUnknown
        return row


def _needs(officer: Officer, *roles: Role) -> None:
    if officer.role not in roles:
        raise NotYoursToDo

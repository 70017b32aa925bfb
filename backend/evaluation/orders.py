"""Orders about bad evaluations: who handled it answers for it, and the platform looks again.

The department answers within so many working days. The evaluator is asked what they think of the
answer: in the app always, by the department only where they gave their name. Then the platform
re-checks, and closes the order or hands it back with a new term.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.evaluation.errors import ActNotPossible, NotYoursToDo, OrderUnknown
from backend.evaluation.models import EvaluationOrder, EvaluationStep, ServiceEvaluation
from backend.evaluation.parts import Parts, write_step
from backend.evaluation.states import Act, Stage, after
from backend.messages.service import person_of
from backend.operators.service import Officer, Role

EXTENSION = 5
# An evaluator who says nothing for so many working days does not hold an order up.
SILENCE = 5
REMIND_WORKDAYS = 1
FINDINGS = {"upheld": "属实", "partly": "部分属实", "not_upheld": "不属实"}
_DEPARTMENT = frozenset({Role.CLERK, Role.HEAD})
_LINK = "/console/evaluations/orders/{}"
_OWN_LINK = "/voice/evaluation?id={}"


@dataclass(frozen=True, slots=True)
class Order:
    """An order as an officer sees it.

    Attributes:
        evaluation: what was said; of an anonymous one nothing that tells who said it.
        left: working days that are left, negative when overdue; None where no clock runs.
    """

    id: UUID
    evaluation_id: UUID
    department_uscc: str
    anonymous: bool
    for_department: bool
    state: Stage
    round: int
    due_on: date | None
    provisional: bool
    extended: bool
    left: int | None
    finding: str
    answer: str
    in_time: bool | None
    satisfied: bool | None
    heard: str


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to an order."""

    on: date
    act: str
    role: str
    reason: str


class Orders:
    """The use cases of orders."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(self, row: ServiceEvaluation) -> None:
        """Open the order of a bad evaluation, inside the transaction that keeps it.

        That of an anonymous one waits until it may be shown (see ``showing``).
        """
        order = await EvaluationOrder.create(
            evaluation_id=row.id, department_uscc=row.department_uscc, anonymous=row.anonymous,
            state=Stage.WAITING,
        )  # fmt: skip
        if not row.anonymous:
            await self.dispatch(order, for_department=True)

    async def dispatch(self, order: EvaluationOrder, *, for_department: bool) -> None:
        """Hand an order to whoever answers it, and start the clock.

        What no department did, the platform did itself.
        """
        order.for_department = for_department and bool(order.department_uscc)
        self._move(order, Act.DISPATCH)
        self._start(order)
        await order.save()
        await write_step(self._parts, order, Act.DISPATCH, Stage(order.state), None)
        await self._notify(order, "收到差评整改工单", f"请于 {order.due_on} 前核实整改并反馈。")

    async def get(self, officer: Officer, order_id: UUID) -> Order:
        """One order.

        Raises:
            OrderUnknown: or it is none of the officer's business.
        """
        return self._order(await self._seen(officer, order_id))

    async def all(self, officer: Officer, state: Stage | None = None) -> list[Order]:
        """Orders that concern the officer, those due first."""
        found = EvaluationOrder.all()
        if officer.role in _DEPARTMENT:
            found = found.filter(department_uscc=officer.department_uscc, for_department=True)
        if state is not None:
            found = found.filter(state=state)
        # Closed ones have no date to come; random ids say nothing of when they were opened.
        rows = await found.order_by("due_on", "id").limit(200)
        return [self._order(row) for row in sorted(rows, key=lambda row: row.state == "closed")]

    async def steps(self, officer: Officer, order_id: UUID) -> list[Step]:
        """What was done to an order, in order.

        Raises:
            OrderUnknown.
        """
        order = await self._seen(officer, order_id)
        rows = await EvaluationStep.filter(order_id=order.id).order_by("number")
        return [Step(row.on, row.act, row.role, row.reason) for row in rows]

    async def answer(self, officer: Officer, order_id: UUID, finding: str, text: str) -> None:
        """Say what was found and put right; the evaluator is told.

        Raises:
            OrderUnknown, NotYoursToDo, ActNotPossible.
        """
        async with in_transaction():
            order = await self._to_answer(officer, order_id)
            self._move(order, Act.ANSWER)
            order.finding, order.answered_on = finding, self._parts.today
            order.answer = self._parts.seal(text, order.id, "answer")
            in_time = order.due_on is None or self._parts.today <= order.due_on
            order.in_time = in_time and order.in_time is not False
            await self._kept(order, Stage.ASSIGNED)
            await write_step(self._parts, order, Act.ANSWER, Stage.ANSWERED, officer)
            await self._tell(order, "您的评价有了整改结果", "请看看您是否满意。", "answer")

    async def extend(self, officer: Officer, order_id: UUID, reason: str) -> None:
        """Give an order five working days more, once a round; the platform's to decide.

        Raises:
            OrderUnknown, NotYoursToDo, ActNotPossible.
        """
        _needs(officer, Role.OPERATOR)
        async with in_transaction():
            order = await self._seen(officer, order_id)
            if order.extended or order.started_on is None:
                raise ActNotPossible
            self._move(order, Act.EXTEND)
            due = self._parts.calendar.due(order.started_on, self._parts.sla_days + EXTENSION)
            order.due_on, order.provisional, order.extended = due.day, due.provisional, True
            order.reminded_on = order.overdue_on = None
            await self._kept(order, Stage.ASSIGNED)
            await write_step(self._parts, order, Act.EXTEND, Stage.ASSIGNED, officer, reason)

    async def call_back(self, officer: Officer, order_id: UUID, satisfied: bool, text: str) -> None:
        """Note what an evaluator who gave their name said when the department called.

        Raises:
            OrderUnknown, NotYoursToDo: an anonymous one is called by nobody; ActNotPossible.
        """
        async with in_transaction():
            order = await self._to_answer(officer, order_id)
            if order.anonymous:
                raise NotYoursToDo("匿名评价不回访，评价人会在手机上答复。")
            await self._hear(order, satisfied, text, officer)

    async def heard_from_evaluator(self, evaluation_id: UUID, satisfied: bool, text: str) -> None:
        """Note what the evaluator says in the app.

        Raises:
            ActNotPossible: nothing waits for it.
        """
        async with in_transaction():
            order = await EvaluationOrder.get_or_none(evaluation_id=evaluation_id)
            if order is None:
                raise ActNotPossible
            await self._hear(order, satisfied, text, None)

    async def _hear(
        self, order: EvaluationOrder, satisfied: bool | None, text: str, officer: Officer | None
    ) -> None:
        self._move(order, Act.CALL_BACK)
        order.satisfied, order.heard_on = satisfied, self._parts.today
        order.heard = self._parts.seal(text, order.id, "heard") if text else None
        await self._kept(order, Stage.ANSWERED)
        await write_step(self._parts, order, Act.CALL_BACK, Stage.HEARD, officer)
        await self._parts.operators.notify(
            role=Role.OPERATOR, kind="evaluation.heard", title="差评工单待复核",
            text="评价人已回访或到期未答复，请复核整改情况。", link=_LINK.format(order.id),
        )  # fmt: skip

    async def recheck(self, officer: Officer, order_id: UUID, passed: bool, reason: str) -> None:
        """Close an order, or hand it back with a new term.

        Raises:
            OrderUnknown, NotYoursToDo, ActNotPossible.
        """
        _needs(officer, Role.OPERATOR)
        act = Act.CLOSE if passed else Act.RETURN
        async with in_transaction():
            order = await self._seen(officer, order_id)
            self._move(order, act)
            if passed:
                order.closed_on = self._parts.today
            else:
                order.round += 1
                self._start(order)
            await self._kept(order, Stage.HEARD)
            await write_step(self._parts, order, act, Stage(order.state), officer, reason)
            if passed:
                await self._tell(order, "您的评价已处理完毕", "谢谢您帮助我们改进。", "close")
            else:
                await self._notify(order, "差评工单被退回", f"复核未通过：{reason}")

    # The worker

    async def watch(self) -> int | None:
        """Settle clocks, remind of what is due, and go on where an evaluator stays silent."""
        told = 0
        for order in await EvaluationOrder.filter(state=Stage.ASSIGNED):
            told += await self._watch(order)
        for order in await EvaluationOrder.filter(state=Stage.ANSWERED):
            since = order.answered_on
            if since and self._parts.calendar.workdays_between(since, self._parts.today) > SILENCE:
                async with in_transaction():
                    await self._hear(order, None, "", None)
                told += 1
        return told or None

    async def _watch(self, order: EvaluationOrder) -> int:
        if order.due_on is None or order.started_on is None:
            return 0
        if order.provisional:
            await self._settle(order, order.started_on)
        left = self._parts.calendar.workdays_between(self._parts.today, order.due_on)
        if order.due_on < self._parts.today:
            return await self._remind(order, "overdue_on", "差评工单已超期")
        if left <= REMIND_WORKDAYS:
            return await self._remind(order, "reminded_on", "差评工单即将到期")
        return 0

    async def _settle(self, order: EvaluationOrder, started_on: date) -> None:
        """A provisional day is worked out again until the calendar of its year is known."""
        days = self._parts.sla_days + (EXTENSION if order.extended else 0)
        due = self._parts.calendar.due(started_on, days)
        order.due_on, order.provisional = due.day, due.provisional
        await EvaluationOrder.filter(id=order.id).update(
            due_on=due.day, provisional=due.provisional
        )

    async def _remind(self, order: EvaluationOrder, column: str, title: str) -> int:
        mark = {column: self._parts.today}
        if not await EvaluationOrder.filter(id=order.id, **{f"{column}__isnull": True}).update(
            **mark
        ):
            return 0
        await self._notify(order, title, f"办理期限 {order.due_on}，请尽快反馈整改情况。")
        if column == "overdue_on" and order.for_department:
            await self._parts.operators.notify(
                role=Role.OPERATOR, kind="evaluation.overdue", title=title,
                text="承办单位逾期未反馈，请督办。", link=_LINK.format(order.id),
            )  # fmt: skip
        return 1

    # Below

    def _move(self, order: EvaluationOrder, act: Act) -> None:
        order.state = after(Stage(order.state), act)

    def _start(self, order: EvaluationOrder) -> None:
        due = self._parts.calendar.due(self._parts.today, self._parts.sla_days)
        order.started_on, order.due_on, order.provisional = (
            self._parts.today, due.day, due.provisional,
        )  # fmt: skip
        order.extended, order.reminded_on, order.overdue_on = False, None, None

    async def _kept(self, order: EvaluationOrder, before: Stage) -> None:
        """Save an order unless somebody moved it in between.

        Raises:
            ActNotPossible.
        """
        if not await EvaluationOrder.filter(id=order.id, state=before).update(state=order.state):
            raise ActNotPossible
        await order.save()

    async def _seen(self, officer: Officer, order_id: UUID) -> EvaluationOrder:
        order = await EvaluationOrder.get_or_none(id=order_id)
        hidden = officer.role in _DEPARTMENT and (
            order is None
            or not order.for_department
            or order.department_uscc != officer.department_uscc
        )
        if order is None or hidden or officer.role not in {*_DEPARTMENT, Role.OPERATOR}:
            raise OrderUnknown
        return order

    async def _to_answer(self, officer: Officer, order_id: UUID) -> EvaluationOrder:
        """An order that this officer's side answers for."""
        order = await self._seen(officer, order_id)
        if order.for_department != (officer.role in _DEPARTMENT):
            raise NotYoursToDo
        return order

    async def _notify(self, order: EvaluationOrder, title: str, text: str) -> None:
        link = _LINK.format(order.id)
        if order.for_department:
            await self._parts.operators.notify(
                role=Role.HEAD, department_uscc=order.department_uscc,
                kind="evaluation.order", title=title, text=text, link=link,
            )  # fmt: skip
        else:
            await self._parts.operators.notify(
                role=Role.OPERATOR, kind="evaluation.order", title=title, text=text, link=link
            )

    async def _tell(self, order: EvaluationOrder, title: str, text: str, what: str) -> None:
        row = await ServiceEvaluation.get(id=order.evaluation_id)
        await self._parts.messages.tell(
            person_of(self._parts.subject_of(row)), f"evaluation.{what}", title, text,
            _OWN_LINK.format(row.id), dedupe_key=f"evaluation:{row.id}:{what}:{order.round}",
        )  # fmt: skip

    def _order(self, row: EvaluationOrder) -> Order:
        running = row.state == Stage.ASSIGNED and row.due_on is not None
        left = (
            self._parts.calendar.workdays_between(self._parts.today, row.due_on)
            if running and row.due_on is not None
            else None
        )
        return Order(
            id=row.id, evaluation_id=row.evaluation_id, department_uscc=row.department_uscc,
            anonymous=row.anonymous, for_department=row.for_department, state=Stage(row.state),
            round=row.round, due_on=row.due_on, provisional=row.provisional,
            extended=row.extended, left=left, finding=row.finding,
            answer=self._parts.open(row.answer, row.id, "answer"), in_time=row.in_time,
            satisfied=row.satisfied, heard=self._parts.open(row.heard, row.id, "heard"),
        )  # fmt: skip


def _needs(officer: Officer, role: Role) -> None:
    if officer.role is not role:
        raise NotYoursToDo

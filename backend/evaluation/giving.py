"""Judging: the person's side. One evaluation per event, anonymous if wished, added to once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import ANONYMOUS, person
from backend.evaluation.errors import (
    AddTooLate,
    AlreadyAdded,
    AlreadyJudged,
    EvaluationUnknown,
    EventTooOld,
    EventUnknown,
    ReasonNeeded,
)
from backend.evaluation.events import ServiceEvent
from backend.evaluation.models import EvaluationOrder, ServiceEvaluation
from backend.evaluation.orders import Orders
from backend.evaluation.parts import Parts, days_before
from backend.evaluation.states import Stage
from backend.evaluation.tags import BAD, checked, words_of
from backend.identity.service import Session

JUDGED_DAYS = 90
ADDED_WITHIN = timedelta(days=90)
_MOST_LISTED = 50
# Person, event, level and words of an evaluation that bears a name.
Heard = Callable[[UUID, str, int, str], Awaitable[None]]
WAITING, ITEM = "waiting", "item"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person says of an event.

    Attributes:
        channel: where it is said (``mini_program``, ``web``).
    """

    level: int
    tags: Sequence[str]
    text: str
    anonymous: bool
    channel: str


@dataclass(frozen=True, slots=True)
class Own:
    """An evaluation as the person who gave it sees it.

    Attributes:
        order: stage of the order that a bad one opened; None for any other.
        answer: what was put right, once it was said.
        to_call_back: it waits for this person's word on the answer.
    """

    id: UUID
    event_kind: str
    title: str
    department: str
    level: int
    tags: Sequence[str]
    text: str
    anonymous: bool
    given_on: date
    added_text: str
    can_add: bool
    order: str | None
    due_on: date | None
    answer: str
    to_call_back: bool


class Giving:
    """The use cases of the person who judges."""

    def __init__(self, parts: Parts, orders: Orders) -> None:
        self._parts, self._orders = parts, orders
        self._followers: dict[str, Heard] = {}

    def follow(self, kind: str, heard: Heard) -> None:
        """Tell the owner of a kind of event what is said of one with a name, and nothing else.

        It is called inside the transaction that keeps the evaluation.
        """
        self._followers[kind] = heard

    async def waiting(self, session: Session) -> list[ServiceEvent]:
        """What the person may still judge, the latest first."""
        since = days_before(self._parts.today, JUDGED_DAYS)
        found = await asyncio.gather(
            *(
                source.recent(session.subject, since, _MOST_LISTED)
                for source in self._parts.sources.values()
            )
        )
        events = {
            self._parts.event_index(event.kind, event.id): event for part in found for event in part
        }
        rows = await ServiceEvaluation.filter(event_index__in=list(events)).only("event_index")
        judged = {row.event_index for row in rows}
        left = [event for index, event in events.items() if index not in judged]
        return sorted(left, key=lambda event: event.at, reverse=True)[:_MOST_LISTED]

    async def event(self, session: Session, kind: str, event_id: str) -> ServiceEvent:
        """One event of the person.

        Raises:
            EventUnknown, EventTooOld.
        """
        source = self._parts.sources.get(kind)
        found = None if source is None else await source.find(session.subject, event_id)
        if found is None:
            raise EventUnknown
        if found.at < days_before(self._parts.today, JUDGED_DAYS):
            raise EventTooOld
        return found

    async def may_judge(self, session: Session, kind: str, event_id: str) -> bool:
        """Whether this event waits for the person's evaluation."""
        try:
            await self.event(session, kind, event_id)
        except (EventUnknown, EventTooOld):
            return False
        index = self._parts.event_index(kind, event_id)
        return not await ServiceEvaluation.exists(event_index=index)

    async def judge(self, session: Session, kind: str, event_id: str, given: Judgement) -> UUID:
        """Judge an event; a bad evaluation opens an order.

        Raises:
            EventUnknown, EventTooOld, AlreadyJudged, TagUnknown, ReasonNeeded.
        """
        tags = checked(given.level, given.tags)
        if given.level in BAD and not tags and not given.text:
            raise ReasonNeeded
        event = await self.event(session, kind, event_id)
        row = self._row(session, event, given, tags)
        try:
            async with in_transaction():
                await row.save(force_create=True)
                await self._record(session, row)
                if given.level in BAD:
                    await self._orders.open(row)
                heard = self._followers.get(kind)
                if heard is not None and not given.anonymous:
                    await heard(session.person_id, event_id, given.level, given.text)
        except IntegrityError:
            raise AlreadyJudged from None
        return row.id

    def _row(
        self, session: Session, event: ServiceEvent, given: Judgement, tags: list[str]
    ) -> ServiceEvaluation:
        parts, row_id, today = self._parts, uuid4(), self._parts.today
        return ServiceEvaluation(
            id=row_id, event_kind=event.kind, event_index=parts.event_index(event.kind, event.id),
            evaluator_index=parts.evaluator_index(session.subject),
            evaluator=parts.seal(session.subject, row_id, "evaluator"),
            event=parts.seal_event(event, row_id),
            department_uscc=event.department_uscc, department_name=event.department_name,
            item_code=event.item_code, item_name=event.item_name,
            level=given.level, tags=tags,
            text=parts.seal(given.text, row_id, "text") if given.text else None,
            anonymous=given.anonymous, channel=given.channel, given_on=today,
            shown_as=WAITING if given.anonymous else ITEM,
            shown_on=None if given.anonymous else today,
        )  # fmt: skip

    async def _record(self, session: Session, row: ServiceEvaluation) -> None:
        """The audit knows that one was given; of an anonymous one neither by whom nor of what."""
        if row.anonymous:
            await self._parts.audit.record(ANONYMOUS, "evaluation.given", ANONYMOUS, {})
            return
        who = person(session.person_id)
        detail = {"evaluation": str(row.id), "level": row.level}
        await self._parts.audit.record(who, "evaluation.given", who, detail)

    async def add(self, session: Session, evaluation_id: UUID, text: str) -> None:
        """Add something to an evaluation of one's own, once.

        Raises:
            EvaluationUnknown, AlreadyAdded, AddTooLate.
        """
        row, today = await self._mine(session, evaluation_id), self._parts.today
        if row.added_on is not None:
            raise AlreadyAdded
        if today - row.given_on > ADDED_WITHIN:
            raise AddTooLate
        changed = await ServiceEvaluation.filter(id=row.id, added_on__isnull=True).update(
            added_text=self._parts.seal(text, row.id, "added"), added_on=today,
            # What is added to an anonymous one comes out on another day, with whatever else does.
            added_shown=not row.anonymous,
        )  # fmt: skip
        if not changed:
            raise AlreadyAdded

    async def mine(self, session: Session) -> list[Own]:
        """What the person has judged, the latest first."""
        index = self._parts.evaluator_index(session.subject)
        rows = await ServiceEvaluation.filter(evaluator_index=index).order_by("-given_on").limit(
            _MOST_LISTED
        )  # fmt: skip
        orders = {
            order.evaluation_id: order
            for order in await EvaluationOrder.filter(evaluation_id__in=[row.id for row in rows])
        }
        return [self._own(row, orders.get(row.id)) for row in rows]

    async def one(self, session: Session, evaluation_id: UUID) -> Own:
        """One evaluation of the person's own.

        Raises:
            EvaluationUnknown.
        """
        row = await self._mine(session, evaluation_id)
        return self._own(row, await EvaluationOrder.get_or_none(evaluation_id=row.id))

    async def call_back(
        self, session: Session, evaluation_id: UUID, satisfied: bool, text: str
    ) -> None:
        """Say what one thinks of the answer to a bad evaluation.

        Raises:
            EvaluationUnknown, ActNotPossible: nothing waits for this person's word.
        """
        row = await self._mine(session, evaluation_id)
        await self._orders.heard_from_evaluator(row.id, satisfied, text)

    async def _mine(self, session: Session, evaluation_id: UUID) -> ServiceEvaluation:
        row = await ServiceEvaluation.get_or_none(
            id=evaluation_id, evaluator_index=self._parts.evaluator_index(session.subject)
        )
        if row is None:
            raise EvaluationUnknown
        return row

    def _own(self, row: ServiceEvaluation, order: EvaluationOrder | None) -> Own:
        parts = self._parts
        _, title, _ = parts.event_of(row)
        recent = parts.today - row.given_on <= ADDED_WITHIN
        answered = order is not None and order.state not in (Stage.WAITING, Stage.ASSIGNED)
        return Own(
            id=row.id, event_kind=row.event_kind, title=title, department=row.department_name,
            level=row.level, tags=words_of(row.tags), text=parts.open(row.text, row.id, "text"),
            anonymous=row.anonymous, given_on=row.given_on,
            added_text=parts.open(row.added_text, row.id, "added"),
            can_add=row.added_on is None and recent,
            order=order.state if order else None, due_on=order.due_on if order else None,
            answer=parts.open(order.answer, order.id, "answer") if order and answered else "",
            to_call_back=order is not None and order.state == Stage.ANSWERED,
        )  # fmt: skip

"""What the use cases of evaluation stand on, and what they have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import orjson

from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.evaluation.events import EventSource, ServiceEvent
from backend.evaluation.models import EvaluationOrder, EvaluationStep, ServiceEvaluation, context
from backend.evaluation.states import Act, Stage
from backend.messages.service import Messages
from backend.operators.service import Officer, Operators
from backend.store.keyring import BlindIndex, KeyRing


@dataclass(frozen=True, slots=True)
class Parts:
    """The services below.

    Attributes:
        sources: kind of event → where its events come from.
        sla_days: working days in which a bad evaluation has to be answered (set locally).
    """

    keyring: KeyRing
    index: BlindIndex
    calendar: WorkCalendar
    operators: Operators
    messages: Messages
    audit: Audit
    sources: Mapping[str, EventSource]
    sla_days: int

    @property
    def today(self) -> date:
        """The present day in China."""
        return self.calendar.today()

    def event_index(self, kind: str, event_id: str) -> str:
        """By which an event is found without being named."""
        return self.index.of("evaluation-event", f"{kind}:{event_id}")

    def evaluator_index(self, subject: str) -> str:
        """By which a person's evaluations are found without naming the person."""
        return self.index.of("evaluation-evaluator", subject)

    def seal(self, text: str, row: UUID, column: str) -> bytes:
        """Seal a text to its place."""
        return self.keyring.seal_text(text, context(row, column))

    def open(self, sealed: bytes | None, row: UUID, column: str) -> str:
        """Open it again; nothing gives nothing."""
        if sealed is None:
            return ""
        return self.keyring.open_text(sealed, context(row, column))

    def seal_event(self, event: ServiceEvent, row: UUID) -> bytes:
        """Seal what an evaluation is about."""
        words = [event.id, event.title, event.at.isoformat()]
        return self.seal(orjson.dumps(words).decode(), row, "event")

    def event_of(self, row: ServiceEvaluation) -> tuple[str, str, datetime]:
        """Id, title and time of what an evaluation is about."""
        event_id, title, at = orjson.loads(self.open(row.event, row.id, "event"))
        return event_id, title, datetime.fromisoformat(at)

    def subject_of(self, row: ServiceEvaluation) -> str:
        """Who gave it; for telling them, and for nothing else."""
        return self.open(row.evaluator, row.id, "evaluator")


def midnight(day: date) -> datetime:
    """The moment at which a day begins in China."""
    return datetime.combine(day, time(), BEIJING)


def days_before(day: date, days: int) -> datetime:
    """The moment so many days before a day begins."""
    return midnight(day) - timedelta(days=days)


async def write_step(
    parts: Parts, order: EvaluationOrder, act: Act, state: Stage, officer: Officer | None,
    reason: str = "",
) -> None:  # fmt: skip
    """Write down what was done to an order; inside a transaction it is kept or lost with it."""
    number = await EvaluationStep.filter(order_id=order.id).count() + 1
    await EvaluationStep.create(
        order_id=order.id, number=number, on=parts.today, act=act.value, state=state.value,
        account_id=officer.account_id if officer else None,
        role=officer.role.value if officer else "", reason=reason,
    )  # fmt: skip

"""Answers that were given: what the people who asked may judge (好差评, DOMAIN 4.4).

Each answer is an event of its own: whoever had a ticket looked at again judges the new answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from backend.consultation.kinds import KINDS
from backend.consultation.models import ConsultationTicket
from backend.consultation.parts import Parts, found
from backend.consultation.states import Act, State, after
from backend.identity.service import subject_of

_EVENT = re.compile(r"([A-Z]{2}\d{20})-(\d)", re.ASCII)
_ANSWERED = (State.ANSWERED, State.CLOSED)
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; ``department_uscc`` is empty where the platform itself gave it."""

    event_id: str
    ticket_no: str
    kind: str
    kind_name: str
    department_uscc: str
    department_name: str
    at: datetime


class AnsweredTickets:
    """Finds answers by the person who asked, and hears what that person thinks of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def find(self, person_id: UUID, event_id: str) -> Answered | None:
        """The present answer to one of this person's tickets; None for any other."""
        row = await _answer(person_id, event_id)
        return None if row is None else _answered(row)

    async def recent(self, person_id: UUID, since: datetime, limit: int) -> list[Answered]:
        """This person's latest, newest first."""
        rows = _tickets(since).filter(person_id=person_id).order_by("-answered_at").limit(limit)
        answers = [_answered(row) for row in await rows]
        return [one for one in answers if one is not None]

    async def at_department(
        self, department_uscc: str, kind: str | None, since: datetime, until: datetime
    ) -> Sequence[tuple[str, str]]:
        """Event and person (by tag) of what a department answered."""
        rows = _tickets(since).filter(department_uscc=department_uscc, answered_at__lt=until)
        if kind is not None:
            rows = rows.filter(kind=kind)
        return [(event_of(row), subject_of(row.person_id)) for row in await rows.limit(_MOST)]

    async def judged(self, person_id: UUID, event_id: str, level: int, text: str) -> None:
        """Take down what was said of an answer with one's name; it closes the ticket.

        Of what is said anonymously a ticket must know nothing: it names who asked.

        Args:
            level: 1 very satisfied … 5 very dissatisfied (GB/T 39046 A.8).

        Raises:
            ActNotPossible: somebody moved the ticket in this moment.
        """
        row = await _answer(person_id, event_id)
        if row is None:
            return
        before = State(row.state)
        if before is not State.CLOSED:
            row.state, row.closed_at = after(before, Act.RATE), self._parts.clock()
        row.satisfaction = level
        row.opinion = self._parts.seal(text, row.id, "opinion") if text else None
        await self._parts.keep(row, before)
        await self._parts.step(row, Act.RATE, None)


def event_of(row: ConsultationTicket) -> str:
    """How the present answer to a ticket is called among all events."""
    return f"{row.ticket_no}-{row.reopened}"


async def _answer(person_id: UUID, event_id: str) -> ConsultationTicket | None:
    """The ticket of a person whose present answer is called so."""
    named = _EVENT.fullmatch(event_id)
    row = await found(named[1]) if named else None
    if row is None or row.person_id != person_id or row.state not in _ANSWERED:
        return None
    return row if event_of(row) == event_id else None


def _tickets(since: datetime) -> QuerySet[ConsultationTicket]:
    return ConsultationTicket.filter(state__in=_ANSWERED, answered_at__gte=since)


def _answered(row: ConsultationTicket) -> Answered | None:
    if row.answered_at is None:
        return None
    return Answered(
        event_of(row), row.ticket_no, row.kind, KINDS[row.kind].name, row.department_uscc,
        row.department_name, row.answered_at,
    )  # fmt: skip

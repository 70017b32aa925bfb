"""投诉: the holder finds a look at a licence wrong; the platform answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.audit.service import person
from backend.identity.service import Session
from backend.lending.errors import (
    ComplaintAnswered,
    ComplaintOpen,
    ComplaintUnknown,
    UsageUnknown,
)
from backend.lending.models import UsageComplaint
from backend.lending.parts import Parts
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.store.ids import uuid7

OPEN, ANSWERED = "open", "answered"
_MOST_LISTED = 200
_MAY_ANSWER = (Role.OPERATOR, Role.SECURITY_ADMIN)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint, opened."""

    id: UUID
    usage_id: UUID
    text: str
    state: str
    answer: str | None
    created_at: datetime
    answered_at: datetime | None


class Complaints:
    """The use cases of complaints."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def complain(self, session: Session, usage_id: UUID, text: str) -> Complaint:
        """Complain about a look at a licence of one's own; the platform is told.

        Raises:
            UsageUnknown, ComplaintOpen.
        """
        parts, complaint_id = self._parts, uuid7()
        usage = await parts.presentations.usage(session.subject, usage_id)
        if usage is None:
            raise UsageUnknown
        async with in_transaction():
            if await UsageComplaint.filter(usage_id=usage_id, state=OPEN).exists():
                raise ComplaintOpen
            row = await UsageComplaint.create(
                id=complaint_id, usage_id=usage_id, subject=session.subject,
                person_id=session.person_id, text=parts.seal(text, complaint_id, "text"),
                state=OPEN, created_at=parts.now(),
            )  # fmt: skip
            who = person(session.person_id)
            detail = {"usage": str(usage_id), "licence_type": usage.type_code}
            await parts.audit.record(who, "lending.complaint", who, detail)
            for role in _MAY_ANSWER:
                await parts.operators.notify(
                    role=role, kind="licence.complaint", title=f"用证投诉：{usage.type_name}",
                    text=f"持证人投诉一次用证（回执 {usage_id}），请核实并答复。",
                )  # fmt: skip
            told = f"您对一次{usage.type_name}用证的投诉已受理，答复后会通知您。"
            await parts.messages.post(session.person_id, "complaint", "投诉已受理", told)
        return self._complaint(row)

    async def about(self, session: Session, usage_id: UUID) -> list[Complaint]:
        """What a person complained of about a look, newest first."""
        mine = UsageComplaint.filter(person_id=session.person_id, usage_id=usage_id)
        return [self._complaint(row) for row in await mine.order_by("-id")]

    async def all(self, officer: Officer, state: str | None = None) -> list[Complaint]:
        """Complaints for who answers them, newest first.

        Raises:
            RoleMissing.
        """
        _needs(officer)
        found = UsageComplaint.all() if state is None else UsageComplaint.filter(state=state)
        return [self._complaint(row) for row in await found.order_by("-id").limit(_MOST_LISTED)]

    async def answer(self, officer: Officer, complaint_id: UUID, text: str) -> Complaint:
        """Answer a complaint; the holder is told.

        Raises:
            RoleMissing, ComplaintUnknown, ComplaintAnswered.
        """
        _needs(officer)
        row = await UsageComplaint.get_or_none(id=complaint_id)
        if row is None:
            raise ComplaintUnknown
        parts = self._parts
        async with in_transaction():
            changed = await UsageComplaint.filter(id=row.id, state=OPEN).update(
                state=ANSWERED, answer=parts.seal(text, row.id, "answer"),
                answered_at=parts.now(),
            )  # fmt: skip
            if not changed:
                raise ComplaintAnswered
            about = person(row.person_id)
            detail = {"complaint": str(row.id)}
            await parts.audit.record(officer.actor, "lending.complaint_answered", about, detail)
            await parts.messages.post(row.person_id, "complaint", "您的用证投诉已答复", text)
        return self._complaint(await UsageComplaint.get(id=row.id))

    def _complaint(self, row: UsageComplaint) -> Complaint:
        parts = self._parts
        return Complaint(
            id=row.id, usage_id=row.usage_id, text=parts.open(row.text, row.id, "text"),
            state=row.state,
            answer=parts.open(row.answer, row.id, "answer") if row.answer is not None else None,
            created_at=row.created_at, answered_at=row.answered_at,
        )  # fmt: skip


def _needs(officer: Officer) -> None:
    if officer.role not in _MAY_ANSWER:
        raise RoleMissing(sorted(_MAY_ANSWER))

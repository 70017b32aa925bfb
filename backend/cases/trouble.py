"""What people have to look at: deliveries that never get through, events that contradict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.cases.errors import DeliveryNotDead, DeliveryUnknown
from backend.cases.models import Case, CaseEvent, CaseOutbox
from backend.cases.outbox import DEAD, QUEUED
from backend.cases.parts import Parts
from backend.cases.states import State, Taken
from backend.cases.watching import needs_sight
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role

_MOST = 200


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry of the outbox that waits for a person."""

    id: UUID
    case_no: str
    item_name: str
    department_name: str
    operation: str
    failures: int
    error: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An event that was not applied, or (``event`` empty) a case that both sides see differently.

    Attributes:
        reason: ``state``, ``number_used``, ``deemed_accepted``, ``not_in_one_notice``,
            ``extended_before``, ``document_digest``, ``not_their_step`` or ``sides_differ``.
        theirs: the state that the department says, where it is known.
    """

    id: UUID
    case_no: str
    item_name: str
    department_name: str
    state: State
    event: str
    reason: str
    theirs: str
    at: datetime


class Trouble:
    """Shows it to departments and operators, and lets them go on."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def dead_letters(self, officer: Officer) -> list[DeadLetter]:
        """What concerns the officer, the oldest first.

        Raises:
            RoleMissing.
        """
        uscc = needs_sight(officer)
        rows = await CaseOutbox.filter(state=DEAD).order_by("id").limit(_MOST)
        cases = await self._cases([row.case_id for row in rows])
        return [
            DeadLetter(
                row.id, cases[row.case_id].case_no, cases[row.case_id].item_name,
                cases[row.case_id].department_name, row.operation, row.failures, row.error,
                row.created_at,
            )
            for row in rows
            if _sees(uscc, cases[row.case_id])
        ]  # fmt: skip

    async def resend(self, officer: Officer, delivery_id: UUID) -> None:
        """Send a dead letter again, under the same ``request_id``.

        Raises:
            RoleMissing: only the platform's operators do.
            DeliveryUnknown, DeliveryNotDead.
        """
        if officer.role is not Role.OPERATOR:
            raise RoleMissing((Role.OPERATOR,))
        row = await CaseOutbox.get_or_none(id=delivery_id)
        if row is None:
            raise DeliveryUnknown
        async with in_transaction():
            dead = CaseOutbox.filter(id=delivery_id, state=DEAD)
            if not await dead.update(state=QUEUED, failures=0, not_before=self._parts.now()):
                raise DeliveryNotDead
            detail = {"delivery": str(delivery_id), "operation": row.operation}
            await self._parts.services.audit.record(
                officer.actor, "cases.resent", f"case:{row.case_id}", detail
            )

    async def contradictions(self, officer: Officer) -> list[Contradiction]:
        """What does not fit and concerns the officer, the newest first.

        Raises:
            RoleMissing.
        """
        uscc = needs_sight(officer)
        rows = CaseEvent.filter(taken=Taken.CONTRADICTORY, seen_at=None)
        events = await rows.order_by("-id").limit(_MOST)
        cases = await self._cases([row.case_id for row in events])
        found = [self._event(row, cases[row.case_id]) for row in events]
        differing = await Case.exclude(disagrees=None).order_by("-updated_at").limit(_MOST)
        found += [self._differing(case) for case in differing]
        cases |= {case.id: case for case in differing}
        mine = {case.case_no for case in cases.values() if _sees(uscc, case)}
        return [one for one in found if one.case_no in mine]

    async def note_seen(self, officer: Officer, event_id: UUID) -> None:
        """A contradictory event was looked at and need not be shown any more.

        Raises:
            RoleMissing, DeliveryUnknown.
        """
        if officer.role is not Role.OPERATOR:
            raise RoleMissing((Role.OPERATOR,))
        rows = CaseEvent.filter(id=event_id, taken=Taken.CONTRADICTORY)
        row = await rows.first()
        if row is None:
            raise DeliveryUnknown
        await rows.filter(seen_at=None).update(seen_at=self._parts.now())
        detail: dict[str, str | int | bool | None] = {"event": row.event, "seq": row.seq}
        await self._parts.services.audit.record(
            officer.actor, "cases.contradiction_seen", f"case:{row.case_id}", detail
        )

    async def _cases(self, ids: Sequence[UUID]) -> dict[UUID, Case]:
        return {case.id: case for case in await Case.filter(id__in=list(ids))}

    def _event(self, row: CaseEvent, case: Case) -> Contradiction:
        return Contradiction(
            row.id, case.case_no, case.item_name, case.department_name, State(case.state),
            row.event, row.reason, case.disagrees or "", row.received_at,
        )  # fmt: skip

    def _differing(self, case: Case) -> Contradiction:
        return Contradiction(
            case.id, case.case_no, case.item_name, case.department_name, State(case.state), "",
            "sides_differ", case.disagrees or "", case.reconciled_at or case.updated_at,
        )  # fmt: skip


def _sees(uscc: str | None, case: Case) -> bool:
    """Who has the case in hand, who supervises it, and (None) the platform."""
    return uscc in (None, case.department_uscc, case.supervisor_uscc)

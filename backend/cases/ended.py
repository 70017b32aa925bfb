"""Cases that have come to their end: what the people who applied may judge (国办发〔2019〕51号)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.cases.models import Case
from backend.cases.states import STATE_LABELS, State
from backend.identity.service import subject_of

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Ended:
    """A case that ended; ``outcome`` is the name of its last state."""

    id: UUID
    case_no: str
    item_code: str
    item_name: str
    department_uscc: str
    department_name: str
    outcome: str
    at: datetime


class EndedCases:
    """Finds them by the person who submitted."""

    async def find(self, person_id: UUID, case_id: UUID) -> Ended | None:
        """One of this person's, None where it is not theirs or goes on."""
        row = await Case.get_or_none(id=case_id, person_id=person_id)
        return None if row is None or row.ended_at is None else _ended(row, row.ended_at)

    async def recent(self, person_id: UUID, since: datetime, limit: int) -> list[Ended]:
        """This person's latest, newest first."""
        rows = Case.filter(person_id=person_id, ended_at__gte=since)
        found = await rows.order_by("-ended_at").limit(limit)
        return [_ended(row, row.ended_at) for row in found if row.ended_at is not None]

    async def at_department(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[tuple[UUID, str]]:
        """Id and person (by tag) of what ended at a department."""
        rows = Case.filter(department_uscc=department_uscc, ended_at__gte=since, ended_at__lt=until)
        if item_code is not None:
            rows = rows.filter(item_code=item_code)
        found = await rows.limit(_MOST).values_list("id", "person_id")
        return [(UUID(str(case_id)), subject_of(UUID(str(who)))) for case_id, who in found]


def _ended(row: Case, at: datetime) -> Ended:
    return Ended(
        row.id, row.case_no, row.item_code, row.item_name, row.department_uscc,
        row.department_name, STATE_LABELS[State(row.state)], at,
    )  # fmt: skip

"""一件事 that have come to their end, as wholes: what those who submitted them may judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.identity.service import subject_of
from backend.one_thing.models import OneThingRun

_MOST = 5000


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run of which every step has ended; ``lead`` is the name of the department that leads."""

    id: UUID
    code: str
    name: str
    lead: str
    at: datetime


class EndedRuns:
    """Finds them by the person who submitted."""

    async def find(self, person_id: UUID, run_id: UUID) -> RunEnded | None:
        """One of this person's, None where it is not theirs or goes on."""
        row = await OneThingRun.get_or_none(id=run_id, person_id=person_id)
        return None if row is None or row.ended_at is None else _ended(row, row.ended_at)

    async def recent(self, person_id: UUID, since: datetime, limit: int) -> list[RunEnded]:
        """This person's latest, newest first."""
        rows = OneThingRun.filter(person_id=person_id, ended_at__gte=since)
        found = await rows.order_by("-ended_at").limit(limit)
        return [_ended(row, row.ended_at) for row in found if row.ended_at is not None]

    async def led_by(
        self, lead: str, code: str | None, since: datetime, until: datetime
    ) -> Sequence[tuple[UUID, str]]:
        """Id and person (by tag) of what ended under the lead of a department."""
        rows = OneThingRun.filter(ended_at__gte=since, ended_at__lt=until)
        if code is not None:
            rows = rows.filter(code=code)
        return [
            (row.id, subject_of(row.person_id))
            for row in await rows.limit(_MOST)
            if row.body["lead"] == lead
        ]


def _ended(row: OneThingRun, at: datetime) -> RunEnded:
    return RunEnded(row.id, row.code, row.name, str(row.body["lead"]), at)

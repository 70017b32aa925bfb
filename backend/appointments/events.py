"""What was done at a counter, as something that may be judged (好差评)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.appointments.models import Appointment as Row
from backend.appointments.parts import Parts
from backend.appointments.states import State
from backend.catalogue.errors import ItemNotFound
from backend.evaluation.service import Served, ServiceEvent
from backend.identity.service import subject_of
from backend.messages.service import person_of

_USCC_CHARS = 18
_MOST = 5000


class CounterVisits:
    """预约办理: a booking whose person was served. Only its owner may judge it."""

    kind = "appointment"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """A booking of this person that was served."""
        try:
            found = UUID(event_id)
        except ValueError:
            return None
        row = await Row.get_or_none(
            id=found, person_id=person_of(subject), state=State.SERVED.value
        )
        return None if row is None else await self._event(row)

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """The person's latest, newest first."""
        rows = (
            await Row.filter(
                person_id=person_of(subject), state=State.SERVED.value, ended_at__gte=since
            )
            .order_by("-ended_at")
            .limit(limit)
        )
        return [await self._event(row) for row in rows]

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Whom a department served: items begin with the code of whoever is responsible."""
        rows = Row.filter(
            state=State.SERVED.value, ended_at__gte=since, ended_at__lt=until,
            item_code__startswith=department_uscc,
        )  # fmt: skip
        if item_code is not None:
            rows = rows.filter(item_code=item_code)
        found = await rows.limit(_MOST).only("id", "person_id")
        return [Served(str(row.id), subject_of(row.person_id)) for row in found]

    async def _event(self, row: Row) -> ServiceEvent:
        try:
            card = (await self._parts.catalogue.get(row.item_code)).card.row
            department, name = card.department_name, card.plain_name
        except ItemNotFound:
            department, name = row.point_name, row.item_name
        return ServiceEvent(
            kind=self.kind, id=str(row.id), title=f"在{row.point_name}办理“{row.item_name}”",
            department_uscc=row.item_code[:_USCC_CHARS], department_name=department,
            item_code=row.item_code, item_name=name, at=row.ended_at or row.starts_at,
        )  # fmt: skip

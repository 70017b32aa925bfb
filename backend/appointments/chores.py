"""What the worker does: remind the day before, write down who did not come, close the day."""

from datetime import timedelta

from tortoise.transactions import in_transaction

from backend.appointments.errors import StateConflict
from backend.appointments.hours import midnight
from backend.appointments.models import Appointment as Row
from backend.appointments.models import PointDay, Slot
from backend.appointments.parts import Parts, move
from backend.appointments.registry import Registry
from backend.appointments.serving import LATE, Server, Serving
from backend.appointments.states import State
from backend.calendar.service import BEIJING

WORKER = "system:platform"
# Nobody is told of tomorrow before breakfast; the push keeps the person's own quiet hours besides.
_FROM_HOUR = 9
_BATCH = 500
# Slots are of use while they can be booked or looked at.
_KEPT = timedelta(days=60)


class Chores:
    """The jobs; any number of workers may run them, nothing happens twice."""

    def __init__(self, parts: Parts, serving: Serving, registry: Registry) -> None:
        self._parts, self._serving, self._registry = parts, serving, registry

    async def remind(self) -> int | None:
        """Tell of tomorrow's bookings, once each; says how many.

        Who booked today has just been told.
        """
        parts, today = self._parts, self._parts.today()
        if parts.now().astimezone(BEIJING).hour < _FROM_HOUR:
            return None
        begun = midnight(today)
        rows = await Row.filter(
            state=State.BOOKED.value, day=today + timedelta(days=1), reminded_at=None,
            created_at__lt=begun,
        ).limit(_BATCH)  # fmt: skip
        told = 0
        for row in rows:
            told += await self._remind(row)
        return told or None

    async def _remind(self, row: Row) -> bool:
        async with in_transaction():
            mine = Row.filter(id=row.id, state=State.BOOKED.value, reminded_at=None)
            if not await mine.update(reminded_at=self._parts.now()):
                return False
            when = row.starts_at.astimezone(BEIJING)
            text = (
                f"明天 {when:%H:%M}，{row.point_name}，办理“{row.item_name}”。"
                "请带好材料，到场后出示预约码取号；来不了请尽早取消，把名额让给别人。"
            )
            await self._parts.messages.tell(
                row.person_id, "appointment.reminder", "明天有预约", text,
                f"/appointments/detail?id={row.id}", dedupe_key=f"appointment:{row.id}:reminder",
            )  # fmt: skip
        return True

    async def close_times(self) -> int | None:
        """Write down who did not come, and whose turn never came; says how many."""
        parts = self._parts
        now = parts.now()
        late = await Row.filter(state=State.BOOKED.value, ends_at__lt=now - LATE).limit(_BATCH)
        for row in late:
            try:
                await self._serving.missed(WORKER, row)
            except StateConflict:
                continue  # scanned or cancelled in between
        waiting = [State.ARRIVED.value, State.CALLED.value]
        left = await Row.filter(state__in=waiting, day__lt=parts.today()).limit(_BATCH)
        for row in left:
            try:
                async with in_transaction():
                    await move(row, State.LAPSED, ended_at=now, live_key=None)
            except StateConflict:
                continue
        swept = await self._registry.sweep(Server(WORKER, None))
        return len(late) + len(left) + swept or None

    async def purge(self) -> int:
        """Forget the counts of days long past; bookings stay with the person."""
        last = self._parts.today() - _KEPT
        gone = await Slot.filter(day__lt=last).delete()
        return gone + await PointDay.filter(id__endswith=f"{last:%Y%m%d}").delete()

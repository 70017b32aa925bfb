"""The day at the counter: 取号, 叫号, 办理, 爽约. For the console and for systems with halls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from backend.appointments.directory import Place
from backend.appointments.errors import (
    AppointmentUnknown,
    NobodyWaits,
    NotNow,
    PlaceUnknown,
    StateConflict,
)
from backend.appointments.models import Appointment as Row
from backend.appointments.models import PointDay
from backend.appointments.parts import Parts, conflict, move
from backend.appointments.rules import Rules
from backend.appointments.states import LIVE, State
from backend.appointments.views import Appointment, number_text, view_of
from backend.audit.service import person
from backend.audit.service import system as system_actor
from backend.exchange.service import ProviderSystem
from backend.operators.service import DEPARTMENT_ROLES, Officer

EARLY = timedelta(minutes=60)
LATE = timedelta(minutes=30)
_CALL_TRIES = 5


@dataclass(frozen=True, slots=True)
class Server:
    """Who serves: an account of the console or a system, and whose places are theirs.

    Attributes:
        owners: codes of systems; None: every place.
    """

    actor: str
    owners: frozenset[str] | None

    def serves(self, place: Place) -> bool:
        """Whether the place is theirs."""
        return self.owners is None or (place.owner != "" and place.owner in self.owners)


def by_system(system: ProviderSystem) -> Server:
    """A system at the places that it registered."""
    return Server(system_actor(system.code), frozenset({system.code}))


def by_officer(officer: Officer, systems: Sequence[ProviderSystem]) -> Server:
    """An account of the console: operators everywhere, a department at its systems' places."""
    if officer.role not in DEPARTMENT_ROLES:
        return Server(officer.actor, None)
    own = [
        system.code
        for system in systems
        if system.manifest.system.department.uscc == officer.department_uscc
    ]
    return Server(officer.actor, frozenset(own))


class Serving:
    """The use cases of whoever serves. Nobody's full name or number is given out here."""

    def __init__(self, parts: Parts, rules: Rules) -> None:
        self._parts, self._rules = parts, rules

    async def place(self, server: Server, code: str) -> Place:
        """A place of the server's own.

        Raises:
            PlaceUnknown.
        """
        place = await self._parts.directory.get(code)
        if not server.serves(place):
            raise PlaceUnknown
        return place

    async def day(self, server: Server, point: str, day: date) -> list[Appointment]:
        """Who is expected at a place on a day, by time.

        Raises:
            PlaceUnknown.
        """
        await self.place(server, point)
        rows = await Row.filter(point_code=point, day=day).order_by("starts_at", "id")
        detail: dict[str, str | int | bool | None] = {
            "place": point, "day": day.isoformat(), "count": len(rows),
        }  # fmt: skip
        await self._parts.audit.record(server.actor, "appointments.day_read", server.actor, detail)
        return [await view_of(self._parts, row, for_owner=False) for row in rows]

    async def arrive(self, server: Server, point: str, code: str) -> Appointment:
        """取号: scan a code and give it the next waiting number of the day. Again says the same.

        Raises:
            PlaceUnknown, AppointmentUnknown: not of this place.
            NotNow: another day, more than an hour early or half an hour late.
            StateConflict: it was cancelled or is over.
        """
        parts = self._parts
        await self.place(server, point)
        index = parts.code_index(code)
        row = await Row.get_or_none(code_index=index, point_code=point)
        if row is None:
            raise AppointmentUnknown
        if row.state in (State.ARRIVED, State.CALLED):
            return await view_of(parts, row, for_owner=False)
        if row.state != State.BOOKED:
            raise conflict(row)
        opens, ends = row.starts_at - EARLY, row.ends_at + LATE
        if not opens <= parts.now() <= ends:
            raise NotNow(opens, ends)
        await self._number(server, row)
        return await view_of(parts, await Row.get(id=row.id), for_owner=False)

    async def _number(self, server: Server, row: Row) -> None:
        """Give the number; of two scans at once the second finds it given."""
        counted = f"{row.point_code}/{row.day:%Y%m%d}"
        await PointDay.bulk_create([PointDay(id=counted)], ignore_conflicts=True)
        try:
            async with in_transaction():
                await PointDay.filter(id=counted).update(last_number=F("last_number") + 1)
                number = (await PointDay.get(id=counted)).last_number
                await move(row, State.ARRIVED, number=number, arrived_at=self._parts.now())
                await self._record(server, row, "appointments.arrived")
                text = f"您的号码是 {number_text(number)}，请到 {row.counter} 号窗口附近等候叫号。"
                await self._tell(row, "arrived", f"取号成功 {number_text(number)}", text)
        except StateConflict as refused:
            if refused.state not in (State.ARRIVED, State.CALLED):
                raise

    async def call_next(self, server: Server, point: str, counter: str) -> Appointment:
        """叫号: the first who waits at a counter, by time and number.

        Raises:
            PlaceUnknown, NobodyWaits.
        """
        await self.place(server, point)
        for _ in range(_CALL_TRIES):
            row = (
                await Row.filter(
                    point_code=point, day=self._parts.today(), counter=counter,
                    state=State.ARRIVED.value,
                )
                .order_by("starts_at", "number")
                .first()
            )  # fmt: skip
            if row is None:
                raise NobodyWaits
            try:
                return await self._call(server, row, State.ARRIVED)
            except StateConflict:
                continue  # another clerk at this counter was faster
        raise NobodyWaits

    async def call(self, server: Server, appointment_id: UUID) -> Appointment:
        """Call somebody, or once more.

        Raises:
            AppointmentUnknown, StateConflict.
        """
        return await self._call(server, await self._served_by(server, appointment_id))

    async def _call(self, server: Server, row: Row, only_from: State | None = None) -> Appointment:
        async with in_transaction():
            await move(
                row, State.CALLED, only_from, calls=F("calls") + 1, called_at=self._parts.now()
            )
            await self._record(server, row, "appointments.called")
            text = f"{number_text(row.number)} 请到 {row.counter} 号窗口办理“{row.item_name}”。"
            await self._tell(row, "called", "轮到您了", text)
        return await view_of(self._parts, await Row.get(id=row.id), for_owner=False)

    async def serve(self, server: Server, appointment_id: UUID) -> Appointment:
        """办理完毕: from now on the person may judge the service.

        Raises:
            AppointmentUnknown, StateConflict.
        """
        row = await self._served_by(server, appointment_id)
        async with in_transaction():
            await move(row, State.SERVED, ended_at=self._parts.now(), live_key=None)
            await self._record(server, row, "appointments.served")
            text = f"“{row.item_name}”已在{row.point_name}办理。服务怎么样，欢迎评价。"
            await self._tell(row, "served", "办理完成，请评价", text)
        return await view_of(self._parts, await Row.get(id=row.id), for_owner=False)

    async def miss(self, server: Server, appointment_id: UUID) -> Appointment:
        """爽约: did not come, or did not answer the call.

        Raises:
            AppointmentUnknown, StateConflict; NotNow: still expected.
        """
        row = await self._served_by(server, appointment_id)
        if row.state == State.BOOKED and self._parts.now() <= row.ends_at + LATE:
            raise NotNow(row.starts_at - EARLY, row.ends_at + LATE)
        await self.missed(server.actor, row)
        return await view_of(self._parts, await Row.get(id=row.id), for_owner=False)

    async def missed(self, actor: str, row: Row) -> None:
        """Write down that somebody did not come, and tell them what follows from it.

        Raises:
            StateConflict.
        """
        async with in_transaction():
            await move(row, State.NO_SHOW, ended_at=self._parts.now(), live_key=None)
            standing = await self._rules.of(row.person_id)
            rule = standing.rule
            text = (
                f"您预约的“{row.item_name}”（{row.point_name}）没有按时到场，记一次爽约。"
                f"{rule.period_days} 天内满 {rule.times} 次，{rule.blocked_days} 天内不能预约。"
                "有特殊情况请致电窗口说明。"
            )
            await self._record(Server(actor, None), row, "appointments.missed")
            await self._tell(row, "missed", "您有一次预约未到", text)

    async def excuse(self, server: Server, appointment_id: UUID, reason: str) -> Appointment:
        """Forgive a time not come: it counts no more.

        Raises:
            AppointmentUnknown, StateConflict.
        """
        row = await self._served_by(server, appointment_id)
        async with in_transaction():
            await move(row, State.EXCUSED)
            await self._record(server, row, "appointments.excused", reason=reason)
            await self._tell(row, "excused", "爽约记录已撤销", f"撤销原因：{reason}。")
        return await view_of(self._parts, await Row.get(id=row.id), for_owner=False)

    async def _served_by(self, server: Server, appointment_id: UUID) -> Row:
        row = await Row.get_or_none(id=appointment_id)
        if row is None:
            raise AppointmentUnknown
        place = await self._parts.directory.find(row.point_code)
        if place is None or not server.serves(place):
            raise AppointmentUnknown
        return row

    async def _record(self, server: Server, row: Row, action: str, **more: str) -> None:
        detail = {"appointment": str(row.id), "place": row.point_code, **more}
        await self._parts.audit.record(server.actor, action, person(row.person_id), detail)

    async def _tell(self, row: Row, what: str, title: str, text: str) -> None:
        """Once for each thing that happens; a second call of a number is heard, not read."""
        await self._parts.messages.tell(
            row.person_id, f"appointment.{what}", title, text,
            f"/appointments/detail?id={row.id}", dedupe_key=f"appointment:{row.id}:{what}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayCounts:
    """How a day stands at a place."""

    expected: int
    waiting: int
    served: int
    missed: int


def counts(day: Sequence[Appointment]) -> DayCounts:
    """Count a day's bookings by what became of them."""
    states = [one.state for one in day]
    return DayCounts(
        sum(state in LIVE for state in states),
        states.count(State.ARRIVED) + states.count(State.CALLED),
        states.count(State.SERVED),
        states.count(State.NO_SHOW),
    )


def is_over(row: Row, now: datetime) -> bool:
    """Whether nobody is expected any more for a booking whose code was not scanned."""
    return now > row.ends_at + LATE

"""Places and lists as they are registered: by a system (its own), or by the operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.appointments.booking import give_back
from backend.appointments.directory import Place, next_version
from backend.appointments.errors import (
    CapacityBelowBooked,
    PlaceRefused,
    PlaceTaken,
    PlaceUnknown,
    StateConflict,
    TimeNotOffered,
)
from backend.appointments.models import Appointment as Row
from backend.appointments.models import ServicePoint, Slot, WorkList
from backend.appointments.parts import Parts, move
from backend.appointments.schedule import Schedule, slot_id
from backend.appointments.serving import Server
from backend.appointments.shapes import Closure, ListSpec, PointSpec
from backend.appointments.states import State
from backend.calendar.service import BEIJING
from backend.errors import DomainError
from backend.regions.service import Regions

_BATCH = 200
ModelT = TypeVar("ModelT", bound=BaseModel)
_VILLAGE_CHARS, _STREET_CHARS = 12, 9


@dataclass(frozen=True, slots=True)
class Registered:
    """How many places and lists were taken in."""

    points: int
    lists: int


class Registry:
    """The use cases of whoever runs places."""

    def __init__(self, parts: Parts, regions: Regions, schedule: Schedule) -> None:
        self._parts, self._regions, self._schedule = parts, regions, schedule

    async def take(
        self, server: Server, owner: str, lists: Sequence[Any], points: Sequence[Any]
    ) -> Registered:
        """Register lists and places, all or none; what has the same code is replaced.

        Args:
            owner: code of the system whose they are, empty for the platform.
            lists, points: of the shape of ``ListSpec`` and ``PointSpec``.

        Raises:
            PlaceRefused: one contradicts itself, names no region, or an item that nobody offers.
            PlaceTaken: a code is another owner's.
        """
        given_lists = [_read(ListSpec, one, "lists", place) for place, one in enumerate(lists)]
        given = [_read(PointSpec, one, "points", place) for place, one in enumerate(points)]
        await self._check(given_lists, given)
        await self._check_owner(owner, given_lists, given)
        async with in_transaction():
            await _replace_lists(owner, given_lists)
            await _replace_points(owner, given)
            await next_version()
            detail: dict[str, str | int | bool | None] = {
                "points": len(given), "lists": len(given_lists),
                "place": given[0].code if len(given) == 1 else None,
            }  # fmt: skip
            await self._parts.audit.record(
                server.actor, "appointments.places_registered", server.actor, detail
            )
        self._parts.directory.forget()
        return Registered(len(given), len(given_lists))

    async def _check(self, lists: Sequence[ListSpec], points: Sequence[PointSpec]) -> None:
        errors = []
        known = {*await self._parts.directory.lists(), *(one.code for one in lists)}
        wanted = {item for one in lists for item in one.items}
        wanted |= {item for one in points for counter in one.counters for item in counter.items}
        offered = await self._parts.catalogue.names(wanted)
        for number, one in enumerate(lists):
            if missing := [item for item in one.items if item not in offered]:
                message = f"清单“{one.name}”中的事项 {missing[0]} 不在已发布的事项目录中"
                errors.append({"pointer": f"/lists/{number}/items", "message": message})
        for number, point in enumerate(points):
            errors += [
                {"pointer": f"/points/{number}/{where}", "message": f"{point.name}：{why}"}
                for where, why in self._wrong(point, known, offered)
            ]
        if errors:
            raise PlaceRefused(errors)

    def _wrong(
        self, point: PointSpec, lists: set[str], offered: dict[str, str]
    ) -> list[tuple[str, str]]:
        found = []
        code = point.region_code
        try:
            self._regions.get(code[:_STREET_CHARS] if len(code) == _VILLAGE_CHARS else code)
        except DomainError:
            found.append(("region_code", f"没有区划代码为 {code} 的地区"))
        for counter in point.counters:
            if not counter.lists and not counter.items:
                found.append(("counters", f"{counter.number} 号窗口没有登记可办事项"))
            if unknown := [one for one in counter.lists if one not in lists]:
                found.append(("counters", f"没有代码为 {unknown[0]} 的事项清单"))
            if missing := [item for item in counter.items if item not in offered]:
                found.append(("counters", f"事项 {missing[0]} 不在已发布的事项目录中"))
        return found

    async def _check_owner(
        self, owner: str, lists: Sequence[ListSpec], points: Sequence[PointSpec]
    ) -> None:
        for model, codes in ((ServicePoint, [one.code for one in points]),
                             (WorkList, [one.code for one in lists])):  # fmt: skip
            if len(set(codes)) < len(codes):
                raise PlaceRefused([{"pointer": "", "message": "同一批登记中代码重复"}])
            for start in range(0, len(codes), _BATCH):
                some = model.filter(code__in=codes[start : start + _BATCH])
                if await some.exclude(owner=owner).exists():
                    raise PlaceTaken

    async def withdraw(self, server: Server, code: str) -> int:
        """Take a place away: what is booked there is called off and told; says how many.

        Raises:
            PlaceUnknown.
        """
        place = await self._own(server, code)
        async with in_transaction():
            await ServicePoint.filter(code=code).delete()
            await next_version()
            await self._parts.audit.record(
                server.actor, "appointments.place_withdrawn", server.actor, {"place": code}
            )
        self._parts.directory.forget()
        return await self._call_off(server, place, self._parts.today(), None, "该地点已停用")

    async def close(self, server: Server, code: str, closure: Closure) -> int:
        """停办: close for some days; what is booked then is called off and told.

        Raises:
            PlaceUnknown.
        """
        place = await self._own(server, code)
        closures = [each.model_dump(mode="json") for each in (*place.spec.closures, closure)]
        spec = place.spec.model_dump(mode="json") | {"closures": closures}
        await self.take(server, place.owner, [], [spec])
        return await self._call_off(server, place, closure.first, closure.last, closure.why)

    async def sweep(self, server: Server) -> int:
        """Call off what was booked at the moment at which a place closed; says how many.

        Another worker may know the place as open for two seconds more.
        """
        today, called_off = self._parts.today(), 0
        for place in await self._parts.directory.all():
            for closure in place.spec.closures:
                if closure.last >= today:
                    first = max(closure.first, today)
                    called_off += await self._call_off(
                        server, place, first, closure.last, closure.why
                    )
        return called_off

    async def set_capacity(
        self, server: Server, code: str, counter: str, times: tuple[date, str], capacity: int | None
    ) -> None:
        """Change how many people one counter takes at one time; None: as registered.

        Args:
            times: the day and ``09:00``.

        Raises:
            PlaceUnknown; TimeNotOffered: the counter has no such time.
            CapacityBelowBooked: more people have booked than that.
        """
        place = await self._own(server, code)
        spec = place.counters.get(counter)
        day, clock = times
        offers = await self._schedule.counter_day(place, spec, day) if spec is not None else []
        offer = next((one for one in offers if one.clock == clock), None)
        if offer is None or spec is None:
            raise TimeNotOffered
        wanted = spec.capacity if capacity is None else capacity
        found = slot_id(code, counter, offer.time.starts_at)
        row = Slot(id=found, point_code=code, day=day)
        await Slot.bulk_create([row], ignore_conflicts=True)
        async with in_transaction():
            # Bookings of the same moment count against the one or the other, never against neither.
            if not await Slot.filter(id=found, booked__lte=wanted).update(capacity=capacity):
                raise CapacityBelowBooked((await Slot.get(id=found)).booked)
            detail: dict[str, str | int | bool | None] = {
                "place": code, "slot": found, "capacity": capacity,
            }  # fmt: skip
            await self._parts.audit.record(
                server.actor, "appointments.capacity_changed", server.actor, detail
            )

    async def _own(self, server: Server, code: str) -> Place:
        place = await self._parts.directory.get(code)
        if not server.serves(place):
            raise PlaceUnknown
        return place

    async def _call_off(
        self, server: Server, place: Place, first: date, last: date | None, why: str
    ) -> int:
        rows = Row.filter(Q(point_code=place.spec.code, state=State.BOOKED.value, day__gte=first))
        called_off = 0
        for row in await (rows if last is None else rows.filter(day__lte=last)):
            called_off += await self._call_one_off(server, row, why)
        return called_off

    async def _call_one_off(self, server: Server, row: Row, why: str) -> bool:
        parts = self._parts
        when = row.starts_at.astimezone(BEIJING)
        text = (
            f"您预约的 {when.month}月{when.day}日 {when:%H:%M}“{row.item_name}”"
            f"（{row.point_name}）已由窗口取消，原因：{why}。不计爽约，请另选时间或地点。"
        )
        try:
            async with in_transaction():
                await move(row, State.CALLED_OFF, live_key=None, ended_at=parts.now())
                await give_back(row)
                await parts.audit.record(
                    server.actor, "appointments.called_off", f"person:{row.person_id}",
                    {"appointment": str(row.id), "place": row.point_code},
                )  # fmt: skip
                await parts.messages.tell(
                    row.person_id, "appointment.called_off", "预约被窗口取消", text,
                    f"/appointments/detail?id={row.id}",
                    dedupe_key=f"appointment:{row.id}:called_off",
                )  # fmt: skip
        except StateConflict:
            return False  # cancelled in between
        return True


def _read(model: type[ModelT], raw: Any, what: str, place: int) -> ModelT:
    """One list or place.

    Raises:
        PlaceRefused: with one sentence for each wrong part.
    """
    if isinstance(raw, model):
        return raw
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise PlaceRefused(
            [
                {
                    "pointer": "/".join(["", what, str(place), *map(str, one["loc"])]),
                    "message": f"{'.'.join(map(str, one['loc']))} 的内容不符合要求",
                }
                for one in error.errors(include_url=False, include_input=False)
            ]
        ) from None


async def _replace_lists(owner: str, lists: Sequence[ListSpec]) -> None:
    codes = [one.code for one in lists]
    await WorkList.filter(code__in=codes).delete()
    await WorkList.bulk_create(
        [WorkList(code=one.code, owner=owner, name=one.name, items=one.items) for one in lists]
    )


async def _replace_points(owner: str, points: Sequence[PointSpec]) -> None:
    codes = [one.code for one in points]
    for start in range(0, len(codes), _BATCH):
        await ServicePoint.filter(code__in=codes[start : start + _BATCH]).delete()
    rows = [
        ServicePoint(
            code=one.code, owner=owner, region_code=one.region_code,
            spec=one.model_dump(mode="json"),
        )
        for one in points
    ]  # fmt: skip
    await ServicePoint.bulk_create(rows, batch_size=_BATCH)

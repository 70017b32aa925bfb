"""The places in memory: which do an item, how far they are. Each worker reads what changed."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from backend.appointments.errors import PlaceUnknown
from backend.appointments.models import DirectoryVersion, ServicePoint, WorkList
from backend.appointments.shapes import Closure, CounterSpec, Hours, ListSpec, PointSpec
from backend.calendar.service import WorkCalendar
from backend.errors import DomainError
from backend.regions.service import Regions
from backend.store.ids import uuid7

_CHECK_S = 2.0
_CALENDAR_S = 60.0
_AT_ONCE = 500
_EARTH_KM = 6371.0
# Nearest first; at the same distance by code, the one that does more comes first.
_RANK = {"hall": 0, "branch": 1, "street": 2, "village": 3}
_NAME = "places"
_FIELDS = set(PointSpec.model_fields)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the workers hold it.

    Attributes:
        owner: system that registered it, empty for the platform.
        does: item → numbers of the open counters that do it.
        where: names from the city down to the village's street.
    """

    spec: PointSpec
    owner: str
    where: str
    does: Mapping[str, Sequence[str]]
    counters: Mapping[str, CounterSpec]

    def counters_for(self, item: str) -> list[CounterSpec]:
        """The open counters that do an item."""
        return [self.counters[number] for number in self.does.get(item, ())]


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how far it is; None where nobody said from where."""

    place: Place
    distance_km: float | None


@dataclass(slots=True)
class _State:
    version: str | None = None
    places: dict[str, Place] = field(default_factory=dict)
    lists: dict[str, ListSpec] = field(default_factory=dict)


class Directory:
    """Finds places. Reads again at most every two seconds, and only what changed.

    What was announced of working days is read every minute: the hours of all places hang on it.

    Args:
        clock: seconds that only grow.
    """

    def __init__(
        self, regions: Regions, calendar: WorkCalendar, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._regions, self._calendar, self._clock = regions, calendar, clock
        self._state = _State()
        self._checked = self._calendar_read = -math.inf
        self._reading = asyncio.Lock()

    async def _current(self) -> _State:
        if self._clock() - self._checked < _CHECK_S:
            return self._state
        async with self._reading:
            if self._clock() - self._checked >= _CHECK_S:
                await self._read_if_changed()
                if self._clock() - self._calendar_read >= _CALENDAR_S:
                    await self._calendar.reload()
                    self._calendar_read = self._clock()
                self._checked = self._clock()
        return self._state

    async def _read_if_changed(self) -> None:
        row = await DirectoryVersion.get_or_none(name=_NAME)
        version = row.version if row is not None else ""
        if version == self._state.version:
            return
        lists = {
            one.code: ListSpec.model_construct(code=one.code, name=one.name, items=one.items)
            for one in await WorkList.all()
        }
        shared, places = _Shared(lists), dict[str, Place]()
        # A part at a time: rows take more memory than the places that are made of them.
        rows = ServicePoint.all().order_by("code").limit(_AT_ONCE)
        part = await rows.values_list("code", "owner", "spec")
        while part:
            places |= await asyncio.to_thread(self._built, shared, part)
            part = await rows.filter(code__gt=part[-1][0]).values_list("code", "owner", "spec")
        self._state = _State(version, places, lists)

    def _built(self, shared: "_Shared", rows: Sequence[Any]) -> dict[str, Place]:
        places = {}
        for code, owner, raw in rows:
            spec = shared.spec(raw)
            does, counters = shared.work(spec)
            places[code] = Place(spec, owner, self._where(spec.region_code), does, counters)
        return places

    def _where(self, code: str) -> str:
        """Names below the province; a village is named by the place itself."""
        try:
            path = self._regions.path(code if len(code) < 12 else code[:9])
        except DomainError:
            return ""
        return "".join(region.name for region in path[1:])

    def forget(self) -> None:
        """Look again at the next question: this worker changed something."""
        self._checked = -math.inf

    async def get(self, code: str) -> Place:
        """One place, open or not.

        Raises:
            PlaceUnknown.
        """
        found = await self.find(code)
        if found is None:
            raise PlaceUnknown
        return found

    async def find(self, code: str) -> Place | None:
        """One place, or None when it was taken away."""
        return (await self._current()).places.get(code)

    async def all(self) -> Sequence[Place]:
        """Every place, in order of code."""
        state = await self._current()
        return [state.places[code] for code in sorted(state.places)]

    async def lists(self) -> Mapping[str, ListSpec]:
        """Every list of items."""
        return (await self._current()).lists

    async def near(
        self, item: str | None, point: tuple[float, float] | None, region: str | None
    ) -> list[Near]:
        """Open places that do an item, nearest first.

        Args:
            item: None for all places.
            point: latitude and longitude from which to measure.
            region: without a point, the closest by administrative region come first.
        """
        state = await self._current()
        found = [
            place
            for place in state.places.values()
            if place.spec.open and (item is None or item in place.does)
        ]
        if point is not None:
            near = [Near(place, distance_km(point, place.spec)) for place in found]
            near.sort(key=lambda one: (one.distance_km, one.place.spec.code))
            return near
        asked = region or ""
        found.sort(key=lambda place: _by_region(asked, place.spec))
        return [Near(place, None) for place in found]


async def next_version() -> None:
    """Tell every worker to read the places again; inside the transaction of the change."""
    version = str(uuid7())
    if not await DirectoryVersion.filter(name=_NAME).update(version=version):
        await DirectoryVersion.bulk_create(
            [DirectoryVersion(name=_NAME, version=version)], ignore_conflicts=True
        )


class _Shared:
    """Thousands of places have the same hours and the same counters: they share one object each.

    What the table holds was checked when it was registered, so it is not checked again.
    """

    def __init__(self, lists: Mapping[str, ListSpec]) -> None:
        self._lists = lists
        self._hours: dict[bytes, Hours] = {}
        self._counters: dict[bytes, list[CounterSpec]] = {}
        self._work: dict[int, tuple[Mapping[str, Sequence[str]], Mapping[str, CounterSpec]]] = {}

    def spec(self, raw: Mapping[str, Any]) -> PointSpec:
        """A place as it was registered."""
        hours_key, counters_key = orjson.dumps(raw["hours"]), orjson.dumps(raw["counters"])
        if hours_key not in self._hours:
            self._hours[hours_key] = Hours.model_validate(raw["hours"])
        if counters_key not in self._counters:
            counters = [CounterSpec.model_validate(one) for one in raw["counters"]]
            self._counters[counters_key] = counters
        parts = {
            "hours": self._hours[hours_key], "counters": self._counters[counters_key],
            "closures": [Closure.model_validate(one) for one in raw["closures"]],
        }  # fmt: skip
        # Which fields were set is for all places the same set: one for each took 2 MB.
        return PointSpec.model_construct(_fields_set=_FIELDS, **{**raw, **parts})

    def work(
        self, spec: PointSpec
    ) -> tuple[Mapping[str, Sequence[str]], Mapping[str, CounterSpec]]:
        """Item → numbers of open counters, and the counters by number."""
        key = id(spec.counters)
        if key not in self._work:
            table: dict[str, list[str]] = {}
            for counter in spec.counters:
                if counter.open:
                    for item in self._items(counter):
                        table.setdefault(item, []).append(counter.number)
            self._work[key] = table, {counter.number: counter for counter in spec.counters}
        return self._work[key]

    def _items(self, counter: CounterSpec) -> Sequence[str]:
        lists = [self._lists[code].items for code in counter.lists if code in self._lists]
        return list(dict.fromkeys([*chain.from_iterable(lists), *counter.items]))


def distance_km(point: tuple[float, float], spec: PointSpec) -> float:
    """Great-circle distance (haversine) on a sphere of the earth's mean radius."""
    first, second = math.radians(point[0]), math.radians(spec.latitude)
    down = (second - first) / 2
    across = math.radians(spec.longitude - point[1]) / 2
    chord = math.sin(down) ** 2 + math.cos(first) * math.cos(second) * math.sin(across) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(chord, 1.0)))


def _by_region(asked: str, spec: PointSpec) -> tuple[int, int, str]:
    """Most of the administrative code in common first, then the larger place, then the code."""
    shared = 0
    for length in (2, 4, 6, 9, 12):
        if len(asked) < length or spec.region_code[:length] != asked[:length]:
            break
        shared = length
    return -shared, _RANK[spec.kind], spec.code

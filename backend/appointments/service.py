"""预约取号 and 就近办: places down to the village, times with a capacity, the day at the counter.

The only module of the package that others import. A time is never given to more people than it has
places: the database counts by one conditional ``UPDATE``, whatever the number of workers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.appointments.booking import AppointmentPage, Booking, Wish
from backend.appointments.chores import Chores
from backend.appointments.directory import Directory, Near, Place
from backend.appointments.errors import CursorRefused, ItemNotHere, PlaceUnknown
from backend.appointments.events import CounterVisits
from backend.appointments.hours import Opening, opening
from backend.appointments.parts import CODE_HEAD, Parts
from backend.appointments.registry import Registered, Registry
from backend.appointments.rules import NoShowRule, Rules, Standing
from backend.appointments.schedule import DayOffer, Free, Offer, Schedule
from backend.appointments.serving import Server, Serving, by_officer, by_system, counts
from backend.appointments.shapes import (
    ACCESS_NAMES,
    KIND_NAMES,
    Closure,
    CounterSpec,
    Hours,
    ListSpec,
    PointSpec,
    Span,
)
from backend.appointments.states import LIVE, STATE_NAMES, State
from backend.appointments.views import Appointment
from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.catalogue.service import Catalogue
from backend.identity.service import Identity
from backend.lending.service import Lending
from backend.messages.service import Messages
from backend.regions.service import Regions
from backend.store.keyring import BlindIndex, KeyRing

__all__ = [
    "ACCESS_NAMES",
    "CODE_HEAD",
    "KIND_NAMES",
    "LIVE",
    "STATE_NAMES",
    "Appointment",
    "AppointmentPage",
    "Appointments",
    "Closure",
    "CounterSpec",
    "DayOffer",
    "Found",
    "FoundPage",
    "Free",
    "Hours",
    "ListSpec",
    "Near",
    "NoShowRule",
    "Offer",
    "Opening",
    "Place",
    "PointSpec",
    "Registered",
    "Server",
    "Services",
    "Span",
    "Standing",
    "State",
    "Wish",
    "by_officer",
    "by_system",
    "counts",
]


@dataclass(frozen=True, slots=True)
class Services:
    """What appointments stand on."""

    regions: Regions
    calendar: WorkCalendar
    catalogue: Catalogue
    identity: Identity
    lending: Lending
    messages: Messages
    audit: Audit


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a list: how far, whether open, when it has room.

    Attributes:
        next_free: of the item asked for; None when nothing is free on the published days.
    """

    near: Near
    opening: Opening
    next_free: datetime | None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of places, nearest first."""

    items: Sequence[Found]
    next_cursor: str | None
    total: int


class Appointments:
    """The use cases, by subject: ``directory``, ``schedule``, ``booking``, ``serving``, ``rules``,
    ``registry``, ``chores``; ``visits`` are what may be judged.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, keyring: KeyRing, index: BlindIndex, services: Services, clock: Callable[[], float]
    ) -> None:
        self.directory = Directory(services.regions, services.calendar)
        self._parts = parts = Parts(
            keyring, index, self.directory, services.calendar, services.catalogue,
            services.identity, services.lending, services.messages, services.audit, clock,
        )  # fmt: skip
        self.schedule = Schedule(parts)
        self.rules = Rules(parts)
        self.booking = Booking(parts, self.schedule, self.rules)
        self.serving = Serving(parts, self.rules)
        self.registry = Registry(parts, services.regions, self.schedule)
        self.visits = CounterVisits(parts)
        self.chores = Chores(parts, self.serving, self.registry)

    async def near(
        self,
        item: str | None,
        point: tuple[float, float] | None,
        region: str | None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> FoundPage:
        """就近办: places that can do an item, the nearest first. See ``Directory.near``.

        Raises:
            CursorRefused.
        """
        found = await self.directory.near(item, point, region)
        start = _offset(cursor)
        page = found[start : start + limit]
        free = await self.schedule.next_free([one.place for one in page], item)
        items = [Found(one, self.opening(one.place), free.get(one.place.spec.code)) for one in page]
        more = start + limit < len(found)
        return FoundPage(items, str(start + limit) if more else None, len(found))

    async def found(self, code: str) -> Found:
        """One open place as it would stand in a list.

        Raises:
            PlaceUnknown.
        """
        place = await self.directory.get(code)
        if not place.spec.open:
            raise PlaceUnknown
        free = await self.schedule.next_free([place], None)
        return Found(Near(place, None), self.opening(place), free.get(code))

    async def days(self, code: str, item: str) -> list[DayOffer]:
        """What is free at a place for an item, on every published day.

        Raises:
            PlaceUnknown, ItemNotHere.
        """
        place = (await self.found(code)).near.place
        if not place.counters_for(item):
            raise ItemNotHere
        return await self.schedule.days(place, item)

    def opening(self, place: Place) -> Opening:
        """Whether a place is open now, and when next."""
        return opening(place.spec, self._parts.now(), self._parts.calendar.is_workday)

    async def item_names(self, place: Place) -> dict[str, str]:
        """What is done at a place, in everyday words, by code."""
        return await self._parts.catalogue.names(set(place.does))


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 6):
        raise CursorRefused
    return int(cursor)

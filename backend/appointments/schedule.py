"""号源: what can be booked where and when, and how much of it is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.appointments.directory import Place
from backend.appointments.hours import Time, bookable_days, midnight, times_of
from backend.appointments.models import Slot
from backend.appointments.parts import Parts
from backend.appointments.shapes import CounterSpec
from backend.calendar.service import BEIJING

# Days around today that an operator may look at; others have no calendar and no bookings.
_LOOKED_AT = 400


@dataclass(frozen=True, slots=True)
class Offer:
    """One counter at one time.

    Attributes:
        capacity: how many people; booked: how many have; left: how many more.
    """

    counter: CounterSpec
    time: Time
    slot_id: str
    capacity: int
    booked: int

    @property
    def left(self) -> int:
        """Never below 0, also where the capacity was lowered by another registration."""
        return max(self.capacity - self.booked, 0)

    @property
    def clock(self) -> str:
        """When it begins, as ``09:00``."""
        return f"{self.time.starts_at.astimezone(BEIJING):%H:%M}"


@dataclass(frozen=True, slots=True)
class Free:
    """One time over all counters that do the item."""

    starts_at: datetime
    ends_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class DayOffer:
    """One day: its times that have not begun yet, full ones too.

    Attributes:
        open: whether the place is open on that day at all.
    """

    day: date
    open: bool
    times: Sequence[Free]

    @property
    def left(self) -> int:
        """Over the day."""
        return sum(time.left for time in self.times)


def slot_id(point: str, counter: str, starts_at: datetime) -> str:
    """The id of one counter at one time."""
    return f"{point}/{counter}/{starts_at.astimezone(BEIJING):%Y%m%d%H%M}"


class Schedule:
    """Reads what is left; nothing is changed here."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def days(self, place: Place, item: str) -> list[DayOffer]:
        """Every published day, in order."""
        days = bookable_days(place.spec, self._parts.today())
        taken = await _taken([place], days[0], days[-1])
        return [self._day(place, item, day, taken) for day in days]

    async def next_free(self, places: Sequence[Place], item: str | None) -> dict[str, datetime]:
        """The first free time of each place, by code; a place without one is left out.

        Args:
            item: None: at whatever counter.
        """
        today = self._parts.today()
        last = max((bookable_days(place.spec, today)[-1] for place in places), default=today)
        taken = await _taken(places, today, last)
        found = {}
        for place in places:
            free = self._first_free(place, item, taken)
            if free is not None:
                found[place.spec.code] = free
        return found

    def _first_free(self, place: Place, item: str | None, taken: "_Taken") -> datetime | None:
        counters = _counters(place, item)
        for day in bookable_days(place.spec, self._parts.today()):
            free = [
                offer.time.starts_at
                for counter in counters
                for offer in self._offers(place, counter, day, taken)
                if offer.left
            ]
            if free:
                return min(free)
        return None

    async def offers(self, place: Place, item: str, starts_at: datetime) -> list[Offer]:
        """The counters that do an item and have exactly this time; those with most left first."""
        published = bookable_days(place.spec, self._parts.today())
        # Compared before it is turned to China's time: years 1 and 9999 have no other zone.
        if not midnight(published[0]) <= starts_at < midnight(published[-1] + timedelta(days=1)):
            return []
        day = starts_at.astimezone(BEIJING).date()
        taken = await _taken([place], day, day)
        found = [
            offer
            for counter in place.counters_for(item)
            for offer in self._offers(place, counter, day, taken)
            if offer.time.starts_at == starts_at
        ]
        return sorted(found, key=lambda offer: (-offer.left, offer.counter.number))

    async def counter_day(self, place: Place, counter: CounterSpec, day: date) -> list[Offer]:
        """Every time of one counter on a day, past ones too: what its operator looks at."""
        if abs((day - self._parts.today()).days) > _LOOKED_AT:
            return []
        taken = await _taken([place], day, day)
        return [
            _offer(place, counter, time, taken)
            for time in times_of(place.spec, counter, day, self._parts.calendar.is_workday)
        ]

    def _day(self, place: Place, item: str, day: date, taken: "_Taken") -> DayOffer:
        sums: dict[Time, int] = {}
        for counter in place.counters_for(item):
            for offer in self._offers(place, counter, day, taken):
                if offer.capacity:
                    sums[offer.time] = sums.get(offer.time, 0) + offer.left
        times = sorted(sums, key=lambda time: (time.starts_at, time.ends_at))
        free = [Free(time.starts_at, time.ends_at, sums[time]) for time in times]
        return DayOffer(day, bool(free), free)

    def _offers(
        self, place: Place, counter: CounterSpec, day: date, taken: "_Taken"
    ) -> Iterable[Offer]:
        now = self._parts.now()
        for time in times_of(place.spec, counter, day, self._parts.calendar.is_workday):
            if time.starts_at > now:
                yield _offer(place, counter, time, taken)


_Taken = dict[str, tuple[int, int | None]]


async def _taken(places: Sequence[Place], first: date, last: date) -> _Taken:
    """What was booked or changed, by slot."""
    rows = await Slot.filter(
        point_code__in=[place.spec.code for place in places], day__gte=first, day__lte=last
    ).values_list("id", "booked", "capacity")
    return {slot: (booked, capacity) for slot, booked, capacity in rows}


def _offer(place: Place, counter: CounterSpec, time: Time, taken: _Taken) -> Offer:
    found = slot_id(place.spec.code, counter.number, time.starts_at)
    booked, own = taken.get(found, (0, None))
    capacity = counter.capacity if own is None else own
    return Offer(counter, time, found, capacity, booked)


def _counters(place: Place, item: str | None) -> Sequence[CounterSpec]:
    if item is not None:
        return place.counters_for(item)
    return [counter for counter in place.spec.counters if counter.open]

"""Bookings under every order of booking, cancelling and changing capacity, many at once."""

import asyncio
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from backend.appointments.errors import CapacityBelowBooked, TimeFull
from backend.appointments.models import Appointment as Row
from backend.appointments.models import Slot
from backend.appointments.service import Appointment
from backend.identity.service import Session
from tests.appointments_world import (
    HALL,
    OPERATOR,
    TOMORROW,
    AppointmentsWorld,
    counter,
    moment,
    place,
)
from tests.machines import Machine, every_order

STEPS, EXAMPLES = 10, 10


class Booked(Machine):
    """One time of one counter.

    The model: as many hold it as booked and neither cancelled nor did not come in time to cancel,
    and never more than its capacity. What ends gives back exactly one place.
    """

    here: AppointmentsWorld
    days = 0

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[Session, Appointment]] = []
        self.capacity = 1
        # A day of its own for every example: what was booked before stays booked.
        type(self).days += 1
        self.day = TOMORROW + timedelta(weeks=type(self).days)
        self.here.clock.go(moment(self.day, "06:00"))

    @initialize(capacity=st.integers(1, 5))
    def open(self, capacity: int) -> None:
        self.capacity = capacity
        self._run(self.here.register(place(counters=[counter(capacity=capacity)])))

    @rule(people=st.integers(1, 6))
    def book(self, people: int) -> None:
        found = self._run(self._books(people))
        good = [each for each in found if isinstance(each[1], Appointment)]
        assert len(good) == min(people, self.capacity - len(self.held))
        assert all(isinstance(one, Appointment | TimeFull) for _, one in found), found
        self.held += [(session, one) for session, one in good if isinstance(one, Appointment)]

    @rule(which=st.integers(0, 10), again=st.integers(1, 3))
    @precondition(lambda self: self.held)
    def cancel(self, which: int, again: int) -> None:
        session, made = self.held.pop(which % len(self.held))
        self._run(self._cancels(session, made, again))

    @rule(capacity=st.integers(0, 6))
    def change_capacity(self, capacity: int) -> None:
        registry, when = self.here.appointments.registry, (self.day, "09:00")
        try:
            self._run(registry.set_capacity(OPERATOR, HALL, "1", when, capacity))
        except CapacityBelowBooked:
            assert capacity < len(self.held)
        else:
            assert capacity >= len(self.held)
            self.capacity = capacity

    @invariant()
    def what_is_counted_is_what_is_held(self) -> None:
        self._run(self._counted())

    async def _counted(self) -> None:
        row = await Slot.get_or_none(id=f"{HALL}/1/{self.day:%Y%m%d}0900")
        held = await Row.filter(day=self.day, state="booked").count()
        assert held == len(self.held) <= self.capacity
        assert (row.booked if row is not None else 0) == held

    async def _books(self, people: int) -> list[tuple[Session, object]]:
        sessions = [self.here.person() for _ in range(people)]
        books = (self.here.book(session, day=self.day) for session in sessions)
        found = await asyncio.gather(*books, return_exceptions=True)
        return list(zip(sessions, found, strict=True))

    async def _cancels(self, session: Session, made: Appointment, again: int) -> None:
        booking = self.here.appointments.booking
        cancels = (booking.cancel(session, made.id) for _ in range(again))
        await asyncio.gather(*cancels, return_exceptions=True)


async def test_never_more_than_there_are_places(here: AppointmentsWorld) -> None:
    await every_order(Booked, EXAMPLES, STEPS, here=here)

"""Places, people and a clock around the appointments on real stores.

Who somebody is and whose family they carry is said by the test itself: identity and lending have
tests of their own, and a thousand people could not all log in for one of these.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_bytes
from typing import Any, cast
from uuid import UUID

from backend.appointments.models import Appointment as Row
from backend.appointments.service import (
    Appointment,
    Appointments,
    NoShowRule,
    Server,
    Services,
    Wish,
)
from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.catalogue.service import Catalogue
from backend.identity.levels import Level
from backend.identity.service import Identity, Session, subject_of
from backend.lending.errors import MemberUnknown
from backend.lending.service import Carried, Lending
from backend.messages.service import Messages
from backend.numbers.service import Holder, make_id_number
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from tests.catalogue_items import DEPARTMENT, full_item, system
from tests.regions import REGIONS

# A Wednesday at 8 in the morning in China; the days after it are ordinary.
START = datetime(2026, 11, 25, 8, 0, tzinfo=BEIJING)
TOMORROW = date(2026, 11, 26)
OPERATOR = Server("officer:operator", None)
HALL, STATION = "440106-hall", "440106009201-station"
ITEM = f"{DEPARTMENT.uscc}4440109001000"
OTHER_ITEM = f"{DEPARTMENT.uscc}4440109002000"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now.timestamp()

    def go(self, moment: datetime) -> None:
        """Go to a moment."""
        self.now = moment

    def on(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)


class People:
    """Everybody who was made here, by their account."""

    def __init__(self) -> None:
        self.holders: dict[UUID, Holder] = {}
        self.links: dict[tuple[UUID, UUID], Holder] = {}

    async def holder(self, session: Session) -> Holder:
        """Who is behind a session."""
        return self.holders[session.person_id]

    async def carried(self, session: Session, link_id: UUID, what: str) -> Carried:
        """Whose link it is."""
        found = self.links.get((session.person_id, link_id))
        if found is None:
            raise MemberUnknown
        return Carried(link_id, "child", found, "child:kxyz", None)


@dataclass
class AppointmentsWorld:
    """Everything that a test of appointments needs."""

    appointments: Appointments
    messages: Messages
    calendar: WorkCalendar
    clock: Clock
    people: People
    made: int = field(default=0)

    def person(self) -> Session:
        """Somebody new whose name and number are proven."""
        self.made += 1
        born = date(1960, 1, 1) + timedelta(days=self.made)
        person_id = uuid7()
        number = make_id_number("440106", born, 1 + self.made % 900)
        self.people.holders[person_id] = Holder("111", number, f"陈{self.made}")
        return Session(subject_of(person_id), "0123456789a", Level.REAL_NAME)

    def child_of(self, session: Session) -> UUID:
        """A child whom somebody carries; its link."""
        self.made += 1
        link = uuid7()
        number = make_id_number("440106", date(2020, 1, 1) + timedelta(days=self.made), 77)
        self.people.links[session.person_id, link] = Holder("111", number, "陈小小")
        return link

    async def book(
        self, session: Session, clock: str = "09:00", day: date = TOMORROW, **changes: Any
    ) -> Appointment:
        """Book one time of the hall."""
        wish: dict[str, Any] = {"item": ITEM, "point": HALL, "starts_at": moment(day, clock)}
        return await self.appointments.booking.book(session, Wish(**{**wish, **changes}))

    async def register(self, *points: dict[str, Any], owner: str = "") -> None:
        """Register places."""
        await self.appointments.registry.take(OPERATOR, owner, [], points)

    async def left(self, clock: str = "09:00", day: date = TOMORROW, point: str = HALL) -> int:
        """How much is left at a time."""
        place = await self.appointments.directory.get(point)
        days = await self.appointments.schedule.days(place, ITEM)
        times = {one.starts_at: one.left for day_ in days for one in day_.times}
        return times[moment(day, clock)]

    async def told(self, session: Session) -> list[str]:
        """Titles of what somebody was told, newest first."""
        page = await self.messages.list(session.person_id)
        return [note.title for note in page.notes]

    async def audited(self) -> list[str]:
        """What the audit has of appointments, oldest first."""
        rows = await AuditEntry.filter(action__startswith="appointments.").order_by("id")
        return [row.action for row in rows]

    async def misses(self, session: Session, days: Sequence[date]) -> None:
        """Somebody did not come on these days."""
        for day in days:
            self.clock.go(moment(day, "07:00"))
            one = await self.book(session, day=day)
            self.clock.go(moment(day, "18:00"))
            await self.appointments.serving.miss(OPERATOR, one.id)

    async def rule(self, times: int, period_days: int, blocked_days: int) -> None:
        """Put another rule in force."""
        await self.appointments.rules.change(
            cast(Any, OPERATOR), NoShowRule(times, period_days, blocked_days)
        )

    async def state(self, one: Appointment) -> str:
        """Where a booking stands now."""
        return (await Row.get(id=one.id)).state


def moment(day: date, clock: str) -> datetime:
    """A moment by a clock in China."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=BEIJING)


def counter(**changes: Any) -> dict[str, Any]:
    """A counter for two people in half an hour."""
    plain = {
        "number": "1", "name": "综合窗口", "lists": ["everything"], "capacity": 2,
        "slot_minutes": 30,
    }  # fmt: skip
    return plain | changes


def place(**changes: Any) -> dict[str, Any]:
    """A hall in 天河 with one counter, open from 9 to 12 and from 14 to 17 on working days."""
    plain = {
        "code": HALL, "name": "天河区政务服务中心", "kind": "hall", "region_code": "440106",
        "address": "天河区软件路 13 号", "latitude": 23.125, "longitude": 113.361,
        "phone": "020-12345",
        "hours": {
            "workdays": [
                {"opens": "09:00", "closes": "12:00"}, {"opens": "14:00", "closes": "17:00"},
            ],
            "saturday": [{"opens": "09:00", "closes": "12:00"}],
        },
        "counters": [counter()], "accessibility": ["ramp", "elder_first"],
    }  # fmt: skip
    return plain | changes


@asynccontextmanager
async def appointments_world(*, fresh: bool = True) -> AsyncIterator[AppointmentsWorld]:
    """The world; the database is open already.

    Args:
        fresh: False for one more worker on a database that another made.
    """
    keyring, index = KeyRing({"k1": token_bytes(32)}), BlindIndex(token_bytes(32))
    catalogue, calendar, messages, people = (
        Catalogue(REGIONS), WorkCalendar(), Messages(keyring), People(),
    )  # fmt: skip
    if fresh:
        items = [full_item(), full_item(catalog_code="440109002000", plain_name="另一件事")]
        await catalogue.replace_items(system(), items)

    class Families:
        family = people

    clock = Clock()
    services = Services(
        REGIONS, calendar, catalogue, cast(Identity, people), cast(Lending, Families()), messages,
        Audit(),
    )  # fmt: skip
    made = Appointments(keyring, index, services, clock)
    if fresh:
        lists = [{"code": "everything", "name": "全部事项", "items": [ITEM, OTHER_ITEM]}]
        await made.registry.take(OPERATOR, "", lists, [place()])
    try:
        yield AppointmentsWorld(made, messages, calendar, clock, people)
    finally:
        await catalogue.close()

"""Book and cancel. However many people want the last place at once, it is given once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from backend.appointments.directory import Place
from backend.appointments.errors import (
    AlreadyBooked,
    AppointmentUnknown,
    Blocked,
    CancelTooLate,
    CursorRefused,
    ItemNotHere,
    PlaceUnknown,
    TimeFull,
    TimeNotOffered,
    TooManyBooked,
)
from backend.appointments.models import Appointment as Row
from backend.appointments.models import Slot
from backend.appointments.parts import Parts, move, new_code
from backend.appointments.rules import Rules
from backend.appointments.schedule import Offer, Schedule
from backend.appointments.states import LIVE, State
from backend.appointments.views import Appointment, view_of
from backend.audit.service import person
from backend.calendar.service import BEIJING
from backend.identity.service import Session
from backend.numbers.service import Holder
from backend.store.ids import uuid7

MOST_LIVE = 10
PAGE = 20
_LIVE = [state.value for state in LIVE]
_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to book.

    Attributes:
        member: link of the family member it is for; None for oneself.
    """

    item: str
    point: str
    starts_at: datetime
    member: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Guest:
    """Who comes, and how the audit calls them."""

    kind: str
    holder: Holder
    about: str


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """A page of bookings, newest first."""

    items: Sequence[Appointment]
    next_cursor: str | None


class Booking:
    """The use cases of whoever books."""

    def __init__(self, parts: Parts, schedule: Schedule, rules: Rules) -> None:
        self._parts, self._schedule, self._rules = parts, schedule, rules

    async def book(self, session: Session, wish: Wish) -> Appointment:
        """Take one place.

        Raises:
            Blocked, TooManyBooked: nothing is booked for this account now.
            PlaceUnknown, ItemNotHere, TimeNotOffered: there is no such offer.
            TimeFull, AlreadyBooked.
            MemberUnknown: of ``lending``; the family link holds no more.
        """
        parts = self._parts
        await self._may_book(session.person_id)
        place = await parts.directory.get(wish.point)
        if not place.spec.open:
            raise PlaceUnknown
        if not place.counters_for(wish.item):
            raise ItemNotHere
        offers = await self._schedule.offers(place, wish.item, wish.starts_at)
        if not offers:
            raise TimeNotOffered
        if not any(offer.left for offer in offers):
            raise await self._full(place, wish)
        detail = await parts.catalogue.get(wish.item)
        guest = await self._guest(session, wish.member)
        row, code = self._row(session, wish, place, guest)
        row.item_name = detail.card.row.plain_name
        row.code = parts.seal_code(code, row.id)
        await _make_slots(place, offers)
        try:
            async with in_transaction():
                await self._take(row, offers, place, wish)
                await row.save(force_create=True)
                await self._record(row, session.person_id, "appointments.booked", guest.about)
                await self._tell_booked(row)
        except IntegrityError:
            raise AlreadyBooked from None
        return await view_of(parts, row, for_owner=True)

    async def _may_book(self, person_id: UUID) -> None:
        standing = await self._rules.of(person_id)
        if standing.blocked_until is not None:
            raise Blocked(standing.missed, standing.blocked_until)
        if await Row.filter(person_id=person_id, state__in=_LIVE).count() >= MOST_LIVE:
            raise TooManyBooked

    async def _guest(self, session: Session, member: UUID | None) -> _Guest:
        if member is None:
            holder = await self._parts.identity.holder(session)
            return _Guest("self", holder, person(session.person_id))
        carried = await self._parts.lending.family.carried(session, member, "appointment")
        kind = "child" if carried.about.startswith("child:") else "relative"
        return _Guest(kind, carried.holder, carried.about)

    def _row(self, session: Session, wish: Wish, place: Place, guest: _Guest) -> tuple[Row, str]:
        parts, row_id, code = self._parts, uuid7(), new_code()
        day = wish.starts_at.astimezone(BEIJING).date()
        whose = f"{guest.holder.code_type}:{guest.holder.code}:{wish.item}:{day}"
        row = Row(
            id=row_id, person_id=session.person_id, kind=guest.kind, link_id=wish.member,
            holder=parts.seal_holder(guest.holder, row_id),
            live_key=parts.index.of("appointment-live", whose),
            code_index=parts.index.of("appointment", code),
            item_code=wish.item, point_code=place.spec.code, point_name=place.spec.name,
            day=day, state=State.BOOKED.value, created_at=parts.now(),
        )  # fmt: skip
        return row, code

    async def _take(self, row: Row, offers: Sequence[Offer], place: Place, wish: Wish) -> None:
        """Count one place at the first counter that has one; the database decides, not we.

        The first statement of the transaction writes: SQLite then waits for the lock instead of
        refusing it for an outdated view.
        """
        for offer in offers:
            room = Q(capacity=None, booked__lt=offer.counter.capacity) | Q(booked__lt=F("capacity"))
            taken = await Slot.filter(room, id=offer.slot_id).update(booked=F("booked") + 1)
            if taken:
                row.slot_id, row.counter = offer.slot_id, offer.counter.number
                row.starts_at, row.ends_at = offer.time.starts_at, offer.time.ends_at
                minutes = timedelta(minutes=place.spec.cancel_minutes)
                row.cancel_until = offer.time.starts_at - minutes
                return
        raise TimeFull

    async def _full(self, place: Place, wish: Wish) -> TimeFull:
        """With the first free times of that place, so that nobody has to search."""
        days = await self._schedule.days(place, wish.item)
        free = [time.starts_at for day in days for time in day.times if time.left]
        return TimeFull(free[:_ALTERNATIVES])

    async def cancel(self, session: Session, appointment_id: UUID) -> Appointment:
        """Give the place back. Again does nothing.

        Raises:
            AppointmentUnknown, CancelTooLate, StateConflict.
        """
        row = await self._own(session, appointment_id)
        if row.state != State.CANCELLED:
            if row.state == State.BOOKED and self._parts.now() > row.cancel_until:
                place = await self._parts.directory.find(row.point_code)
                raise CancelTooLate(row.cancel_until, place.spec.phone if place else "12345")
            async with in_transaction():
                await move(row, State.CANCELLED, live_key=None, ended_at=self._parts.now())
                await give_back(row)
                about = person(session.person_id)
                await self._record(row, session.person_id, "appointments.cancelled", about)
            row = await self._own(session, appointment_id)
        return await view_of(self._parts, row, for_owner=True)

    def cancellable(self, found: Appointment) -> bool:
        """Whether its owner can cancel it now."""
        return found.state is State.BOOKED and self._parts.now() <= found.cancel_until

    async def one(self, session: Session, appointment_id: UUID) -> Appointment:
        """One booking of one's own.

        Raises:
            AppointmentUnknown.
        """
        row = await self._own(session, appointment_id)
        return await view_of(self._parts, row, for_owner=True)

    async def mine(
        self, session: Session, live: bool | None = None, cursor: str | None = None
    ) -> AppointmentPage:
        """What a person booked: those to come by their time, or those that are over, newest first.

        Args:
            live: only those to come, only those that are over, or (None) all, newest first.

        Raises:
            CursorRefused.
        """
        found = Row.filter(person_id=session.person_id)
        if live:
            rows = await found.filter(state__in=_LIVE).order_by("starts_at").limit(MOST_LIVE)
            views = [await view_of(self._parts, row, for_owner=True) for row in rows]
            return AppointmentPage(views, None)
        if live is False:
            found = found.exclude(state__in=_LIVE)
        if cursor is not None:
            found = found.filter(id__lt=_cursor(cursor))
        rows = await found.order_by("-id").limit(PAGE + 1)
        views = [await view_of(self._parts, row, for_owner=True) for row in rows[:PAGE]]
        return AppointmentPage(views, str(rows[PAGE - 1].id) if len(rows) > PAGE else None)

    async def _own(self, session: Session, appointment_id: UUID) -> Row:
        row = await Row.get_or_none(id=appointment_id, person_id=session.person_id)
        if row is None:
            raise AppointmentUnknown
        return row

    async def _record(self, row: Row, by: UUID, action: str, about: str) -> None:
        detail = {
            "appointment": str(row.id), "item": row.item_code, "place": row.point_code,
            "kind": row.kind,
        }  # fmt: skip
        await self._parts.audit.record(person(by), action, about, detail)

    async def _tell_booked(self, row: Row) -> None:
        when = row.starts_at.astimezone(BEIJING)
        until = row.cancel_until.astimezone(BEIJING)
        text = (
            f"{when.month}月{when.day}日 {when:%H:%M}，{row.point_name}，办理“{row.item_name}”。"
            f"到场后出示预约码取号；来不了请在 {until.month}月{until.day}日 {until:%H:%M} 前取消。"
        )
        await self._parts.messages.tell(
            row.person_id, "appointment.booked", "预约成功", text,
            f"/appointments/detail?id={row.id}", dedupe_key=f"appointment:{row.id}:booked",
        )  # fmt: skip


async def _make_slots(place: Place, offers: Sequence[Offer]) -> None:
    """The rows in which is counted; whoever comes first makes them."""
    rows = await Slot.filter(id__in=[offer.slot_id for offer in offers]).only("id")
    known = {row.id for row in rows}
    missing = [
        Slot(
            id=offer.slot_id, point_code=place.spec.code,
            day=offer.time.starts_at.astimezone(BEIJING).date(),
        )
        for offer in offers
        if offer.slot_id not in known
    ]  # fmt: skip
    if missing:
        await Slot.bulk_create(missing, ignore_conflicts=True)


async def give_back(row: Row) -> None:
    """Free the place of a booking that holds no more; in the transaction that ended it."""
    await Slot.filter(id=row.slot_id, booked__gt=0).update(booked=F("booked") - 1)


def _cursor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CursorRefused from None

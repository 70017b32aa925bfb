"""预约取号: a citizen books a time at a counter, for themselves or for a family member."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from sanic import Blueprint

from backend.appointments import errors
from backend.appointments.service import CODE_HEAD, LIVE, Appointment, Wish
from backend.catalogue.errors import ItemNotFound
from backend.identity.service import Level
from backend.lending.errors import MemberUnknown
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_appointments", url_prefix="/api/v1/citizen/appointments")

SELF = Person(Level.REAL_NAME)


class BookIn(In):
    """What to book. ``member`` is the id of a family link (``GET …/family``), else oneself."""

    item: str = Field(min_length=10, max_length=36, pattern=r"^[0-9A-Z]+$")
    place: str = Field(min_length=4, max_length=48, examples=["440106-hall"])
    starts_at: AwareDatetime = Field(examples=["2026-11-26T09:00:00+08:00"])
    member: UUID | None = None


class AppointmentOut(Out):
    """A booking."""

    id: UUID
    state: str = Field(examples=["booked"])
    state_name: str = Field(examples=["已预约"])
    live: bool = Field(description="still to come")
    kind: str = Field(description="self, child or relative", examples=["self"])
    name: str = Field(description="of who comes, masked")
    code: str = Field(description="to show as a QR code or say; empty when it is over")
    item_code: str
    item_name: str
    place: str
    place_name: str
    address: str
    phone: str
    counter: str
    day: date
    starts_at: Moment
    ends_at: Moment
    cancel_until: Moment
    cancellable: bool
    number: str = Field(description="waiting number; empty before the code was scanned")
    ahead: int | None = Field(description="how many wait before; null unless waiting")


class AppointmentList(Out):
    """Bookings."""

    items: list[AppointmentOut]
    next_cursor: str | None


class ListQuery(In):
    """``live``: only those to come, by time; false: those that are over, newest first."""

    live: bool | None = None
    cursor: str | None = Field(None, max_length=64)


class StandingOut(Out):
    """How I stand under the rule on not coming."""

    times: int
    period_days: int
    blocked_days: int
    missed: int
    blocked_until: date | None = Field(description="first day on which I can book again")


@endpoint(
    bp, "POST", "",
    access=SELF, summary="Book a time at a counter", body=BookIn, answer=AppointmentOut,
    status=201,
    errors=(
        errors.Blocked, errors.TooManyBooked, errors.PlaceUnknown, errors.ItemNotHere,
        errors.TimeNotOffered, errors.TimeFull, errors.AlreadyBooked, ItemNotFound, MemberUnknown,
    ),
)  # fmt: skip
async def book(call: Call[BookIn, None]) -> AppointmentOut:
    """Takes one place, or refuses; never one that somebody else has."""
    body = call.body
    wish = Wish(body.item, body.place, body.starts_at, body.member)
    return appointment_out(call, await call.province.appointments.booking.book(call.session, wish))


@endpoint(
    bp, "GET", "",
    access=SELF, summary="My bookings", query=ListQuery, answer=AppointmentList,
    errors=(errors.CursorRefused,),
)  # fmt: skip
async def list_appointments(call: Call[None, ListQuery]) -> AppointmentList:
    """Those for family members, too."""
    query = call.query
    page = await call.province.appointments.booking.mine(call.session, query.live, query.cursor)
    items = [appointment_out(call, one) for one in page.items]
    return AppointmentList(items=items, next_cursor=page.next_cursor)


@endpoint(
    bp, "GET", "/standing",
    access=SELF, summary="How I stand under the rule on not coming", answer=StandingOut,
)  # fmt: skip
async def standing(call: Call[None, None]) -> StandingOut:
    """爽约规则, and how often I did not come."""
    found = await call.province.appointments.rules.of(call.session.person_id)
    return StandingOut(
        times=found.rule.times, period_days=found.rule.period_days,
        blocked_days=found.rule.blocked_days, missed=found.missed,
        blocked_until=found.blocked_until,
    )  # fmt: skip


@endpoint(
    bp, "GET", "/<appointment_id:str>",
    access=SELF, summary="One of my bookings", answer=AppointmentOut,
    errors=(errors.AppointmentUnknown,),
)  # fmt: skip
async def one(call: Call[None, None], appointment_id: str) -> AppointmentOut:
    """With the code to show, and, once it was scanned, the waiting number."""
    found = await call.province.appointments.booking.one(call.session, read_id(appointment_id))
    return appointment_out(call, found)


@endpoint(
    bp, "POST", "/<appointment_id:str>/cancellation",
    access=SELF, summary="Cancel a booking", answer=AppointmentOut,
    errors=(errors.AppointmentUnknown, errors.CancelTooLate, errors.StateConflict),
)  # fmt: skip
async def cancel(call: Call[None, None], appointment_id: str) -> AppointmentOut:
    """Frees exactly one place; again does nothing."""
    booking = call.province.appointments.booking
    return appointment_out(call, await booking.cancel(call.session, read_id(appointment_id)))


def appointment_out(call: Call[Any, Any], found: Appointment) -> AppointmentOut:
    """A booking for its owner."""
    live = found.state in LIVE
    return AppointmentOut(
        id=found.id, state=found.state.value, state_name=found.state_name, live=live,
        kind=found.kind, name=found.name, code=CODE_HEAD + found.code if live else "",
        item_code=found.item_code, item_name=found.item_name, place=found.point_code,
        place_name=found.point_name, address=found.address, phone=found.phone,
        counter=found.counter, day=found.day, starts_at=found.starts_at, ends_at=found.ends_at,
        cancel_until=found.cancel_until,
        cancellable=call.province.appointments.booking.cancellable(found),
        number=found.number, ahead=found.ahead,
    )  # fmt: skip


def read_id(text: str) -> UUID:
    """The id in a path.

    Raises:
        AppointmentUnknown.
    """
    try:
        return UUID(text)
    except ValueError:
        raise errors.AppointmentUnknown from None

"""A booking as others see it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.appointments.models import Appointment as Row
from backend.appointments.parts import Parts
from backend.appointments.states import STATE_NAMES, State
from backend.numbers.service import mask_name


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking.

    Attributes:
        name: of who comes, masked; ``kind``: ``self``, ``child`` or ``relative``.
        code: of the QR code; empty for whoever serves.
        number: waiting number, as ``Y012``; empty before the code was scanned.
        ahead: how many wait before this one; None unless waiting.
    """

    id: UUID
    state: State
    state_name: str
    kind: str
    name: str
    code: str
    item_code: str
    item_name: str
    point_code: str
    point_name: str
    address: str
    phone: str
    counter: str
    day: date
    starts_at: datetime
    ends_at: datetime
    cancel_until: datetime
    number: str
    ahead: int | None
    created_at: datetime


def number_text(number: int | None) -> str:
    """A waiting number for people: ``Y012``."""
    return f"Y{number:03d}" if number is not None else ""


async def view_of(parts: Parts, row: Row, *, for_owner: bool) -> Appointment:
    """A booking for whoever booked it, or for whoever serves."""
    address = phone = ""
    place = await parts.directory.find(row.point_code)
    if place is not None:
        address, phone = place.spec.address, place.spec.phone
    ahead = await _ahead(row) if for_owner and row.state == State.ARRIVED else None
    return Appointment(
        id=row.id, state=State(row.state), state_name=STATE_NAMES[State(row.state)],
        kind=row.kind, name=mask_name(parts.open_holder(row).name),
        code=parts.open_code(row) if for_owner else "",
        item_code=row.item_code, item_name=row.item_name, point_code=row.point_code,
        point_name=row.point_name, address=address, phone=phone, counter=row.counter,
        day=row.day, starts_at=row.starts_at, ends_at=row.ends_at,
        cancel_until=row.cancel_until, number=number_text(row.number), ahead=ahead,
        created_at=row.created_at,
    )  # fmt: skip


async def _ahead(row: Row) -> int:
    """Who is called before: an earlier time, or an earlier number at the same time."""
    waiting = Row.filter(
        point_code=row.point_code, day=row.day, counter=row.counter, state=State.ARRIVED.value
    )
    earlier = await waiting.filter(starts_at__lt=row.starts_at).count()
    beside = waiting.filter(starts_at=row.starts_at, number__lt=row.number or 0)
    return earlier + await beside.count()

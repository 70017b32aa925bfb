"""Places that a system registers, and the day at their counters, for systems with halls."""

from datetime import date
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.appointments import errors
from backend.appointments.service import Appointment, ListSpec, PointSpec, by_system
from gateway.channels.citizen.appointments import read_id
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment
from gateway.edge.problems import RequestInvalid

bp = Blueprint("provider_service_points", url_prefix="/api/v1/provider")

# Eighty counters with five hundred items each are more than anybody has.
PLACE_LIMIT = 512 * 1024


class RegisteredOut(Out):
    """What was registered."""

    code: str


class WithdrawnOut(Out):
    """How many bookings were called off; their people were told."""

    called_off: int


class DayQuery(In):
    """Which day."""

    day: date


class GuestOut(Out):
    """Who is expected; the name is masked."""

    id: UUID
    state: str
    state_name: str
    name: str
    item_code: str
    item_name: str
    counter: str
    starts_at: Moment
    ends_at: Moment
    number: str = Field(description="waiting number; empty before the code was scanned")


class DayOut(Out):
    """A day's bookings by time."""

    items: list[GuestOut]


class ArrivalIn(In):
    """The code that was scanned or typed."""

    code: str = Field(min_length=8, max_length=40, examples=["YY7H3K5QZ2M4XW"])


@endpoint(
    bp, "PUT", "/service-points/<code:str>",
    access=SYSTEM, summary="Register or change a place of the system's own", body=PointSpec,
    answer=RegisteredOut,
    errors=(errors.PlaceRefused, errors.PlaceTaken), body_limit=PLACE_LIMIT,
)  # fmt: skip
async def put_place(call: Call[PointSpec, None], code: str) -> RegisteredOut:
    """In place of what was registered before; what is booked stays booked."""
    if call.body.code != code:
        raise RequestInvalid([{"pointer": "/code", "message": "应与路径中的代码相同"}])
    server = by_system(call.system)
    await call.province.appointments.registry.take(server, call.system.code, [], [call.body])
    return RegisteredOut(code=code)


@endpoint(
    bp, "DELETE", "/service-points/<code:str>",
    access=SYSTEM, summary="Take a place away", answer=WithdrawnOut,
    errors=(errors.PlaceUnknown,),
)  # fmt: skip
async def delete_place(call: Call[None, None], code: str) -> WithdrawnOut:
    """What is booked there is called off, and its people are told."""
    registry = call.province.appointments.registry
    return WithdrawnOut(called_off=await registry.withdraw(by_system(call.system), code))


@endpoint(
    bp, "PUT", "/service-point-lists/<code:str>",
    access=SYSTEM, summary="Register a list of items for places", body=ListSpec,
    answer=RegisteredOut,
    errors=(errors.PlaceRefused, errors.PlaceTaken), body_limit=PLACE_LIMIT,
)  # fmt: skip
async def put_list(call: Call[ListSpec, None], code: str) -> RegisteredOut:
    """Every place with a counter that names the list does these items from now on."""
    if call.body.code != code:
        raise RequestInvalid([{"pointer": "/code", "message": "应与路径中的代码相同"}])
    server = by_system(call.system)
    await call.province.appointments.registry.take(server, call.system.code, [call.body], [])
    return RegisteredOut(code=code)


@endpoint(
    bp, "GET", "/service-points/<code:str>/appointments",
    access=SYSTEM, summary="Who is expected at a place on a day", query=DayQuery, answer=DayOut,
    errors=(errors.PlaceUnknown,),
)  # fmt: skip
async def day(call: Call[None, DayQuery], code: str) -> DayOut:
    """By time; written to the audit."""
    serving = call.province.appointments.serving
    found = await serving.day(by_system(call.system), code, call.query.day)
    return DayOut(items=[_guest(one) for one in found])


@endpoint(
    bp, "POST", "/service-points/<code:str>/arrivals",
    access=SYSTEM, summary="Scan the code of who arrives", body=ArrivalIn, answer=GuestOut,
    errors=(
        errors.PlaceUnknown, errors.AppointmentUnknown, errors.NotNow, errors.StateConflict,
    ),
)  # fmt: skip
async def arrive(call: Call[ArrivalIn, None], code: str) -> GuestOut:
    """Gives the waiting number; scanned again, the same one."""
    serving = call.province.appointments.serving
    return _guest(await serving.arrive(by_system(call.system), code, call.body.code))


@endpoint(
    bp, "POST", "/service-points/<code:str>/counters/<counter:str>/calls",
    access=SYSTEM, summary="Call the next at a counter", answer=GuestOut,
    errors=(errors.PlaceUnknown, errors.NobodyWaits),
)  # fmt: skip
async def call_next(call: Call[None, None], code: str, counter: str) -> GuestOut:
    """By time, then by waiting number."""
    serving = call.province.appointments.serving
    return _guest(await serving.call_next(by_system(call.system), code, counter))


@endpoint(
    bp, "POST", "/appointments/<appointment_id:str>/service",
    access=SYSTEM, summary="Note that somebody was served", answer=GuestOut,
    errors=(errors.AppointmentUnknown, errors.StateConflict),
)  # fmt: skip
async def serve(call: Call[None, None], appointment_id: str) -> GuestOut:
    """From now on they may judge the service."""
    serving = call.province.appointments.serving
    return _guest(await serving.serve(by_system(call.system), read_id(appointment_id)))


@endpoint(
    bp, "POST", "/appointments/<appointment_id:str>/absence",
    access=SYSTEM, summary="Note that somebody did not come", answer=GuestOut,
    errors=(errors.AppointmentUnknown, errors.NotNow, errors.StateConflict),
)  # fmt: skip
async def miss(call: Call[None, None], appointment_id: str) -> GuestOut:
    """Half an hour after their time, or after they were called."""
    serving = call.province.appointments.serving
    return _guest(await serving.miss(by_system(call.system), read_id(appointment_id)))


def _guest(found: Appointment) -> GuestOut:
    return GuestOut(
        id=found.id, state=found.state.value, state_name=found.state_name, name=found.name,
        item_code=found.item_code, item_name=found.item_name, counter=found.counter,
        starts_at=found.starts_at, ends_at=found.ends_at, number=found.number,
    )  # fmt: skip

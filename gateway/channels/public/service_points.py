"""就近办: places where service items are done, the nearest first, with what is free there."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator
from sanic import Blueprint

from backend.appointments import errors
from backend.appointments.service import ACCESS_NAMES, KIND_NAMES, Found, Opening, Place, Span
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("public_service_points", url_prefix="/api/v1/public/service-points")

ItemCode = Annotated[str, Field(min_length=10, max_length=36, pattern=r"^[0-9A-Z]+$")]


class OpeningOut(Out):
    """Whether it is open now, until when, or when next."""

    open_now: bool
    closes_at: Moment | None
    opens_at: Moment | None
    why_closed: str = Field(description="by announcement; may be empty", examples=["搬迁停办"])


class PlaceOut(Out):
    """A place in a list. Coordinates are GCJ-02."""

    code: str = Field(examples=["440106009-centre"])
    name: str = Field(examples=["石牌街道便民服务中心"])
    kind: str = Field(examples=["street"])
    kind_name: str = Field(examples=["便民服务中心"])
    region_code: str
    where: str = Field(examples=["广州市天河区石牌街道"])
    address: str
    phone: str
    latitude: float
    longitude: float
    distance_km: float | None = Field(description="as the crow flies; null without coordinates")
    opening: OpeningOut
    next_free: Moment | None = Field(description="the first free time on the published days")
    accessibility: list[str] = Field(examples=[["无障碍坡道", "老年人优先"]])


class PlaceList(Out):
    """A page of places, nearest first."""

    items: list[PlaceOut]
    next_cursor: str | None
    total: int


class SpanOut(Out):
    """From one time of a day to another."""

    opens: str = Field(examples=["09:00"])
    closes: str = Field(examples=["12:00"])


class HoursOut(Out):
    """On working days, and on weekends that border on no holiday."""

    workdays: list[SpanOut]
    saturday: list[SpanOut]
    sunday: list[SpanOut]


class ClosureOut(Out):
    """Closed from one day to another, both included."""

    first: date
    last: date
    why: str


class CounterOut(Out):
    """A counter."""

    number: str
    name: str


class ItemOut(Out):
    """An item that is done there."""

    code: str
    name: str


class PlaceDetail(PlaceOut):
    """A place with all that is known of it."""

    transport: str
    hours: HoursOut
    closures: list[ClosureOut]
    days_ahead: int
    cancel_minutes: int = Field(description="up to so many minutes before can be cancelled")
    counters: list[CounterOut]
    items: list[ItemOut] = Field(description="what can be booked there, by name")


class TimeOut(Out):
    """A time; ``left`` is 0 when it is full."""

    starts_at: Moment
    ends_at: Moment
    left: int = Field(ge=0)


class DayOut(Out):
    """A published day; without times the place is closed or the day over."""

    day: date
    left: int = Field(ge=0)
    times: list[TimeOut]


class TimesOut(Out):
    """Every published day in order."""

    days: list[DayOut]


class NearQuery(In):
    """By coordinates (GCJ-02) where they are given, otherwise by region."""

    item: ItemCode | None = None
    latitude: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    region: Annotated[str, Field(pattern=r"^(\d{6}|\d{9}|\d{12})$")] | None = None
    cursor: str | None = Field(None, max_length=8)
    limit: int = Field(20, ge=1, le=50)

    @model_validator(mode="after")
    def _both(self) -> "NearQuery":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("纬度和经度要一起给出")
        return self


class TimesQuery(In):
    """For which item."""

    item: ItemCode


@endpoint(
    bp, "GET", "",
    access=PUBLIC, summary="Places that do an item, the nearest first", query=NearQuery,
    answer=PlaceList, errors=(errors.CursorRefused,),
)  # fmt: skip
async def near(call: Call[None, NearQuery]) -> PlaceList:
    """With coordinates by distance, otherwise by how much of the region they share."""
    query = call.query
    point = None
    if query.latitude is not None and query.longitude is not None:
        point = (query.latitude, query.longitude)
    page = await call.province.appointments.near(
        query.item, point, query.region, query.cursor, query.limit
    )
    items = [PlaceOut(**_place(found)) for found in page.items]
    return PlaceList(items=items, next_cursor=page.next_cursor, total=page.total)


@endpoint(
    bp, "GET", "/<code:str>",
    access=PUBLIC, summary="One place", answer=PlaceDetail, errors=(errors.PlaceUnknown,),
)  # fmt: skip
async def place(call: Call[None, None], code: str) -> PlaceDetail:
    """Where it is, when it is open, what is done there."""
    found = await call.province.appointments.found(code)
    spec = found.near.place.spec
    names = await call.province.appointments.item_names(found.near.place)
    return PlaceDetail(
        **_place(found), transport=spec.transport,
        hours=HoursOut(
            workdays=_spans(spec.hours.workdays), saturday=_spans(spec.hours.saturday),
            sunday=_spans(spec.hours.sunday),
        ),
        closures=[ClosureOut(**each.model_dump()) for each in spec.closures],
        days_ahead=spec.days_ahead, cancel_minutes=spec.cancel_minutes,
        counters=[
            CounterOut(number=each.number, name=each.name) for each in spec.counters if each.open
        ],
        items=[
            ItemOut(code=item, name=name)
            for item, name in sorted(names.items(), key=lambda one: one[1])
        ],
    )  # fmt: skip


@endpoint(
    bp, "GET", "/<code:str>/times",
    access=PUBLIC, summary="What is free at a place", query=TimesQuery, answer=TimesOut,
    errors=(errors.PlaceUnknown, errors.ItemNotHere),
)  # fmt: skip
async def times(call: Call[None, TimesQuery], code: str) -> TimesOut:
    """Every published day, full times too."""
    found = await call.province.appointments.days(code, call.query.item)
    return TimesOut(
        days=[
            DayOut(
                day=each.day, left=each.left,
                times=[
                    TimeOut(starts_at=one.starts_at, ends_at=one.ends_at, left=one.left)
                    for one in each.times
                ],
            )
            for each in found
        ]
    )  # fmt: skip


def _spans(spans: list[Span]) -> list[SpanOut]:
    return [SpanOut(opens=one.opens, closes=one.closes) for one in spans]


def _place(found: Found) -> dict[str, Any]:
    place: Place = found.near.place
    spec, distance = place.spec, found.near.distance_km
    return {
        "code": spec.code, "name": spec.name, "kind": spec.kind,
        "kind_name": KIND_NAMES[spec.kind], "region_code": spec.region_code,
        "where": place.where, "address": spec.address, "phone": spec.phone,
        "latitude": spec.latitude, "longitude": spec.longitude,
        "distance_km": None if distance is None else round(distance, 2),
        "opening": _opening(found.opening), "next_free": found.next_free,
        "accessibility": [ACCESS_NAMES[each] for each in spec.accessibility],
    }  # fmt: skip


def _opening(found: Opening) -> OpeningOut:
    return OpeningOut(
        open_now=found.open_now, closes_at=found.closes_at, opens_at=found.opens_at,
        why_closed=found.why_closed,
    )  # fmt: skip

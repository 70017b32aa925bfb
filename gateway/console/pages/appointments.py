"""办事地点与预约: places, their capacity, the day at the counters, the rule on not coming."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.appointments.errors import AppointmentUnknown, PlaceRefused
from backend.appointments.service import (
    ACCESS_NAMES,
    KIND_NAMES,
    Closure,
    NoShowRule,
    Place,
    Server,
    State,
    by_officer,
    counts,
)
from backend.calendar.service import BEIJING
from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.edge.problems import RequestInvalid

bp = Blueprint("console_appointments", url_prefix="/console/appointments")

ROLES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
PLACES: tuple[Crumb, ...] = (("办事地点", "/console/appointments"),)
PAGE = 50
TONES = {
    State.BOOKED: "info", State.ARRIVED: "warning", State.CALLED: "warning",
    State.SERVED: "success", State.NO_SHOW: "danger", State.EXCUSED: "plain",
    State.CANCELLED: "plain", State.CALLED_OFF: "plain", State.LAPSED: "plain",
}  # fmt: skip


class ArrivalIn(FormIn):
    """A code, scanned by a reader that types or typed by hand."""

    code: str = Field(min_length=8, max_length=40)


class ReasonIn(FormIn):
    """Why."""

    reason: str = Field(min_length=2, max_length=100)


class ClosureIn(FormIn):
    """Closed from one day to another."""

    first: date
    last: date
    why: str = Field(min_length=2, max_length=100)


class CapacityIn(FormIn):
    """How many at one time; empty: as registered."""

    counter: str = Field(min_length=1, max_length=8)
    day: date
    clock: str = Field(pattern=r"^\d{2}:\d{2}$")
    capacity: str = Field(default="", pattern=r"^(\d{1,3})?$")


class CounterIn(FormIn):
    """What a counter takes from now on."""

    counter: str = Field(min_length=1, max_length=8)
    people: int = Field(ge=0, le=200)
    minutes: int = Field(ge=10, le=240)
    open: list[str] = Field(default_factory=list)


class PlaceIn(FormIn):
    """What the operator may change of a place by hand."""

    name: str = Field(min_length=1, max_length=100)
    address: str = Field(min_length=1, max_length=200)
    phone: str = Field(pattern=r"^[0-9-]{5,20}$")
    transport: str = Field(default="", max_length=200)
    days_ahead: int = Field(ge=0, le=30)
    cancel_minutes: int = Field(ge=0, le=10_080)
    accessibility: list[str] = Field(default_factory=list)
    open: list[str] = Field(default_factory=list)


class RuleIn(FormIn):
    """The rule on not coming."""

    times: int = Field(ge=1, le=20)
    period_days: int = Field(ge=1, le=365)
    blocked_days: int = Field(ge=1, le=365)


def _server(call: PageCall) -> Server:
    return by_officer(call.officer, call.province.exchange.systems())


async def _place(call: PageCall, code: str) -> Place:
    return await call.province.appointments.serving.place(_server(call), code)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise AppointmentUnknown from None


@page(bp, "GET", "", roles=ROLES, title="办事地点", menu="办事地点", order=22)
async def places(call: PageCall) -> HTTPResponse:
    """By name, address or region; a department sees the places of its systems."""
    server, words, kind = _server(call), call.query("q")[:50], call.query("kind")
    found = [
        one
        for one in await call.province.appointments.directory.all()
        if server.serves(one)
        and (not kind or one.spec.kind == kind)
        and (not words or words in one.spec.name + one.where + one.spec.address
             or one.spec.region_code.startswith(words))
    ]  # fmt: skip
    start = int(call.query("cursor")) if call.query("cursor").isdecimal() else 0
    shown = found[start : start + PAGE]
    return call.render(
        "appointments/places.html", places=shown, total=len(found), kinds=KIND_NAMES,
        next_cursor=str(start + PAGE) if start + PAGE < len(found) else None,
        may_change_rule=call.officer.role is Role.OPERATOR,
    )  # fmt: skip


@page(bp, "GET", "/rule", roles=(Role.OPERATOR,), title="爽约规则")
async def rule(call: PageCall) -> HTTPResponse:
    """The rule in force."""
    found = await call.province.appointments.rules.current()
    return call.render("appointments/rule.html", crumbs=PLACES, rule=found)


@page(bp, "POST", "/rule", roles=(Role.OPERATOR,), title="修改爽约规则", again=rule)
async def change_rule(call: PageCall) -> HTTPResponse:
    """Judges earlier days, too."""
    given = call.form.read(RuleIn)
    await call.province.appointments.rules.change(
        call.officer, NoShowRule(given.times, given.period_days, given.blocked_days)
    )
    return call.go("/console/appointments/rule", "爽约规则已修改。")


@page(bp, "GET", "/places/<code:str>", roles=ROLES, title="办事地点")
async def place(call: PageCall, code: str) -> HTTPResponse:
    """What was registered, its counters, and the capacity of one of them on a day."""
    found = await _place(call, code)
    appointments = call.province.appointments
    chosen = found.counters.get(call.query("counter")) or found.spec.counters[0]
    shown = _day(call)
    times = await appointments.schedule.counter_day(found, chosen, shown)
    return call.render(
        "appointments/place.html", title=found.spec.name, crumbs=PLACES, place=found,
        kinds=KIND_NAMES, access=list(ACCESS_NAMES.items()), access_names=ACCESS_NAMES,
        chosen=chosen, day=shown, times=times,
        numbers=[(one.number, f"{one.number} 号") for one in found.spec.counters],
        clocks=[(one.clock, one.clock) for one in times],
    )  # fmt: skip


@page(bp, "POST", "/places/<code:str>", roles=ROLES, title="修改办事地点", again=place)
async def change_place(call: PageCall, code: str) -> HTTPResponse:
    """Name, address, telephone, days ahead; the rest comes from whoever registered it."""
    found, given = await _place(call, code), call.form.read(PlaceIn)
    changes = given.model_dump() | {"open": bool(given.open)}
    await _take(call, found, found.spec.model_dump(mode="json") | changes)
    return call.go(f"/console/appointments/places/{code}", "办事地点已修改。")


@page(bp, "POST", "/places/<code:str>/counters", roles=ROLES, title="修改窗口", again=place)
async def change_counter(call: PageCall, code: str) -> HTTPResponse:
    """How many people in how many minutes."""
    found, given = await _place(call, code), call.form.read(CounterIn)
    spec = found.spec.model_dump(mode="json")
    for one in spec["counters"]:
        if one["number"] == given.counter:
            one |= {
                "capacity": given.people, "slot_minutes": given.minutes,
                "open": bool(given.open),
            }  # fmt: skip
    await _take(call, found, spec)
    return call.go(f"/console/appointments/places/{code}", f"{given.counter} 号窗口已修改。")


@page(bp, "POST", "/places/<code:str>/capacity", roles=ROLES, title="调整号源", again=place)
async def change_capacity(call: PageCall, code: str) -> HTTPResponse:
    """Of one counter at one time; never below what is booked."""
    given = call.form.read(CapacityIn)
    await call.province.appointments.registry.set_capacity(
        _server(call), code, given.counter, (given.day, given.clock),
        int(given.capacity) if given.capacity else None,
    )  # fmt: skip
    back = f"/console/appointments/places/{code}?counter={given.counter}&day={given.day}"
    return call.go(back, f"{given.day} {given.clock} 的号源已调整。")


@page(bp, "POST", "/places/<code:str>/closures", roles=ROLES, title="公告停办", again=place)
async def close_place(call: PageCall, code: str) -> HTTPResponse:
    """What is booked on those days is called off, and its people are told."""
    given = call.form.read(ClosureIn)
    if not 0 <= (given.last - given.first).days <= 366:
        raise RequestInvalid([{"pointer": "/last", "message": "不早于第一天，且不超过一年"}])
    closure = Closure(first=given.first, last=given.last, why=given.why)
    called_off = await call.province.appointments.registry.close(_server(call), code, closure)
    words = f"已公告停办；{called_off} 个预约已取消并通知本人。"
    return call.go(f"/console/appointments/places/{code}", words)


@page(bp, "POST", "/import", roles=(Role.OPERATOR,), title="登记办事地点", again=places)
async def register(call: PageCall) -> HTTPResponse:
    """Several at once from a JSON file: ``{"lists": […], "points": […]}``."""
    raw = call.form.file("places")
    lists, points = _document(raw or b"")
    done = await call.province.appointments.registry.take(_server(call), "", lists, points)
    return call.go("/console/appointments", f"已登记 {done.points} 个地点、{done.lists} 张清单。")


@page(bp, "GET", "/places/<code:str>/day", roles=ROLES, title="当日预约")
async def day(call: PageCall, code: str) -> HTTPResponse:
    """Who is expected; scanning, calling, serving."""
    found, shown = await _place(call, code), _day(call)
    guests = await call.province.appointments.serving.day(_server(call), code, shown)
    return call.render(
        "appointments/day.html", title=f"{found.spec.name} 当日预约",
        crumbs=(*PLACES, (found.spec.name, f"/console/appointments/places/{code}")),
        place=found, day=shown, guests=guests, counts=counts(guests), tones=TONES,
        zone=BEIJING, is_today=shown == call.province.calendar.today(),
    )  # fmt: skip


@page(bp, "POST", "/places/<code:str>/arrivals", roles=ROLES, title="扫码取号", again=day)
async def arrive(call: PageCall, code: str) -> HTTPResponse:
    """Gives the waiting number."""
    given = call.form.read(ArrivalIn)
    found = await call.province.appointments.serving.arrive(_server(call), code, given.code)
    words = f"{found.name}：号码 {found.number}，{found.counter} 号窗口。"
    return call.go(f"/console/appointments/places/{code}/day", words)


@page(bp, "POST", "/places/<code:str>/next/<counter:str>", roles=ROLES, title="叫下一个",
      again=day)  # fmt: skip
async def call_next(call: PageCall, code: str, counter: str) -> HTTPResponse:
    """The first who waits at a counter."""
    found = await call.province.appointments.serving.call_next(_server(call), code, counter)
    words = f"请 {found.number} {found.name} 到 {found.counter} 号窗口。"
    return call.go(f"/console/appointments/places/{code}/day", words)


@page(bp, "POST", "/places/<code:str>/guests/<guest:str>/call", roles=ROLES, title="再叫一次",
      again=day)  # fmt: skip
async def call_again(call: PageCall, code: str, guest: str) -> HTTPResponse:
    """Once more, or out of turn."""
    found = await call.province.appointments.serving.call(_server(call), _id(guest))
    words = f"请 {found.number} {found.name} 到 {found.counter} 号窗口。"
    return call.go(f"/console/appointments/places/{code}/day", words)


@page(bp, "POST", "/places/<code:str>/guests/<guest:str>/serve", roles=ROLES, title="办理完毕",
      again=day)  # fmt: skip
async def serve(call: PageCall, code: str, guest: str) -> HTTPResponse:
    """The person may judge the service from now on."""
    found = await call.province.appointments.serving.serve(_server(call), _id(guest))
    return call.go(f"/console/appointments/places/{code}/day", f"{found.number} 已办理完毕。")


@page(bp, "POST", "/places/<code:str>/guests/<guest:str>/miss", roles=ROLES, title="记为爽约",
      again=day)  # fmt: skip
async def miss(call: PageCall, code: str, guest: str) -> HTTPResponse:
    """Did not come, or did not answer the call."""
    await call.province.appointments.serving.miss(_server(call), _id(guest))
    return call.go(f"/console/appointments/places/{code}/day", "已记为爽约，并通知本人。")


@page(bp, "POST", "/places/<code:str>/guests/<guest:str>/excuse", roles=ROLES,
      title="撤销爽约", again=day)  # fmt: skip
async def excuse(call: PageCall, code: str, guest: str) -> HTTPResponse:
    """Counts no more."""
    given = call.form.read(ReasonIn)
    await call.province.appointments.serving.excuse(_server(call), _id(guest), given.reason)
    return call.go(f"/console/appointments/places/{code}/day", "已撤销爽约，并通知本人。")


async def _take(call: PageCall, found: Place, spec: dict[str, Any]) -> None:
    await call.province.appointments.registry.take(_server(call), found.owner, [], [spec])


def _day(call: PageCall) -> date:
    try:
        return date.fromisoformat(call.query("day"))
    except ValueError:
        return call.province.calendar.today()


def _document(raw: bytes) -> tuple[list[Any], list[Any]]:
    """What a file registers.

    Raises:
        PlaceRefused: it is no such file.
    """
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise PlaceRefused([{"pointer": "", "message": "请选择一个 JSON 文件"}])
    lists, points = found.get("lists", []), found.get("points", [])
    if not isinstance(lists, list) or not isinstance(points, list):
        raise PlaceRefused([{"pointer": "", "message": "lists 和 points 应为列表"}])
    return lists, points

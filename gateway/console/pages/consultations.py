"""咨询投诉: the platform assigns, departments answer within their term."""

from typing import Any

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.consultation.service import ACT_NAMES, STATE_NAMES, State, Ticket
from backend.operators.service import ROLE_NAMES, Role
from gateway.console.forms import FormIn
from gateway.console.frame import PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_consultations", url_prefix="/console/consultations")

ROLES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
LIST = "/console/consultations"
TONES = {
    State.SUBMITTED: "warning", State.ASSIGNED: "info", State.ANSWERED: "success",
    State.CLOSED: "success", State.WITHDRAWN: "plain",
}  # fmt: skip
SATISFACTION = {1: "非常满意", 2: "满意", 3: "基本满意", 4: "不满意", 5: "非常不满意"}
WORDS: dict[str, Any] = {
    "states": STATE_NAMES, "tones": TONES, "satisfaction": SATISFACTION, "acts": ACT_NAMES,
    "roles": {role.value: name for role, name in ROLE_NAMES.items()},
}  # fmt: skip


class AssignIn(FormIn):
    """To whom."""

    department: str = Field(min_length=1, max_length=18)


class TextIn(FormIn):
    """The answer."""

    text: str = Field(min_length=2, max_length=2000)


class ReasonIn(FormIn):
    """Why."""

    reason: str = Field(min_length=2, max_length=500)


@page(bp, "GET", "", roles=ROLES, title="咨询投诉", menu="咨询投诉", order=51)
async def tickets(call: PageCall) -> HTTPResponse:
    """What runs, those due first; or those in one state."""
    wanted = call.query("state")
    state = State(wanted) if wanted in set(State) else None
    found = await call.province.consultations.handling.all(call.officer, state)
    return call.render("consultations/list.html", found=found, state=wanted, **WORDS)


@page(bp, "GET", "/<ticket_no:str>", roles=ROLES, title="咨询投诉工单")
async def ticket(call: PageCall, ticket_no: str) -> HTTPResponse:
    """What was asked, what was done, and what may be done next."""
    handling = call.province.consultations.handling
    return call.render(
        "consultations/ticket.html", row=await handling.one(call.officer, ticket_no),
        departments=handling.departments(), department=call.officer.role is not Role.OPERATOR,
        crumbs=(("咨询投诉", LIST),), **WORDS,
    )  # fmt: skip


@page(
    bp, "POST", "/<ticket_no:str>/assign", roles=(Role.OPERATOR,), title="派单", again=ticket
)  # fmt: skip
async def assign(call: PageCall, ticket_no: str) -> HTTPResponse:
    """The promised term begins."""
    given = call.form.read(AssignIn)
    await call.province.consultations.handling.assign(call.officer, ticket_no, given.department)
    return call.go(f"{LIST}/{ticket_no}", "已派单。")


@page(bp, "POST", "/<ticket_no:str>/answer", roles=ROLES, title="答复", again=ticket)
async def answer(call: PageCall, ticket_no: str) -> HTTPResponse:
    """The person is told."""
    given = call.form.read(TextIn)
    await call.province.consultations.handling.answer(call.officer, ticket_no, given.text)
    return call.go(f"{LIST}/{ticket_no}", "已答复。")


@page(
    bp, "POST", "/<ticket_no:str>/give-back", roles=(Role.CLERK, Role.HEAD), title="退单",
    again=ticket,
)  # fmt: skip
async def give_back(call: PageCall, ticket_no: str) -> HTTPResponse:
    """It is another department's."""
    given = call.form.read(ReasonIn)
    await call.province.consultations.handling.give_back(call.officer, ticket_no, given.reason)
    return call.go(LIST, "已退单。")


@page(
    bp, "POST", "/<ticket_no:str>/extension", roles=(Role.HEAD, Role.OPERATOR), title="延期",
    again=ticket,
)  # fmt: skip
async def extend(call: PageCall, ticket_no: str) -> HTTPResponse:
    """Once, with a reason that the person is told."""
    given = call.form.read(ReasonIn)
    await call.province.consultations.handling.extend(call.officer, ticket_no, given.reason)
    return call.go(f"{LIST}/{ticket_no}", "已延期，并已告知当事人。")


@waits(*ROLES)
async def to_do(call: PageCall) -> list[Waiting]:
    """Tickets that wait for the officer's side."""
    platform = call.officer.role is Role.OPERATOR
    state = State.SUBMITTED if platform else State.ASSIGNED
    rows = await call.province.consultations.handling.all(call.officer, state)
    late = sum(_is_late(row) for row in rows)
    title = "咨询投诉待派单" if platform else "咨询投诉待答复"
    note = f"{late} 件已超期" if late else ""
    return [Waiting(title, len(rows), f"{LIST}?state={state}", note, overdue=late > 0)]


def _is_late(row: Ticket) -> bool:
    return row.left is not None and row.left < 0

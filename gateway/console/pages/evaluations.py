"""好差评: what was said of a department, and the orders that bad evaluations opened."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.evaluation.errors import OrderUnknown
from backend.evaluation.service import ACT_NAMES, FINDINGS, LEVELS, STAGE_NAMES, Order, Stage
from backend.operators.service import ROLE_NAMES, Role
from gateway.console.forms import FormIn
from gateway.console.frame import PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_evaluations", url_prefix="/console/evaluations")

ROLES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
LIST = "/console/evaluations"
TONES = {
    Stage.WAITING: "plain", Stage.ASSIGNED: "warning", Stage.ANSWERED: "info",
    Stage.HEARD: "info", Stage.CLOSED: "success",
}  # fmt: skip
LEVEL_TONES = {1: "success", 2: "success", 3: "info", 4: "warning", 5: "danger"}
WORDS: dict[str, Any] = {
    "stages": STAGE_NAMES, "tones": TONES, "levels": LEVELS, "level_tones": LEVEL_TONES,
    "findings": FINDINGS, "acts": {act.value: name for act, name in ACT_NAMES.items()},
    "roles": {role.value: name for role, name in ROLE_NAMES.items()},
}  # fmt: skip


class AnswerIn(FormIn):
    """What was found and put right."""

    finding: Literal["upheld", "partly", "not_upheld"]
    text: str = Field(min_length=2, max_length=1000)


class HeardIn(FormIn):
    """What the evaluator said on the phone."""

    satisfied: Literal["yes", "no"]
    text: str = Field(default="", max_length=500)


class RecheckIn(FormIn):
    """Whether it was put right."""

    passed: Literal["yes", "no"]
    reason: str = Field(min_length=2, max_length=500)


class ReasonIn(FormIn):
    """Why."""

    reason: str = Field(min_length=2, max_length=500)


@page(bp, "GET", "", roles=ROLES, title="好差评", menu="好差评", order=50)
async def evaluations(call: PageCall) -> HTTPResponse:
    """Figures, orders and what was said; of anonymous ones nothing that tells who."""
    domain, officer = call.province.evaluations, call.officer
    asked = call.query("page")[:4]
    number = int(asked) if asked.isdecimal() else 0
    bad_only = call.query("bad") == "1"
    found, more = await domain.reading.page(officer, bad_only, number)
    figures = await domain.reading.departments()
    if officer.role is not Role.OPERATOR:
        figures = [each for each in figures if each.department_uscc == officer.department_uscc]
    return call.render(
        "evaluations/list.html", found=found, more=more, number=number, bad_only=bad_only,
        figures=figures, orders=await domain.orders.all(officer), **WORDS,
    )  # fmt: skip


@page(bp, "GET", "/orders/<order_id:str>", roles=ROLES, title="差评工单")
async def order(call: PageCall, order_id: str) -> HTTPResponse:
    """The evaluation, what was done about it, and what may be done next."""
    domain, officer = call.province.evaluations, call.officer
    found = await domain.orders.get(officer, _id(order_id))
    department = officer.role is not Role.OPERATOR
    return call.render(
        "evaluations/order.html", order=found,
        evaluation=await domain.reading.one(officer, found.evaluation_id),
        steps=await domain.orders.steps(officer, found.id),
        answers=found.for_department == department, department=department,
        crumbs=(("好差评", LIST),), **WORDS,
    )  # fmt: skip


@page(
    bp, "POST", "/orders/<order_id:str>/answer", roles=ROLES, title="反馈整改情况", again=order
)  # fmt: skip
async def answer(call: PageCall, order_id: str) -> HTTPResponse:
    """The evaluator is told."""
    given = call.form.read(AnswerIn)
    await call.province.evaluations.orders.answer(
        call.officer, _id(order_id), given.finding, given.text
    )
    return call.go(f"{LIST}/orders/{order_id}", "已反馈，系统会请评价人确认。")


@page(
    bp, "POST", "/orders/<order_id:str>/call-back", roles=ROLES, title="记录回访", again=order
)  # fmt: skip
async def call_back(call: PageCall, order_id: str) -> HTTPResponse:
    """Of a named evaluation alone."""
    given = call.form.read(HeardIn)
    await call.province.evaluations.orders.call_back(
        call.officer, _id(order_id), given.satisfied == "yes", given.text
    )
    return call.go(f"{LIST}/orders/{order_id}", "已记录回访。")


@page(
    bp, "POST", "/orders/<order_id:str>/recheck", roles=(Role.OPERATOR,), title="复核",
    again=order,
)  # fmt: skip
async def recheck(call: PageCall, order_id: str) -> HTTPResponse:
    """Closes the order or hands it back."""
    given, passed = call.form.read(RecheckIn), call.form.get("passed") == "yes"
    await call.province.evaluations.orders.recheck(
        call.officer, _id(order_id), passed, given.reason
    )
    return call.go(f"{LIST}/orders/{order_id}", "已办结。" if passed else "已退回重新整改。")


@page(
    bp, "POST", "/orders/<order_id:str>/extension", roles=(Role.OPERATOR,), title="延期",
    again=order,
)  # fmt: skip
async def extend(call: PageCall, order_id: str) -> HTTPResponse:
    """Five working days more, once a round."""
    given = call.form.read(ReasonIn)
    await call.province.evaluations.orders.extend(call.officer, _id(order_id), given.reason)
    return call.go(f"{LIST}/orders/{order_id}", "已延期。")


@waits(*ROLES)
async def to_do(call: PageCall) -> list[Waiting]:
    """Orders that wait for the officer's side."""
    orders = call.province.evaluations.orders
    if call.officer.role is Role.OPERATOR:
        rows = [row for row in await orders.all(call.officer) if _for_platform(row)]
        title = "差评工单待复核"
    else:
        rows = await orders.all(call.officer, Stage.ASSIGNED)
        title = "差评工单待整改"
    late = sum(_is_late(row) for row in rows)
    note = f"{late} 件已超期" if late else ""
    return [Waiting(title, len(rows), LIST, note, overdue=late > 0)]


def _for_platform(row: Order) -> bool:
    return row.state is Stage.HEARD or (row.state is Stage.ASSIGNED and not row.for_department)


def _is_late(row: Order) -> bool:
    return row.left is not None and row.left < 0


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise OrderUnknown from None

"""A clerk's acts as orders, the same from the desk's pages and from the control interface."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.sandbox.cases.book import CaseRow
from backend.sandbox.cases.clerk import DEFAULT_OFFICER, Asked, Clerk
from backend.sandbox.cases.inputs import DeliveryInput
from backend.sandbox.control import Order
from backend.sandbox.departments.operations import now
from backend.sandbox.problems import Refusal

Action = Literal[
    "accept", "not_accept", "transfer", "correct", "correction_timeout", "review", "decide",
    "start_special", "end_special", "extend", "approve", "deny", "deliver", "delivered",
    "terminate",
]  # fmt: skip
CORRECTION_DAYS = 14
# Acts that are one step with no more than a reason.
_SIMPLE = {
    "correction_timeout": "correction_timeout",
    "review": "review_started",
    "decide": "decision_started",
    "end_special": "special_ended",
    "delivered": "result_delivered",
    "terminate": "terminated",
}
_NEED_REASON = frozenset(
    {"not_accept", "correct", "correction_timeout", "start_special", "extend", "deny", "terminate"}
)


class AskedOrder(Order):
    """One thing that has to be corrected."""

    what: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    material: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")] | None = None
    field: Annotated[str, StringConstraints(pattern=r"^/.{1,199}$")] | None = None


class ActOrder(Order):
    """``POST /_control/cases/<case_no>``: what the clerk does.

    ``items`` and ``due_on`` belong to ``correct``; ``special`` to ``start_special``; ``workdays``
    to ``extend``; ``facts`` (of the licence's face) to ``approve``; ``delivery`` to ``deliver``;
    ``to`` to ``transfer``.
    """

    action: Action
    officer: Annotated[str, StringConstraints(min_length=1, max_length=50)] = DEFAULT_OFFICER
    reason: Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)] = ""
    items: list[AskedOrder] = Field(default_factory=list, max_length=50)
    due_on: date | None = None
    special: Literal[
        "听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审", "现场核查", "其他"
    ] = "现场核查"
    workdays: Annotated[int, Field(ge=1, le=15)] = 10
    facts: dict[str, str | int | float] = Field(default_factory=dict)
    delivery: DeliveryInput | None = None
    to: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""


def perform(clerk: Clerk, case_no: str, order: ActOrder) -> CaseRow:
    """Carry an order out.

    Raises:
        Refusal: a part is missing, no such case, or its state does not allow it.
    """
    if order.action in _NEED_REASON and not order.reason:
        raise Refusal(400, "control.reason_missing", "Give a reason")
    who = order.officer
    if order.action in _SIMPLE:
        return clerk.simple(case_no, who, _SIMPLE[order.action], order.reason or None)
    return _perform_larger(clerk, case_no, order, who)


def _perform_larger(clerk: Clerk, case_no: str, order: ActOrder, who: str) -> CaseRow:
    match order.action:
        case "accept":
            return clerk.accept(case_no, who)
        case "not_accept":
            return clerk.not_accept(case_no, who, order.reason)
        case "correct":
            return _correct(clerk, case_no, order)
        case "start_special":
            return clerk.start_special(case_no, who, order.special, order.reason)
        case "extend":
            return clerk.extend(case_no, who, order.workdays, order.reason)
        case "approve":
            return clerk.approve(case_no, who, order.facts)
        case "deny":
            return clerk.deny(case_no, who, order.reason)
        case "transfer":
            if not order.to:
                raise Refusal(400, "control.to_missing", "Say who handles it from now on")
            return clerk.transfer(case_no, who, order.to)
        case _:
            delivery = order.delivery or DeliveryInput(how="counter", place="办事大厅发证窗口")
            return clerk.deliver(case_no, who, delivery.model_dump(exclude_none=True))


def _correct(clerk: Clerk, case_no: str, order: ActOrder) -> CaseRow:
    if not order.items:
        raise Refusal(400, "control.items_missing", "Say what has to be corrected")
    asked = [Asked(item.what, item.material, item.field) for item in order.items]
    due_on = order.due_on or now().date() + timedelta(days=CORRECTION_DAYS)
    return clerk.ask_corrections(case_no, order.officer, order.reason, asked, due_on)


def order_from(texts: dict[str, Any]) -> dict[str, Any]:
    """An order from the fields of a page's form; what was left empty is not there."""
    order = {name: value for name, value in texts.items() if value not in ("", None, [], {})}
    asked = order.get("items", [])
    order["items"] = [{**each, "field": each.get("field") or None} for each in asked]
    return order

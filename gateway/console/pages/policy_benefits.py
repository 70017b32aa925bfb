"""待遇: candidates are checked, objections decided on, what was paid taken back or sent again."""

from typing import Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.service import Role
from backend.policies.errors import ActNotPossible
from backend.policies.service import ACT_NAMES, STATE_NAMES, Act, State
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_policy_benefits", url_prefix="/console")

DEPARTMENT = (Role.CLERK, Role.HEAD)
SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
LIST = "/console/benefits"
PAYMENTS = "/console/payments"
HERE: tuple[Crumb, ...] = (("待遇核验", LIST),)
TONES = {
    State.CANDIDATE: "warning", State.REFUSED: "danger", State.PUBLICISED: "info",
    State.OFFERED: "info", State.DECLINED: "plain", State.PAYING: "info", State.FAILED: "danger",
    State.PAID: "success", State.OBJECTED: "warning", State.RECOVERING: "warning",
    State.CONTESTED: "warning", State.RECOVERED: "plain",
}  # fmt: skip
# What an officer may do in a state: the words on the button, the question, whether a reason is due.
ACTS: dict[State, tuple[tuple[Act, str, str, bool], ...]] = {
    State.CANDIDATE: (
        (Act.APPROVE, "核验通过", "需要公示的先公示，否则请本人确认收款账户。", False),
        (Act.REFUSE, "核验不通过", "理由会告知本人，本人可以申请人工复核。", True),
    ),
    State.OBJECTED: (
        (Act.DISMISS, "异议不成立", "继续发放，提出异议的人会收到结果。", True),
        (Act.REFUSE, "异议成立", "不再发放，双方都会收到结果。", True),
    ),
    State.PAID: ((Act.RECOVER, "决定追回", "本人会收到理由，可以提出异议。", True),),
    State.CONTESTED: (
        (Act.ACCEPT, "异议成立", "不再追回，本人会收到结果。", True),
        (Act.DISMISS, "异议不成立", "继续追回，本人会收到理由。", True),
    ),
    State.RECOVERING: ((Act.RECOVERED, "已退回", "确认款项已退回，金额回到预算。", False),),
}
_VERIFY = (Act.VERIFY, "事后核查通过", "承诺属实，不用追回。", False)


class DecisionIn(FormIn):
    """What is decided and why."""

    act: Literal[
        "approve", "refuse", "dismiss", "accept", "recover", "recovered", "verify"
    ]  # fmt: skip
    words: str = Field(default="", max_length=500)


class ReasonedIn(DecisionIn):
    """With a reason, which somebody is told."""

    words: str = Field(min_length=2, max_length=500)


@page(bp, "GET", "/benefits", roles=SEES, title="待遇核验", menu="待遇核验", order=31)
async def entitlements(call: PageCall) -> HTTPResponse:
    """What waits for the department, or what is in one state (公示中, say)."""
    wanted = call.query("state")
    state = State(wanted) if wanted in set(State) else None
    return call.render(
        "policies/entitlements.html", states=STATE_NAMES, tones=TONES, state=wanted,
        found=await call.province.policies.deciding.waiting(call.officer, state),
    )  # fmt: skip


@page(bp, "GET", "/benefits/<entitlement_id:str>", roles=SEES, title="待遇")
async def entitlement(call: PageCall, entitlement_id: str) -> HTTPResponse:
    """Why it was found, what was done, what may be done next."""
    one = await call.province.policies.deciding.seen(call.officer, entitlement_id)
    acts = list(ACTS.get(one.state, ()))
    if one.state is State.PAID and one.kind_name == "承诺即享" and not _verified(one):
        acts.insert(0, _VERIFY)
    role = call.officer.role
    return call.render(
        "policies/entitlement.html", crumbs=HERE, one=one, tones=TONES,
        acts=[
            each for each in acts
            if role in DEPARTMENT and (each[0] is not Act.RECOVER or role is Role.HEAD)
        ],
        base=f"{LIST}/{one.id}",
    )  # fmt: skip


@page(
    bp, "POST", "/benefits/<entitlement_id:str>/decision", roles=DEPARTMENT,
    title="处理待遇", again=entitlement,
)  # fmt: skip
async def decide(call: PageCall, entitlement_id: str) -> HTTPResponse:
    """Check, refuse, decide on an objection, verify, recover."""
    given = call.form.read(DecisionIn)
    act = Act(given.act)
    if any(due for acts in ACTS.values() for each, _, _, due in acts if each is act):
        given = call.form.read(ReasonedIn)
    await call.province.policies.deciding.decide(call.officer, entitlement_id, act, given.words)
    return call.go(f"{LIST}/{entitlement_id}", "已处理。")


@page(bp, "GET", "/payments", roles=SEES, title="待遇兑付", menu="待遇兑付", order=32)
async def payments(call: PageCall) -> HTTPResponse:
    """Instructions that the department's system did not take or carry out yet."""
    policies = call.province.policies
    return call.render(
        "policies/payments.html", found=await policies.payments.stuck(call.officer),
        failed=await policies.deciding.waiting(call.officer, State.FAILED),
    )  # fmt: skip


@page(bp, "POST", "/payments/resend", roles=SEES, title="再发一次兑付指令", again=payments)
async def resend(call: PageCall) -> HTTPResponse:
    """At once; the same number, so that the department pays once."""
    try:
        payment_id = UUID(call.form.get("payment_id"))
    except ValueError:
        raise ActNotPossible from None
    await call.province.policies.payments.resend(call.officer, payment_id)
    return call.go(PAYMENTS, "已重新安排发送，请稍后刷新查看。")


@waits(*DEPARTMENT)
async def waiting(call: PageCall) -> list[Waiting]:
    """Candidates and objections that wait for the department."""
    found = await call.province.policies.deciding.waiting(call.officer)
    today = call.province.calendar.today()
    candidates = sum(one.state is State.CANDIDATE for one in found)
    objected = [one for one in found if one.answer_by is not None]
    late = sum(one.answer_by is not None and one.answer_by < today for one in objected)
    return [
        Waiting("待核验的待遇", candidates, f"{LIST}?state=candidate"),
        Waiting(
            "待处理的待遇异议", len(objected), LIST, f"{late} 件已超期" if late else "",
            overdue=late > 0,
        ),
    ]  # fmt: skip


def _verified(one: object) -> bool:
    return any(step.name == ACT_NAMES[Act.VERIFY] for step in getattr(one, "steps", ()))

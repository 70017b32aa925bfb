"""Applications that are late, could not be delivered, or are seen differently by both sides."""

from collections.abc import Sequence
from uuid import UUID

from sanic import Blueprint, HTTPResponse

from backend.cases.errors import DeliveryUnknown
from backend.cases.service import EVENT_LABELS, KIND_LABELS, LIGHT_LABELS, STATE_LABELS
from backend.operators.service import Role
from gateway.console.frame import PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_cases", url_prefix="/console/cases")

SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
OPERATIONS = {
    "cases.submit": "提交", "cases.supplement": "补正", "cases.withdraw": "撤回",
    "cases.urge": "催办", "supervision.notice": "向监管部门抄告决定",
}  # fmt: skip
REASONS = {
    "state": "办件状态不允许这个环节", "number_used": "环节序号已用于其他环节",
    "deemed_accepted": "已依法视为受理", "not_in_one_notice": "不在一次告知的内容之内",
    "extended_before": "已经延长过一次", "document_digest": "结果文书缺失或校验不符",
    "sides_differ": "双方记录的状态不一致",
    "not_their_step": "按职责分工，这个环节不由来报的系统办理",
}  # fmt: skip
TONES = {"red": "danger", "amber": "warning"}


@page(bp, "GET", "", roles=SEES, title="办件监督", menu="办件监督", order=20)
async def overview(call: PageCall) -> HTTPResponse:
    """红黄牌, dead letters, contradictions; a department sees its own."""
    cases = call.province.cases
    return call.render(
        "cases/overview.html", lights=await cases.watching.lights(call.officer),
        letters=await cases.trouble.dead_letters(call.officer),
        contradictions=await cases.trouble.contradictions(call.officer),
        missing=await cases.promises.missing(call.officer),
        may_act=call.officer.role is Role.OPERATOR, kinds=KIND_LABELS, labels=LIGHT_LABELS,
        states={state.value: label for state, label in STATE_LABELS.items()},
        events={event.value: label for event, label in EVENT_LABELS.items()},
        operations=OPERATIONS, reasons=REASONS, tones=TONES,
    )  # fmt: skip


@page(bp, "POST", "/deliveries/<delivery_id:str>/resend", roles=(Role.OPERATOR,), title="重新投递")
async def resend(call: PageCall, delivery_id: str) -> HTTPResponse:
    """Under the same request id."""
    await call.province.cases.trouble.resend(call.officer, _id(delivery_id))
    return call.go("/console/cases", "已重新投递，部门确认收到后从列表中消失")


@page(bp, "POST", "/contradictions/<event_id:str>/seen", roles=(Role.OPERATOR,), title="已核对")
async def seen(call: PageCall, event_id: str) -> HTTPResponse:
    """It was looked at."""
    await call.province.cases.trouble.note_seen(call.officer, _id(event_id))
    return call.go("/console/cases", "已标记为核对过")


@waits(*SEES)
async def waiting(call: PageCall) -> Sequence[Waiting]:
    """What is red comes first."""
    found = await call.province.cases.watching.lights(call.officer)
    red = sum(one.light == "red" for one in found)
    letters = len(await call.province.cases.trouble.dead_letters(call.officer))
    missing = len(await call.province.cases.promises.missing(call.officer))
    contradictions = len(await call.province.cases.trouble.contradictions(call.officer))
    return [
        Waiting("超期办件（红牌）", red, "/console/cases", overdue=True),
        Waiting("即将到期办件（黄牌）", len(found) - red, "/console/cases"),
        Waiting("容缺材料逾期未补的办件", missing, "/console/cases"),
        Waiting("未能投递的办件", letters, "/console/cases", overdue=True),
        Waiting("需要核对的办件环节", contradictions, "/console/cases"),
    ]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise DeliveryUnknown from None

"""Grants, the call log, usage, clocks, corrections and disputes."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.numbers.service import Holder, mask_name, mask_number
from backend.operators.service import Role
from backend.sharing.errors import CorrectionUnknown, DisputeUnknown, GrantUnknown
from backend.sharing.service import CorrectionAct, DisputeAct, month_until, result_words
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.pages.sharing import ACTS, BUSINESS, WATCH, ReasonIn, words

bp = Blueprint("console_sharing_grants", url_prefix="/console/sharing")

GRANTS: tuple[Crumb, ...] = (("共享授权", "/console/sharing/grants"),)
GRANT_STATES = {"active": "有效", "suspended": "已暂停", "revoked": "已终止"}
GRANT_TONES = {"active": "success", "suspended": "warning", "revoked": "plain"}
CORRECTION_STATES = {"open": "待核实", "corrected": "已更正", "upheld": "核实无误"}
DISPUTE_STATES = {
    "negotiation": "协商中", "authority": "主管部门协调", "government": "本级政府决定",
    "settled": "已解决",
}  # fmt: skip
_SHOWN = 15


class CorrectionIn(FormIn):
    """Whose record, which field, what is wrong."""

    code_type: str = Field(pattern=r"^[0-9]{3}$")
    code: str = Field(pattern=r"^[0-9A-Z]{5,32}$")
    name: str = Field(min_length=1, max_length=100)
    field: str = Field(min_length=1, max_length=64)
    claim: str = Field(min_length=1, max_length=500)


class AnswerIn(FormIn):
    """What was found."""

    act: CorrectionAct
    words: str = Field(min_length=1, max_length=500)


class DisputeIn(FormIn):
    """What is done in a dispute."""

    act: DisputeAct
    words: str = Field(min_length=1, max_length=500)


@page(bp, "GET", "/grants", roles=WATCH, title="共享授权", menu="共享授权", order=42)
async def grants(call: PageCall) -> HTTPResponse:
    """With what was used of today's quota."""
    sharing = call.province.sharing
    rows = await sharing.grants.all(call.officer, call.query("system") or None)
    uses = await sharing.statistics.quotas(rows)
    return call.render("sharing/grants.html", uses=uses, **_words(call))


@page(bp, "GET", "/grants/<grant_id:str>", roles=WATCH, title="共享授权")
async def grant(call: PageCall, grant_id: str, act: str = "") -> HTTPResponse:
    """One grant, and what the officer may do to it.

    Args:
        act: what was refused, where the page is shown again after it.
    """
    sharing = call.province.sharing
    row, steps = await sharing.grants.get(call.officer, _id(grant_id, GrantUnknown))
    (use,) = await sharing.statistics.quotas([row])
    mine, role = call.officer.department_uscc, call.officer.role
    decides = role in (Role.OPERATOR, Role.SECURITY_ADMIN) or (
        role is Role.HEAD and mine == row.provider_uscc
    )
    resource = sharing.catalogue.find(row.resource_code)
    return call.render(
        "sharing/grant.html", title=f"授权《{sharing.catalogue.name_of(row.resource_code)}》",
        crumbs=GRANTS, row=row, steps=steps, use=use, decides=decides,
        ends=decides or (role is Role.HEAD and mine == row.requester_uscc),
        doubts=mine == row.requester_uscc, resource=resource, **_words(call),
    )  # fmt: skip


@page(
    bp, "POST", "/grants/<grant_id:str>/correction", roles=(Role.CLERK, Role.HEAD),
    title="提出数据校核", again=grant,
)  # fmt: skip
async def doubt(call: PageCall, grant_id: str) -> HTTPResponse:
    """Doubt a record that came under the grant."""
    given = call.form.read(CorrectionIn)
    await call.province.sharing.corrections.ask(
        call.officer, _id(grant_id, GrantUnknown),
        Holder(given.code_type, given.code, given.name), given.field, given.claim,
    )  # fmt: skip
    return call.go("/console/sharing/corrections", "校核申请已提出，对方应在 10 个工作日内答复。")


@page(
    bp, "POST", "/grants/<grant_id:str>/<act:str>",
    roles=(Role.HEAD, Role.OPERATOR, Role.SECURITY_ADMIN), title="办理共享授权", again=grant,
)  # fmt: skip
async def decide(call: PageCall, grant_id: str, act: str) -> HTTPResponse:
    """Suspend, resume, revoke."""
    desk = call.province.sharing.grants
    how = {"suspend": desk.suspend, "resume": desk.resume, "revoke": desk.revoke}.get(act)
    if how is None:
        raise GrantUnknown
    reason = call.form.read(ReasonIn).reason
    await how(call.officer, _id(grant_id, GrantUnknown), reason)
    return call.go(f"/console/sharing/grants/{grant_id}", f"授权：{ACTS[act]}，已立即生效。")


@page(bp, "GET", "/calls", roles=WATCH, title="调用记录", menu="调用记录", order=43)
async def calls(call: PageCall) -> HTTPResponse:
    """Newest first; no person is named in it."""
    found = await call.province.sharing.readings.calls(
        call.officer,
        call.query("system")[:64] or None,
        call.query("resource")[:32] or None,
        call.query("refused") == "1",
        call.query("cursor") or None,
    )
    return call.render("sharing/calls.html", found=found, result_words=result_words, **_words(call))


@page(bp, "GET", "/statistics", roles=WATCH, title="使用统计", menu="使用统计", order=44)
async def statistics(call: PageCall) -> HTTPResponse:
    """Thirty days by day, by system and by resource."""
    today, desk = call.province.calendar.today(), call.province.sharing.statistics
    last = _day(call.query("last")) or today
    first = _day(call.query("first")) or month_until(last)
    found: dict[str, Any] = {
        "days": await desk.usage(call.officer, first, last, "day"),
        "systems": (await desk.usage(call.officer, first, last, "system"))[:_SHOWN],
        "resources": (await desk.usage(call.officer, first, last, "resource"))[:_SHOWN],
    }
    return call.render(
        "sharing/statistics.html", first=first, last=last, **found, **_words(call)
    )  # fmt: skip


@page(bp, "GET", "/overdue", roles=BUSINESS, title="共享时限", menu="共享时限", order=45)
async def overdue(call: PageCall) -> HTTPResponse:
    """What is overdue, and what comes next."""
    clocks = call.province.sharing.clocks
    return call.render(
        "sharing/overdue.html",
        lists=(
            ("已超期", await clocks.overdue(call.officer), "没有超期的事项。"),
            ("进行中", await clocks.upcoming(call.officer), "没有进行中的时限。"),
        ),
        **_words(call),
    )


@page(
    bp, "GET", "/corrections", roles=BUSINESS, title="数据校核", menu="数据校核", order=46
)  # fmt: skip
async def corrections(call: PageCall, correction_id: str = "") -> HTTPResponse:
    """Correction requests; who is doubted is masked here, too.

    Args:
        correction_id: whose answer was refused, where the page is shown again after it.
    """
    found = await call.province.sharing.corrections.all(call.officer)
    return call.render(
        "sharing/corrections.html", found=found, mask_name=mask_name, mask_number=mask_number,
        **_words(call),
    )  # fmt: skip


@page(
    bp, "POST", "/corrections/<correction_id:str>", roles=(Role.CLERK, Role.HEAD),
    title="答复数据校核", again=corrections,
)  # fmt: skip
async def answer(call: PageCall, correction_id: str) -> HTTPResponse:
    """Say what was found."""
    given = call.form.read(AnswerIn)
    found = _id(correction_id, CorrectionUnknown)
    await call.province.sharing.corrections.answer(call.officer, found, given.act, given.words)
    return call.go("/console/sharing/corrections", "校核申请已答复。")


@page(bp, "GET", "/disputes", roles=BUSINESS, title="共享争议", menu="共享争议", order=47)
async def disputes(call: PageCall, dispute_id: str = "", application_id: str = "") -> HTTPResponse:
    """协商 → 主管部门 → 本级政府.

    Args:
        dispute_id, application_id: of what was refused, where the page is shown again after it.
    """
    found = await call.province.sharing.disputes.all(call.officer)
    return call.render("sharing/disputes.html", found=found, **_words(call))


@page(
    bp, "POST", "/disputes/<dispute_id:str>", roles=(Role.HEAD, Role.OPERATOR),
    title="办理共享争议", again=disputes,
)  # fmt: skip
async def act_on_dispute(call: PageCall, dispute_id: str) -> HTTPResponse:
    """One step higher, or an outcome."""
    given = call.form.read(DisputeIn)
    found = _id(dispute_id, DisputeUnknown)
    await call.province.sharing.disputes.act(call.officer, found, given.act, given.words)
    return call.go("/console/sharing/disputes", "争议已办理。")


@page(
    bp, "POST", "/disputes/of/<application_id:str>", roles=(Role.HEAD,), title="提出共享争议",
    again=disputes,
)  # fmt: skip
async def raise_dispute(call: PageCall, application_id: str) -> HTTPResponse:
    """Over an application."""
    reason = call.form.read(ReasonIn).reason
    found = _id(application_id, DisputeUnknown)
    await call.province.sharing.disputes.raise_(call.officer, found, reason)
    return call.go("/console/sharing/disputes", "争议已提出，先由双方协商。")


def _words(call: PageCall) -> dict[str, Any]:
    return {
        **words(call),
        "grant_states": GRANT_STATES,
        "grant_tones": GRANT_TONES,
        "correction_states": CORRECTION_STATES,
        "dispute_states": DISPUTE_STATES,
    }


def _id(text: str, refusal: type[GrantUnknown | CorrectionUnknown | DisputeUnknown]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

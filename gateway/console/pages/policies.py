"""惠民惠企政策: written as data, tried on a sample, approved by somebody else."""

from sanic import Blueprint, HTTPResponse

from backend.operators.service import Role
from backend.policies.errors import PolicyUnknown
from backend.policies.service import (
    AUDIENCES,
    DRAFT,
    KINDS,
    PUBLISHED,
    STATES,
    SUBMITTED,
    Policy,
    read_document,
    yuan,
)
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_policies", url_prefix="/console/policies")

DEPARTMENT = (Role.CLERK, Role.HEAD)
APPROVES = (Role.HEAD, Role.OPERATOR)
SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
LIST = "/console/policies"
HERE: tuple[Crumb, ...] = (("惠民惠企政策", LIST),)
TONES = {DRAFT: "info", SUBMITTED: "warning", PUBLISHED: "success", "withdrawn": "plain"}
_ONE = "/versions/<code:str>/<version:str>"


@page(bp, "GET", "", roles=SEES, title="惠民惠企政策", menu="惠民惠企政策", order=30)
async def overview(call: PageCall) -> HTTPResponse:
    """All versions of one's department, or of all."""
    editing = call.province.policies.editing
    return call.render(
        "policies/list.html", found=await editing.list(call.officer), states=STATES, tones=TONES,
        kinds=KINDS, may_edit=call.officer.role in DEPARTMENT,
    )  # fmt: skip


@page(bp, "GET", _ONE, roles=SEES, title="政策版本")
async def show(call: PageCall, code: str, version: str) -> HTTPResponse:
    """What it says, what it would do to the sample, and what may be done with it."""
    editing = call.province.policies.editing
    row = await editing.get(call.officer, code, _number(version))
    document = read_document(row.document)
    budget = await editing.budget(code)
    role = call.officer.role
    return call.render(
        "policies/show.html", title=document.title, crumbs=HERE, row=row, document=document,
        policy=Policy(document, row.system_code, row.version), states=STATES, tones=TONES,
        kinds=KINDS, yuan=yuan, budget=budget,
        audience="、".join(AUDIENCES[one] for one in document.audience),
        base=f"{LIST}/versions/{row.code}/{row.version}",
        may_edit=role in DEPARTMENT, may_approve=role in APPROVES,
        own=row.edited_by == call.officer.account_id,
    )  # fmt: skip


@page(bp, "POST", f"{_ONE}/check", roles=SEES, title="用样本试算", again=show)
async def check(call: PageCall, code: str, version: str) -> HTTPResponse:
    """Who would match, at what cost, who falls out at which condition."""
    found = await call.province.policies.editing.check(call.officer, code, _number(version))
    return call.go(_path(code, version), f"已在 {found.size} 个样本上试算。")


@page(bp, "POST", f"{_ONE}/submission", roles=DEPARTMENT, title="提交审批", again=show)
async def submit(call: PageCall, code: str, version: str) -> HTTPResponse:
    """To a head or the platform."""
    await call.province.policies.editing.submit(call.officer, code, _number(version))
    return call.go(_path(code, version), "已提交，由另一位负责人审批。")


@page(bp, "POST", f"{_ONE}/approval", roles=APPROVES, title="同意发布", again=show)
async def approve(call: PageCall, code: str, version: str) -> HTTPResponse:
    """Never by whoever edited it."""
    await call.province.policies.editing.approve(call.officer, code, _number(version))
    return call.go(_path(code, version), "已发布，按生效日期执行。")


@page(bp, "POST", f"{_ONE}/return", roles=APPROVES, title="退回修改", again=show)
async def send_back(call: PageCall, code: str, version: str) -> HTTPResponse:
    """It is a draft again."""
    await call.province.policies.editing.send_back(call.officer, code, _number(version))
    return call.go(_path(code, version), "已退回编辑人修改。")


@page(bp, "POST", f"{_ONE}/withdrawal", roles=APPROVES, title="停止执行", again=show)
async def withdraw(call: PageCall, code: str, version: str) -> HTTPResponse:
    """What was granted under it goes on."""
    await call.province.policies.editing.withdraw(call.officer, code, _number(version))
    return call.go(_path(code, version), "已停止执行，已确认的待遇继续发放。")


@waits(*APPROVES)
async def to_approve(call: PageCall) -> list[Waiting]:
    """Versions that somebody else edited."""
    rows = await call.province.policies.editing.list(call.officer)
    me = call.officer.account_id
    count = sum(one.state == SUBMITTED and one.edited_by != me for one in rows)
    return [Waiting("待审批的政策", count, LIST)]


def _path(code: str, version: str) -> str:
    return f"{LIST}/versions/{code}/{version}"


def _number(version: str) -> int:
    if not version.isascii() or not version.isdigit() or len(version) > 6:
        raise PolicyUnknown
    return int(version)

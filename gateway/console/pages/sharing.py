"""The data catalogue, and applications from the draft to the answer."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.service import ROLE_NAMES, Role
from backend.sharing.errors import ApplicationUnknown, ResourceUnknown
from backend.sharing.service import Filters, Stage, Wish
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_sharing", url_prefix="/console/sharing")

BUSINESS = (Role.CLERK, Role.HEAD, Role.OPERATOR)
# Whoever suspends a grant on misuse sees grants and what is done under them, and no business.
WATCH = (*BUSINESS, Role.SECURITY_ADMIN)
CATALOGUE: tuple[Crumb, ...] = (("数据目录", "/console/sharing/resources"),)
APPLICATIONS: tuple[Crumb, ...] = (("共享申请", "/console/sharing/applications"),)

SHARE_TYPES = {1: "无条件共享", 2: "有条件共享", 3: "不予共享"}
SHARE_TONES = {1: "success", 2: "warning", 3: "plain"}
MODES = {"interface": "服务接口", "batch": "批量交换", "file": "文件下载"}
CYCLES = {
    "realtime": "实时", "daily": "每日", "weekly": "每周", "monthly": "每月",
    "quarterly": "每季度", "yearly": "每年", "on_demand": "按需",
}  # fmt: skip
OPENINGS = {"unconditional": "无条件开放", "conditional": "有条件开放", "disallowed": "不予开放"}
STAGES = {
    "draft": "草稿", "head": "待本单位负责人审批", "review": "待符合性审查",
    "provider": "待数据提供部门答复", "returned": "待补正", "granted": "已同意",
    "refused": "未获同意", "withdrawn": "已撤回",
}  # fmt: skip
STAGE_TONES = {
    "draft": "plain", "head": "info", "review": "info", "provider": "info",
    "returned": "warning", "granted": "success", "refused": "danger", "withdrawn": "plain",
}  # fmt: skip
ACTS = {
    "draft": "起草", "edit": "修改", "submit": "提交", "approve": "审批通过", "return": "退回补正",
    "consent": "同意共享", "refuse": "不予同意", "ask_extension": "申请延长答复",
    "extend": "同意延长答复", "withdraw": "撤回", "suspend": "暂停", "resume": "恢复",
    "revoke": "终止", "deliver": "已提供", "ask": "提出校核", "correct": "已更正",
    "uphold": "核实无误", "raise": "提出争议", "escalate": "提请上一级", "settle": "达成结果",
    "ask_update": "要求更新目录", "close_update": "无需更新",
}  # fmt: skip


class WishIn(FormIn):
    """An application as it is typed."""

    system: str = Field(min_length=1, max_length=64)
    resource: str = Field(min_length=1, max_length=32)
    fields: list[str] = Field(default_factory=list, max_length=100)
    purpose: str = Field(min_length=1, max_length=500)
    legal_basis: str = Field(min_length=1, max_length=500)
    scenario: str = Field(min_length=1, max_length=500)
    mode: Literal["interface", "batch", "file"] = "interface"
    case_bound: Literal["yes", "no"] = "yes"
    daily_quota: int = Field(ge=1)
    addresses: str = Field(default="", max_length=2000)
    valid_until: date

    def wish(self) -> Wish:
        """As the domain takes it."""
        return Wish(
            system=self.system, resource=self.resource, fields=self.fields, purpose=self.purpose,
            legal_basis=self.legal_basis, scenario=self.scenario, mode=self.mode,
            case_bound=self.case_bound == "yes", daily_quota=self.daily_quota,
            addresses=self.addresses.split(), valid_until=self.valid_until,
        )  # fmt: skip


class ReasonIn(FormIn):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


def words(call: PageCall) -> dict[str, Any]:
    """What the templates name things by."""
    departments = {
        system.manifest.system.department.uscc: system.manifest.system.department.name
        for system in call.province.exchange.systems()
    }
    return {
        "share_types": SHARE_TYPES, "share_tones": SHARE_TONES, "modes": MODES, "cycles": CYCLES,
        "openings": OPENINGS, "stages": STAGES, "stage_tones": STAGE_TONES, "acts": ACTS,
        "departments": departments, "roles": {role.value: ROLE_NAMES[role] for role in Role},
        "name_of": call.province.sharing.catalogue.name_of,
    }  # fmt: skip


@page(bp, "GET", "/resources", roles=WATCH, title="数据目录", menu="数据目录", order=40)
async def resources(call: PageCall) -> HTTPResponse:
    """By words, pinyin or initials, provider and share type."""
    kind = call.query("share_type")
    filters = Filters(
        call.query("q")[:100] or None,
        call.query("provider")[:64] or None,
        int(kind) if kind in ("1", "2", "3") else None,
    )
    cursor = call.query("cursor") or None
    found = call.province.sharing.catalogue.page(filters, cursor, 30)
    systems = [
        (system.code, system.manifest.system.department.name)
        for system in call.province.exchange.systems()
        if system.manifest.data_resources
    ]
    return call.render("sharing/resources.html", found=found, systems=systems, **words(call))


@page(bp, "GET", "/resources/<code:str>", roles=WATCH, title="数据资源")
async def resource(call: PageCall, code: str) -> HTTPResponse:
    """All its metadata; a clerk of another department applies from here."""
    found = call.province.sharing.catalogue.get(code)
    return call.render(
        "sharing/resource.html", title=found.spec.name, crumbs=CATALOGUE, found=found,
        may_apply=_own_systems(call) and found.spec.shared
        and found.provider_uscc != call.officer.department_uscc,
        **words(call),
    )  # fmt: skip


@page(
    bp, "GET", "/applications", roles=BUSINESS, title="共享申请", menu="共享申请", order=41
)  # fmt: skip
async def applications(call: PageCall) -> HTTPResponse:
    """Those that concern the department; ``inbox`` shows what waits for the own decision."""
    state = call.query("state")
    found = await call.province.sharing.applications.page(
        call.officer,
        state if state in STAGES else None,
        call.query("inbox") == "1",
        call.query("cursor") or None,
    )
    return call.render("sharing/applications.html", found=found, **words(call))


@page(bp, "GET", "/resources/<code:str>/apply", roles=(Role.CLERK,), title="申请共享数据")
async def apply(call: PageCall, code: str) -> HTTPResponse:
    """The form."""
    return _form(call, code, f"/console/sharing/resources/{code}/apply", None)


@page(
    bp, "POST", "/resources/<code:str>/apply", roles=(Role.CLERK,), title="申请共享数据",
    again=apply,
)  # fmt: skip
async def draft(call: PageCall, code: str) -> HTTPResponse:
    """Keep it as a draft."""
    wish = call.form.read(WishIn).wish()
    made = await call.province.sharing.applications.draft(call.officer, wish)
    return call.go(_address(made.row.id), "申请已保存为草稿，核对后请提交。")


@page(bp, "GET", "/applications/<application_id:str>", roles=BUSINESS, title="共享申请")
async def application(call: PageCall, application_id: str, act: str = "") -> HTTPResponse:
    """One application with its history, and what the officer may do now.

    Args:
        act: what was refused, where the page is shown again after it.
    """
    found = await call.province.sharing.applications.get(call.officer, _id(application_id))
    row = found.application.row
    return call.render(
        "sharing/application.html", title=f"申请《{words(call)['name_of'](row.resource_code)}》",
        crumbs=APPLICATIONS, found=found, row=row, may=_may(call, row), **words(call),
    )  # fmt: skip


@page(bp, "GET", "/applications/<application_id:str>/edit", roles=(Role.CLERK,), title="修改申请")
async def change(call: PageCall, application_id: str) -> HTTPResponse:
    """The form, filled in."""
    found = await call.province.sharing.applications.get(call.officer, _id(application_id))
    row = found.application.row
    return _form(call, row.resource_code, f"{_address(row.id)}/edit", row)


@page(
    bp, "POST", "/applications/<application_id:str>/edit", roles=(Role.CLERK,), title="修改申请",
    again=change,
)  # fmt: skip
async def edit(call: PageCall, application_id: str) -> HTTPResponse:
    """Keep what was changed."""
    wish = call.form.read(WishIn).wish()
    await call.province.sharing.applications.edit(call.officer, _id(application_id), wish)
    return call.go(_address(application_id), "修改已保存，核对后请提交。")


@page(
    bp, "POST", "/applications/<application_id:str>/<act:str>",
    roles=(Role.CLERK, Role.HEAD, Role.OPERATOR), title="办理共享申请", again=application,
)  # fmt: skip
async def decide(call: PageCall, application_id: str, act: str) -> HTTPResponse:
    """Submit, approve, return, consent, refuse, extend, withdraw."""
    desk, officer, which = call.province.sharing.applications, call.officer, _id(application_id)
    plain = {
        "submit": desk.submit, "withdraw": desk.withdraw, "approve": desk.approve,
        "consent": desk.consent, "extend": desk.extend,
    }  # fmt: skip
    with_reason = {
        "return": desk.send_back, "refuse": desk.refuse, "ask_extension": desk.ask_extension
    }  # fmt: skip
    if act in plain:
        await plain[act](officer, which)
    elif act in with_reason:
        await with_reason[act](officer, which, call.form.read(ReasonIn).reason)
    else:
        raise ApplicationUnknown
    return call.go(_address(application_id), f"{ACTS[act]}：已办理。")


@waits(Role.CLERK, Role.HEAD, Role.OPERATOR)
async def to_decide(call: PageCall) -> list[Waiting]:
    """Applications that wait for this officer, and clocks that ran out."""
    found = await call.province.sharing.applications.page(call.officer, inbox=True)
    late = await call.province.sharing.clocks.overdue(call.officer)
    return [
        Waiting(
            "共享申请", len(found.applications), "/console/sharing/applications?inbox=1"
        ),
        Waiting("已超期的共享事项", len(late), "/console/sharing/overdue", overdue=True),
    ]  # fmt: skip


def _form(call: PageCall, code: str, action: str, row: Any) -> HTTPResponse:
    found = call.province.sharing.catalogue.get(code)
    if not found.spec.shared:
        raise ResourceUnknown
    return call.render(
        "sharing/form.html", crumbs=APPLICATIONS, found=found, action=action, row=row,
        systems=_own_systems(call), **words(call),
    )  # fmt: skip


def _own_systems(call: PageCall) -> list[tuple[str, str]]:
    if call.officer.role is not Role.CLERK:
        return []
    return [
        (system.code, system.name)
        for system in call.province.exchange.systems()
        if system.manifest.system.department.uscc == call.officer.department_uscc
    ]


def _may(call: PageCall, row: Any) -> set[str]:
    """What the officer's role and department may do in the present state; the service decides."""
    officer, mine = call.officer, call.officer.department_uscc
    found: set[str] = set()
    open_ = row.state in ("draft", "returned", "head", "review", "provider")
    if mine == row.requester_uscc and officer.role in (Role.CLERK, Role.HEAD) and open_:
        found.add("withdraw")
    if mine == row.requester_uscc and officer.role is Role.CLERK:
        found |= {"edit", "submit"} if row.state in ("draft", "returned") else set()
    if mine == row.requester_uscc and officer.role is Role.HEAD and row.state == Stage.HEAD:
        found |= {"approve", "return"}
    if officer.role is Role.OPERATOR and row.state == Stage.REVIEW:
        found |= {"approve", "return"}
    if row.state == Stage.PROVIDER:
        found |= _may_answer(call, row)
    return found


def _may_answer(call: PageCall, row: Any) -> set[str]:
    if call.officer.role is Role.OPERATOR:
        return {"extend"} if row.extension_asked and not row.extended else set()
    if call.officer.role is not Role.HEAD or call.officer.department_uscc != row.provider_uscc:
        return set()
    later = row.share_type == 2 and not row.extension_asked and not row.extended
    back = {"return"} if row.state not in row.returned_by else set()
    return {"consent", "refuse"} | back | ({"ask_extension"} if later else set())


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ApplicationUnknown from None


def _address(application_id: UUID | str) -> str:
    return f"/console/sharing/applications/{application_id}"

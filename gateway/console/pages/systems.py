"""Joining systems: the list, a system with its history, a revision under review, and every act."""

import asyncio

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.exchange.service import parse_document
from backend.onboarding.service import Act, State, possible
from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_systems", url_prefix="/console/systems")

READERS = (Role.CLERK, Role.HEAD, Role.OPERATOR, Role.SECURITY_ADMIN)
DEPARTMENT = (Role.CLERK, Role.HEAD)
REVIEW, SECURITY = (Role.OPERATOR,), (Role.SECURITY_ADMIN,)
LIMIT = 50
CRUMBS: tuple[Crumb, ...] = (("接入系统", "/console/systems"),)
TONES = {
    "draft": "plain", "submitted": "info", "in_review": "info", "sandbox": "info",
    "conformant": "info", "published": "success", "suspended": "danger", "retired": "plain",
    "superseded": "plain", "discarded": "plain",
}  # fmt: skip
_MAY: dict[Act, tuple[Role, ...]] = {
    Act.SUBMIT: DEPARTMENT, Act.WITHDRAW: DEPARTMENT, Act.DISCARD: DEPARTMENT, Act.TAKE: REVIEW,
    Act.RETURN: REVIEW, Act.APPROVE: REVIEW, Act.PUBLISH: REVIEW, Act.RESTORE: REVIEW,
}  # fmt: skip


class ReasonIn(FormIn):
    """Why."""

    reason: str = Field(min_length=1, max_length=1000)


class NoteIn(FormIn):
    """A remark that may be left out."""

    reason: str = Field(default="", max_length=1000)


class ManifestIn(FormIn):
    """A manifest that was pasted; a file goes first."""

    text: str = Field(default="", max_length=4_000_000)


class ProofIn(FormIn):
    """What comes with a submission: a line “key id, blank, proof” for each key."""

    note: str = Field(default="", max_length=1000)
    proofs: str = Field(default="", max_length=4000)


class ApprovalIn(FormIn):
    """An approval; breaking changes are ticked one by one."""

    reason: str = Field(default="", max_length=1000)
    acknowledged: list[str] = Field(default_factory=list)


class SuspensionIn(FormIn):
    """Why, and what people are told."""

    reason: str = Field(min_length=1, max_length=1000)
    words: str = Field(default="", max_length=200)


@page(bp, "GET", "", roles=READERS, title="接入系统", menu="接入系统", order=10)
async def systems(call: PageCall) -> HTTPResponse:
    """By code, with what serves and what is under way."""
    found, following = await call.province.onboarding.views.systems(
        call.officer, call.query("cursor") or None, LIMIT
    )
    return call.render("systems/list.html", found=found, following=following, tones=TONES)


@page(bp, "GET", "/new", roles=DEPARTMENT, title="登记接入清单")
async def new(call: PageCall) -> HTTPResponse:
    """A file or a text, YAML or JSON."""
    return call.render("systems/new.html", crumbs=CRUMBS)


@page(bp, "POST", "/new", roles=DEPARTMENT, title="登记接入清单", again=new)
async def save(call: PageCall) -> HTTPResponse:
    """A new draft."""
    raw = call.form.file("manifest") or call.form.read(ManifestIn).text.encode()
    # In a thread: a file of some megabytes takes a while, and others are served meanwhile.
    manifest = await asyncio.to_thread(parse_document, raw)
    made = await call.province.onboarding.drafts.save(call.officer, manifest)
    return call.go(f"/console/systems/{made.system_code}/revisions/{made.number}", "草稿已保存。")


@page(bp, "GET", "/<code:str>", roles=READERS, title="接入系统")
async def show(call: PageCall, code: str) -> HTTPResponse:
    """What serves, what is under way, every revision, the history."""
    views = call.province.onboarding.views
    system = await views.system(call.officer, code)
    revisions, _ = await views.revisions(call.officer, code, None, LIMIT)
    events, following = await views.history(call.officer, code, call.query("cursor") or None, 20)
    return call.render(
        "systems/show.html", title=system.name, crumbs=CRUMBS, system=system, tones=TONES,
        revisions=revisions, events=events, following=following,
    )  # fmt: skip


@page(bp, "GET", "/<code:str>/revisions/<number:str>", roles=READERS, title="版本")
async def revision(call: PageCall, code: str, number: str) -> HTTPResponse:
    """What it changes, what breaks, the last report, and what may be done now."""
    onboarding, which = call.province.onboarding, int_of(number)
    system = await onboarding.views.system(call.officer, code)
    # Before the revision: no report is shown beside a state that was over when it came.
    runs = await onboarding.examination.list(call.officer, code, which)
    detail = await onboarding.views.revision(call.officer, code, which)
    state = detail.view.state
    wanted = call.query("against")
    others, _ = await onboarding.views.revisions(call.officer, code, None, LIMIT)
    changes = await onboarding.review.diff(
        call.officer, code, which, int_of(wanted) if wanted else None
    )
    is_open = state in (State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.SANDBOX,
                        State.CONFORMANT)  # fmt: skip
    breaking = await onboarding.review.breaking(call.officer, code, which) if is_open else []
    failures = await onboarding.drafts.failures(detail.manifest) if is_open else []
    may = {act.value for act in possible(state) if call.officer.role in _MAY.get(act, ())}
    may -= {"approve"} if detail.view.origin else {"restore"}
    if state is State.SANDBOX and call.officer.role in (*DEPARTMENT, *REVIEW):
        may.add("examine")
    return call.render(
        "systems/revision.html", title=f"{system.name} 第 {which} 版",
        crumbs=(*CRUMBS, (system.name, f"/console/systems/{code}")), system=system,
        detail=detail, view=detail.view, changes=changes, breaking=breaking, failures=failures,
        breaking_choices=[(one.id, one.message) for one in breaking],
        others=[(str(one.number), f"第 {one.number} 版（{one.state_name}）")
                for one in others if one.number != which],
        against=f"第 {int_of(wanted)} 版" if wanted else "在用版本",
        runs=runs, may=may, tones=TONES, base=f"/console/systems/{code}/revisions/{which}",
    )  # fmt: skip


_ONE = "/<code:str>/revisions/<number:str>"


@page(bp, "POST", f"{_ONE}/submit", roles=DEPARTMENT, title="提交", again=revision)
async def submit(call: PageCall, code: str, number: str) -> HTTPResponse:
    """For review."""
    given = call.form.read(ProofIn)
    pairs = (line.split(maxsplit=1) for line in given.proofs.splitlines() if line.strip())
    proofs = {pair[0]: pair[1].strip() if len(pair) > 1 else "" for pair in pairs}
    await call.province.onboarding.drafts.submit(
        call.officer, code, int_of(number), given.note, proofs
    )
    return _back(call, code, number, "已提交，请等待审核。")


@page(bp, "POST", f"{_ONE}/withdraw", roles=DEPARTMENT, title="撤回", again=revision)
async def withdraw(call: PageCall, code: str, number: str) -> HTTPResponse:
    """Back to draft."""
    reason = call.form.read(ReasonIn).reason
    await call.province.onboarding.drafts.withdraw(call.officer, code, int_of(number), reason)
    return _back(call, code, number, "已撤回为草稿。")


@page(bp, "POST", f"{_ONE}/discard", roles=DEPARTMENT, title="放弃", again=revision)
async def discard(call: PageCall, code: str, number: str) -> HTTPResponse:
    """Given up."""
    await call.province.onboarding.drafts.discard(call.officer, code, int_of(number))
    return call.go(f"/console/systems/{code}", f"第 {number} 版已放弃。")


@page(bp, "POST", f"{_ONE}/take", roles=REVIEW, title="开始审核", again=revision)
async def take(call: PageCall, code: str, number: str) -> HTTPResponse:
    """The review begins."""
    await call.province.onboarding.review.take(call.officer, code, int_of(number))
    return _back(call, code, number, "已开始审核。")


@page(bp, "POST", f"{_ONE}/return", roles=REVIEW, title="退回", again=revision)
async def send_back(call: PageCall, code: str, number: str) -> HTTPResponse:
    """With reasons."""
    reason = call.form.read(ReasonIn).reason
    await call.province.onboarding.review.send_back(call.officer, code, int_of(number), reason)
    return _back(call, code, number, "已退回，原因已通知对方。")


@page(bp, "POST", f"{_ONE}/approve", roles=REVIEW, title="同意", again=revision)
async def approve(call: PageCall, code: str, number: str) -> HTTPResponse:
    """On to the sandbox."""
    given = call.form.read(ApprovalIn)
    await call.province.onboarding.review.approve(
        call.officer, code, int_of(number), given.reason, given.acknowledged
    )
    return _back(call, code, number, "已同意进入沙箱测试。")


@page(bp, "POST", f"{_ONE}/examine", roles=(*DEPARTMENT, *REVIEW), title="符合性测试",
      again=revision)  # fmt: skip
async def examine(call: PageCall, code: str, number: str) -> HTTPResponse:
    """The platform runs the kit; the page shows the report when it is there."""
    await call.province.onboarding.examination.start(call.officer, code, int_of(number))
    return _back(call, code, number, "符合性测试已开始，稍后刷新本页查看报告。")


@page(bp, "POST", f"{_ONE}/publish", roles=REVIEW, title="发布", again=revision)
async def publish(call: PageCall, code: str, number: str) -> HTTPResponse:
    """It serves."""
    reason = call.form.read(NoteIn).reason
    await call.province.onboarding.review.publish(call.officer, code, int_of(number), reason)
    return _back(call, code, number, "已发布，各节点数秒内生效。")


@page(bp, "POST", f"{_ONE}/restore", roles=REVIEW, title="确认恢复", again=revision)
async def restore(call: PageCall, code: str, number: str) -> HTTPResponse:
    """The second hand of a rollback."""
    given = call.form.read(ApprovalIn)
    await call.province.onboarding.review.restore(
        call.officer, code, int_of(number), given.reason, given.acknowledged
    )
    return _back(call, code, number, "已恢复并发布。")


@page(bp, "POST", f"{_ONE}/rollback", roles=(*DEPARTMENT, *REVIEW), title="申请恢复",
      again=revision)  # fmt: skip
async def roll_back(call: PageCall, code: str, number: str) -> HTTPResponse:
    """Propose to go back to this revision."""
    reason = call.form.read(ReasonIn).reason
    made = await call.province.onboarding.review.ask_to_restore(
        call.officer, code, int_of(number), reason
    )
    return _back(call, code, str(made.number), "已申请恢复，须由另一位平台运营人员确认。")


@page(bp, "POST", "/<code:str>/suspend", roles=SECURITY, title="暂停", again=show)
async def suspend(call: PageCall, code: str) -> HTTPResponse:
    """Called no more."""
    given = call.form.read(SuspensionIn)
    await call.province.onboarding.serving.suspend(call.officer, code, given.reason, given.words)
    return call.go(f"/console/systems/{code}", "已暂停，各节点数秒内不再调用它。")


@page(bp, "POST", "/<code:str>/resume", roles=SECURITY, title="恢复服务", again=show)
async def resume(call: PageCall, code: str) -> HTTPResponse:
    """Called again."""
    reason = call.form.read(ReasonIn).reason
    await call.province.onboarding.serving.resume(call.officer, code, reason)
    return call.go(f"/console/systems/{code}", "已恢复服务。")


@page(bp, "POST", "/<code:str>/retire", roles=REVIEW, title="退出", again=show)
async def retire(call: PageCall, code: str) -> HTTPResponse:
    """For good."""
    reason = call.form.read(ReasonIn).reason
    await call.province.onboarding.serving.retire(call.officer, code, reason)
    return call.go(f"/console/systems/{code}", "系统已退出，履历保留。")


@waits(*READERS)
async def under_way(call: PageCall) -> list[Waiting]:
    """What the officer's role has to do."""
    found = await call.province.onboarding.views.waiting(call.officer)
    count, here = found.revisions, "/console/systems"
    if call.officer.role is Role.SECURITY_ADMIN:
        return [
            Waiting("待批准的接入地址", found.addresses, here),
            Waiting("待启用的密钥", found.keys, here),
        ]
    if call.officer.role is Role.OPERATOR:
        return [
            Waiting("待审核的接入清单", count[State.SUBMITTED], here),
            Waiting("审核中的接入清单", count[State.IN_REVIEW], here),
            Waiting("待发布的接入清单", count[State.CONFORMANT], here),
        ]
    return [
        Waiting("草稿和被退回的接入清单", count[State.DRAFT], here),
        Waiting("待测试的接入清单", count[State.SANDBOX], here),
    ]


def int_of(text: str) -> int:
    """A revision's number; one that there is not for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


def _back(call: PageCall, code: str, number: str, words: str) -> HTTPResponse:
    return call.go(f"/console/systems/{code}/revisions/{int_of(number)}", words)

"""Console accounts: made by one administrator, given effect by another."""

from typing import Any

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.service import Account, Initial, Role, State, Wanted
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_accounts", url_prefix="/console/accounts")

BOTH = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
SYSTEM, SECURITY = (Role.SYSTEM_ADMIN,), (Role.SECURITY_ADMIN,)
_CRUMBS: tuple[Crumb, ...] = (("账号", "/console/accounts"),)


class AccountIn(FormIn):
    """An account to be made."""

    username: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)
    role: Role
    department_uscc: str = Field(default="", max_length=40)


class ReasonIn(FormIn):
    """Why."""

    reason: str = Field(min_length=1, max_length=200)


@page(bp, "GET", "", roles=BOTH, title="账号", menu="账号", order=60)
async def accounts(call: PageCall) -> HTTPResponse:
    """Newest first, by state, role and words."""
    found = await call.province.operators.accounts(
        call.officer,
        state=_one_of(State, call.query("state")),
        role=_one_of(Role, call.query("role")),
        words=call.query("q")[:64],
        cursor=call.query("cursor") or None,
    )
    return call.render("accounts/list.html", found=found, departments=_departments(call))


@page(bp, "GET", "/new", roles=SYSTEM, title="新建账号")
async def new(call: PageCall) -> HTTPResponse:
    """The form."""
    return call.render("accounts/new.html", crumbs=_CRUMBS, departments=_departments(call))


@page(bp, "POST", "/new", roles=SYSTEM, title="新建账号", again=new)
async def create(call: PageCall) -> HTTPResponse:
    """Make it; the one-time password is on the page that follows and nowhere else."""
    given = call.form.read(AccountIn)
    wanted = Wanted(given.username, given.name, given.role, given.department_uscc or None)
    return _handed_out(
        call, await call.province.operators.create_account(call.officer, wanted), "账号已创建"
    )


@page(bp, "GET", "/<account_id:str>", roles=BOTH, title="账号详情")
async def show(call: PageCall, account_id: str) -> HTTPResponse:
    """One account, and what the officer may do to it."""
    account = await call.province.operators.account(call.officer, account_id)
    return call.render(
        "accounts/show.html", title=account.username, crumbs=_CRUMBS, account=account,
        departments=_departments(call), may=_acts(call, account),
    )  # fmt: skip


@page(bp, "POST", "/<account_id:str>/activate", roles=SECURITY, title="启用账号", again=show)
async def activate(call: PageCall, account_id: str) -> HTTPResponse:
    """The second of two persons."""
    await call.province.operators.activate_account(call.officer, account_id)
    return call.go(f"/console/accounts/{account_id}", "账号已启用，本人可以用一次性密码登录。")


@page(bp, "POST", "/<account_id:str>/reset", roles=SYSTEM, title="重置账号", again=show)
async def reset(call: PageCall, account_id: str) -> HTTPResponse:
    """A new one-time password."""
    made = await call.province.operators.reset_account(call.officer, account_id)
    return _handed_out(call, made, "账号已重置")


@page(bp, "POST", "/<account_id:str>/disable", roles=SYSTEM, title="停用账号", again=show)
async def disable(call: PageCall, account_id: str) -> HTTPResponse:
    """For good."""
    reason = call.form.read(ReasonIn).reason
    await call.province.operators.disable_account(call.officer, account_id, reason)
    return call.go(f"/console/accounts/{account_id}", "账号已停用，它的登录已全部结束。")


@page(bp, "POST", "/<account_id:str>/lock", roles=SECURITY, title="锁定账号", again=show)
async def lock(call: PageCall, account_id: str) -> HTTPResponse:
    """For now."""
    reason = call.form.read(ReasonIn).reason
    await call.province.operators.lock_account(call.officer, account_id, reason)
    return call.go(f"/console/accounts/{account_id}", "账号已锁定，它的登录已全部结束。")


@page(bp, "POST", "/<account_id:str>/unlock", roles=SECURITY, title="解锁账号", again=show)
async def unlock(call: PageCall, account_id: str) -> HTTPResponse:
    """Also forgets the failures that locked it for a while."""
    await call.province.operators.unlock_account(call.officer, account_id)
    return call.go(f"/console/accounts/{account_id}", "账号已解锁。")


@waits(Role.SECURITY_ADMIN)
async def to_activate(call: PageCall) -> list[Waiting]:
    """New accounts, and locked ones."""
    counts = await call.province.operators.account_counts(call.officer)
    return [
        Waiting("待启用账号", counts[State.PENDING], "/console/accounts?state=pending"),
        Waiting("已锁定账号", counts[State.LOCKED], "/console/accounts?state=locked"),
    ]


def _acts(call: PageCall, account: Account) -> set[str]:
    """What the officer's role may do to an account in its state; the service decides in the end."""
    if account.id == call.officer.account_id or account.state is State.DISABLED:
        return set()
    if call.officer.role is Role.SYSTEM_ADMIN:
        return {"reset", "disable"}
    by_state = {
        State.PENDING: {"activate"},
        State.ACTIVE: {"lock", "unlock"},
        State.LOCKED: {"unlock"},
    }
    return by_state[account.state]


def _handed_out(call: PageCall, made: Initial, words: str) -> HTTPResponse:
    return call.render(
        "accounts/initial.html", title=words, crumbs=_CRUMBS, made=made, login=_login(call)
    )


def _login(call: PageCall) -> str:
    return f"{call.request.scheme}://{call.request.host}/console/login"


def _departments(call: PageCall) -> dict[str, str]:
    """Names of the registered departments by their codes."""
    found = [one.manifest.system.department for one in call.province.exchange.systems()]
    return {one.uscc: one.name for one in found}


def _one_of(kind: Any, text: str) -> Any:
    """The member of a list of choices that an address names, if it names one."""
    return kind(text) if text in list(kind) else None

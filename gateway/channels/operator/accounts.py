"""Console accounts: created by one administrator, activated by another."""

from pydantic import Field
from sanic import Blueprint

from backend.operators.errors import (
    AccountNotFound,
    CreatorCannotActivate,
    CursorInvalid,
    DepartmentInvalid,
    LastAdministrator,
    NameInvalid,
    OwnAccount,
    StateConflict,
    UsernameInvalid,
    UsernameTaken,
)
from backend.operators.service import Role, State, Wanted
from gateway.channels.operator.officers import AccountOut, InitialOut, account_out, initial_out
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("operator_accounts", url_prefix="/api/v1/operator/accounts")

_SYSTEM, _SECURITY = Staff(Role.SYSTEM_ADMIN), Staff(Role.SECURITY_ADMIN)
_BOTH = Staff(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
_REFUSED = (OwnAccount, AccountNotFound, StateConflict)


class AccountsIn(In):
    """Which accounts; what is left out does not narrow."""

    state: State | None = None
    role: Role | None = None
    q: str = Field(default="", max_length=64, description="part of a username, or a USCC")
    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of a page")


class AccountList(Out):
    """A page of accounts, newest first."""

    items: list[AccountOut]
    next_cursor: str | None


class AccountIn(In):
    """An account to be made."""

    username: str = Field(max_length=64, examples=["gd-yibao.clerk"])
    name: str = Field(max_length=64)
    role: Role
    department_uscc: str | None = Field(
        default=None, max_length=40, description="of clerks and heads; of nobody else"
    )


class ReasonIn(In):
    """Why; stands in the audit."""

    reason: str = Field(min_length=1, max_length=200)


@endpoint(
    bp,
    "GET",
    "",
    access=_BOTH,
    summary="Console accounts",
    query=AccountsIn,
    answer=AccountList,
    errors=(CursorInvalid,),
)
async def list_accounts(call: Call[None, AccountsIn]) -> AccountList:
    """Newest first, fifty to a page."""
    sought = call.query
    page = await call.province.operators.accounts(
        call.officer, state=sought.state, role=sought.role, words=sought.q, cursor=sought.cursor
    )
    items = [account_out(one) for one in page.accounts]
    return AccountList(items=items, next_cursor=page.next_cursor)


@endpoint(
    bp,
    "POST",
    "",
    access=_SYSTEM,
    summary="Make an account, to be activated by another administrator",
    body=AccountIn,
    answer=InitialOut,
    status=201,
    errors=(UsernameInvalid, NameInvalid, DepartmentInvalid, UsernameTaken),
)
async def create(call: Call[AccountIn, None]) -> InitialOut:
    """The one-time password is in this answer and nowhere else."""
    given = call.body
    wanted = Wanted(given.username, given.name, given.role, given.department_uscc)
    return initial_out(await call.province.operators.create_account(call.officer, wanted))


@endpoint(
    bp,
    "GET",
    "/<account_id:str>",
    access=_BOTH,
    summary="One account",
    answer=AccountOut,
    errors=(AccountNotFound,),
)
async def show(call: Call[None, None], account_id: str) -> AccountOut:
    """As administrators see it."""
    return account_out(await call.province.operators.account(call.officer, account_id))


@endpoint(
    bp,
    "POST",
    "/<account_id:str>/activate",
    access=_SECURITY,
    summary="Let a new account log in",
    errors=(*_REFUSED, CreatorCannotActivate),
)
async def activate(call: Call[None, None], account_id: str) -> None:
    """The second of two persons."""
    await call.province.operators.activate_account(call.officer, account_id)


@endpoint(
    bp,
    "POST",
    "/<account_id:str>/reset",
    access=_SYSTEM,
    summary="A new one-time password",
    answer=InitialOut,
    errors=_REFUSED,
)
async def reset(call: Call[None, None], account_id: str) -> InitialOut:
    """Own password and device are set anew at the next login; sessions end at once."""
    return initial_out(await call.province.operators.reset_account(call.officer, account_id))


@endpoint(
    bp,
    "POST",
    "/<account_id:str>/disable",
    access=_SYSTEM,
    summary="Close an account for good",
    body=ReasonIn,
    errors=(*_REFUSED, LastAdministrator),
)
async def disable(call: Call[ReasonIn, None], account_id: str) -> None:
    """Its sessions end at once."""
    await call.province.operators.disable_account(call.officer, account_id, call.body.reason)


@endpoint(
    bp,
    "POST",
    "/<account_id:str>/lock",
    access=_SECURITY,
    summary="Keep an account out for now",
    body=ReasonIn,
    errors=(*_REFUSED, LastAdministrator),
)
async def lock(call: Call[ReasonIn, None], account_id: str) -> None:
    """Its sessions end at once."""
    await call.province.operators.lock_account(call.officer, account_id, call.body.reason)


@endpoint(
    bp,
    "POST",
    "/<account_id:str>/unlock",
    access=_SECURITY,
    summary="Let a locked account in again",
    errors=_REFUSED,
)
async def unlock(call: Call[None, None], account_id: str) -> None:
    """Also forgets the failures that locked it for a while."""
    await call.province.operators.unlock_account(call.officer, account_id)

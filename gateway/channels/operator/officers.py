"""How officers and accounts look in answers."""

from pydantic import Field

from backend.operators.service import Account, Initial, Officer, Role, State
from gateway.edge.endpoint import Out
from gateway.edge.moments import Moment

EVERY_ROLE = tuple(Role)


class OfficerOut(Out):
    """A console account as it sees itself."""

    id: str
    username: str = Field(examples=["gd-yibao.clerk"])
    name: str
    role: Role
    department_uscc: str | None


class AccountOut(Out):
    """A console account as administrators see it."""

    id: str
    username: str
    name: str
    role: Role
    department_uscc: str | None
    state: State
    enrolled: bool = Field(description="has an own password and a TOTP device")
    created_at: Moment
    last_login_at: Moment | None


class InitialOut(Out):
    """An account and the password for its first login."""

    account: AccountOut
    one_time_password: str = Field(description="shown once, not kept; hand it over in person")
    valid_until: Moment


def officer_out(officer: Officer) -> OfficerOut:
    """An officer for an answer."""
    return OfficerOut(
        id=str(officer.account_id),
        username=officer.username,
        name=officer.name,
        role=officer.role,
        department_uscc=officer.department_uscc,
    )


def account_out(account: Account) -> AccountOut:
    """An account for an answer."""
    return AccountOut(
        id=str(account.id),
        username=account.username,
        name=account.name,
        role=account.role,
        department_uscc=account.department_uscc,
        state=account.state,
        enrolled=account.enrolled,
        created_at=account.created_at,
        last_login_at=account.last_login_at,
    )


def initial_out(initial: Initial) -> InitialOut:
    """A new account for an answer."""
    return InitialOut(
        account=account_out(initial.account),
        one_time_password=initial.password,
        valid_until=initial.until,
    )

"""An account that is wanted, and as it is shown once it is made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.numbers.service import is_uscc, normalise_uscc
from backend.operators.errors import DepartmentInvalid, NameInvalid, UsernameInvalid
from backend.operators.roles import DEPARTMENT_ROLES, Role, State

LONGEST_NAME = 40
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as administrators see it.

    Attributes:
        enrolled: has an own password and a code.
    """

    id: UUID
    username: str
    name: str
    role: Role
    department_uscc: str | None
    state: State
    enrolled: bool
    created_by: UUID | None
    created_at: datetime
    last_login_at: datetime | None
    demo: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of accounts, newest first."""

    accounts: Sequence[Account]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Initial:
    """An account and the password for its first login, which is shown once and not kept.

    Attributes:
        secret: of its codes, where it does not make one at its first login: an account from the
            command line, whose first login then takes both factors.
    """

    account: Account
    password: str
    until: datetime
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to be made."""

    username: str
    name: str
    role: Role
    department_uscc: str | None = None


def checked(wanted: Wanted) -> Wanted:
    """The same in the form in which it is kept.

    Raises:
        UsernameInvalid, NameInvalid, DepartmentInvalid: mend it.
    """
    username, name = wanted.username.strip().lower(), " ".join(wanted.name.split())
    if not _USERNAME.fullmatch(username):
        raise UsernameInvalid
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NameInvalid
    department = normalise_uscc(wanted.department_uscc or "")
    if (wanted.role in DEPARTMENT_ROLES) != bool(department):
        raise DepartmentInvalid
    if department and not is_uscc(department):
        raise DepartmentInvalid("统一社会信用代码有误，请核对后重新填写。")
    return Wanted(username, name, wanted.role, department or None)

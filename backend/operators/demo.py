"""Accounts of the sandbox: for every role, so that whoever tries the platform can be anyone.

Their password is the instance's own (``SST_DEMO_PASSWORD``); the codes that an authenticator app
would show stand on the login page. None of this exists outside the sandbox.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.operators import codes
from backend.operators.accounts import Accounts
from backend.operators.models import OperatorAccount
from backend.operators.passwords import Passwords
from backend.operators.roles import Officer, Role, State
from backend.operators.wanted import Wanted

PLATFORM = (
    Wanted("operator", "平台运营（演示）", Role.OPERATOR),
    Wanted("sysadmin", "系统管理员（演示）", Role.SYSTEM_ADMIN),
    Wanted("secadmin", "安全管理员（演示）", Role.SECURITY_ADMIN),
    Wanted("auditor", "审计管理员（演示）", Role.AUDIT_ADMIN),
)


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """A department that gets a clerk and a head: ``gd-yibao.clerk``, ``gd-yibao.head``.

    Attributes:
        code: of its system.
    """

    code: str
    name: str
    uscc: str

    def wanted(self) -> tuple[Wanted, Wanted]:
        """Its two accounts."""
        return (
            Wanted(f"{self.code}.clerk", f"{self.name}经办（演示）", Role.CLERK, self.uscc),
            Wanted(f"{self.code}.head", f"{self.name}负责人（演示）", Role.HEAD, self.uscc),
        )


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A demo account on the login page.

    Attributes:
        code: that would be taken now; None for some seconds after the last was used.
    """

    username: str
    name: str
    role: Role
    code: str | None


class Demo:
    """Makes and shows demo accounts.

    Args:
        password: the instance's; empty outside the sandbox, where everything here is empty too.
    """

    def __init__(
        self,
        accounts: Accounts,
        words: Passwords,
        password: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._accounts, self._passwords, self._password = accounts, words, password
        self._clock = clock

    async def prepare(self, departments: Sequence[DemoDepartment]) -> dict[str, Officer]:
        """The demo accounts by username, made where they are missing.

        One hash serves all of them: that they share a password is no secret.
        """
        if not self._password:
            return {}
        wanted = [*PLATFORM, *(one for each in departments for one in each.wanted())]
        rows = await OperatorAccount.filter(demo=True)
        held = {row.username: row for row in rows}
        hashes = {row.password_hash for row in rows}
        current = {one for one in hashes if await self._passwords.fits(one, self._password)}
        stale = [row for row in rows if row.password_hash not in current]
        missing = [one for one in wanted if one.username not in held]
        kept = await self._passwords.hash(self._password) if stale or missing else ""
        for row in stale:
            await OperatorAccount.filter(id=row.id).update(password_hash=kept)
        for one in missing:
            row = await self._accounts.insert(one, None, kept, secret=codes.new_secret())
            held[row.username] = row
        return {name: self._accounts.officer(row) for name, row in held.items()}

    async def accounts(self) -> Sequence[DemoAccount]:
        """What the login page shows; nothing outside the sandbox."""
        if not self._password:
            return []
        rows = await OperatorAccount.filter(demo=True, state=State.ACTIVE).order_by("id")
        return [self._shown(row) for row in rows if row.totp_secret is not None]

    def _shown(self, row: OperatorAccount) -> DemoAccount:
        officer, secret = self._accounts.officer(row), self._accounts.opened_secret(row)
        code = codes.usable_code(secret, self._clock(), row.totp_step)
        return DemoAccount(officer.username, officer.name, officer.role, code)

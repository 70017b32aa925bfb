"""Console accounts: the people who run a registered system or the platform, what each may do.

The only module of the package that others import. Services of other packages take the ``Officer``;
a channel gets one by :meth:`Operators.officer_of`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from argon2 import PasswordHasher

from backend.audit.service import Audit, Entry, EntryPage, Sought
from backend.operators import sessions
from backend.operators.accounts import INITIAL_LIFE, Accounts, account_id_of
from backend.operators.codes import uri_of
from backend.operators.demo import Demo, DemoAccount, DemoDepartment
from backend.operators.errors import RoleMissing
from backend.operators.login import Enrolment, Logins, Opened
from backend.operators.notices import Notice, NoticePage, Notices
from backend.operators.passwords import SHORTEST, Passwords
from backend.operators.reading import Reading
from backend.operators.roles import (
    DEPARTMENT_ROLES,
    ROLE_NAMES,
    STATE_NAMES,
    Officer,
    Role,
    State,
)
from backend.operators.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS, SessionInfo, Sessions
from backend.operators.wanted import Account, AccountPage, Initial, Wanted
from backend.settings import Settings
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis

__all__ = [
    "ABSOLUTE_SECONDS",
    "DEPARTMENT_ROLES",
    "IDLE_SECONDS",
    "INITIAL_LIFE",
    "ROLE_NAMES",
    "SHORTEST",
    "STATE_NAMES",
    "Account",
    "AccountPage",
    "DemoAccount",
    "DemoDepartment",
    "Enrolment",
    "Initial",
    "Notice",
    "NoticePage",
    "Officer",
    "Opened",
    "Operators",
    "Role",
    "SessionInfo",
    "State",
    "Wanted",
    "uri_of",
]


def _now() -> datetime:
    return datetime.now(UTC)


class Operators:
    """Everything around console accounts.

    Args:
        clock: the present moment; hasher: with other costs. Both for tests.
    """

    def __init__(
        self,
        redis: Redis,
        keyring: KeyRing,
        index: BlindIndex,
        audit: Audit,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = _now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        words = Passwords(hasher)
        self._sessions = Sessions(redis, keyring, clock)
        self._notices = Notices(keyring)
        self._accounts = Accounts(keyring, words, self._sessions, audit, clock)
        self._logins = Logins(
            redis, keyring, index, self._accounts, words, self._sessions, audit, clock
        )
        demo_password = settings.demo_password if settings.sandbox else ""
        self._demo = Demo(self._accounts, words, demo_password, clock)
        self._reading = Reading(self._accounts, audit)
        self._audit, self._clock = audit, clock

    # Logging in

    async def login(self, username: str, password: str, code: str, address: str) -> Opened:
        """Open a session by password and code.

        Raises:
            LoginWrong: one answer for a wrong username, password or code, or a used one.
            LoginLocked: too many tries by this username or address; says until when.
            EnrolmentRequired: the first login: go on with :meth:`enrolment`.
            AccountPending, AccountLocked, AccountDisabled, InitialExpired: told only to whoever
                gave the right password.
        """
        return await self._logins.login(username, password, code, address)

    async def enrolment(self, ticket: str) -> Enrolment:
        """What an authenticator app needs at the first login.

        Raises:
            EnrolmentExpired: the ticket was used, or is too old.
        """
        return await self._logins.enrolment(ticket)

    async def enrol(self, ticket: str, password: str, code: str, address: str) -> Opened:
        """Set the account's own password and code; opens its first session.

        Raises:
            EnrolmentExpired: log in anew with the one-time password.
            PasswordWeak, CodeWrong: mend it and send it again.
        """
        return await self._logins.enrol(ticket, password, code, address)

    async def officer_of(self, token: str) -> Officer:
        """Whose token it is; the session is idle anew from now.

        Raises:
            SessionMissing: not one of our tokens.
            SessionExpired: idle for 15 minutes, older than 8 hours, or ended.
        """
        return await self._sessions.use(sessions.parse(token))

    async def logout(self, officer: Officer, token: str) -> None:
        """End this session, on every worker at once."""
        await self._sessions.end(sessions.parse(token))
        await self._audit.record(officer.actor, "operators.logout", officer.actor)

    async def sessions(self, token: str) -> Sequence[SessionInfo]:
        """The living sessions of the account, newest first."""
        return await self._sessions.list(sessions.parse(token))

    async def end_session(self, officer: Officer, token: str, session_id: str) -> None:
        """End another session of the same account.

        Raises:
            SessionUnknown: there is none of that id.
        """
        await self._sessions.end(sessions.parse(token), session_id)
        await self._audit.record(officer.actor, "operators.session_ended", officer.actor)

    async def change_password(
        self, officer: Officer, token: str, old: str, new: str, code: str
    ) -> None:
        """Set another password; every other session of the account ends.

        Raises:
            LoginLocked: too many tries.
            PasswordWrong, CodeWrong, PasswordWeak: nothing was changed.
        """
        await self._logins.change_password(officer, sessions.parse(token), old, new, code)

    # Accounts

    async def accounts(
        self,
        officer: Officer,
        *,
        state: State | None = None,
        role: Role | None = None,
        words: str = "",
        cursor: str | None = None,
    ) -> AccountPage:
        """A page of accounts, newest first.

        Args:
            words: part of a username, or a department's code.

        Raises:
            RoleMissing: neither a system nor a security administrator.
            CursorInvalid: the cursor is not one of ours.
        """
        self._may_look(officer)
        return await self._accounts.list(state, role, words, cursor)

    async def account(self, officer: Officer, account_id: str) -> Account:
        """One account.

        Raises:
            RoleMissing: neither a system nor a security administrator.
            AccountNotFound: there is none.
        """
        self._may_look(officer)
        return self._accounts.shown(await self._accounts.row(account_id_of(account_id)))

    async def account_counts(self, officer: Officer) -> dict[State, int]:
        """How many accounts are in each state.

        Raises:
            RoleMissing: neither a system nor a security administrator.
        """
        self._may_look(officer)
        return await self._accounts.counts()

    async def create_account(self, officer: Officer, wanted: Wanted) -> Initial:
        """Make an account; a security administrator has to activate it.

        Raises:
            RoleMissing: not a system administrator.
            UsernameInvalid, NameInvalid, DepartmentInvalid, UsernameTaken: mend it.
        """
        made = await self._accounts.create(officer, wanted)
        await self.notify(
            role=Role.SECURITY_ADMIN,
            kind="operators.account_created",
            title="有新账号等待启用",
            text=f"{ROLE_NAMES[wanted.role]}账号 {made.account.username} 等待启用，请核对后处理。",
            link=f"/console/accounts/{made.account.id}",
        )
        return made

    async def activate_account(self, officer: Officer, account_id: str) -> None:
        """Let a new account log in: the second of two persons.

        Raises:
            RoleMissing: not a security administrator.
            OwnAccount, CreatorCannotActivate: another one has to.
            AccountNotFound, StateConflict: it does not wait for that.
        """
        await self._accounts.activate(officer, account_id_of(account_id))

    async def reset_account(self, officer: Officer, account_id: str) -> Initial:
        """A new one-time password; own password and code are set anew, sessions end.

        Raises:
            RoleMissing: not a system administrator.
            OwnAccount, AccountNotFound, StateConflict: it cannot be done to this account.
        """
        return await self._accounts.reset(officer, account_id_of(account_id))

    async def disable_account(self, officer: Officer, account_id: str, reason: str) -> None:
        """Close an account for good; its sessions end at once.

        Raises:
            RoleMissing: not a system administrator.
            LastAdministrator: nobody of its kind would be left.
            OwnAccount, AccountNotFound, StateConflict: it cannot be done to this account.
        """
        await self._accounts.disable(officer, account_id_of(account_id), reason)

    async def lock_account(self, officer: Officer, account_id: str, reason: str) -> None:
        """Keep an account out for now; its sessions end at once.

        Raises:
            RoleMissing: not a security administrator.
            LastAdministrator: nobody of its kind would be left.
            OwnAccount, AccountNotFound, StateConflict: it cannot be done to this account.
        """
        await self._accounts.lock(officer, account_id_of(account_id), reason)

    async def unlock_account(self, officer: Officer, account_id: str) -> None:
        """Let a locked account in again, and forget its failures.

        Raises:
            RoleMissing: not a security administrator.
            OwnAccount, AccountNotFound, StateConflict: it cannot be done to this account.
        """
        found = account_id_of(account_id)
        await self._accounts.unlock(officer, found)
        await self._logins.forget_failures((await self._accounts.row(found)).username)

    def _may_look(self, officer: Officer) -> None:
        if officer.role not in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
            raise RoleMissing([Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN])

    # From a server's command line, and in the sandbox

    async def bootstrap_account(self, wanted: Wanted) -> Initial:
        """Make an active account from a server's command line: the first administrators.

        Raises:
            UsernameInvalid, NameInvalid, DepartmentInvalid, UsernameTaken: mend it.
        """
        return await self._accounts.create(None, wanted)

    async def bootstrap_reset(self, username: str) -> Initial:
        """Give an account a new one-time password and unlock it, from a server's command line.

        Raises:
            AccountNotFound, StateConflict: there is none, or it is disabled.
        """
        made = await self._accounts.bootstrap_reset(username)
        await self._logins.forget_failures(made.account.username)
        return made

    async def bootstrap_list(self) -> Sequence[Account]:
        """Every account that is not disabled, for a server's command line."""
        return await self._accounts.all_living()

    async def prepare_demo(self, departments: Sequence[DemoDepartment]) -> dict[str, Officer]:
        """The demo accounts of the sandbox by username, made where missing; none outside it."""
        return await self._demo.prepare(departments)

    async def demo_accounts(self) -> Sequence[DemoAccount]:
        """Demo accounts with the codes of this moment; none outside the sandbox."""
        return await self._demo.accounts()

    # The audit

    async def read_audit(
        self, officer: Officer, sought: Sought, cursor: str | None = None
    ) -> EntryPage:
        """A page of the audit; that it was read stands in it too. See ``Reading``."""
        return await self._reading.read(officer, sought, cursor)

    async def export_audit(
        self, officer: Officer, sought: Sought
    ) -> AsyncIterator[Sequence[Entry]]:
        """Every entry, oldest first, so many at a time; taken down too. See ``Reading``."""
        return await self._reading.export(officer, sought)

    async def usernames(self, officer: Officer, entries: Sequence[Entry]) -> dict[str, str]:
        """The usernames of the accounts that entries speak of. See ``Reading``."""
        return await self._reading.usernames(officer, entries)

    # Notices

    async def notices(self, officer: Officer, cursor: str | None = None) -> NoticePage:
        """A page of the officer's inbox, newest first.

        Raises:
            CursorInvalid: the cursor is not one of ours.
        """
        return await self._notices.list(officer.account_id, cursor)

    async def unread_notices(self, officer: Officer) -> int:
        """How many notices the officer has not read."""
        return await self._notices.unread(officer.account_id)

    async def saw(self, officer: Officer, link: str) -> int:
        """Note that the officer opened the page that notices lead to; says how many were unread.

        Args:
            link: a path of the console.
        """
        return await self._notices.seen(officer.account_id, link)

    async def mark_read(self, officer: Officer, notice_id: str | None = None) -> None:
        """Note that the officer has read one notice, or all of them.

        Raises:
            NoticeNotFound: it does not exist or is somebody else's.
        """
        await self._notices.mark_read(officer.account_id, notice_id)

    async def notify(
        self,
        *,
        role: Role | None = None,
        department_uscc: str | None = None,
        account_id: UUID | None = None,
        kind: str,
        title: str,
        text: str,
        link: str = "",
    ) -> None:
        """Leave a notice in the console inbox of everyone whom all given conditions fit.

        Inside a transaction it is kept or lost with the rest.

        Args:
            kind: what it is about (``onboarding.approved``); stable, not shown.
            title: one line; text: one paragraph. Both Chinese.
            link: a path of the console (``/console/systems/gd-gongan``).
        """
        await self._notices.post(
            role=role, department_uscc=department_uscc, account_id=account_id,
            kind=kind, title=title, text=text, link=link,
        )  # fmt: skip

    async def purge(self) -> int:
        """Forget notices that were read long ago; returns how many. The worker does this daily."""
        return await self._notices.purge(self._clock())

"""Accounts of the console: who makes, activates, locks and closes them, and who may not."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from backend.audit.service import COMMAND_LINE, Audit, Detail
from backend.numbers.service import is_uscc, normalise_uscc
from backend.operators.codes import new_secret
from backend.operators.errors import (
    AccountNotFound,
    CreatorCannotActivate,
    CursorInvalid,
    LastAdministrator,
    OwnAccount,
    RoleMissing,
    StateConflict,
    UsernameTaken,
)
from backend.operators.models import OperatorAccount, officer_context
from backend.operators.passwords import Passwords, one_time_password
from backend.operators.roles import ADMINISTRATORS, Officer, Role, State
from backend.operators.sessions import Sessions
from backend.operators.wanted import Account, AccountPage, Initial, Wanted, checked
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing

PAGE = 50
LONGEST_REASON = 200
INITIAL_LIFE = timedelta(hours=72)
PLATFORM = "platform"
_OFFICER = re.compile(r"officer:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def subject_of(account_id: UUID) -> str:
    """How an account is called in the audit."""
    return f"officer:{account_id}"


class Accounts:
    """Keeps accounts; each act checks who does it and leaves its line in the audit."""

    def __init__(
        self,
        keyring: KeyRing,
        words: Passwords,
        held: Sessions,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        self._keyring, self._passwords, self._sessions = keyring, words, held
        self._audit, self._clock = audit, clock

    # Making

    async def create(self, by: Officer | None, wanted: Wanted) -> Initial:
        """Make an account that waits for its activation by somebody else.

        Args:
            by: None from the command line of a server, where the account is active at once:
                whoever can run it there needs no account.

        Raises:
            RoleMissing: not a system administrator.
            UsernameInvalid, NameInvalid, DepartmentInvalid, UsernameTaken: mend it.
        """
        if by is not None:
            _require(by, Role.SYSTEM_ADMIN)
        wanted = checked(wanted)
        password, secret = one_time_password(), new_secret() if by is None else None
        until = self._clock() + INITIAL_LIFE
        row = await self.insert(wanted, by, await self._passwords.hash(password), secret, until)
        return Initial(self.shown(row), password, until, secret)

    async def insert(
        self,
        wanted: Wanted,
        by: Officer | None,
        kept: str,
        secret: str | None = None,
        until: datetime | None = None,
    ) -> OperatorAccount:
        """Write a new account down.

        Args:
            kept: hash of its password; until: it is a one-time password, for so long. Without,
                this is a demo account, which needs no first login.
            secret: of its codes, where they are not set up at the first login.

        Raises:
            UsernameTaken: there is one of this name.
        """
        made = uuid7()
        row = OperatorAccount(
            id=made,
            username=wanted.username,
            name=self._keyring.seal_text(wanted.name, officer_context(made, "name")),
            role=wanted.role,
            department_uscc=wanted.department_uscc,
            state=State.PENDING if by is not None else State.ACTIVE,
            password_hash=kept,
            initial_until=until,
            totp_secret=self.sealed_secret(made, secret) if secret is not None else None,
            created_by=by.account_id if by is not None else None,
            demo=until is None,
        )
        try:
            async with in_transaction():
                await row.save()
                actor = by.actor if by is not None else COMMAND_LINE
                detail = {"role": wanted.role.value, "department": wanted.department_uscc}
                await self._audit.record(
                    actor, "operators.account_created", subject_of(made), detail
                )
        except IntegrityError:
            raise UsernameTaken from None
        return row

    async def reset(self, by: Officer | None, account_id: UUID) -> Initial:
        """Give a one-time password again: own password and code are set anew at the next login.

        From the command line the code's secret comes with it, as when the account was made.

        Raises:
            RoleMissing, OwnAccount, AccountNotFound, StateConflict: see :meth:`act`.
        """
        row = await self.row(account_id)
        self._check_actor(by, Role.SYSTEM_ADMIN, account_id)
        if row.state is State.DISABLED:
            raise StateConflict
        password, until = one_time_password(), self._clock() + INITIAL_LIFE
        secret = new_secret() if by is None else None
        sealed = self.sealed_secret(account_id, secret) if secret is not None else None
        kept = await self._passwords.hash(password)
        async with in_transaction():
            live = OperatorAccount.filter(id=account_id).exclude(state=State.DISABLED)
            if not await live.update(
                password_hash=kept, initial_until=until, totp_secret=sealed, totp_step=0
            ):
                raise StateConflict
            await self._note(by, "operators.account_reset", account_id)
        await self._sessions.end_all(account_id)
        return Initial(self.shown(await self.row(account_id)), password, until, secret)

    async def bootstrap_reset(self, username: str) -> Initial:
        """The same from the command line, which also unlocks.

        Raises:
            AccountNotFound, StateConflict: there is none, or it is disabled.
        """
        row = await OperatorAccount.get_or_none(username=username.strip().lower())
        if row is None:
            raise AccountNotFound
        await OperatorAccount.filter(id=row.id, state=State.LOCKED).update(state=State.ACTIVE)
        return await self.reset(None, row.id)

    # States

    async def activate(self, by: Officer, account_id: UUID) -> None:
        """Let a new account log in: the second of two persons.

        Raises:
            CreatorCannotActivate: whoever created it.
            RoleMissing, OwnAccount, AccountNotFound, StateConflict: see :meth:`_move`.
        """
        row = await self.row(account_id)
        self._check_actor(by, Role.SECURITY_ADMIN, account_id)
        if row.created_by == by.account_id:
            raise CreatorCannotActivate
        async with in_transaction():
            waiting = OperatorAccount.filter(id=account_id, state=State.PENDING)
            if not await waiting.update(state=State.ACTIVE, activated_by=by.account_id):
                raise StateConflict
            await self._note(by, "operators.account_activated", account_id)

    async def lock(self, by: Officer, account_id: UUID, reason: str) -> None:
        """Keep an account out for now; its sessions end at once.

        Raises:
            LastAdministrator: nobody of its kind would be left.
            RoleMissing, OwnAccount, AccountNotFound, StateConflict: see :meth:`_move`.
        """
        self._check_actor(by, Role.SECURITY_ADMIN, account_id)
        detail = {"reason": reason.strip()[:LONGEST_REASON]}
        await self._move(
            by, account_id, (State.ACTIVE,), State.LOCKED, "operators.account_locked", detail
        )

    async def unlock(self, by: Officer, account_id: UUID) -> None:
        """Let a locked account in again.

        Raises:
            RoleMissing, OwnAccount, AccountNotFound, StateConflict: see :meth:`_move`.
        """
        self._check_actor(by, Role.SECURITY_ADMIN, account_id)
        await self._move(
            by, account_id, (State.LOCKED, State.ACTIVE), State.ACTIVE,
            "operators.account_unlocked", {},
        )  # fmt: skip

    async def disable(self, by: Officer, account_id: UUID, reason: str) -> None:
        """Close an account for good; its sessions end at once.

        Raises:
            LastAdministrator: nobody of its kind would be left.
            RoleMissing, OwnAccount, AccountNotFound, StateConflict: see :meth:`_move`.
        """
        self._check_actor(by, Role.SYSTEM_ADMIN, account_id)
        detail = {"reason": reason.strip()[:LONGEST_REASON]}
        open_states = (State.PENDING, State.ACTIVE, State.LOCKED)
        await self._move(
            by, account_id, open_states, State.DISABLED, "operators.account_disabled", detail
        )

    async def lock_by_failures(self, row: OperatorAccount) -> None:
        """Lock an account that was guessed at all day; never the last administrator of a kind."""
        try:
            await self._move(
                None, row.id, (State.ACTIVE,), State.LOCKED, "operators.account_locked",
                {"reason": "failures"},
            )  # fmt: skip
        except (LastAdministrator, StateConflict):
            return

    async def _move(
        self,
        by: Officer | None,
        account_id: UUID,
        start: Sequence[State],
        end: State,
        action: str,
        detail: Detail,
    ) -> None:
        """Move an account from one state to another, once.

        Raises:
            AccountNotFound: there is none.
            StateConflict: it is not in a state in which this begins.
            LastAdministrator: nobody of its kind would be left active.
        """
        row = await self.row(account_id)
        async with in_transaction():
            if row.role in ADMINISTRATORS:
                # Takes the rows of the kind, so that two cannot each spare the other.
                await OperatorAccount.filter(role=row.role).update(role=row.role)
                row = await self.row(account_id)
            moved = OperatorAccount.filter(id=account_id, state__in=list(start))
            if not await moved.update(state=end):
                raise StateConflict
            left = OperatorAccount.filter(role=row.role, state=State.ACTIVE)
            lost = row.state is State.ACTIVE and end is not State.ACTIVE
            if lost and row.role in ADMINISTRATORS and not await left.exists():
                raise LastAdministrator
            await self._note(by, action, account_id, detail)
        if end is not State.ACTIVE:
            await self._sessions.end_all(account_id)

    def _check_actor(self, by: Officer | None, role: Role, account_id: UUID) -> None:
        if by is None:
            return
        _require(by, role)
        if by.account_id == account_id:
            raise OwnAccount

    async def _note(
        self, by: Officer | None, action: str, account_id: UUID, detail: Detail | None = None
    ) -> None:
        actor = by.actor if by is not None else COMMAND_LINE
        await self._audit.record(actor, action, subject_of(account_id), detail)

    # Looking

    async def row(self, account_id: UUID) -> OperatorAccount:
        """An account's row.

        Raises:
            AccountNotFound: there is none.
        """
        row = await OperatorAccount.get_or_none(id=account_id)
        if row is None:
            raise AccountNotFound
        return row

    async def list(
        self, state: State | None, role: Role | None, words: str, cursor: str | None
    ) -> AccountPage:
        """A page of accounts, newest first.

        Args:
            words: part of the username or the department's code.

        Raises:
            CursorInvalid: the cursor is not one of ours.
        """
        found = OperatorAccount.all()
        if state is not None:
            found = found.filter(state=state)
        if role is not None:
            found = found.filter(role=role)
        if words:
            by_code = is_uscc(normalise_uscc(words))
            found = (
                found.filter(department_uscc=normalise_uscc(words))
                if by_code
                else found.filter(username__contains=words.lower())
            )
        if cursor is not None:
            found = found.filter(id__lt=_uuid(cursor, CursorInvalid))
        rows = await found.order_by("-id").limit(PAGE + 1)
        accounts = [self.shown(row) for row in rows[:PAGE]]
        return AccountPage(accounts, str(accounts[-1].id) if len(rows) > PAGE else None)

    async def usernames(self, subjects: Collection[str]) -> dict[str, str]:
        """Usernames by how the audit calls their accounts; what is no account is left out."""
        wanted = [one.removeprefix("officer:") for one in subjects if _OFFICER.fullmatch(one)]
        found = OperatorAccount.filter(id__in=[UUID(one) for one in wanted])
        rows = await found.values_list("id", "username")
        return {subject_of(account_id): str(username) for account_id, username in rows}

    async def counts(self) -> dict[State, int]:
        """How many accounts are in each state."""
        return {state: await OperatorAccount.filter(state=state).count() for state in State}

    async def all_living(self) -> Sequence[Account]:
        """Every account that is not disabled, by role."""
        rows = await OperatorAccount.exclude(state=State.DISABLED).order_by("role", "username")
        return [self.shown(row) for row in rows]

    def shown(self, row: OperatorAccount) -> Account:
        """An account as administrators see it."""
        enrolled = row.totp_secret is not None and row.initial_until is None
        return Account(
            row.id, row.username, self._name(row), row.role, row.department_uscc, row.state,
            enrolled, row.created_by, row.created_at, row.last_login_at, row.demo,
        )  # fmt: skip

    def officer(self, row: OperatorAccount) -> Officer:
        """An account as services get it."""
        return Officer(row.id, row.username, self._name(row), row.role, row.department_uscc)

    def sealed_secret(self, account_id: UUID, secret: str) -> bytes:
        """The secret of an account's codes, for its row."""
        return self._keyring.seal_text(secret, officer_context(account_id, "totp"))

    def opened_secret(self, row: OperatorAccount) -> str:
        """The secret of an account that has one."""
        return self._keyring.open_text(row.totp_secret or b"", officer_context(row.id, "totp"))

    def _name(self, row: OperatorAccount) -> str:
        return self._keyring.open_text(row.name, officer_context(row.id, "name"))


def _require(by: Officer, role: Role) -> None:
    if by.role is not role:
        raise RoleMissing([role])


def _uuid(text: str, refusal: type[CursorInvalid] | type[AccountNotFound]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None


def account_id_of(text: str) -> UUID:
    """An account's id as it stands in an address.

    Raises:
        AccountNotFound: it is none.
    """
    return _uuid(text, AccountNotFound)

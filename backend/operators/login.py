"""Logging in: password and code, one answer for whatever was wrong, and the first login.

Failures are counted by username, whether there is such an account or not, and by address. A few
lock for a quarter of an hour; many within a day lock the account until the security administrator
unlocks it, unless it is the last one who could. What state an account is in is told only to
whoever has its password.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.audit.service import ANONYMOUS, Audit
from backend.operators import codes, passwords
from backend.operators.accounts import Accounts, subject_of
from backend.operators.errors import (
    AccountDisabled,
    AccountLocked,
    AccountPending,
    CodeWrong,
    EnrolmentExpired,
    EnrolmentRequired,
    InitialExpired,
    LoginLocked,
    LoginWrong,
    OperatorError,
    PasswordWeak,
    PasswordWrong,
    SessionExpired,
)
from backend.operators.models import OperatorAccount
from backend.operators.passwords import Passwords
from backend.operators.roles import Officer, State
from backend.operators.sessions import ABSOLUTE_SECONDS, Sessions, Token
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.store.tries import Mark, Rule, Tries

QUARTER, DAY = 900, 86400
ACCOUNT = Rule("console-account", 5, QUARTER)
ACCOUNT_DAY = Rule("console-account-day", 20, DAY)
# An office sits behind one address.
ADDRESS = Rule("console-address", 50, QUARTER)
ENROLMENT_TRIES = Rule("console-enrol", 10, QUARTER)
TICKET_SECONDS = 900
_TICKET_BYTES = 24
_REFUSED_STATES: dict[State, type[OperatorError]] = {
    State.PENDING: AccountPending,
    State.LOCKED: AccountLocked,
    State.DISABLED: AccountDisabled,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was just opened."""

    token: str
    expires_in: int
    officer: Officer


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs at the first login.

    Attributes:
        secret: in base32, to be typed; uri: the same as ``otpauth://``; qr: and as an SVG.
        bound: the device has it already, and gave a code for this login.
    """

    username: str
    secret: str
    uri: str
    qr: str
    bound: bool


class Logins:
    """Opens sessions."""

    def __init__(
        self,
        redis: Redis,
        keyring: KeyRing,
        index: BlindIndex,
        accounts: Accounts,
        words: Passwords,
        held: Sessions,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        self._redis, self._keyring, self._index = redis, keyring, index
        self._accounts, self._passwords, self._sessions = accounts, words, held
        self._audit, self._clock = audit, clock
        self._tries = Tries(redis)

    async def login(self, username: str, password: str, code: str, address: str) -> Opened:
        """Open a session.

        Raises:
            LoginWrong: username, password or code.
            LoginLocked: too many tries.
            EnrolmentRequired: a one-time password was right; own password and code come first.
            AccountPending, AccountLocked, AccountDisabled, InitialExpired: the password was right.
        """
        username = username.strip().lower()
        marks = self.marks_of(username, address)
        if wait := await self._tries.take(marks):
            await self._note_limit(marks[0], wait)
            raise LoginLocked(wait)
        account = await OperatorAccount.get_or_none(username=username)
        kept = account.password_hash if account is not None else None
        if not await self._passwords.fits(kept, password) or account is None:
            await self._failed(account, username)
            raise LoginWrong
        if account.totp_secret is not None and not await self._code_counts(account, code):
            await self._failed(account, username)
            raise LoginWrong
        await self._tries.give_back(marks)
        if account.initial_until is not None:
            raise await self._first_login(account)
        return await self._open(account, address)

    def marks_of(self, username: str, address: str | None) -> list[Mark]:
        """The counters of a username, and of an address."""
        name = self._index.of("console-user", username)[:32]
        marks = [Mark(ACCOUNT, name), Mark(ACCOUNT_DAY, name)]
        if address is not None:
            marks.append(Mark(ADDRESS, self._index.of("console-address", address)[:32]))
        return marks

    async def forget_failures(self, username: str) -> None:
        """Let an account that somebody has looked after try again at once."""
        await self._tries.forget(self.marks_of(username, None))

    async def enrolment(self, ticket: str) -> Enrolment:
        """What to show to whoever sets up their own password and code.

        Raises:
            EnrolmentExpired: the ticket was used, or is too old.
        """
        account_id, secret = await self._held(ticket)
        account = await self._accounts.row(account_id)
        uri, bound = codes.uri_of(secret, account.username), account.totp_secret is not None
        return Enrolment(account.username, secret, uri, codes.qr_svg(uri), bound)

    async def enrol(self, ticket: str, password: str, code: str, address: str) -> Opened:
        """Set the account's own password and code, and open its first session.

        Args:
            code: of the device; not looked at where one was given with the one-time password.

        Raises:
            EnrolmentExpired: the ticket was used, is too old, or was tried too often.
            PasswordWeak, CodeWrong: mend it and send it again.
        """
        account_id, secret = await self._held(ticket)
        if await self._tries.take([Mark(ENROLMENT_TRIES, account_id.hex)]):
            await self._redis.delete(_ticket_key(ticket))
            raise EnrolmentExpired
        account = await self._accounts.row(account_id)
        passwords.check_rules(password, account.username)
        if await self._passwords.fits(account.password_hash, password):
            raise PasswordWeak("请设置一个新密码，不能沿用一次性密码。")
        step: int | None = account.totp_step
        if account.totp_secret is None:
            step = codes.matching_step(secret, code, self._clock(), 0)
        if step is None:
            raise CodeWrong
        if not await self._redis.delete(_ticket_key(ticket)):
            raise EnrolmentExpired
        kept = await self._passwords.hash(password)
        changed = await OperatorAccount.filter(
            id=account_id, password_hash=account.password_hash
        ).update(
            password_hash=kept,
            initial_until=None,
            totp_secret=self._accounts.sealed_secret(account_id, secret),
            totp_step=step,
        )
        if not changed:
            raise EnrolmentExpired
        await self._sessions.end_all(account_id)
        subject = subject_of(account_id)
        await self._audit.record(subject, "operators.enrolled", subject)
        return await self._open(await self._accounts.row(account_id), address)

    async def change_password(
        self, officer: Officer, token: Token, old: str, new: str, code: str
    ) -> None:
        """Set another password; every other session of the account ends.

        Raises:
            LoginLocked: too many tries.
            PasswordWrong, CodeWrong, PasswordWeak: nothing was changed.
        """
        marks = self.marks_of(officer.username, None)
        if wait := await self._tries.take(marks):
            raise LoginLocked(wait)
        account = await self._accounts.row(officer.account_id)
        if not await self._passwords.fits(account.password_hash, old):
            raise PasswordWrong
        passwords.check_rules(new, officer.username)
        if await self._passwords.fits(account.password_hash, new):
            raise PasswordWeak("新密码不能与原密码相同。")
        if not await self._code_counts(account, code):
            raise CodeWrong
        await self._tries.give_back(marks)
        kept = await self._passwords.hash(new)
        same = OperatorAccount.filter(id=account.id, password_hash=account.password_hash)
        if not await same.update(password_hash=kept):
            raise PasswordWrong
        await self._sessions.end_others(token)
        await self._audit.record(officer.actor, "operators.password_changed", officer.actor)

    async def _note_limit(self, mark: Mark, wait: int) -> None:
        """Once for every lock, however often it is run into."""
        if await self._redis.set(f"{mark.key}:noted", b"", nx=True, ex=wait):
            await self._audit.record(ANONYMOUS, "operators.login_limited", ANONYMOUS)

    async def _failed(self, account: OperatorAccount | None, username: str) -> None:
        subject = ANONYMOUS if account is None else subject_of(account.id)
        await self._audit.record(ANONYMOUS, "operators.login_failed", subject)
        if account is None or account.state is not State.ACTIVE:
            return
        day = self.marks_of(username, None)[1]
        if int(await self._redis.get(day.key) or 0) >= ACCOUNT_DAY.limit:
            await self._accounts.lock_by_failures(account)

    async def _code_counts(self, account: OperatorAccount, code: str) -> bool:
        """Whether a code fits, and has not been used; from now it is used."""
        if account.totp_secret is None:
            return False
        secret = self._accounts.opened_secret(account)
        step = codes.matching_step(secret, code, self._clock(), account.totp_step)
        if step is None:
            return False
        unused = OperatorAccount.filter(id=account.id, totp_step__lt=step)
        return bool(await unused.update(totp_step=step))

    async def _first_login(self, account: OperatorAccount) -> OperatorError:
        """What to answer to a right one-time password."""
        if (refusal := _REFUSED_STATES.get(account.state)) is not None:
            await self._note_state(account)
            return refusal()
        if account.initial_until is not None and account.initial_until < self._clock():
            return InitialExpired()
        ticket, secret = os.urandom(_TICKET_BYTES).hex(), codes.new_secret()
        if account.totp_secret is not None:
            secret = self._accounts.opened_secret(account)
        key = _ticket_key(ticket)
        held = json.dumps([account.id.hex, secret]).encode()
        await self._redis.set(key, self._keyring.seal(held, key.encode()), ex=TICKET_SECONDS)
        return EnrolmentRequired(ticket)

    async def _note_state(self, account: OperatorAccount) -> None:
        detail = {"state": account.state.value}
        await self._audit.record(
            ANONYMOUS, "operators.login_refused", subject_of(account.id), detail
        )

    async def _held(self, ticket: str) -> tuple[UUID, str]:
        key = _ticket_key(ticket)
        found: Any = await self._redis.get(key) if len(ticket) == 2 * _TICKET_BYTES else None
        if found is None:
            raise EnrolmentExpired
        account_id, secret = json.loads(self._keyring.open(found, key.encode()))
        return UUID(account_id), secret

    async def _open(self, account: OperatorAccount, address: str) -> Opened:
        if (refusal := _REFUSED_STATES.get(account.state)) is not None:
            await self._note_state(account)
            raise refusal
        officer = self._accounts.officer(account)
        token = await self._sessions.open(officer, address)
        # Whoever disables an account ends its sessions after that: one of the two sees the other.
        now = await OperatorAccount.get(id=account.id)
        if now.state is not State.ACTIVE or now.password_hash != account.password_hash:
            await self._sessions.end_all(account.id)
            raise SessionExpired
        await OperatorAccount.filter(id=account.id).update(last_login_at=self._clock())
        await self._audit.record(officer.actor, "operators.login", officer.actor)
        return Opened(token, ABSOLUTE_SECONDS, officer)


def _ticket_key(ticket: str) -> str:
    return f"oe:{{{ticket}}}"

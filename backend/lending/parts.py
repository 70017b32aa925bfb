"""What the use cases of the package share: stores, invitations, bounds, the marks of what ended."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from backend.audit.service import Audit
from backend.enterprise.service import Enterprises
from backend.exchange.service import Exchange
from backend.identity.service import Identity
from backend.lending.errors import EndInvalid, TooManyTries
from backend.lending.models import context
from backend.messages.service import Messages
from backend.operators.service import Operators
from backend.presentation.service import Presentations
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.wallet.service import Wallet, china_day

# Neither 0 and O nor 1, I and L: codes are read aloud and typed.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_INVITATION_CHARS = 12
INVITATION_LIFE = timedelta(days=3)
LONGEST_DAYS = 366
_TRIES, _TRIES_S = 10, 3600
_MARK_AFTER_END_S = 86_400
_CHINA_H = 8


@dataclass(frozen=True, slots=True)
class Parts:
    """The stores and services below; ``clock`` gives Unix time."""

    redis: Redis
    keyring: KeyRing
    index: BlindIndex
    exchange: Exchange
    identity: Identity
    wallet: Wallet
    presentations: Presentations
    messages: Messages
    operators: Operators
    audit: Audit
    enterprises: Enterprises
    clock: Callable[[], float]

    def now(self) -> datetime:
        """The present moment."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def today(self) -> date:
        """The day in China."""
        return china_day(int(self.clock()))

    def end_of(self, day: date) -> datetime:
        """The moment at which a last day ends in China.

        Raises:
            EndInvalid: it is over, or more than a year away.
        """
        if not 0 <= (day - self.today()).days <= LONGEST_DAYS:
            raise EndInvalid
        return end_of_day(day)

    def seal(self, text: str, row: UUID, column: str) -> bytes:
        """A text for a column of a row."""
        return self.keyring.seal_text(text, context(row, column))

    def open(self, sealed: bytes, row: UUID, column: str) -> str:
        """What ``seal`` sealed."""
        return self.keyring.open_text(sealed, context(row, column))

    def invitation_index(self, code: str) -> str:
        """The blind index of an invitation as typed."""
        return self.index.of("lending-invitation", code.upper().replace("-", "").replace(" ", ""))

    def company_index(self, uscc: str) -> str:
        """The blind index of a company that something is lent to."""
        return self.index.of("lending-company", uscc)

    async def try_once(self, person_id: UUID, what: str) -> None:
        """Count a guess at somebody's name or code.

        Raises:
            TooManyTries: it was enough for this hour.
        """
        key = f"limit:{{{self.index.of('lending-try', str(person_id))[:32]}}}:{what}"
        count = await self.redis.incr(key)
        await self.redis.expire(key, _TRIES_S, nx=True)
        if count > _TRIES:
            raise TooManyTries(_TRIES_S)

    async def mark_over(self, row_id: UUID, until: datetime) -> None:
        """Let every worker know at once that something lent has ended."""
        seconds = int((until - self.now()).total_seconds()) + _MARK_AFTER_END_S
        await self.redis.set(over_key(row_id), b"1", ex=max(seconds, _MARK_AFTER_END_S))

    async def unmark(self, row_id: UUID) -> None:
        """Take the mark back: the database did not take the end in."""
        await self.redis.delete(over_key(row_id))

    async def is_over(self, row_id: UUID) -> bool:
        """Whether it was marked."""
        return bool(await self.redis.exists(over_key(row_id)))


def over_key(row_id: UUID) -> str:
    """Marks a loan or a family link that has ended."""
    return f"lent:{{{row_id}}}"


def new_invitation() -> str:
    """A fresh invitation, 59 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_INVITATION_CHARS))


def end_of_day(day: date) -> datetime:
    """The moment at which a day ends in China."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(hours=_CHINA_H)

"""Console accounts on real stores, with a clock that the test moves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any

import pyotp
from argon2 import PasswordHasher

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.operators.errors import EnrolmentRequired
from backend.operators.service import Account, Initial, Officer, Opened, Operators, Role, Wanted
from backend.settings import Settings
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis

ADDRESS = "203.0.113.7"
PASSWORD = "correct horse battery"
USCC = "11440000MB9X00015F"
OTHER_USCC = "11110000000021135M"
DEPARTMENTS = {Role.CLERK, Role.HEAD}
# A hash of these costs takes a millisecond; the code around it is the same.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account that is ready to log in."""

    account: Account
    secret: str
    password: str = PASSWORD


@dataclass(slots=True)
class World:
    """Everything that a test of accounts needs."""

    operators: Operators
    clock: Clock
    redis: Redis
    settings: Settings
    numbers: int = 0

    def code(self, who: Person) -> str:
        """What the device shows, after enough time that it is a fresh one."""
        self.clock.move(seconds=30)
        return pyotp.TOTP(who.secret).at(self.clock.now)

    async def initial(self, role: Role, username: str = "") -> Initial:
        """An active account whose first login is to come, made from the command line."""
        self.numbers += 1
        name = username or f"{role.value.replace('_', '-')}-{self.numbers}"
        department = USCC if role in DEPARTMENTS else None
        return await self.operators.bootstrap_account(Wanted(name, "演示", role, department))

    async def person(self, role: Role, username: str = "") -> Person:
        """An account that went through its first login."""
        made = await self.initial(role, username)
        assert made.secret is not None
        who = Person(made.account, made.secret)
        ticket = await self.ticket(made.account.username, made.password, self.code(who))
        await self.operators.enrol(ticket, PASSWORD, "", ADDRESS)
        return who

    async def ticket(self, username: str, password: str, code: str = "") -> str:
        """What a one-time password opens."""
        try:
            await self.operators.login(username, password, code, ADDRESS)
        except EnrolmentRequired as first:
            return first.ticket
        raise AssertionError("logged in without a first login")

    async def login(self, who: Person, address: str = ADDRESS) -> Opened:
        """Log in as somebody."""
        return await self.operators.login(
            who.account.username, who.password, self.code(who), address
        )

    async def officer(self, role: Role, username: str = "") -> Officer:
        """Somebody who is logged in."""
        return (await self.login(await self.person(role, username))).officer

    async def pending(self, role: Role, username: str) -> Initial:
        """An account that a system administrator has made."""
        maker = await self.officer(Role.SYSTEM_ADMIN)
        department = USCC if role in DEPARTMENTS else None
        return await self.operators.create_account(
            maker, Wanted(username, "新人", role, department)
        )

    async def actions(self, **of: Any) -> list[str]:
        """What the audit has, oldest first."""
        return [row.action for row in await AuditEntry.filter(**of).order_by("id")]


def open_world(redis: Redis, **settings: Any) -> World:
    """The database is open already."""
    secrets: dict[str, Any] = {
        "keyring": {"k1": token_bytes(32)},
        "index_key": token_bytes(32),
        "signing_key": token_bytes(32),
    }
    held = Settings(**{**secrets, **settings})
    clock = Clock()
    operators = Operators(
        redis,
        KeyRing(held.keyring),
        BlindIndex(held.index_key),
        Audit(),
        held,
        clock=clock,
        hasher=CHEAP,
    )
    return World(operators, clock, redis, held)

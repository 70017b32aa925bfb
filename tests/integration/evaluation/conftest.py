"""Evaluations on real stores: people who were served, departments, and a clock."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.evaluation.service import Evaluations, Judgement, Served, ServiceEvent
from backend.identity.service import Level, Session
from backend.messages.service import Messages
from backend.operators.service import Officer, Role
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from tests.operators_world import OTHER_USCC, USCC, open_world
from tests.operators_world import World as Accounts

KEYS = {"k": bytes(32)}
# A Wednesday; no holiday within the next weeks.
NOON = datetime(2026, 11, 11, 12, 0, tzinfo=BEIJING)
ITEM = "11440000MB9X00015F2440109001000"


@dataclass
class Counter:
    """A department's counter, which remembers whom it served."""

    kind: str = "case"
    events: list[tuple[str, ServiceEvent]] = field(default_factory=list)

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """An event of this person."""
        mine = (event for who, event in self.events if who == subject and event.id == event_id)
        return next(mine, None)

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """Their latest."""
        mine = [event for who, event in self.events if who == subject and event.at >= since]
        return sorted(mine, key=lambda event: event.at, reverse=True)[:limit]

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Everybody of a department."""
        return [
            Served(event.id, who)
            for who, event in self.events
            if event.department_uscc == department_uscc
            and item_code in (None, event.item_code)
            and since <= event.at < until
        ]


@dataclass
class World:
    """Everything that a test of evaluations needs."""

    evaluations: Evaluations
    counter: Counter
    messages: Messages
    accounts: Accounts
    moment: list[datetime]

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.moment[0] += timedelta(**by)

    def at(self, moment: datetime) -> None:
        """Let it be that moment."""
        self.moment[0] = moment

    def somebody(self) -> Session:
        """A person."""
        subject = base64.urlsafe_b64encode(uuid7().bytes).decode().rstrip("=")
        return Session(subject, "a" * 11, Level.REAL_NAME)

    def serve(
        self, session: Session, item: str = ITEM, uscc: str = USCC, at: datetime | None = None
    ) -> ServiceEvent:
        """A department does something for somebody."""
        event = ServiceEvent(
            "case", str(uuid7()), f"办件 {len(self.counter.events)}", uscc, "省演示厅", item,
            "新生儿入户", at or self.moment[0] - timedelta(hours=1),
        )  # fmt: skip
        self.counter.events.append((session.subject, event))
        return event

    async def judge(
        self, session: Session, event: ServiceEvent, level: int = 5, *, anonymous: bool = False,
        text: str = "等了很久",
    ) -> UUID:  # fmt: skip
        """Somebody judges what was done for them."""
        given = Judgement(level, [], text, anonymous, "mini_program")
        return await self.evaluations.giving.judge(session, event.kind, event.id, given)


def officer(role: Role, uscc: str | None = None) -> Officer:
    """An officer."""
    return Officer(uuid7(), role.value, "演示", role, uscc)


CLERK, HEAD = officer(Role.CLERK, USCC), officer(Role.HEAD, USCC)
STRANGER, OPERATOR = officer(Role.HEAD, OTHER_USCC), officer(Role.OPERATOR)


@pytest.fixture
async def world(database: str, redis: Redis) -> World:
    """An empty province."""
    assert database
    return make_world(redis)


def make_world(redis: Redis) -> World:
    """The database is open already."""
    moment, counter = [NOON], Counter()
    keyring, index = KeyRing(KEYS), BlindIndex(bytes(32))
    accounts, messages = open_world(redis), Messages(keyring)
    services = WorkCalendar(lambda: moment[0]), accounts.operators, messages, Audit()
    evaluations = Evaluations(keyring, index, services, [counter], 5)
    return World(evaluations, counter, messages, accounts, moment)

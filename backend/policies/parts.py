"""What the use cases of policies stand on, and what they have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.exchange.service import Exchange, ProviderSystem
from backend.identity.service import Identity
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.operators.service import Officer, Operators, Role
from backend.policies.errors import NotYoursToDo
from backend.policies.models import context
from backend.sharing.service import Sharing
from backend.store.keyring import BlindIndex, KeyRing

CONSOLE = "/console/benefits/{}"
PAGE_LINK = "/policies/benefit?id={}"
DEPARTMENT = frozenset({Role.CLERK, Role.HEAD})


@dataclass(frozen=True, slots=True)
class Parts:
    """The services below, and the clock."""

    keyring: KeyRing
    index: BlindIndex
    exchange: Exchange
    sharing: Sharing
    identity: Identity
    messages: Messages
    operators: Operators
    audit: Audit
    calendar: WorkCalendar
    now: Callable[[], datetime]

    @property
    def today(self) -> date:
        """The day in China."""
        return self.calendar.today()

    def seal(self, value: Any, row: UUID, column: str) -> bytes:
        """A JSON value for a column of a row."""
        return self.keyring.seal(orjson.dumps(value), context(row, column).encode())

    def open(self, sealed: bytes, row: UUID, column: str) -> Any:
        """What ``seal`` sealed."""
        return orjson.loads(self.keyring.open(bytes(sealed), context(row, column).encode()))

    def index_of(self, holder: Holder) -> str:
        """The blind index under which somebody's rows are found."""
        return self.index.of("policy-holder", f"{holder.code_type}:{holder.code}")

    def sealed_holder(self, holder: Holder, row: UUID) -> bytes:
        """A holder for a row."""
        return self.seal(holder.as_payload(), row, "holder")

    def holder(self, sealed: bytes, row: UUID) -> Holder:
        """The holder of a row."""
        return Holder(**self.open(sealed, row, "holder"))

    def system_of(self, officer: Officer) -> ProviderSystem:
        """The system of an officer's department.

        Raises:
            NotYoursToDo: the officer is of no department, or it has no system.
        """
        if officer.role in DEPARTMENT:
            for system in self.exchange.systems():
                if system.manifest.system.department.uscc == officer.department_uscc:
                    return system
        raise NotYoursToDo

    def sees(self, officer: Officer, department_uscc: str) -> bool:
        """Whether something of a department is an officer's business."""
        if officer.role is Role.OPERATOR:
            return True
        return officer.role in DEPARTMENT and officer.department_uscc == department_uscc

    async def notify(self, department_uscc: str, title: str, text: str, link: str) -> None:
        """Tell a department's officers."""
        for role in (Role.CLERK, Role.HEAD):
            await self.operators.notify(
                role=role, department_uscc=department_uscc, kind="policy", title=title, text=text,
                link=link,
            )  # fmt: skip


def yuan(fen: int | None) -> str:
    """An amount in words for people."""
    if fen is None:
        return ""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d} 元" if rest else f"{whole:,} 元"


def masked_account(account: Mapping[str, str]) -> str:
    """An account as it may be shown: bank and last four digits."""
    return f"{account['bank']} 尾号 {account['number'][-4:]}"

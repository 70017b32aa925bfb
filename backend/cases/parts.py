"""What the use cases of applications stand on, and what they have in common."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.cases.clocks import Clocks
from backend.cases.models import Case, CaseStep, context
from backend.cases.states import State
from backend.catalogue.service import Catalogue
from backend.divisions.service import Divisions
from backend.enterprise.service import Enterprises
from backend.exchange.service import Exchange
from backend.identity.service import Identity
from backend.lending.service import Lending
from backend.members.service import Members
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.operators.service import Operators
from backend.presentation.service import Presentations
from backend.sharing.service import Sharing
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.rows import new_row
from backend.wallet.service import Wallet

PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Services:
    """The services below."""

    catalogue: Catalogue
    exchange: Exchange
    identity: Identity
    wallet: Wallet
    presentations: Presentations
    lending: Lending
    enterprises: Enterprises
    members: Members
    sharing: Sharing
    messages: Messages
    operators: Operators
    audit: Audit
    calendar: WorkCalendar
    divisions: Divisions


@dataclass(frozen=True, slots=True)
class Parts:
    """Services and stores.

    Attributes:
        folder: where files lie, sealed.
        clock: gives Unix time.
    """

    services: Services
    keyring: KeyRing
    index: BlindIndex
    folder: Path
    clock: Callable[[], float]
    clocks: Clocks

    def now(self) -> datetime:
        """The present moment."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def today(self) -> date:
        """The day in China."""
        return self.now().astimezone(BEIJING).date()

    def day_of(self, moment: datetime) -> date:
        """The day in China at a moment."""
        return moment.astimezone(BEIJING).date()

    def seal(self, value: Any, row: UUID, column: str) -> bytes:
        """A JSON value for a column of a row."""
        return self.keyring.seal(orjson.dumps(value), context(row, column).encode())

    def open(self, sealed: bytes, row: UUID, column: str) -> Any:
        """What ``seal`` sealed."""
        return orjson.loads(self.keyring.open(bytes(sealed), context(row, column).encode()))

    def holder_index(self, holder: Holder) -> str:
        """The blind index under which somebody's cases are found."""
        return self.index.of("case-holder", f"{holder.code_type}:{holder.code}")

    def made_step(
        self,
        case: Case,
        event: str,
        state: State | str,
        actor: str,
        at: datetime,
        words: Mapping[str, Any] | None = None,
        seq: int | None = None,
    ) -> CaseStep:
        """A step that is not yet in the database."""
        step_id = uuid7()
        sealed = self.seal(words, step_id, "words") if words else None
        return new_row(
            CaseStep, id=step_id, case_id=case.id, seq=seq, event=event, state=str(state),
            actor=actor, at=at, recorded_at=self.now(), words=sealed,
        )  # fmt: skip

    async def step(
        self,
        case: Case,
        event: str,
        state: State | str,
        actor: str,
        at: datetime,
        words: Mapping[str, Any] | None = None,
        seq: int | None = None,
    ) -> None:
        """Write down what happened; inside the transaction that made it happen."""
        await self.made_step(case, event, state, actor, at, words, seq).save(force_create=True)


def china_time(moment: datetime) -> str:
    """A moment as the interface writes it: RFC 3339 with China's offset, milliseconds."""
    return moment.astimezone(BEIJING).isoformat(timespec="milliseconds")


def digest_of(text: str) -> str:
    """SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()

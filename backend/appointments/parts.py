"""What the use cases of the package share."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import orjson

from backend.appointments.directory import Directory
from backend.appointments.errors import StateConflict
from backend.appointments.models import Appointment as Row
from backend.appointments.models import context
from backend.appointments.states import STATE_NAMES, State, before
from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.catalogue.service import Catalogue
from backend.identity.service import Identity
from backend.lending.service import Lending
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.store.keyring import BlindIndex, KeyRing

# Neither 0 and O nor 1, I and L: a code is also read aloud and typed.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARS = 12
CODE_HEAD = "YY"


@dataclass(frozen=True, slots=True)
class Parts:
    """The services below; ``clock`` gives Unix time."""

    keyring: KeyRing
    index: BlindIndex
    directory: Directory
    calendar: WorkCalendar
    catalogue: Catalogue
    identity: Identity
    lending: Lending
    messages: Messages
    audit: Audit
    clock: Callable[[], float]

    def now(self) -> datetime:
        """The present."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def today(self) -> date:
        """The present day in China."""
        return self.now().astimezone(BEIJING).date()

    def seal_holder(self, holder: Holder, appointment: UUID) -> bytes:
        """Who comes, sealed for a booking."""
        text = orjson.dumps([holder.code_type, holder.code, holder.name])
        return self.keyring.seal(text, context(appointment, "holder").encode())

    def open_holder(self, row: Row) -> Holder:
        """Who comes."""
        sealed = self.keyring.open(row.holder, context(row.id, "holder").encode())
        return Holder(*orjson.loads(sealed))

    def seal_code(self, code: str, appointment: UUID) -> bytes:
        """A code, for whoever booked."""
        return self.keyring.seal_text(code, context(appointment, "code"))

    def open_code(self, row: Row) -> str:
        """The code of a booking."""
        return self.keyring.open_text(row.code, context(row.id, "code"))

    def code_index(self, code: str) -> str:
        """By which a counter finds a booking; what was scanned or typed, in any spelling."""
        return self.index.of("appointment", bare_code(code))


def bare_code(scanned: str) -> str:
    """A code without its head and without what people put between the characters.

    A code may itself begin with the letters of the head: its length says which they are.
    """
    plain = scanned.strip().upper().replace("-", "").replace(" ", "")
    return plain.removeprefix(CODE_HEAD) if len(plain) > CODE_CHARS else plain


def new_code() -> str:
    """A code that nobody guesses: 12 characters, 59 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARS))


def conflict(row: Row) -> StateConflict:
    """The refusal of an act that the booking's state does not allow."""
    return StateConflict(row.state, STATE_NAMES[State(row.state)])


async def move(row: Row, state: State, only_from: State | None = None, **changes: object) -> None:
    """Take a booking to another state, if its present one allows it: who comes second is refused.

    Inside a transaction; the row is read again afterwards by whoever shows it.

    Args:
        only_from: the one state from which this act leads there.

    Raises:
        StateConflict: another act was faster, or it was never possible.
    """
    allowed = before(state) if only_from is None else [only_from]
    mine = Row.filter(id=row.id, state__in=[one.value for one in allowed])
    if not await mine.update(state=state.value, **changes):
        raise conflict(await Row.get(id=row.id))

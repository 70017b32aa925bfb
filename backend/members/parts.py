"""What the use cases of the package share: stores, services, rows as they are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast
from uuid import UUID

from tortoise.expressions import F

from backend.audit.service import Audit
from backend.enterprise.service import Enterprise, Enterprises
from backend.identity.service import Identity
from backend.members.carrying import carrier
from backend.members.models import CorpBook, CorpMember, context
from backend.members.scopes import Role, Scope, scopes_of
from backend.messages.service import Messages
from backend.numbers.service import Holder, mask_name, mask_phone
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.tries import Tries

INVITED, ACTIVE, ENDED = "invited", "active", "ended"
INVITATION_LIFE = timedelta(days=7)
MOST_ADMINISTRATORS = 5
IN_BUSINESS = "存续"
_CHINA = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Acting:
    """For which enterprise somebody acts, and what they may do there.

    Attributes:
        items: codes of the only service items, none for all.
        member_id: of the grant; None for the representative.
        about: how the audit calls the enterprise.
        ends_at: when it ends at the latest, of whoever showed the electronic business licence.
        cases_left: how many applications they may still file; None for any number.
    """

    person_id: UUID
    enterprise: Enterprise
    role: Role
    scopes: frozenset[Scope]
    items: frozenset[str]
    ends_on: date | None
    member_id: UUID | None
    about: str
    ends_at: datetime | None = None
    cases_left: int | None = None

    def may(self, scope: Scope, item_code: str = "") -> bool:
        """Whether that is covered."""
        return scope in self.scopes and (not item_code or not self.items or item_code in self.items)


@dataclass(frozen=True, slots=True)
class Member:
    """A member or an invitation, masked, as the enterprise and the invited person see it.

    Attributes:
        by_licence: they showed the electronic business licence; it ends by ``ends_at``.
        most_cases: how many applications they may file, None for any number.
    """

    id: UUID
    uscc: str
    enterprise_name: str
    role: Role
    state: str
    name: str
    phone: str
    scopes: Sequence[Scope]
    items: Sequence[str]
    ends_on: date | None
    created_at: datetime
    accepted_at: datetime | None
    expires_at: datetime | None
    expired: bool
    by_licence: bool
    ends_at: datetime | None
    most_cases: int | None
    cases_filed: int

    @property
    def cases_left(self) -> int | None:
        """How many applications they may still file; None for any number."""
        return _left(self.most_cases, self.cases_filed)


@dataclass(frozen=True, slots=True)
class Parts:
    """The stores and services below; ``clock`` gives Unix time."""

    keyring: KeyRing
    index: BlindIndex
    tries: Tries
    enterprises: Enterprises
    identity: Identity
    messages: Messages
    audit: Audit
    clock: Callable[[], float]

    def now(self) -> datetime:
        """The present moment."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def today(self) -> date:
        """The day in China."""
        return (self.now() + _CHINA).date()

    def about(self, uscc: str) -> str:
        """How the audit calls an enterprise."""
        return f"enterprise:{self.enterprises.wallet_subject(uscc)}"

    def under(self, enterprise: Enterprise) -> str:
        """The index of whoever represents the enterprise by the register."""
        return self.index.of("members-under", enterprise.legal_representative.id_number)

    def invited_index(self, phone: str, name: str) -> str:
        """The index of somebody invited by phone (E.164) and name."""
        return self.index.of("members-invited", f"{phone}|{name}")

    def seal(self, text: str, row: UUID, column: str) -> bytes:
        """A text for a column of a row."""
        return self.keyring.seal_text(text, context(row, column))

    def open(self, sealed: bytes, row: UUID, column: str) -> str:
        """What ``seal`` sealed."""
        return self.keyring.open_text(bytes(sealed), context(row, column))

    def expired(self, row: CorpMember) -> bool:
        """Whether the last day or hour of a grant, or the time of an invitation, is over."""
        if row.ends_on is not None and self.today() > row.ends_on:
            return True
        if row.ends_at is not None and self.now() >= row.ends_at:
            return True
        return row.state == INVITED and self.now() >= row.created_at + INVITATION_LIFE

    def acting(self, row: CorpMember, enterprise: Enterprise, counted: CorpMember) -> Acting:
        """What a grant lets its member do; ``counted``: by whose number they file."""
        role = Role(row.role)
        return Acting(
            cast(UUID, row.person_id), enterprise, role, scopes_of(role, row.scopes),
            frozenset(row.items), row.ends_on, row.id, self.about(row.uscc), row.ends_at,
            _left(counted.most_cases, counted.cases_filed),
        )  # fmt: skip

    async def shown_counted(self, row: CorpMember) -> Member:
        """A row as it is shown, with the number by which its member files."""
        return self.shown(row, await carrier(row))

    def shown(self, row: CorpMember, counted: CorpMember | None = None) -> Member:
        """A row as it is shown."""
        counted = counted or row
        role = Role(row.role)
        return Member(
            id=row.id, uscc=row.uscc, enterprise_name=row.enterprise_name, role=role,
            state=row.state, name=mask_name(self.open(row.name, row.id, "name")),
            phone=mask_phone(self.open(row.phone, row.id, "phone")),
            scopes=sorted(scopes_of(role, row.scopes) - {Scope.VIEW}), items=row.items,
            ends_on=row.ends_on, created_at=row.created_at, accepted_at=row.accepted_at,
            expires_at=row.created_at + INVITATION_LIFE if row.state == INVITED else None,
            expired=self.expired(row), by_licence=bool(row.session_id), ends_at=row.ends_at,
            most_cases=counted.most_cases, cases_filed=counted.cases_filed,
        )  # fmt: skip

    async def lock(self, uscc: str) -> None:
        """Let one writer of an enterprise wait for the other; inside a transaction."""
        book = CorpBook(uscc=uscc, checked_at=self.now())
        await CorpBook.bulk_create([book], ignore_conflicts=True)
        await CorpBook.filter(uscc=uscc).update(touched=F("touched") + 1)

    async def end(self, row: CorpMember, reason: str) -> bool:
        """End a member or an invitation, inside a transaction that holds the lock."""
        ended = await CorpMember.filter(id=row.id, state=row.state).update(
            state=ENDED, ended_at=self.now(), ended_reason=reason
        )
        if ended and row.state == ACTIVE and row.role == Role.ADMINISTRATOR:
            await CorpBook.filter(uscc=row.uscc).update(administrators=F("administrators") - 1)
        return bool(ended)

    async def record(self, actor: str, action: str, row: CorpMember, **more: str) -> None:
        """Write down who did what for which enterprise."""
        detail = {"member": str(row.id), "role": row.role, **more}
        await self.audit.record(actor, action, self.about(row.uscc), detail)

    def is_of(self, row: CorpMember, person: Holder, phone: str | None) -> bool:
        """Whether an invitation is for this verified person with this phone."""
        return phone is not None and row.invited_index == self.invited_index(phone, person.name)


def _left(most: int | None, filed: int) -> int | None:
    return None if most is None else max(0, most - filed)

"""A loan (用证授权) as it is seen: what was wished, how it stands, what a use of it gives.

Used up and expired are computed, not written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from backend.lending.errors import (
    LendingError,
    LoanExpired,
    LoanRevoked,
    LoanUnknown,
    LoanUsedUp,
)
from backend.lending.models import Loan as LoanRow
from backend.lending.parts import INVITATION_LIFE
from backend.presentation.service import Fact
from backend.wallet.service import Card


class LoanState(StrEnum):
    """How a loan stands; the value is part of the interface."""

    INVITED = "invited"
    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RETURNED = "returned"


LOAN_LABELS = {
    LoanState.INVITED: "待接受", LoanState.ACTIVE: "生效中", LoanState.USED_UP: "次数已用完",
    LoanState.EXPIRED: "已过期", LoanState.REVOKED: "已收回", LoanState.RETURNED: "已退回",
}  # fmt: skip
REFUSALS: dict[LoanState, type[LendingError]] = {
    LoanState.INVITED: LoanUnknown, LoanState.USED_UP: LoanUsedUp, LoanState.EXPIRED: LoanExpired,
    LoanState.REVOKED: LoanRevoked, LoanState.RETURNED: LoanRevoked,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What the holder wants to lend.

    Attributes:
        phone, name: of the person it is for; company: USCC of the company, as typed; system: code
            of the system it is for; none of them: whoever accepts the invitation.
        facts: names of what may be seen; none of them: only that the licence is valid.
        until: the last day.
    """

    purpose: str
    facts: Sequence[str]
    times: int
    until: date
    phone: str | None = None
    name: str | None = None
    system: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as either side sees it.

    Attributes:
        grantee, owner: masked name of a person, or name of a company or system.
        grantee_kind: ``person``, ``company``, ``system`` or ``invitation``.
        invitation: the code, once, when it was just made.
    """

    id: UUID
    licence_id: str
    type_code: str
    type_name: str
    owner: str
    grantee_kind: str
    grantee: str
    purpose: str
    facts: Sequence[Sequence[str]]
    times: int
    used: int
    ends_at: datetime
    state: LoanState
    created_at: datetime
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """What a use gives; ``receipt_id`` is the number by which the holder finds it."""

    receipt_id: str
    at: datetime
    card: Card
    facts: Sequence[Fact]
    left: int


@dataclass(frozen=True, slots=True)
class Showing:
    """What a code under a loan shows."""

    card: Card
    subject: str
    names: Sequence[str]
    purpose: str


def loan_state(row: LoanRow, now: datetime) -> LoanState:
    """How a loan stands now: what the holder did counts before what the calendar did."""
    if row.state in (LoanState.REVOKED, LoanState.RETURNED):
        return LoanState(row.state)
    if now >= row.ends_at:
        return LoanState.EXPIRED
    if row.state == LoanState.INVITED:
        over = now >= row.created_at + INVITATION_LIFE
        return LoanState.EXPIRED if over else LoanState.INVITED
    return LoanState.USED_UP if row.used >= row.times else LoanState.ACTIVE

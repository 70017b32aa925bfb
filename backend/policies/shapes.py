"""A benefit as it is shown, and how its row is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.policies.models import PolicyEntitlement
from backend.policies.states import State


@dataclass(frozen=True, slots=True)
class Step:
    """What was done."""

    at: datetime
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Entitled:
    """A benefit as it is shown; amounts in words, the account masked."""

    id: UUID
    code: str
    title: str
    kind_name: str
    department: str
    holder: str
    number: str
    period: str
    state: State
    state_name: str
    amount: str
    account: str
    due_on: date | None
    answer_by: date | None
    created_at: datetime
    reasons: Sequence[Mapping[str, Any]]
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Publicised:
    """A benefit as everybody may see it (公示).

    Attributes:
        holder: a person's name masked, an enterprise's in full, as in its register.
        until: last day of the publicity; answer_by: of an objection.
    """

    id: UUID
    code: str
    title: str
    department: str
    holder: str
    amount: str
    until: date | None
    contact: str
    answer_by: date | None


async def found_row(entitlement_id: str) -> PolicyEntitlement | None:
    """The row of an id; None for what is no id."""
    try:
        return await PolicyEntitlement.get_or_none(id=UUID(entitlement_id))
    except ValueError:
        return None

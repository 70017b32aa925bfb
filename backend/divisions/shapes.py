"""Divisions as others see them: who has which duty, on what basis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from backend.divisions.models import Division
from backend.exchange.service import ProviderSystem

Duty = Literal["accepting", "deciding", "supervising"]
State = Literal["proposed", "agreed", "refused", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Party:
    """A body with one of the duties: code of its system, USCC and name of the department."""

    system: str
    uscc: str
    name: str

    def as_payload(self) -> dict[str, str]:
        """As the provider interface has it."""
        return {"system": self.system, "uscc": self.uscc, "name": self.name}


@dataclass(frozen=True, slots=True)
class Shared:
    """A division as cases stand on it."""

    id: UUID
    accepting: Party
    deciding: Party
    supervising: Party
    legal_basis: str

    def part_of(self, system: str) -> bool:
        """Whether a system has any duty in it."""
        return system in (self.accepting.system, self.deciding.system, self.supervising.system)

    @property
    def words(self) -> str:
        """In everyday words, for whoever applied and whoever handles it."""
        one = self.accepting.uscc == self.deciding.uscc
        who = (
            f"由{self.accepting.name}受理并作出决定、盖章"
            if one
            else f"由{self.accepting.name}受理，由{self.deciding.name}作出决定、盖章"
        )
        return f"本事项{who}，办成后由{self.supervising.name}负责监管。依据：{self.legal_basis}"

    def as_payload(self) -> dict[str, Any]:
        """As the provider interface has it."""
        return {
            "id": str(self.id), "accepting": self.accepting.as_payload(),
            "deciding": self.deciding.as_payload(),
            "supervising": self.supervising.as_payload(), "legal_basis": self.legal_basis,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What is proposed: the codes of three systems, on what basis, for which days."""

    item_code: str
    accepting: str
    deciding: str
    supervising: str
    legal_basis: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class DivisionView:
    """A record as officers see it.

    Attributes:
        waiting: departments whose consent is still missing.
        may_decide: the officer may consent or refuse; may_withdraw: they proposed it.
    """

    row: Division
    shared: Shared
    in_force: bool
    consented: Sequence[str]
    waiting: Sequence[str]
    may_decide: bool
    may_withdraw: bool


def party_of(system: ProviderSystem) -> Party:
    """The body that a registered system belongs to."""
    department = system.manifest.system.department
    return Party(system.code, department.uscc, department.name)


def columns(duty: Duty, body: Party) -> dict[str, str]:
    """A body as the columns of its duty."""
    return {f"{duty}_{name}": value for name, value in body.as_payload().items()}


def party(row: Division, duty: Duty) -> Party:
    """The body that has a duty by a record."""
    return Party(*(getattr(row, f"{duty}_{name}") for name in ("system", "uscc", "name")))


def shared(row: Division) -> Shared:
    """A record as cases stand on it."""
    return Shared(
        row.id, party(row, "accepting"), party(row, "deciding"), party(row, "supervising"),
        row.legal_basis,
    )  # fmt: skip

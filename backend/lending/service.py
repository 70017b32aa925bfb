"""Lending licences (用证授权), carrying those of one's family, copies made for a purpose (加注件).

The only module of the package that others import. Whatever was lent is checked at each use, never
by a job alone; each use is in the usage log of its holder before anything is handed out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from backend.audit.service import Audit
from backend.enterprise.service import Enterprises
from backend.exchange.service import Exchange
from backend.identity.service import Identity
from backend.lending.complaints import Complaint, Complaints
from backend.lending.copies import COPY_LABELS, Checked, Copies, Copy
from backend.lending.family import Family
from backend.lending.loan_states import LOAN_LABELS, Loan, LoanState, Use, Wish
from backend.lending.loans import Loans
from backend.lending.members import Carried, Member
from backend.lending.parts import Parts
from backend.lending.systems import Ask, Given, Systems
from backend.messages.service import Messages
from backend.operators.service import Operators
from backend.presentation.service import Presentations
from backend.sharing.service import Sharing
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.wallet.service import Wallet

__all__ = [
    "COPY_LABELS",
    "LOAN_LABELS",
    "Ask",
    "Carried",
    "Checked",
    "Complaint",
    "Complaints",
    "Copies",
    "Copy",
    "Family",
    "Given",
    "Lending",
    "Loan",
    "LoanState",
    "Member",
    "Services",
    "Stores",
    "Systems",
    "Use",
    "Wish",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """What lending keeps things in."""

    redis: Redis
    keyring: KeyRing
    index: BlindIndex


@dataclass(frozen=True, slots=True)
class Services:
    """What lending stands on."""

    exchange: Exchange
    identity: Identity
    wallet: Wallet
    presentations: Presentations
    messages: Messages
    operators: Operators
    audit: Audit
    sharing: Sharing
    enterprises: Enterprises


class Lending:
    """The use cases, by subject: ``loans``, ``family``, ``copies``, ``complaints``,
    ``systems``.

    Args:
        origin: of the public pages.
        clock: gives Unix time.
    """

    def __init__(
        self, stores: Stores, services: Services, origin: str, clock: Callable[[], float]
    ) -> None:
        parts = Parts(
            stores.redis, stores.keyring, stores.index, services.exchange, services.identity,
            services.wallet, services.presentations, services.messages, services.operators,
            services.audit, services.enterprises, clock,
        )  # fmt: skip
        self.loans = Loans(parts)
        self.family = Family(parts)
        self.copies = Copies(parts, origin)
        self.complaints = Complaints(parts)
        self.systems = Systems(parts, services.sharing, self.family, self.copies)
        services.presentations.ask_leave_of(self)

    async def used(self, grant: str) -> str | None:
        """Use a loan or a family link once, to show a licence by a code.

        Gives the tag of who is told of the look; None when it holds no more.
        """
        found = UUID(grant)
        return await self.loans.used(found) or await self.family.used(found)

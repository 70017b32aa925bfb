"""Policies that find people and enterprises (政策找人, 免申即享).

The only module of the package that others import.
"""

from backend.jobs.service import Queue
from backend.policies.book import PUBLISHED, Book
from backend.policies.deciding import WAITING, Deciding
from backend.policies.document import (
    AUDIENCES,
    BENEFITS,
    KINDS,
    Condition,
    Document,
    Policy,
    read_document,
)
from backend.policies.editing import DRAFT, STATES, SUBMITTED, Editing, Fallen, Sampled
from backend.policies.entitlements import Entitlements
from backend.policies.explaining import Explaining, Reason
from backend.policies.facts import Facts
from backend.policies.matching import Matched, Matching, Used, Whose
from backend.policies.objections import ANSWER_WORKDAYS, Objections
from backend.policies.parts import Parts, masked_account, yuan
from backend.policies.payments import Payments, StuckPayment
from backend.policies.runs import Runs
from backend.policies.shapes import Entitled, Publicised, Step
from backend.policies.states import ACT_NAMES, STATE_NAMES, Act, State
from backend.policies.text import as_text, element, read_text
from backend.policies.variables import IDENTITY, REGISTER, variables
from backend.regions.errors import RegionsError
from backend.regions.service import Regions

__all__ = [
    "ACT_NAMES",
    "ANSWER_WORKDAYS",
    "AUDIENCES",
    "BENEFITS",
    "DRAFT",
    "IDENTITY",
    "KINDS",
    "PUBLISHED",
    "REGISTER",
    "STATES",
    "STATE_NAMES",
    "SUBMITTED",
    "WAITING",
    "Act",
    "Book",
    "Condition",
    "Document",
    "Entitled",
    "Fallen",
    "Matched",
    "Parts",
    "Policies",
    "Policy",
    "Publicised",
    "Reason",
    "Sampled",
    "State",
    "Step",
    "StuckPayment",
    "Used",
    "Whose",
    "as_text",
    "element",
    "masked_account",
    "read_document",
    "read_text",
    "variables",
    "yuan",
]


class Policies:
    """The use cases, by subject: ``matching``, ``facts``, ``editing``, ``entitlements``,
    ``objections``, ``deciding``, ``payments``, ``runs``.
    """

    def __init__(self, parts: Parts, regions: Regions) -> None:
        self.book = Book()
        self.facts = Facts(parts)

        def named(code: str) -> str:
            try:
                return "".join(one.name for one in regions.path(code)[:3])
            except RegionsError:
                return code

        self.matching = Matching(parts, self.book, self.facts, Explaining(named))
        self.editing = Editing(parts, self.book)
        self.entitlements = Entitlements(parts, self.book, self.matching)
        self.objections = Objections(parts, self.book, self.entitlements)
        self.deciding = Deciding(parts, self.book, self.entitlements, self.objections)
        self.payments = Payments(parts, self.entitlements)
        self.runs = Runs(parts, self.book, self.facts, self.entitlements)
        self._parts = parts

    async def drain(self) -> int | None:
        """Send payment instructions; the worker calls it every second."""
        await self._parts.exchange.reload()
        return await self.payments.drain()

    async def backlog(self) -> list[Queue]:
        """Payment instructions that are not settled yet."""
        return [await self.payments.backlog()]

    async def find(self) -> int | None:
        """Find candidates, and offer what was publicised long enough."""
        await self._parts.exchange.reload()
        await self._parts.sharing.reload()
        upheld = await self.deciding.uphold()
        return ((await self.runs.find_candidates()) or 0) + upheld or None

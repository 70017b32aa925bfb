"""Onboarding: how a provincial system joins, changes and leaves, without anyone touching the code.

    draft → submitted → in review → sandbox → conformant → published → suspended → retired

A department saves a manifest as a revision, whose content never changes, and submits it; the
platform reviews what it changes, runs the conformance kit against its sandbox and publishes it. A
published revision serves until the next one is published in its place. The only module of the
package that others import.
"""

from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.exchange.service import Exchange
from backend.onboarding.addresses import ADDRESS_STATE_NAMES, Addresses, AddressView, origin_of
from backend.onboarding.breaking import Breaking, breaking_changes
from backend.onboarding.diff import Change, Content, compare
from backend.onboarding.drafts import Drafts
from backend.onboarding.examination import Examination, Examine, RunView
from backend.onboarding.keys import KEY_STATE_NAMES, Keys, KeyView, statement
from backend.onboarding.records import Ledger, digest_of, text_of
from backend.onboarding.review import Review
from backend.onboarding.serving import Serving
from backend.onboarding.states import ACT_NAMES, STATE_NAMES, STEPS, Act, State, possible
from backend.onboarding.views import (
    EventView,
    RevisionDetail,
    RevisionView,
    SystemView,
    Views,
)
from backend.operators.service import Operators

__all__ = [
    "ACT_NAMES",
    "ADDRESS_STATE_NAMES",
    "KEY_STATE_NAMES",
    "STATE_NAMES",
    "STEPS",
    "Act",
    "AddressView",
    "Breaking",
    "Change",
    "Content",
    "EventView",
    "KeyView",
    "Onboarding",
    "RevisionDetail",
    "RevisionView",
    "RunView",
    "State",
    "SystemView",
    "breaking_changes",
    "compare",
    "digest_of",
    "origin_of",
    "possible",
    "statement",
    "text_of",
]


class Onboarding:
    """Everything around the joining of systems, by who does it.

    Args:
        examine: runs the conformance kit against a manifest's sandbox address.

    Attributes:
        drafts: the department saves, submits, takes back. review: the platform decides.
        examination: the platform runs the kit. serving: suspension, retirement, maintenance.
        keys, addresses: what a system signs with and where it answers. views: what is read.
    """

    def __init__(
        self,
        exchange: Exchange,
        catalogue: Catalogue,
        operators: Operators,
        audit: Audit,
        examine: Examine,
    ) -> None:
        ledger = Ledger(audit)
        self.views = Views()
        self.keys = Keys(exchange, operators, ledger)
        self.addresses = Addresses(exchange, operators, ledger)
        parts = (catalogue, operators, ledger, self.keys, self.addresses)
        self.drafts = Drafts(*parts)
        self.review = Review(exchange, *parts, self.drafts)
        self.examination = Examination(examine, operators, ledger, self.keys, self.addresses)
        self.serving = Serving(exchange, operators, ledger, self.keys, self.addresses)

    async def close(self) -> None:
        """End what runs beside requests."""
        await self.examination.close()

"""好差评: people judge what was done for them; bad evaluations are followed up; all is counted.

The only module of the package that others import.
"""

from collections.abc import Sequence

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.evaluation.events import EventSource, Served, ServiceEvent
from backend.evaluation.giving import Giving, Judgement, Own
from backend.evaluation.orders import FINDINGS, Order, Orders, Step
from backend.evaluation.parts import Parts
from backend.evaluation.reading import Figures, Read, Reading
from backend.evaluation.showing import Showing
from backend.evaluation.sources import (
    CasesEnded,
    ConsultationsAnswered,
    LicenceLooks,
    OneThingsEnded,
)
from backend.evaluation.states import ACT_NAMES, STAGE_NAMES, Act, Stage
from backend.evaluation.tags import BAD, LEVELS, Tag, tags_for
from backend.messages.service import Messages
from backend.operators.service import Operators
from backend.store.keyring import BlindIndex, KeyRing

__all__ = [
    "ACT_NAMES",
    "BAD",
    "FINDINGS",
    "LEVELS",
    "STAGE_NAMES",
    "Act",
    "CasesEnded",
    "ConsultationsAnswered",
    "Evaluations",
    "EventSource",
    "Figures",
    "Judgement",
    "LicenceLooks",
    "OneThingsEnded",
    "Order",
    "Own",
    "Read",
    "Served",
    "ServiceEvent",
    "Stage",
    "Step",
    "Tag",
    "tags_for",
]


class Evaluations:
    """The parts of the package put together.

    Args:
        sources: one per kind of event that may be judged.
        sla_days: working days in which a bad evaluation has to be answered.
    """

    def __init__(
        self,
        keyring: KeyRing,
        index: BlindIndex,
        services: tuple[WorkCalendar, Operators, Messages, Audit],
        sources: Sequence[EventSource],
        sla_days: int,
    ) -> None:
        calendar, operators, messages, audit = services
        parts = Parts(
            keyring=keyring, index=index, calendar=calendar, operators=operators,
            messages=messages, audit=audit,
            sources={source.kind: source for source in sources}, sla_days=sla_days,
        )  # fmt: skip
        self.orders = Orders(parts)
        self.giving = Giving(parts, self.orders)
        self.reading = Reading(parts)
        self._showing = Showing(parts, self.orders)

    async def show(self) -> int | None:
        """Show what was given anonymously on earlier days. See ``showing``."""
        return await self._showing.run()

    async def watch(self) -> int | None:
        """Watch the clocks of orders. See ``Orders.watch``."""
        return await self.orders.watch()

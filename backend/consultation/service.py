"""咨询投诉, as the 12345 hotline takes them: asked, assigned, answered in time, judged.

The only module of the package that others import.
"""

from backend.consultation.answered import Answered, AnsweredTickets
from backend.consultation.asking import Asking, Question
from backend.consultation.handling import Handling
from backend.consultation.kinds import KINDS, Kind
from backend.consultation.parts import Parts
from backend.consultation.states import ACT_NAMES, STATE_NAMES, Act, State
from backend.consultation.views import Step, Ticket, Views

__all__ = [
    "ACT_NAMES",
    "KINDS",
    "STATE_NAMES",
    "Act",
    "Answered",
    "Consultations",
    "Kind",
    "Parts",
    "Question",
    "State",
    "Step",
    "Ticket",
]


class Consultations:
    """The parts of the package put together."""

    def __init__(self, parts: Parts) -> None:
        views = Views(parts)
        self.asking = Asking(parts, views)
        self.answered = AnsweredTickets(parts)
        self.handling = Handling(parts, views)
        self._parts = parts

    def departments(self) -> dict[str, str]:
        """Whom a person may ask: USCC → name."""
        return self._parts.departments()

    async def watch(self) -> int | None:
        """Watch the clocks. See ``Handling.watch``."""
        return await self.handling.watch()

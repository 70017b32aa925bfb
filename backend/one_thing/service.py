"""一件事一次办: several items of several departments as one form, one list, one progress page.

The only module of the package that others import. Every step is an ordinary case of
``backend/cases``; what is here holds them together: which there are, in which order, what they ask
in common, and how one goes on with the result of another (国办发〔2022〕32号).
"""

from collections.abc import Callable

from backend.one_thing.advancing import Advancing
from backend.one_thing.definition import OneThing, Step
from backend.one_thing.ended import EndedRuns, RunEnded
from backend.one_thing.filling import Filling
from backend.one_thing.opening import Opening
from backend.one_thing.overview import Overview, RunLine
from backend.one_thing.parts import Parts, Services
from backend.one_thing.plan import Plan
from backend.one_thing.progress import Progress, RunCard, RunView, StepView
from backend.one_thing.register import Guide, Register, Registered
from backend.one_thing.submission import Handed, Submission
from backend.store.keyring import KeyRing

__all__ = [
    "Guide",
    "Handed",
    "OneThing",
    "OneThings",
    "Plan",
    "Registered",
    "RunCard",
    "RunEnded",
    "RunLine",
    "RunView",
    "Services",
    "Step",
    "StepView",
]


class OneThings:
    """The use cases, by subject: ``register``, ``opening``, ``submission``, ``progress``,
    ``overview``,
    ``ended``.

    Args:
        clock: gives Unix time.
    """

    def __init__(self, services: Services, keyring: KeyRing, clock: Callable[[], float]) -> None:
        parts = Parts(services, keyring, clock)
        self.register = Register(parts)
        self.opening = Opening(parts, self.register)
        self.submission = Submission(parts, self.register, self.opening)
        self._advancing = Advancing(parts, Filling(parts))
        self.progress = Progress(parts, self._advancing)
        self.overview = Overview(parts)
        self.ended = EndedRuns()

    async def advance(self) -> int | None:
        """Take on what waited for something that has happened; the worker calls it."""
        return await self._advancing.run()

"""Feed the departments: every household passes every department's loader once."""

from collections.abc import Callable
from typing import Protocol

from backend.sandbox.population.people import Household

Progress = Callable[[int, int], None]


class Loader(Protocol):
    """What a department builds its own database with. It commits in batches of its own."""

    def begin(self) -> None:
        """Open an empty database."""

    def add(self, household: Household) -> None:
        """Copy from one household what the department knows."""

    def finish(self) -> None:
        """Commit the rest and close; a loader that was not finished left nothing valid."""

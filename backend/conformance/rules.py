"""How checks are written: a function for each, which says by an exception what is to be mended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.conformance.case import Case

Run = Callable[["Case"], Awaitable[None]]


class Verdict(Exception):
    """Ends a check; ``text`` is a Chinese sentence for whoever runs the system."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class Mend(Verdict):
    """The system has to be mended."""


class Advice(Verdict):
    """It passes, and could be better."""


class NotChecked(Verdict):
    """There is nothing to check here, or no way to do it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One check.

    Attributes:
        operations: for which operations; empty for every one.
    """

    id: str
    title: str
    run: Run
    operations: frozenset[str] = frozenset()

    def concerns(self, operation: str) -> bool:
        """Whether it is for this operation."""
        return not self.operations or operation in self.operations


@dataclass(slots=True)
class Group:
    """The checks of one subject, in their order."""

    rules: list[Rule] = field(default_factory=list)

    def rule(self, id: str, title: str, *operations: str) -> Callable[[Run], Run]:
        """Declare a check."""

        def _add(run: Run) -> Run:
            self.rules.append(Rule(id, title, run, frozenset(operations)))
            return run

        return _add

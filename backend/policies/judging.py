"""One subject against policies: by the CEL library, each distinct condition once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import cel

from backend.policies.document import Policy
from backend.policies.grammar import Value
from backend.policies.variables import Raw, variables

Facts = Mapping[str, Raw]
# What the library says of a variable that is not there.
_MISSING = (KeyError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of one policy: each condition True, False, or None where data are missing."""

    policy: Policy
    results: Sequence[bool | None]

    @property
    def matched(self) -> bool | None:
        """All fulfilled; None where that cannot be said, and none is known to fail."""
        if False in self.results:
            return False
        return None if None in self.results else True


class Judge:
    """Judges one subject on one day.

    Args:
        facts: what is known, by variable; what is missing is left out or None.
    """

    def __init__(self, facts: Facts, today: date) -> None:
        self.values = values_on(facts, today)
        self._context = context_of(self.values)
        self._known: dict[str, bool | None] = {}

    def judge(self, policies: Iterable[Policy]) -> list[Judgement]:
        """All of them, in their order."""
        return [self.one(policy) for policy in policies]

    def one(self, policy: Policy) -> Judgement:
        """A policy; a condition that another one has, too, is looked at once."""
        known, results = self._known, []
        for text in policy.texts:
            if text not in known:
                known[text] = _said(text, self._context)
            results.append(known[text])
        return Judgement(policy, results)

    def amount(self, policy: Policy) -> int | None:
        """The benefit in fen; None where it is no money or cannot be worked out."""
        benefit = policy.document.benefit
        if benefit.kind != "money":
            return None
        if benefit.formula is None:
            yuan = Decimal(benefit.amount or 0)
        else:
            try:
                found = _program(benefit.formula).execute(self._context)
            except _MISSING:
                return None
            yuan = Decimal(str(found))
        if benefit.cap is not None:
            yuan = min(yuan, Decimal(benefit.cap))
        return max(int((yuan * 100).quantize(Decimal(1), ROUND_HALF_UP)), 0)


def values_on(facts: Facts, today: date) -> dict[str, Value]:
    """The values of what is known, on a day."""
    known = variables()
    found: dict[str, Value] = {}
    for name, raw in facts.items():
        value = known[name].on(today)(raw)
        if value is not None:
            found[name] = value
    return found


def context_of(values: Mapping[str, Value]) -> "cel.Context":
    """The values as the library takes them: ``person.age`` is a member of ``person``."""
    nested: dict[str, dict[str, Value]] = {"person": {}, "enterprise": {}}
    for name, value in values.items():
        group, _, member = name.partition(".")
        nested[group][member] = value
    return cel.Context(variables=nested)


def _said(text: str, context: "cel.Context") -> bool | None:
    try:
        return bool(_program(text).execute(context))
    except _MISSING:
        return None


@lru_cache(maxsize=20_000)
def _program(text: str) -> "cel.Program":
    return cel.compile(text)

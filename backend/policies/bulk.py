"""Many subjects against many policies: column by column instead of one by one.

Every distinct statement of all conditions (``enterprise.staff >= 5``) is looked at once per batch.
The values of a column are first sorted into classes that no statement of that column tells apart,
one byte per subject; what a statement says is then a translation of these bytes, and "and" and "or"
are operations on integers as long as the batch. Negations are pushed down to the statements, so
that "not known" needs no column of its own: it makes a statement and its negation alike untrue,
which is what CEL's error-absorbing ``&&`` and ``||`` come to.

No array library: these are the interpreter's own loops in C, and memory stays that of one batch.
"""

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from typing import Any

from backend.policies.document import Policy
from backend.policies.grammar import (
    AllOf,
    AnyOf,
    Atom,
    Compare,
    Equal,
    Flag,
    Node,
    Not,
    OneOf,
    StartsWith,
    Term,
    Value,
    atoms,
    looked_at,
)
from backend.policies.variables import Raw, variables

BATCH = 50_000
# Of 256 classes one is for what is missing.
_MISSING = 255
_MOST_CLASSES = 255
_MOST_BOUNDS = (_MOST_CLASSES - 1) // 2
_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

Column = Sequence[Raw]
Test = Callable[[Value], bool]
# A statement, and whether its negation is meant.
_Literal = tuple[Atom, bool]


class _TooMany(Exception):
    """More classes than a byte can tell apart."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of one batch: an integer per policy, one byte per subject, 1 where it matched."""

    size: int
    matched: Sequence[int]

    def count(self, policy: int) -> int:
        """How many matched a policy."""
        return self.matched[policy].bit_count()

    def places(self, policy: int) -> Iterator[int]:
        """Which subjects of the batch matched a policy."""
        yield from places(self.matched[policy], self.size)


def places(mask: int, size: int) -> Iterator[int]:
    """The positions of a mask."""
    found = mask.to_bytes(size, "little")
    at = found.find(1)
    while at >= 0:
        yield at
        at = found.find(1, at + 1)


class Bulk:
    """Policies made ready to be held against batches on one day.

    Args:
        apart: give every condition's own mask too (``conditions``), for the check of an editor.
    """

    def __init__(self, policies: Sequence[Policy], today: date) -> None:
        self.policies, self._today = policies, today
        found = [atom for policy in policies for node in policy.nodes for atom in atoms(node)]
        self._columns = _columns(found, today)
        self.looks_at: frozenset[str] = frozenset(
            name for policy in policies for node in policy.nodes for name in looked_at(node)
        )

    def run(self, columns: Mapping[str, Column], size: int) -> Batch:
        """Hold one batch against all policies.

        Args:
            columns: what is kept of each variable that is looked at (``looks_at``).
        """
        masks = _Masks(self._columns, columns, size, self._today)
        return Batch(size, [masks.all(policy.nodes) for policy in self.policies])

    def apart(self, columns: Mapping[str, Column], size: int) -> list[list[tuple[int, int]]]:
        """Per policy and condition: the masks of those who fulfil it, and who fail it."""
        masks = _Masks(self._columns, columns, size, self._today)
        return [
            [(masks.of(node), masks.of(node, negated=True)) for node in policy.nodes]
            for policy in self.policies
        ]


@dataclass(slots=True)
class _Plan:
    """How the statements of one variable are told apart; several where one byte is too small."""

    coders: list["_Coder"] = field(default_factory=list)


class _Masks:
    """The statements of one batch, each worked out when it is first wanted."""

    def __init__(
        self, plans: Mapping[str, _Plan], columns: Mapping[str, Column], size: int, today: date
    ) -> None:
        self._plans, self._columns, self._today = plans, columns, today
        self._known: dict[tuple[Node, bool], int] = {}
        self._codes: dict[str, dict[Atom, tuple[bytes, _Coder]]] = {}
        self._values: dict[str, tuple[list[int | float], int]] = {}
        self._everybody = int.from_bytes(b"\x01" * size, "little")

    def all(self, nodes: Sequence[Node]) -> int:
        """Who fulfils all conditions."""
        found = self._everybody
        for node in nodes:
            found &= self.of(node)
            if not found:
                return 0
        return found

    def of(self, node: Node, negated: bool = False) -> int:
        """Who fulfils a condition, or is known not to."""
        if isinstance(node, Not):
            return self.of(node.part, not negated)
        key = (node, negated)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(node, negated)
        return found

    def _work_out(self, node: Node, negated: bool) -> int:
        if isinstance(node, AllOf | AnyOf):
            parts = [self.of(part, negated) for part in node.parts]
            joined = parts[0]
            both = isinstance(node, AllOf) is not negated
            for part in parts[1:]:
                joined = joined & part if both else joined | part
            return joined
        assert not isinstance(node, Not)  # noqa: S101 (taken apart before)
        name = _single(node)
        if name is None:
            return self._worked_out(node, negated)
        codes, coder = self._coded(name)[node]
        return int.from_bytes(codes.translate(coder.table(node, negated)), "little")

    def _coded(self, name: str) -> dict[Atom, tuple[bytes, "_Coder"]]:
        """The classes of a column, once per batch."""
        if name not in self._codes:
            plan, column = self._plans[name], self._columns[name]
            found: dict[Atom, tuple[bytes, _Coder]] = {}
            waiting, settled = list(plan.coders), []
            while waiting:
                coder = waiting.pop()
                try:
                    codes = coder.codes(column)
                except _TooMany:
                    waiting += coder.halves()
                    continue
                settled.append(coder)
                found |= dict.fromkeys(coder.atoms, (codes, coder))
            plan.coders = settled
            self._codes[name] = found
        return self._codes[name]

    def _worked_out(self, node: Atom, negated: bool) -> int:
        """A statement with arithmetic, by loops that the interpreter runs in C."""
        assert isinstance(node, Compare)  # noqa: S101 (no other has more than one variable)
        known = self._everybody
        for name in looked_at(node):
            known &= self._numbers(name)[1]
        left, right = self._summed(node.left), self._summed(node.right)
        said = bytes(map(_RELATIONS[node.relation], left, right))
        holds = int.from_bytes(said, "little")
        return known & ~holds if negated else known & holds

    def _summed(self, term: Term) -> Iterable[int | float]:
        """The values of a term, added up from the left as CEL does."""
        total: Iterable[int | float] | None = None
        for one in term.summands:
            values: Iterable[int | float]
            if one.variable is None:
                values = repeat(one.factor or 0)
            else:
                values = self._numbers(one.variable)[0]
                if one.factor is not None:
                    values = map(operator.mul, values, repeat(one.factor))
            if total is None:
                total = values if one.sign > 0 else map(operator.neg, values)
            else:
                total = map(operator.add if one.sign > 0 else operator.sub, total, values)
        assert total is not None  # noqa: S101 (a term has a summand)
        return total

    def _numbers(self, name: str) -> tuple[list[int | float], int]:
        """The values of a variable, 0 for what is missing, and whose is not."""
        if name not in self._values:
            derive = _remembering(variables()[name].on(self._today))
            values = [derive[raw] for raw in self._columns[name]]
            known = int.from_bytes(bytes(value is not None for value in values), "little")
            self._values[name] = ([value or 0 for value in values], known)
        return self._values[name]


class _remembering(dict[Raw, Any]):  # noqa: N801 (used as a function)
    """The value of what is kept, worked out once: dates repeat."""

    def __init__(self, derive: Callable[[Raw], Value | None]) -> None:
        super().__init__()
        self._derive = derive

    def __missing__(self, raw: Raw) -> Value | None:
        found = self[raw] = self._derive(raw)
        return found


class _Coder:
    """Sorts the values of a column into classes that its statements do not tell apart."""

    def __init__(self, found: Sequence[Atom], derive: Callable[[Raw], Value | None]) -> None:
        self.atoms, self._derive = list(found), derive
        self._tests = [_test(atom) for atom in found]
        self._tables: dict[_Literal, bytes] = {}
        self._signatures: list[tuple[bool, ...]] = []
        self._classes: dict[tuple[bool, ...], int] = {}
        self._memo = _Memo(self._class_of)

    def codes(self, column: Column) -> bytes:
        """One class per subject."""
        known = len(self._signatures)
        codes = bytes(map(self._memo.__getitem__, column))
        if len(self._signatures) != known:
            self._tables.clear()
        if len(self._memo) > _MOST_REMEMBERED:
            self._memo.clear()
        return codes

    def table(self, atom: Atom, negated: bool) -> bytes:
        """What a statement says of each class; nothing of what is missing."""
        key = (atom, negated)
        if key not in self._tables:
            at = self.atoms.index(atom)
            said = [signature[at] is not negated for signature in self._signatures]
            self._tables[key] = bytes(said).ljust(256, b"\0")
        return self._tables[key]

    def halves(self) -> list["_Coder"]:
        """Two that share the statements."""
        middle = len(self.atoms) // 2
        return [
            type(self)(some, self._derive) for some in (self.atoms[:middle], self.atoms[middle:])
        ]

    def _class_of(self, raw: Raw) -> int:
        value = self._derive(raw)
        if value is None:
            return _MISSING
        signature = tuple(test(value) for test in self._tests)
        found = self._classes.get(signature)
        if found is None:
            if len(self._signatures) >= _MOST_CLASSES:
                raise _TooMany
            found = self._classes[signature] = len(self._signatures)
            self._signatures.append(signature)
        return found


_MOST_REMEMBERED = 200_000


class _Memo(dict[Raw, int]):
    """Remembers the class of a value that was seen."""

    def __init__(self, class_of: Callable[[Raw], int]) -> None:
        super().__init__()
        self._class_of = class_of

    def __missing__(self, raw: Raw) -> int:
        found = self[raw] = self._class_of(raw)
        return found


class _NumberCoder(_Coder):
    """For numbers of which hardly two are the same: classes are the places between bounds."""

    def __init__(self, found: Sequence[Atom], derive: Callable[[Raw], Value | None]) -> None:
        super().__init__(found, derive)
        self._bounds = sorted({bound for atom in found for bound in _bounds(atom)})
        if len(self._bounds) <= _MOST_BOUNDS:
            # One value of each class: below the first, the first, between it and the next, …
            self._signatures = [
                tuple(test(value) for test in self._tests) for value in _between(self._bounds)
            ]

    def codes(self, column: Column) -> bytes:
        bounds, left, right = self._bounds, bisect_left, bisect_right
        if len(bounds) > _MOST_BOUNDS:
            if len(self.atoms) == 1:
                return super().codes(column)
            raise _TooMany
        return bytes(
            _MISSING if raw is None else left(bounds, raw) + right(bounds, raw) for raw in column
        )


def _columns(found: Sequence[Atom], today: date) -> dict[str, _Plan]:
    by_name: dict[str, dict[Atom, None]] = {}
    for atom in found:
        name = _single(atom)
        if name is not None:
            by_name.setdefault(name, {})[atom] = None
    plans = {}
    for name, some in by_name.items():
        variable = variables()[name]
        # Dates and texts repeat; a number of yuan does not.
        number = variable.type in ("int", "double") and not variable.dated
        coder = _NumberCoder if number else _Coder
        plans[name] = _Plan([coder(list(some), variable.on(today))])
    return plans


def _single(atom: Atom) -> str | None:
    """The one variable that a statement holds against constants."""
    if not isinstance(atom, Compare):
        return atom.variable
    return None if looked_at(atom.right) else atom.left.variable


def _test(atom: Atom) -> Test:
    match atom:
        case Compare(_, relation, right):
            holds, bound = _RELATIONS[relation], _constant(right)
            return lambda value: holds(value, bound)
        case Equal(_, relation, constant):
            holds = _RELATIONS[relation]
            return lambda value: holds(value, constant)
        case OneOf(_, constants):
            return lambda value: value in constants
        case StartsWith(_, prefix):
            return lambda value: str(value).startswith(prefix)
        case Flag():
            return bool


def _bounds(atom: Atom) -> list[int | float]:
    if isinstance(atom, OneOf):
        return [one for one in atom.values if isinstance(one, int | float)]
    assert isinstance(atom, Compare)  # noqa: S101 (numbers have no other statements)
    return [_constant(atom.right)]


def _between(bounds: Sequence[int | float]) -> list[int | float]:
    """A value below all bounds, each bound, and one between it and the next, in their order."""
    if not bounds:
        return [0]
    found: list[int | float] = [bounds[0] - 1]
    for bound, following in zip(bounds, [*bounds[1:], bounds[-1] + 2], strict=True):
        found += [bound, (bound + following) / 2]
    return found


def _constant(term: Term) -> int | float:
    """The value of a term that has no variable."""
    total: int | float = 0
    for one in term.summands:
        assert one.factor is not None  # noqa: S101 (it has no variable)
        total = total + one.factor if one.sign > 0 else total - one.factor
    return total

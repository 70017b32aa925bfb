"""The published variables: what a condition can look at, and where each comes from."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from backend.policies.grammar import Type, Value

IDENTITY, REGISTER = "identity", "register"
LARGEST = 10**12
LONGEST = 100
Audience = Literal["citizen", "enterprise"]
Raw = int | float | str | bool | None

KIND_WORDS = {"enterprise": "企业", "individual": "个体工商户", "cooperative": "农民专业合作社"}


@dataclass(frozen=True, slots=True)
class Variable:
    """One of them.

    Attributes:
        source: ``identity``, ``register`` or the code of a data resource; item: of that.
        derive: how the value follows from the item on a day.
        absent: the value where the source has no record.
        kind: ``region`` and ``subject`` are shown by their names.
    """

    name: str
    label: str
    type: Type
    source: str
    item: str
    unit: str = ""
    derive: str = ""
    absent: Value | None = None
    kind: str = ""

    @property
    def audience(self) -> Audience:
        """Of whom it is a fact."""
        return "citizen" if self.name.startswith("person.") else "enterprise"

    @property
    def dated(self) -> bool:
        """Whether it is kept as a date, since its value changes from day to day."""
        return self.derive in ("years", "months", "days_left")

    def kept(self, item: Any) -> Raw:
        """What is kept of an item of the source: the value, or the date from which it follows.

        None: there is none, or it is not of the agreed kind.
        """
        if item is None:
            return False if self.derive == "present" else None
        if self.derive == "present":
            return True
        if self.derive.startswith("is:"):
            return bool(item == self.derive.removeprefix("is:"))
        if self.dated:
            return _day(item)
        return _as(self.type, item)

    def fits(self, raw: Any) -> bool:
        """Whether a value can be one that is kept."""
        return _day(raw) is not None if self.dated else raw == _as(self.type, raw) is not None

    def on(self, today: date) -> Callable[[Raw], Value | None]:
        """From what is kept to the value on a day."""
        match self.derive:
            case "years":
                return lambda raw: None if raw is None else _months(raw, today) // 12
            case "months":
                return lambda raw: None if raw is None else _months(raw, today)
            case "days_left":
                return lambda raw: None if raw is None else (_parsed(raw) - today).days
        return lambda raw: raw


@cache
def variables() -> Mapping[str, Variable]:
    """All of them by name, as published in ``docs/policies.md``."""
    text = Path(__file__).with_name("variables.yaml").read_text("utf-8")
    found = [Variable(**each) for each in yaml.safe_load(text)]
    return {each.name: each for each in found}


@cache
def types(audience: Audience) -> Mapping[str, Type]:
    """The types of what can be looked at for an audience."""
    return {name: one.type for name, one in variables().items() if one.audience == audience}


@cache
def of_source(source: str) -> tuple[Variable, ...]:
    """What comes from a source."""
    return tuple(one for one in variables().values() if one.source == source)


def _day(item: Any) -> str | None:
    try:
        return date.fromisoformat(item).isoformat()
    except (TypeError, ValueError):
        return None


def _parsed(raw: Raw) -> date:
    return date.fromisoformat(cast("str", raw))


def _months(raw: Raw, today: date) -> int:
    """Whole months since a day; fewer than none before it."""
    since = _parsed(raw)
    return (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)


def _as(kind: Type, item: Any) -> Value | None:
    if kind == "bool":
        return item if isinstance(item, bool) else None
    if kind == "string":
        return item if isinstance(item, str) and 0 < len(item) <= LONGEST else None
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    if not math.isfinite(item) or abs(item) > LARGEST or (kind == "int" and item != int(item)):
        return None
    return int(item) if kind == "int" else float(item)

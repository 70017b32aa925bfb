"""The language of conditions: a published part of CEL (Common Expression Language), read here.

What it allows stands in ``docs/policies.md``. It is small enough to be carried out column by column
for a million enterprises, and every text of it means the same to any CEL library: one enterprise
is judged by the library, many by ``bulk``, and tests hold the two against each other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.policies.errors import ConditionRefused

Type = Literal["int", "double", "string", "bool"]
Value = int | float | str | bool
MAX_CHARS = 2000
MAX_DEPTH = 20
# A fact is at most ±10^12, so that no product leaves the 64 bits that CEL counts in.
MAX_FACTOR = 1_000_000
MAX_SUMMANDS = 8

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<string>'[^'\\\n]*'|\"[^\"\\\n]*\")|(?P<mark>&&|\|\||[<>=!]=|[!<>()\[\],+*-]))",
    re.ASCII,
)
_RELATIONS = ("==", "!=", "<=", ">=", "<", ">")
_TEXT_RELATIONS = ("==", "!=")
_STARTS = ".startsWith"


@dataclass(frozen=True, slots=True)
class Summand:
    """``factor * variable``; a plain number has no variable. ``sign`` is 1 or -1."""

    sign: int
    factor: int | float | None
    variable: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """A number: a sum of variables, each perhaps times a number."""

    summands: tuple[Summand, ...]
    type: Type

    @property
    def variable(self) -> str | None:
        """The variable, if the term is nothing else."""
        first = self.summands[0]
        alone = len(self.summands) == 1 and first.factor is None and first.sign == 1
        return first.variable if alone else None


@dataclass(frozen=True, slots=True)
class Compare:
    """``term relation term``; the right side is mostly a constant."""

    left: Term
    relation: str
    right: Term


@dataclass(frozen=True, slots=True)
class Equal:
    """A text or truth value ``==`` or ``!=`` a constant."""

    variable: str
    relation: str
    value: str | bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """``variable in [constants]``."""

    variable: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class StartsWith:
    """``variable.startsWith('4403')``: a region and all that lies in it, an industry."""

    variable: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A truth value by itself."""

    variable: str


@dataclass(frozen=True, slots=True)
class Not:
    """``!part``."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class AllOf:
    """``a && b``."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``a || b``."""

    parts: tuple["Node", ...]


Atom = Compare | Equal | OneOf | StartsWith | Flag
Node = Atom | Not | AllOf | AnyOf


def parse_condition(text: str, types: Mapping[str, Type]) -> Node:
    """Read a condition.

    Args:
        types: of every variable that may stand in it.

    Raises:
        ConditionRefused: with a Chinese sentence on what is wrong where.
    """
    return _Reader(text, types).condition()


def parse_term(text: str, types: Mapping[str, Type]) -> Term:
    """Read a formula of a benefit, which gives a number.

    Raises:
        ConditionRefused.
    """
    return _Reader(text, types).formula()


def atoms(node: Node) -> Iterator[Atom]:
    """The single statements of a condition."""
    match node:
        case Not(part):
            yield from atoms(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from atoms(part)
        case _:
            yield node


def looked_at(found: Node | Term) -> frozenset[str]:
    """The variables that a condition or a formula looks at."""
    if isinstance(found, Term):
        return frozenset(one.variable for one in found.summands if one.variable)
    names: set[str] = set()
    for atom in atoms(found):
        if isinstance(atom, Compare):
            names |= looked_at(atom.left) | looked_at(atom.right)
        else:
            names.add(atom.variable)
    return frozenset(names)


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, types: Mapping[str, Type]) -> None:
        if not text.strip() or len(text) > MAX_CHARS:
            raise ConditionRefused(f"条件不能为空，也不能超过 {MAX_CHARS} 个字符")
        self._types = types
        self._tokens = list(_tokens(text))
        self._at = self._depth = 0

    def condition(self) -> Node:
        found = self._any()
        self._end()
        return found

    def formula(self) -> Term:
        found = self._term()
        self._end()
        return found

    def _any(self) -> Node:
        parts = [self._all()]
        while self._takes("||"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Node:
        parts = [self._unary()]
        while self._takes("&&"):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConditionRefused(f"括号和“!”最多嵌套 {MAX_DEPTH} 层")
        try:
            if self._takes("!"):
                return Not(self._unary())
            if self._takes("("):
                found = self._any()
                self._wants(")")
                return found
            return self._atom()
        finally:
            self._depth -= 1

    def _atom(self) -> Node:
        kind, text = self._peek()
        if kind == "name" and text.endswith(_STARTS):
            self._at += 1
            return self._starts_with(text.removesuffix(_STARTS))
        if kind == "name" and self._type_of(text) in ("string", "bool"):
            self._at += 1
            return self._of_words(text)
        left = self._term()
        if left.variable is not None and self._takes("in"):
            return OneOf(left.variable, self._list(left.type))
        relation = self._relation(_RELATIONS)
        right = self._term()
        if right.type != left.type:
            raise ConditionRefused(
                f"“{relation}”两边类型不同：小数要写成 3.0，整数写成 3（{left.type}、{right.type}）"
            )
        if not (looked_at(left) or looked_at(right)):
            raise ConditionRefused("比较的一边要有变量")
        return Compare(left, relation, right)

    def _of_words(self, name: str) -> Node:
        kind = self._type_of(name)
        if self._takes("in"):
            return OneOf(name, self._list(kind))
        if self._peek()[1] in _RELATIONS:
            relation = self._relation(_TEXT_RELATIONS)
            value = self._constant(kind)
            assert isinstance(value, str | bool)  # noqa: S101 (the type was looked at)
            return Equal(name, relation, value)
        if kind != "bool":
            raise ConditionRefused(f"{name} 是文字，应写 ==、!=、in 或 .startsWith()")
        return Flag(name)

    def _starts_with(self, name: str) -> Node:
        if self._type_of(name) != "string":
            raise ConditionRefused(f"{name} 不是文字，不能用 startsWith")
        self._wants("(")
        prefix = self._constant("string")
        self._wants(")")
        return StartsWith(name, str(prefix))

    def _term(self) -> Term:
        found = [self._summand(-1 if self._takes("-") else 1)]
        while self._peek()[1] in ("+", "-") and self._peek()[0] == "mark":
            found.append(self._summand(1 if self._next()[1] == "+" else -1))
        if len(found) > MAX_SUMMANDS:
            raise ConditionRefused(f"一个算式最多 {MAX_SUMMANDS} 项")
        types = {kind for _, kind in found}
        if len(types) > 1:
            raise ConditionRefused("算式里整数和小数不能混用")
        summands = tuple(summand for summand, _ in found)
        if summands[0].sign < 0 and summands[0].variable is not None:
            raise ConditionRefused("算式不能以负的变量开头，请换一下次序")
        return Term(summands, types.pop())

    def _summand(self, sign: int) -> tuple[Summand, Type]:
        kind, text = self._next()
        if kind == "number":
            number: int | float = float(text) if "." in text else int(text)
            of: Type = "double" if "." in text else "int"
            if not self._takes("*"):
                return Summand(sign, _bounded(number, 10**12), None), of
            kind, text = self._next()
            if kind != "name":
                raise ConditionRefused("“*”的一边是数字，另一边应是变量")
            return Summand(sign, _bounded(number, MAX_FACTOR), text), self._number(text, of)
        if kind != "name":
            raise ConditionRefused(f"“{text}”处应是变量或数字")
        of = self._number(text, None)
        if not self._takes("*"):
            return Summand(sign, None, text), of
        kind, digits = self._next()
        if kind != "number":
            raise ConditionRefused("变量只能乘以数字")
        factor: int | float = float(digits) if "." in digits else int(digits)
        self._number(text, "double" if "." in digits else "int")
        return Summand(sign, _bounded(factor, MAX_FACTOR), text), of

    def _number(self, name: str, wanted: Type | None) -> Type:
        found = self._type_of(name)
        if found not in ("int", "double"):
            raise ConditionRefused(f"{name} 不是数字，不能这样比较")
        if wanted is not None and found != wanted:
            raise ConditionRefused(f"{name} 是 {found}，相乘的数字也要这样写（整数 3，小数 3.0）")
        return found

    def _list(self, kind: Type) -> tuple[Value, ...]:
        self._wants("[")
        found = [self._constant(kind)]
        while self._takes(","):
            found.append(self._constant(kind))
        self._wants("]")
        return tuple(found)

    def _constant(self, kind: Type) -> Value:
        negative = kind in ("int", "double") and self._takes("-")
        token, text = self._next()
        value = _constant(token, text)
        if value is None or _type(value) != kind:
            raise ConditionRefused(f"“{text}”处应是{_WORDS[kind]}")
        return -value if negative and isinstance(value, int | float) else value

    def _type_of(self, name: str) -> Type:
        found = self._types.get(name)
        if found is None:
            raise ConditionRefused(f"没有变量 {name}，可用的变量见说明")
        return found

    def _relation(self, allowed: tuple[str, ...]) -> str:
        _, text = self._next()
        if text not in allowed:
            raise ConditionRefused(f"“{text}”处应是 {'、'.join(allowed)} 之一")
        return text

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        if found[0] == "end":
            raise ConditionRefused("条件没有写完")
        self._at += 1
        return found

    def _takes(self, mark: str) -> bool:
        kind, text = self._peek()
        taken = kind in ("mark", "name") and text == mark
        self._at += taken
        return taken

    def _wants(self, mark: str) -> None:
        if not self._takes(mark):
            raise ConditionRefused(f"“{self._peek()[1] or '末尾'}”处缺少“{mark}”")

    def _end(self) -> None:
        if self._at < len(self._tokens):
            raise ConditionRefused(f"“{self._peek()[1]}”是多余的")


_WORDS: Mapping[Type, str] = {
    "int": "整数", "double": "小数（如 3.0）", "string": "带引号的文字", "bool": "true 或 false",
}  # fmt: skip


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ConditionRefused(f"看不懂“{text[at:].strip()[:20]}”")
        at = found.end()
        yield str(found.lastgroup), found[str(found.lastgroup)]


def _constant(kind: str, text: str) -> Value | None:
    if kind == "string":
        return text[1:-1]
    if kind == "number":
        return float(text) if "." in text else int(text)
    return {"true": True, "false": False}.get(text) if kind == "name" else None


def _type(value: Value) -> Type:
    if isinstance(value, bool):
        return "bool"
    return "int" if isinstance(value, int) else "double" if isinstance(value, float) else "string"


def _bounded(number: int | float, most: int) -> int | float:
    if number > most:
        raise ConditionRefused(f"数字 {number} 过大，最大 {most}")
    return number

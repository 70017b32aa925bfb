"""What somebody filled into a form: what of it counts, and what is wrong with it, in words.

The phone says the same while somebody types (``miniprogram/src/apply/form``); both are held to
``tests/vectors/forms.json``. The hints that are read here are described in ``docs/forms.md``.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import jsonschema_rs

from backend.catalogue.forms import DIALECT, LINEAR, Form

Schema = Mapping[str, Any]
Values = Mapping[str, Any]
_CENT = Decimal("0.01")


class Filling:
    """A form, ready to look at what was filled in; made once per form."""

    def __init__(self, form: Form) -> None:
        self._schema = form.fields_schema
        self._ui = form.ui
        self._whole = _validator(self._schema)
        self._group = _Group(self._schema, self._ui, self._schema)

    def counted(self, values: Values) -> dict[str, Any]:
        """The values that count: without what is empty or not asked for, with what is calculated.

        A field that its ``when`` does not ask for is dropped, whatever was typed before; a field
        with ``calculate`` holds its result, whatever was sent.
        """
        return self._group.counted(values)

    def mistakes(self, values: Values) -> list[dict[str, str]]:
        """What is wrong with values that count: a JSON pointer and a sentence for each place.

        Returns:
            at most one for each place, in the order of the form; empty when all is well.
        """
        found: dict[str, tuple[int, str]] = {}
        for error in self._whole.iter_errors(values):
            rank = _RANKS.get(error.kind.name, len(_RANKS))
            for path, text in self._told(error):
                pointer = "".join(f"/{_escaped(part)}" for part in path)
                if pointer not in found or rank < found[pointer][0]:
                    found[pointer] = rank, text
        return [{"pointer": pointer, "detail": text} for pointer, (_, text) in found.items()]

    def _told(self, error: jsonschema_rs.ValidationError) -> Iterator[tuple[list[Any], str]]:
        path = list(error.instance_path)
        kind: Any = error.kind
        if kind.name == "required":
            where = [*path, str(kind.property)]
            how = "请选择" if self._is_chosen(where) else "请填写"
            yield where, f"{how}{self._title(where)}"
        elif kind.name in ("additionalProperties", "unevaluatedProperties"):
            for name in kind.unexpected:
                yield [*path, name], "这张表没有这一项"
        else:
            yield path, self._sentence(path, kind)

    def _sentence(self, path: list[Any], kind: Any) -> str:
        title = self._title(path)
        hint = self._hint(path).get("wrong")
        if hint and kind.name in ("pattern", "format", "minLength", "maxLength"):
            return str(hint)
        return _SENTENCES.get(kind.name, "{title}填得不对").format(
            title=title, limit=getattr(kind, "limit", ""), times=getattr(kind, "multiple_of", "")
        )

    def _at(self, path: Sequence[Any]) -> Any:
        schema: Any = self._schema
        for part in path:
            inner = schema.get("items" if isinstance(part, int) else "properties", {})
            schema = inner if isinstance(part, int) else inner.get(part, {})
            schema = resolved(schema, self._schema)
        return schema

    def _title(self, path: Sequence[Any]) -> str:
        return str(self._at(path).get("title") or (path[-1] if path else "这张表"))

    def _is_chosen(self, path: Sequence[Any]) -> bool:
        """Whether a field is answered by choosing rather than by writing."""
        schema = self._at(path)
        choice = "enum" in schema or "oneOf" in schema or schema.get("type") == "boolean"
        return choice or self._hint(path).get("widget") == "region"

    def _hint(self, path: Sequence[Any]) -> Mapping[str, Any]:
        hints: Any = self._ui
        for part in path:
            hints = hints.get("items" if isinstance(part, int) else part, {})
        return hints if isinstance(hints, Mapping) else {}


_SENTENCES = {
    "pattern": "{title}的格式不对",
    "format": "{title}的格式不对",
    "minLength": "{title}至少 {limit} 个字",
    "maxLength": "{title}最多 {limit} 个字",
    "minimum": "{title}不能小于 {limit}",
    "maximum": "{title}不能大于 {limit}",
    "exclusiveMinimum": "{title}应大于 {limit}",
    "exclusiveMaximum": "{title}应小于 {limit}",
    "multipleOf": "{title}应是 {times} 的倍数",
    "minItems": "{title}至少填 {limit} 项",
    "maxItems": "{title}最多填 {limit} 项",
    "uniqueItems": "{title}有重复的内容",
    "enum": "请选择{title}",
    "oneOf": "请选择{title}",
    "const": "请确认“{title}”",
    "falseSchema": "不用填写{title}",
}


# Which mistake is told where there are several: the first of these.
_RANKS = {
    name: rank
    for rank, name in enumerate(
        [
            "required", "type", "pattern", "format", "minLength", "maxLength", "minimum",
            "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems",
            "maxItems", "uniqueItems", "enum", "oneOf", "const",
        ]
    )
}  # fmt: skip


def _escaped(part: Any) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def resolved(schema: Any, whole: Schema) -> Any:
    """A part of a schema, or what it refers to inside the whole."""
    if not isinstance(schema, Mapping):
        return {}
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found: Any = whole
    for part in reference.split("/")[1:]:
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found


class _Group:
    """The fields of one object: the form itself, or one entry of a repeated group."""

    def __init__(self, schema: Schema, hints: Mapping[str, Any], whole: Schema) -> None:
        self._fields: Mapping[str, Schema] = schema.get("properties", {})
        own = {name: hints.get(name) or {} for name in self._fields}
        self._asked = {
            name: _validator(hint["when"]) for name, hint in own.items() if "when" in hint
        }
        self._sums = {name: hint["calculate"] for name, hint in own.items() if "calculate" in hint}
        self._inner = {
            name: _Group(items, own[name].get("items") or {}, whole)
            for name, field in self._fields.items()
            if field.get("type") == "array"
            and "properties" in (items := resolved(field.get("items"), whole))
        }

    def counted(self, values: Values) -> dict[str, Any]:
        kept = {
            name: self._entries(name, value)
            for name, value in values.items()
            if value not in ("", None)
        }
        self._calculate(kept)
        # A field may be asked for because of another one that is itself not asked for.
        while gone := [
            n for n, asked in self._asked.items() if n in kept and not asked.is_valid(kept)
        ]:
            for name in gone:
                del kept[name]
            self._calculate(kept)
        return kept

    def _entries(self, name: str, value: Any) -> Any:
        group = self._inner.get(name)
        if group is None or not isinstance(value, list):
            return value
        return [group.counted(entry) if isinstance(entry, Mapping) else entry for entry in value]

    def _calculate(self, kept: dict[str, Any]) -> None:
        for name, expression in self._sums.items():
            asked = self._asked.get(name)
            result = calculated(expression, kept)
            if result is None or (asked is not None and not asked.is_valid(kept)):
                kept.pop(name, None)
            else:
                kept[name] = result


def calculated(expression: Any, values: Values) -> int | float | None:
    """The result of a ``calculate`` hint, to two decimals; None while a part is missing.

    Args:
        expression: ``["+", "rent", "fee"]``; operators ``+ - *``, ``sum`` and ``count`` of a
            repeated group, nested as one likes; a text names a field, a number is itself.
    """
    result = _value(expression, values)
    if result is None:
        return None
    rounded = result.quantize(_CENT, ROUND_HALF_UP)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _value(expression: Any, values: Values) -> Decimal | None:
    if isinstance(expression, str):
        return _number(values.get(expression))
    if not isinstance(expression, list):
        return _number(expression)
    operator, *operands = expression
    if operator in ("sum", "count"):
        entries = values.get(operands[0])
        entries = entries if isinstance(entries, list) else []
        if operator == "count":
            return Decimal(len(entries))
        parts = [_number(e.get(operands[1])) for e in entries if isinstance(e, Mapping)]
        return sum((part for part in parts if part is not None), Decimal(0))
    found = [_value(operand, values) for operand in operands]
    if any(each is None for each in found):
        return None
    return _combined(operator, [each for each in found if each is not None])


def _combined(operator: str, parts: list[Decimal]) -> Decimal:
    result = parts[0]
    for part in parts[1:]:
        if operator == "+":
            result += part
        elif operator == "-":
            result -= part
        else:
            result *= part
    return result


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value))


def _validator(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "$schema": DIALECT},
        pattern_options=LINEAR,
        validate_formats=True,
        offline=True,
    )

"""A form's conditions under the names of the merged form.

Names of fields are those of the whole form, so only what speaks about the form itself is renamed,
never what stands inside a field. A field whose value is settled is not asked for: a condition on it
is decided here. One that comes from an earlier result drops out of what is required.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from backend.catalogue.service import DIALECT

NEVER: Mapping[str, Any] = {"not": {}}
_LISTS = ("allOf", "anyOf", "oneOf")
_INNER = ("if", "then", "else", "not")
CONDITIONAL = (*_LISTS, *_INNER, "dependentRequired", "dependentSchemas")
# What no merged form can say of one item's part alone.
UNMERGEABLE = (
    "minProperties", "maxProperties", "propertyNames", "patternProperties", "$ref", "$dynamicRef",
    "$id", "$anchor", "$dynamicAnchor",
)  # fmt: skip


class Renaming:
    """Renames the fields of one item.

    Args:
        names: names in the item → in the merged form; what is missing is not asked for.
        settled: values of fields that the definition settles.
    """

    def __init__(self, step: str, names: Mapping[str, str], settled: Mapping[str, Any]) -> None:
        self._step, self._names, self._settled = step, names, settled

    def schema(self, schema: Any) -> Any:
        """A schema over the values of the form."""
        if not isinstance(schema, Mapping):
            return schema
        out: dict[str, Any] = {}
        for key, value in schema.items():
            if key == "properties":
                if not self._settled_fit(value):
                    return dict(NEVER)
                out[key] = {self._names[n]: self.field(f) for n, f in self._asked(value)}
            elif key == "required":
                out[key] = [self._names[name] for name in value if name in self._names]
            elif key == "dependentRequired":
                out[key] = {
                    self._names[n]: [self._names[one] for one in then if one in self._names]
                    for n, then in self._asked(value)
                }  # fmt: skip
            elif key == "dependentSchemas":
                out[key] = {self._names[n]: self.schema(then) for n, then in self._asked(value)}
            elif key in _LISTS:
                out[key] = [self.schema(one) for one in value]
            elif key in _INNER:
                out[key] = self.schema(value)
            else:
                out[key] = self.field(value)
        return _decided(out)

    def field(self, value: Any) -> Any:
        """What stands inside a field: only references into the form's own definitions move."""
        if isinstance(value, Mapping):
            return {
                key: f"#/$defs/{self._step}_{one.rpartition('/')[2]}"
                if key == "$ref" and isinstance(one, str)
                else self.field(one)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self.field(one) for one in value]
        return value

    def expression(self, expression: Any) -> Any:
        """A ``calculate`` hint; None where a part of it is not asked for."""
        if isinstance(expression, str):
            if expression in self._settled:
                return self._settled[expression]
            return self._names.get(expression)
        if not isinstance(expression, list):
            return expression
        operator, *operands = expression
        if operator in ("sum", "count"):
            group = self._names.get(operands[0])
            return [operator, group, *operands[1:]] if group else None
        inner = [self.expression(one) for one in operands]
        return None if None in inner else [operator, *inner]

    def _asked(self, fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
        return [(name, one) for name, one in fields.items() if name in self._names]

    def _settled_fit(self, fields: Mapping[str, Any]) -> bool:
        return all(
            jsonschema_rs.Draft202012Validator(
                {**one, "$schema": DIALECT} if isinstance(one, Mapping) else one, offline=True
            ).is_valid(self._settled[name])
            for name, one in fields.items()
            if name in self._settled
        )


def _decided(schema: dict[str, Any]) -> dict[str, Any]:
    """Without conditions that are decided already."""
    if "if" not in schema:
        return schema
    condition = schema["if"]
    if condition == NEVER:
        other = schema.get("else")
        kept = {k: v for k, v in schema.items() if k not in ("if", "then", "else")}
        return _with(kept, other)
    if _says_nothing(condition):
        then = schema.get("then")
        kept = {k: v for k, v in schema.items() if k not in ("if", "then", "else")}
        return _with(kept, then)
    return schema


def _with(schema: dict[str, Any], more: Any) -> dict[str, Any]:
    if not more:
        return schema
    return {**schema, "allOf": [*schema.get("allOf", ()), more]}


def _says_nothing(schema: Any) -> bool:
    return isinstance(schema, Mapping) and not any(schema.values())


def named(schema: Any) -> Iterator[str]:
    """Fields that the conditions of a schema look at."""
    if not isinstance(schema, Mapping):
        return
    for key, value in schema.items():
        if key in ("properties", "dependentRequired", "dependentSchemas"):
            yield from value
        if key in _LISTS:
            for one in value:
                yield from named(one)
        elif key in _INNER:
            yield from named(value)
        elif key == "dependentSchemas":
            for one in value.values():
                yield from named(one)


def conditions_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a form's schema that is about several of its fields."""
    return {key: schema[key] for key in CONDITIONAL if key in schema}


def looked_at(schema: Mapping[str, Any], ui: Mapping[str, Any]) -> frozenset[str]:
    """Fields on which others depend: conditions, ``when`` and ``calculate`` name them."""
    found = set(named(conditions_of(schema)))
    for hint in ui.values():
        if isinstance(hint, Mapping):
            found |= set(named(hint.get("when")))
            found |= set(_operands(hint.get("calculate")))
    return frozenset(found)


def _operands(expression: Any) -> Iterator[str]:
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, list):
        for one in expression[1:]:
            yield from _operands(one)

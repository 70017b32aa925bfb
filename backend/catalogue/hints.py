"""The hints of a form are checked when it is registered: what they name has to be there.

They are described in ``docs/forms.md``; keys that are not known here are left to the department.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

_OPERATORS = ("+", "-", "*")
_OVER_GROUPS = {"sum": 2, "count": 1}
_SOURCES = frozenset({"identity", "applicant", "licence", "resource", "enterprise"})
_BESIDE = {"licence": "field", "resource": "item"}
_OF_A_PERSON = frozenset({"identity", "applicant"})


def check_hints(schema: Mapping[str, Any], ui: Mapping[str, Any]) -> None:
    """See that the hints of a form fit its schema.

    Raises:
        ValueError: with a Chinese sentence that says what is wrong.
    """
    fields: Mapping[str, Any] = schema["properties"]
    placed = [*ui.get("order", ()), *_grouped(ui.get("groups", ()))]
    unknown = [name for name in placed if name not in fields]
    if unknown:
        raise ValueError(f"展示提示中的字段 {'、'.join(map(str, unknown))} 不在表单中")
    _check_fields(fields, ui, schema)


def _grouped(groups: Any) -> Iterator[Any]:
    for group in groups if isinstance(groups, list) else ():
        if not isinstance(group, Mapping) or not group.get("title"):
            raise ValueError("展示提示 groups 的每一组应有 title 和 fields")
        yield from group.get("fields", ())


def _check_fields(
    fields: Mapping[str, Any], hints: Mapping[str, Any], whole: Mapping[str, Any]
) -> None:
    for name, field in fields.items():
        hint = hints.get(name)
        if not isinstance(hint, Mapping):
            continue
        if "when" in hint:
            _check_condition(name, hint["when"])
        if "calculate" in hint:
            _check_expression(name, hint["calculate"], fields)
        if "prefill" in hint:
            _check_source(name, hint["prefill"])
        inner = _entries(field, whole)
        if inner and isinstance(hint.get("items"), Mapping):
            _check_fields(inner, hint["items"], whole)


def _entries(field: Any, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    items = field.get("items") if isinstance(field, Mapping) else None
    if isinstance(items, Mapping) and isinstance(items.get("$ref"), str):
        found: Any = whole
        for part in items["$ref"].split("/")[1:]:
            found = found.get(part, {}) if isinstance(found, Mapping) else {}
        items = found
    properties = items.get("properties") if isinstance(items, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


def _check_condition(name: str, when: Any) -> None:
    try:
        if not isinstance(when, Mapping):
            raise ValueError
        jsonschema_rs.Draft202012Validator(dict(when), offline=True)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        raise ValueError(f"字段 {name} 的显示条件 when 不是有效的 JSON Schema") from None


def _check_expression(name: str, expression: Any, fields: Mapping[str, Any]) -> None:
    wrong = ValueError(f"字段 {name} 的计算 calculate 写得不对，或用了表单中没有的字段")
    if isinstance(expression, bool):
        raise wrong
    if isinstance(expression, int | float):
        return
    if isinstance(expression, str):
        if expression not in fields:
            raise wrong
        return
    if not isinstance(expression, list) or len(expression) < 2:
        raise wrong
    operator, *operands = expression
    if operator in _OVER_GROUPS:
        if len(operands) != _OVER_GROUPS[operator] or operands[0] not in fields:
            raise wrong
    elif operator in _OPERATORS:
        for operand in operands:
            _check_expression(name, operand, fields)
    else:
        raise wrong


def _check_source(name: str, source: Any) -> None:
    kinds = set(source) & _SOURCES if isinstance(source, Mapping) else set()
    beside = {_BESIDE[kind] for kind in kinds if kind in _BESIDE}
    # Of a person it may say of which sex alone: a father's name is no mother's.
    only = {"sex"} if kinds & _OF_A_PERSON and source.get("sex") in ("男", "女") else set()
    if len(kinds) != 1 or set(source) != kinds | beside | only:
        raise ValueError(f"字段 {name} 的预填来源 prefill 写得不对")

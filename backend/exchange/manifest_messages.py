"""Chinese sentences for what pydantic finds wrong in a manifest."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_MESSAGES: Mapping[str, str] = {
    "missing": "缺少必填项",
    "extra_forbidden": "不认识的字段，请删去或更正拼写",
    "string_type": "应为文本，请加引号",
    "string_pattern_mismatch": "格式不符，应匹配 {pattern}",
    "string_too_short": "太短，至少 {min_length} 个字符",
    "string_too_long": "太长，至多 {max_length} 个字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为键值对",
    "model_type": "应为键值对",
    "model_attributes_type": "应为键值对",
    "literal_error": "只能是：{expected}",
    "enum": "只能是：{expected}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
    "too_short": "至少要有 {min_length} 项",
    "too_long": "至多 {max_length} 项",
}


def readable(error: ValidationError) -> list[dict[str, str]]:
    """One ``{"pointer", "message"}`` per mistake; the pointer is RFC 6901, never the value."""
    return [
        {"pointer": _pointer(found["loc"]), "message": _message(found["type"], found)}
        for found in error.errors(include_url=False, include_input=False)
    ]


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if part != "[key]"]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _message(kind: str, found: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = found.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    return _MESSAGES.get(kind, "内容不符合要求").format_map(context)

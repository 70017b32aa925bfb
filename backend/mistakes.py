"""Chinese sentences for what pydantic finds wrong in documents that departments write."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_MESSAGES: Mapping[str, str] = {
    "missing": "缺少必填项",
    "extra_forbidden": "不认识的字段，请删去或更正拼写",
    "string_type": "应为文本，请加引号",
    "string_pattern_mismatch": "格式不符，应为{form}",
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
    "literal_error": "只能是：{choices}",
    "enum": "只能是：{choices}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
    "too_short": "至少要有 {min_length} 项",
    "too_long": "至多 {max_length} 项",
}

# What a pattern of a manifest or of its items asks for, in words; the schema holds the pattern.
FORMS: Mapping[str, str] = {
    r"^[a-z][a-z0-9_-]{1,63}$": "小写字母开头的代码，2 至 64 位，可用小写字母、数字、- 和 _",
    r"^[a-z][a-z0-9_]{0,63}$": "小写字母开头的名称，至多 64 位，可用小写字母、数字和 _",
    r"^(\d{6}|\d{9}|\d{12})$": " 6、9 或 12 位数字的行政区划代码，加引号",
    r"^\d{3}$": " 3 位数字的代码，加引号",
    r"^[0-9A-Z]{21}$": " 21 位的证照类型代码（数字和大写字母）",
    r"^[0-9A-Z]{31}$": " 31 位的实施编码（数字和大写字母）",
    r"^[0-9A-Z]{19}\d{12}$": " 31 位的实施编码",
    r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*$": "如 https://主机名:端口/前缀 "
    "的网址，不带用户名、参数和末尾的 /",
    r"^\d{12}$": " 12 位数字的基本编码，加引号",
    r"^[0-9A-Z]{19}\d{14}$": " 33 位的业务办理项编码",
    r"^[0-9A-Z]{5,32}$": " 5 至 32 位的号码（数字和大写字母）",
    r"^[0-9A-HJ-NPQRTUWXY]{18}$": " 18 位的统一社会信用代码",
    r"^[0-9A-Za-z-]{12,64}$": " 12 至 64 位的执照码",
    r"^[123]\d{5}\d{0,12}/\d{1,10}$": "如 301146/0001 的资源代码",
    r"^#[0-9a-f]{6}$": "如 #1f66dc 的颜色（小写）",
    r"^(0\d{2,3}-)?\d{5,8}$": "如 020-12345 的电话号码",
    r"^[A-Za-z0-9._-]{1,64}$": "至多 64 位的编号，可用字母、数字、点、- 和 _",
    r"^(/[A-Za-z0-9._~-]+)+$": "如 /v1/licences/query 的路径，以 / 开头，不以 / 结尾",
}


# So many are named; of more than can be a person's, none: naming a million takes a minute of a
# gateway's time and 70 MB of an answer.
MOST_NAMED, MOST_COUNTED = 100, 5000


def readable(error: ValidationError) -> list[dict[str, str]]:
    """One ``{"pointer", "message"}`` per mistake; the pointer is RFC 6901, never the value."""
    count = error.error_count()
    if count > MOST_COUNTED:
        message = f"有 {count} 处不符合要求，无法逐一列出，请对照清单的结构整体核对"
        return [{"pointer": "", "message": message}]
    named = [
        {"pointer": _pointer(found["loc"]), "message": sentence(found)}
        for found in error.errors(include_url=False, include_input=False)[:MOST_NAMED]
    ]
    if count > MOST_NAMED:
        rest = f"另有 {count - MOST_NAMED} 处，请先更正以上各处"
        named.append({"pointer": "", "message": rest})
    return named


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if part != "[key]"]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def sentence(found: Mapping[str, Any]) -> str:
    """What is wrong in one place, from what pydantic says of it; never the value."""
    kind = found["type"]
    context: Mapping[str, Any] = found.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    words = dict(context)
    if "pattern" in context:
        words["form"] = FORMS.get(context["pattern"], f"符合 {context['pattern']} 的文本")
    if "expected" in context:
        words["choices"] = str(context["expected"]).replace(" or ", "、").replace(", ", "、")
        words["choices"] = words["choices"].replace("'", "")
    return _MESSAGES.get(kind, "内容不符合要求").format_map(words)

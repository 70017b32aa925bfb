"""Reading bodies and queries: what is not as described is refused with a pointer to the place.

The refused value itself is never repeated: it may be someone's number.
"""

from typing import Any, TypeVar, cast

import orjson
from pydantic import BaseModel, ValidationError
from sanic import Request

from gateway.edge.problems import MediaTypeUnsupported, RequestInvalid, RequestTooLarge

ModelT = TypeVar("ModelT", bound=BaseModel)

_JSON = "application/json"
_MOST_PLACES = 1000
_MESSAGES = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识的字段",
    "string_type": "应为文字",
    "string_too_short": "太短了",
    "blank": "请填写，不能为空",
    "string_too_long": "太长了",
    "string_pattern_mismatch": "格式不对",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "datetime_type": "应为日期和时间，如 2026-12-01T22:00:00+08:00",
    "datetime_parsing": "应为日期和时间，如 2026-12-01T22:00:00+08:00",
    "datetime_from_date_parsing": "应为日期和时间，如 2026-12-01T22:00:00+08:00",
    "timezone_aware": "请带上时区，如 2026-12-01T22:00:00+08:00",
    "date_type": "应为日期，如 2026-12-01",
    "date_parsing": "应为日期，如 2026-12-01",
    "date_from_datetime_parsing": "应为日期，如 2026-12-01",
    "bool_type": "应为是或否",
    "bool_parsing": "应为是或否",
    "literal_error": "不在可选范围内",
    "enum": "不在可选范围内",
    "list_type": "应为列表",
    "model_type": "应为对象",
    "dict_type": "应为对象",
    "too_long": "太多了",
    "too_short": "太少了，请至少填写一项",
    "greater_than_equal": "数值太小",
    "less_than_equal": "数值太大",
}


def read_body(model: type[ModelT], request: Request, limit: int) -> ModelT:
    """The JSON body as a model.

    Raises:
        RequestTooLarge: more bytes than ``limit``.
        MediaTypeUnsupported: not application/json.
        RequestInvalid: not JSON, or not of the described shape.
    """
    raw = request.body
    if len(raw) > limit:
        raise RequestTooLarge
    kind = request.content_type
    if kind != _JSON and kind.partition(";")[0].strip().lower() != _JSON:
        raise MediaTypeUnsupported
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise RequestInvalid([{"pointer": "", "message": "不是有效的 JSON"}]) from None
    if b"\\u0000" in raw:
        raise RequestInvalid([{"pointer": "", "message": "含有不能使用的字符"}])
    return validate(model, data)


def read_query(model: type[ModelT], request: Request) -> ModelT:
    """The query string as a model; of a parameter given twice, the last counts.

    Raises:
        RequestInvalid: not of the described shape.
    """
    data = {name: request.args.getlist(name)[-1] for name in request.args}
    if any("\0" in text for pair in data.items() for text in pair):
        raise RequestInvalid([{"pointer": "", "message": "含有不能使用的字符"}])
    return validate(model, data)


def validate(model: type[ModelT], data: Any) -> ModelT:
    try:
        return cast(ModelT, model.__pydantic_validator__.validate_python(data))
    except ValidationError as error:
        if (count := error.error_count()) > _MOST_PLACES:
            # To name them all takes far longer than to find them.
            message = f"有 {count} 处不符合要求，请对照接口文档整体核对"
            raise RequestInvalid([{"pointer": "", "message": message}]) from None
        raise RequestInvalid([_place(item) for item in error.errors(include_input=False)]) from None


def _place(item: Any) -> dict[str, str]:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in item["loc"])
    kind, context = item["type"], item.get("ctx", {})
    message = str(context["error"]) if kind == "value_error" else None
    if kind == "string_too_short" and context["min_length"] == 1:
        kind = "blank"
    return {"pointer": pointer, "message": message or _MESSAGES.get(kind, "填写有误")}

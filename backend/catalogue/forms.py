"""The form of a service item: what an applicant fills in, as JSON Schema 2020-12.

A department writes the schema, so it is checked like anything that comes from outside: it must be
a valid schema of an object, small and shallow, refer to nothing but itself, and every pattern in it
must be one that is matched in linear time, since phones and the gateway run it on what people type.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.catalogue.hints import check_hints

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LARGEST_BYTES = 32 * 1024
DEEPEST = 12
MOST_FIELDS = 100
LINEAR = jsonschema_rs.RegexOptions(size_limit=256 * 1024)


class Form(BaseModel):
    """A form: ``schema`` says what may be filled in, ``ui`` how it is shown (order, hints).

    Written and sent under those two names; ``schema`` is an attribute of pydantic's own, hence
    ``fields_schema`` in Python.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, serialize_by_alias=True
    )

    fields_schema: dict[str, Any] = Field(
        alias="schema",
        title="表单结构",
        description="JSON Schema 2020-12 对象，properties 中每个字段应有 title",
    )
    ui: dict[str, Any] = Field(
        default_factory=dict, title="展示提示", description="字段顺序 order、分组、占位文字等"
    )

    @model_validator(mode="after")
    def _is_sound(self) -> "Form":
        check_form_schema(self.fields_schema)
        _bounded(self.ui, "展示提示 ui")
        check_hints(self.fields_schema, self.ui)
        return self

    @property
    def fields(self) -> Mapping[str, Any]:
        """The schema of each field at the top, by name."""
        properties: Mapping[str, Any] = self.fields_schema["properties"]
        return properties

    @property
    def required(self) -> frozenset[str]:
        """The names of the fields that have to be filled in."""
        return frozenset(self.fields_schema.get("required", ()))


def check_form_schema(schema: Mapping[str, Any]) -> None:
    """See that a schema can be the form of an item.

    Raises:
        ValueError: with a Chinese sentence that says what is wrong.
    """
    _bounded(schema, "表单结构 schema")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise ValueError("表单应使用 JSON Schema 2020-12")
    for reference in _references(schema):
        if not (isinstance(reference, str) and reference.startswith("#")):
            raise ValueError("表单中的 $ref 只能指向表单自身（以 # 开头）")
    try:
        jsonschema_rs.Draft202012Validator(
            {**schema, "$schema": DIALECT}, pattern_options=LINEAR, offline=True
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        message = str(getattr(error, "message", error)).splitlines()[0]
        raise ValueError(f"表单不是有效的 JSON Schema 2020-12：{message}") from None
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, Mapping) or not properties:
        raise ValueError("表单的最外层应为 type: object，并在 properties 中列出字段")
    if len(properties) > MOST_FIELDS:
        raise ValueError(f"表单字段至多 {MOST_FIELDS} 个")
    for name, field in properties.items():
        if not isinstance(field, Mapping) or not field.get("title"):
            raise ValueError(f"表单字段 {name} 应有中文名称 title")
    unknown = [name for name in schema.get("required", ()) if name not in properties]
    if unknown:
        raise ValueError(f"必填字段 {'、'.join(unknown)} 不在 properties 中")


def _bounded(value: Any, what: str) -> None:
    try:
        size = len(orjson.dumps(value))
    except (TypeError, ValueError):
        raise ValueError(f"{what} 含有 JSON 不能表达的内容，或嵌套太深") from None
    if size > LARGEST_BYTES:
        raise ValueError(f"{what} 太大，至多 {LARGEST_BYTES // 1024} KB")
    if _depth(value) > DEEPEST:
        raise ValueError(f"{what} 嵌套太深，至多 {DEEPEST} 层")


def _depth(value: Any) -> int:
    """How many containers lie in one another; walked level by level, so that no depth hurts."""
    level, depth = [value], 0
    while level := [inner for outer in level for inner in _inside(outer)]:
        depth += 1
    return depth


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _references(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            # A field may itself be called “$ref”; then what stands there is its schema.
            if name in ("$ref", "$dynamicRef") and not isinstance(inner, Mapping):
                yield inner
            elif name in ("$id", "$anchor", "$dynamicAnchor") and isinstance(inner, str):
                yield inner if name == "$id" else "#"
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)

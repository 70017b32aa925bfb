"""The published interface as the kit uses it: schemas are taken from there, nothing is repeated."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
import yaml

from backend.exchange.interface import provider_interface

Schema = Mapping[str, Any]
MOST_PLACES = 3
_HARMLESS = re.compile(r"[a-z][a-z0-9_]{0,63}")
_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A request that breaks the schema in exactly one place.

    Attributes:
        pointer: the place (RFC 6901); what: Chinese, what is wrong with it.
    """

    pointer: str
    what: str
    payload: dict[str, Any]


class Described:
    """One operation of the interface."""

    def __init__(self, name: str, described: Schema, components: Schema) -> None:
        self.name = name
        self._components = components
        self._query: Schema = described["requestBody"]["content"]["application/json"]["schema"]
        answer = described["responses"]["200"]["content"]["application/json"]["schema"]
        self.query = _validator(self._query, components)
        self.answer = _validator(answer, components)

    def strangers(self, payload: dict[str, Any]) -> list[Mutation]:
        """The payload with an unknown field in each object that takes none."""
        found = []
        for pointer, schema, place in self._objects(self._query, payload, ""):
            if schema.get("additionalProperties") is False:
                changed = _changed(payload, f"{pointer}/x_unknown", 1)
                found.append(Mutation(f"{pointer}/x_unknown", "多了未定义的字段", changed))
                del place
        return found

    def broken(self, payload: dict[str, Any]) -> list[Mutation]:
        """The payload broken in one place after the other."""
        found: list[Mutation] = []
        for pointer, schema, place in self._objects(self._query, payload, ""):
            required = schema.get("required", [])
            for name in place:
                at = f"{pointer}/{name}"
                if name in required:
                    found.append(Mutation(at, "缺少必填字段", _changed(payload, at, _GONE)))
                part = self._resolved(schema["properties"].get(name, {}))
                for value, what in _wrong_values(part):
                    found.append(Mutation(at, what, _changed(payload, at, value)))
        return [one for one in found if not self.query.is_valid(one.payload)]

    def _objects(
        self, schema: Schema, value: Any, pointer: str
    ) -> Iterator[tuple[str, Schema, dict[str, Any]]]:
        """Every object in a payload with its schema and place."""
        schema = self._resolved(schema)
        if isinstance(value, dict) and "properties" in schema:
            yield pointer, schema, value
            for name, part in value.items():
                inner = schema["properties"].get(name, {})
                yield from self._objects(inner, part, f"{pointer}/{name}")
        elif isinstance(value, list) and value and "items" in schema:
            yield from self._objects(schema["items"], value[0], f"{pointer}/0")

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref", "")
        if not reference:
            return schema
        found: Schema = self._components["schemas"][reference.rpartition("/")[2]]
        return self._resolved(found)


@dataclass(frozen=True, slots=True)
class Interface:
    """The whole interface."""

    version: str
    operations: Mapping[str, Described]
    problem: jsonschema_rs.Draft202012Validator
    health: jsonschema_rs.Draft202012Validator


@cache
def interface() -> Interface:
    """The interface that this platform publishes."""
    document: dict[str, Any] = yaml.load(provider_interface(), Loader=_Loader)  # noqa: S506 (safe)
    components = document["components"]
    posts = [route["post"] for route in document["paths"].values() if "post" in route]
    return Interface(
        version=document["info"]["version"],
        operations={
            post["operationId"]: Described(post["operationId"], post, components) for post in posts
        },
        problem=_validator({"$ref": "#/components/schemas/Problem"}, components),
        health=_validator({"$ref": "#/components/schemas/Health"}, components),
    )


def misfits(validator: jsonschema_rs.Draft202012Validator, document: Any) -> str:
    """Where a document breaks its schema: Chinese, none of its values; empty: nowhere."""
    places: dict[str, None] = {}
    for error in validator.iter_errors(document):
        places.setdefault(f"{pointer_of(error.instance_path, document)} {_words(error.kind)}")
        if len(places) > MOST_PLACES:
            break
    shown = list(places)[:MOST_PLACES]
    return "；".join(shown) + ("；还有其他" if len(places) > MOST_PLACES else "")


def pointer_of(path: list[str | int], document: Any) -> str:
    """A JSON pointer; a key that is no field name may be somebody's, and is left out."""
    parts, place = [], document
    for part in path:
        # A key of digits comes as a number too, so that only the document tells which it is.
        if isinstance(place, list):
            parts.append(str(part))
            place = place[int(part)]
        else:
            parts.append(str(part) if _HARMLESS.fullmatch(str(part)) else "*")
            place = place.get(str(part)) if isinstance(place, dict) else None
    return "".join(f"/{part}" for part in parts) or "/"


_KINDS = {
    "type": "类型应为 {types}",
    "required": "缺少 {property}",
    "pattern": "不符合格式 {pattern}",
    "format": "不是有效的 {format}",
    "enum": "不在允许的取值之内",
    "const": "取值不对",
    "minLength": "不得为空或过短",
    "maxLength": "过长",
    "minimum": "过小",
    "maximum": "过大",
    "maxItems": "元素过多",
    "minItems": "元素过少",
    "additionalProperties": "有未定义的字段",
    "anyOf": "与允许的几种形式都不符",
}


def _words(kind: Any) -> str:
    template = _KINDS.get(kind.name, f"不符合 {kind.name}")
    facts = {name: getattr(kind, name, "") for name in ("types", "property", "pattern", "format")}
    facts["types"] = "、".join(facts["types"]) if facts["types"] else ""
    return template.format(**facts)


_GONE = object()


def _wrong_values(schema: Schema) -> Iterator[tuple[Any, str]]:
    """Values that a schema does not allow."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if "string" in kinds:
        yield 44, "写成数字"
        if "pattern" in schema:
            yield "\u3000#", "不符合格式"
        if schema.get("minLength"):
            yield "", "为空"
        if "maxLength" in schema:
            yield "王" * (schema["maxLength"] + 1), "过长"
    elif kinds:
        yield "x", "写成文本"


def _changed(payload: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(payload)
    place: Any = changed
    *way, last = pointer.split("/")[1:]
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    if value is _GONE:
        del place[last]
    else:
        place[last] = value
    return changed


def _validator(schema: Schema, components: Schema) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": components}, validate_formats=True
    )

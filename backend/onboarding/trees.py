"""Manifests as trees of named parts, so that two of them can be laid over one another.

A list whose parts have a name of their own (a key its id, a licence type its code, a service item
its 实施编码) becomes a mapping by that name: what moved within the list did not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from backend.catalogue.service import ELEMENT_LABELS, ELEMENT_PART_LABELS
from backend.exchange.service import OPERATION_NAMES, Manifest

_IDENTITIES = ("id", "code", "name", "field", "uscc")
_ITEM_PARTS = {
    "materials": "material_name",
    "faqs": "question",
    "handle_flow": "stage",
    "fees": "fee_name",
}
_FIELD_WORDS = {
    "title": "名称",
    "type": "类型",
    "enum": "可选值",
    "pattern": "格式",
    "format": "格式类型",
    "minLength": "最短长度",
    "maxLength": "最大长度",
    "minimum": "最小值",
    "maximum": "最大值",
    "const": "固定值",
    "default": "默认值",
    "items": "每项内容",
    "minItems": "最少项数",
    "maxItems": "最多项数",
    "required": "必填",
}
_HINT_WORDS = {
    "groups": "分组",
    "fields": "字段",
    "title": "标题",
    "text": "说明",
    "help": "填写说明",
    "unit": "单位",
    "widget": "控件",
    "wrong": "填错时的提示",
    "prefill": "自动填写",
    "when": "显示条件",
    "allOf": "须全部满足",
    "anyOf": "须满足其一",
    "if": "如果",
    "then": "那么",
    "else": "否则",
}

Items = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Node:
    """A part of a manifest.

    Attributes:
        label: how people call it.
        children: its parts by their key in a JSON pointer; empty for a value.
        value: of a leaf.
        heading: what to say when the whole part appears or is gone.
    """

    label: str
    children: dict[str, "Node"] = field(default_factory=dict)
    value: Any = None
    heading: str = ""


def tree_of(manifest: Manifest, items: Items) -> Node:
    """A manifest with its service items in full (elements by 实施编码)."""
    root = _model("接入清单", manifest, skip=("manifest_version", "service_items"))
    listed = Node("事项")
    for code, elements in items.items():
        listed.children[code] = _item(elements)
    root.children["service_items"] = listed
    return root


def _model(label: str, model: BaseModel, skip: tuple[str, ...] = ()) -> Node:
    node = Node(label, heading=_heading(model))
    for name, described in type(model).model_fields.items():
        if name not in skip:
            value = getattr(model, name)
            node.children[name] = _value(described.title or name, value, described.annotation)
    return node


def _heading(model: BaseModel) -> str:
    for name in ("label", "title", "name"):
        found = getattr(model, name, None)
        if isinstance(found, str):
            return found
    return ""


def _value(label: str, value: Any, annotation: Any) -> Node:
    if isinstance(value, BaseModel):
        return _model(label, value)
    if isinstance(value, list) and _of_models(annotation):
        return _listed(label, value)
    if isinstance(value, dict):
        node = Node(label)
        for name, inner in value.items():
            title = OPERATION_NAMES.get(name, str(name))
            found = _value(f"{title}（{name}）", inner, None)
            found.heading = title
            node.children[str(name)] = found
        return node
    return Node(label, value=value)


def _of_models(annotation: Any) -> bool:
    """Whether a list holds models, by its annotation, so that an empty one counts as well."""
    origin = get_origin(annotation)
    if origin in (Annotated, Union, UnionType):
        return any(_of_models(part) for part in get_args(annotation))
    if origin is Literal:
        return False
    if origin is list:
        return any(
            isinstance(part, type) and issubclass(part, BaseModel) for part in get_args(annotation)
        )
    return False


def _listed(label: str, models: list[Any]) -> Node:
    node = Node(label)
    for place, model in enumerate(models):
        found = _model("", model)
        identity = next(
            (str(getattr(model, name)) for name in _IDENTITIES if hasattr(model, name)), str(place)
        )
        key = identity if identity not in node.children else f"{identity}#{place}"
        found.heading = found.heading or key
        found.label = key if found.heading == key else f"{found.heading}（{key}）"
        node.children[key] = found
    return node


def _item(elements: Mapping[str, Any]) -> Node:
    name, code = str(elements.get("task_name", "")), str(elements.get("task_code", ""))
    node = Node(f"{name}（{code}）", heading=name)
    for element, value in elements.items():
        label = ELEMENT_LABELS.get(element)
        if label is None:
            continue
        if element in _ITEM_PARTS:
            node.children[element] = _parts(label, value, _ITEM_PARTS[element])
        elif element == "form":
            node.children[element] = _form(label, value)
        else:
            node.children[element] = Node(label, value=value)
    return node


def _parts(label: str, parts: list[Mapping[str, Any]], identity: str) -> Node:
    node = Node(label)
    for place, part in enumerate(parts):
        name = str(part.get(identity) or f"第 {place + 1} 项")
        key = name if name not in node.children else f"{name}#{place}"
        inner = Node(name, heading=name)
        for field_name, value in part.items():
            title = ELEMENT_PART_LABELS.get(field_name, field_name)
            inner.children[field_name] = Node(title, value=value)
        node.children[key] = inner
    return node


def _form(label: str, form: Mapping[str, Any] | None) -> Node:
    """A form by its fields; what a field requires stands with the field."""
    if form is None:
        return Node(label)
    schema = form["schema"]
    node, required = Node(label, heading="表单"), set(schema.get("required", ()))
    for name, described in schema["properties"].items():
        inner = Node(
            f"字段 {described.get('title', name)}（{name}）",
            heading=str(described.get("title", name)),
        )
        for keyword, value in described.items():
            inner.children[keyword] = Node(_FIELD_WORDS.get(keyword, keyword), value=value)
        inner.children["required"] = Node("必填", value=name in required)
        node.children[name] = inner
    rest = {name: part for name, part in schema.items() if name not in ("properties", "required")}
    titles = {name: str(part.get("title", name)) for name, part in schema["properties"].items()}
    node.children["$rules"] = _free("其他规则", rest, _HINT_WORDS)
    node.children["$ui"] = _free("展示提示", form.get("ui") or {}, {**_HINT_WORDS, **titles})
    return node


def _free(label: str, value: Any, words: Mapping[str, str]) -> Node:
    """A part without a fixed shape, down to its values: what differs is seen where it differs."""
    node = Node(label)
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            node.children[name] = _free(words.get(name, name), inner, words)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for place, one in enumerate(value):
            title = str(one.get("title", "")) if isinstance(one, Mapping) else ""
            node.children[str(place)] = _free(title or f"第 {place + 1} 项", one, words)
    else:
        node.value = value
    return node

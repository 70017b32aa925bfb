"""The form of an item is checked like anything that comes from outside."""

from typing import Any

import jsonschema_rs
import pytest

from backend.catalogue.errors import ItemsRefused
from backend.catalogue.forms import DIALECT
from backend.catalogue.items import published
from backend.catalogue.labels import ELEMENTS, PARTS
from tests.catalogue_items import shipped, spec

NAME = {"type": "string", "title": "姓名"}


def _form(**more: Any) -> dict[str, Any]:
    return {"schema": {"type": "object", "properties": {"name": NAME}, **more}}


def _nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = NAME
    for _ in range(depth):
        inner = {"type": "array", "title": "层", "items": inner}
    return inner


def test_a_sound_form_is_shown_with_the_elements_under_its_own_names() -> None:
    form = _form(required=["name"]) | {"ui": {"order": ["name"]}}
    assert published(spec(form=form)).model_dump(mode="json")["form"] == form
    assert published(spec()).model_dump(mode="json")["form"] is None


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"ui": {}}, "缺少必填项"),
        (_form(surprise=1, properties={}), "properties"),
        (_form(type="array"), "type: object"),
        (_form(properties={"name": {"type": "string"}}), "title"),
        (_form(properties={"name": {"type": "text", "title": "姓名"}}), "不是有效的"),
        (_form(properties={"name": {**NAME, "pattern": "(a"}}), "不是有效的"),
        (_form(properties={"name": {**NAME, "pattern": "(?=a)b"}}), "不是有效的"),
        (_form(required=["phone"]), "phone"),
        (_form(**{"$schema": "http://json-schema.org/draft-07/schema#"}), "2020-12"),
        (_form(**{"$id": "https://elsewhere.example/form"}), "自身"),
        (_form(properties={"n": {"$ref": "https://x.example/n", "title": "名"}}), "自身"),
        (_form(properties={"n": {"$ref": "file:///etc/passwd", "title": "名"}}), "自身"),
        (_form(properties={"n": {"$ref": "#/$defs/none", "title": "名"}}), "不是有效的"),
        (_form(properties={f"f{n}": NAME for n in range(101)}), "至多 100"),
        (_form(properties={"n": _nested(12)}), "太深"),
        (_form(properties={"n": _nested(2000)}), "太深"),
        (_form(description="长" * 40_000), "太大"),
        (_form() | {"ui": {"hint": "长" * 40_000}}, "太大"),
    ],
)
def test_an_unsound_form_is_refused_with_a_reason(form: dict[str, Any], word: str) -> None:
    with pytest.raises(ItemsRefused) as refusal:
        spec(form=form)
    assert word in refusal.value.errors[0]["message"]
    assert refusal.value.errors[0]["pointer"].startswith("/0/form")


def test_a_field_may_be_called_like_a_keyword() -> None:
    assert spec(form=_form(properties={"$ref": NAME, "$id": NAME})).form is not None


def test_the_sandbox_ships_forms_that_can_be_filled_in() -> None:
    forms = {item.plain_name: item.form for item in shipped() if item.form}
    assert len(forms) >= 6
    for name, form in forms.items():
        validator = jsonschema_rs.Draft202012Validator(form.fields_schema)
        assert form.fields_schema.get("$schema", DIALECT) == DIALECT
        assert form.required, name
        assert not validator.is_valid({}), name
        placed = [*form.ui.get("order", ())]
        placed += [field for group in form.ui.get("groups", ()) for field in group["fields"]]
        assert sorted(placed) == sorted(form.fields), name


def test_the_sandbox_ships_every_kind_of_field_and_materials_where_they_are_named() -> None:
    items = [item for item in shipped() if item.form]
    assert len(items) >= 18
    hints = [
        (item, hint)
        for item in items
        if item.form is not None
        for hint in item.form.ui.values()
        if isinstance(hint, dict)
    ]
    for kind in ("when", "calculate", "prefill", "attach", "add"):
        assert [hint for _, hint in hints if kind in hint], kind
    for item, hint in hints:
        if "attach" in hint:
            assert hint["attach"] in {one.material_name for one in item.materials}
        if "licence" in hint.get("prefill", {}):
            assert len(hint["prefill"]["licence"]) == 21


@pytest.mark.parametrize(
    "ui",
    [
        {"order": ["nobody"]},
        {"groups": [{"title": "一", "fields": ["nobody"]}]},
        {"groups": [{"fields": ["name"]}]},
        {"name": {"when": {"type": "nothing"}}},
        {"name": {"when": "always"}},
        {"name": {"calculate": ["/", "name", 2]}},
        {"name": {"calculate": ["+", "nobody", 2]}},
        {"name": {"calculate": ["sum", "name"]}},
        {"name": {"calculate": True}},
        {"name": {"prefill": {"identity": "name", "applicant": "name"}}},
        {"name": {"prefill": {"licence": "11440000MB9X00111Q001"}}},
        {"name": {"prefill": "name"}},
        {"name": {"prefill": {"identity": "name", "sex": "母"}}},
        {"name": {"prefill": {"enterprise": "name", "sex": "女"}}},
    ],
)
def test_hints_name_what_is_there(ui: dict[str, Any]) -> None:
    with pytest.raises(ItemsRefused) as refusal:
        spec(form=_form() | {"ui": ui})
    assert refusal.value.errors[0]["pointer"].startswith("/0/form")


def test_every_element_and_part_has_its_chinese_name() -> None:
    item = spec(form=_form(), fees=[], materials=[{"material_name": "身份证"}])
    assert set(ELEMENTS) == set(item.__class__.model_fields) - {"department"}
    assert item.form is not None
    for part in (item.materials[0], item.faqs[0], item.handle_flow[0]):
        assert set(part.__class__.model_fields) <= set(PARTS)

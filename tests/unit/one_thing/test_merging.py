"""One form out of several: nothing is asked twice, nothing that a step needs is left out."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.catalogue.compact import expand_items
from backend.catalogue.offers import Offer, offer_of
from backend.one_thing.checking import faults_of_items, faults_of_shape
from backend.one_thing.definition import OneThing, read_definition
from backend.one_thing.errors import DefinitionRefused
from backend.one_thing.merging import Unlike, common
from backend.one_thing.parts import choice
from backend.one_thing.plan import Plan
from gateway.cli.one_things import FOLDER
from tests.catalogue_items import DEPARTMENT, shipped
from tests.one_thing_world import document, items

LICENCE = "11440000MB9X00015F001"


@cache
def offers_of_sandbox() -> Mapping[str, Offer]:
    """Every item that the sandbox ships, by its code."""
    return {
        one.task_code: offer_of(
            "system", one.dept_name,
            {**one.model_dump(mode="json", by_alias=True), "task_version": 1},
        )
        for one in shipped()
    }  # fmt: skip


def small_offers() -> dict[str, Offer]:
    """The items of the small world, by the code of the step."""
    found = {}
    for code, spec in zip(
        ("birth", "home", "care", "gift"), expand_items(items(LICENCE), DEPARTMENT), strict=True
    ):
        elements = {**spec.model_dump(mode="json", by_alias=True), "task_version": 1}
        found[code] = offer_of("system", spec.dept_name, elements)
    return found


def of_sandbox(name: str) -> tuple[OneThing, dict[str, Offer]]:
    """One of the sandbox's examples with its items."""
    thing = read_definition(yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")))
    return thing, {one.code: offers_of_sandbox()[one.item] for one in thing.steps}


@pytest.mark.parametrize("name", ["newborn", "company"])
def test_the_examples_of_the_sandbox_hold(name: str) -> None:
    thing, offers = of_sandbox(name)
    assert faults_of_shape(thing) == []
    assert faults_of_items(thing, offers) == []


@pytest.mark.parametrize("name", ["newborn", "company"])
@settings(deadline=None, max_examples=40)
@given(left=st.sets(st.integers(0, 9)))
def test_whatever_is_chosen_each_thing_is_asked_once_and_all_that_is_needed(
    name: str, left: set[int]
) -> None:
    thing, offers = of_sandbox(name)
    chosen = [
        one.code
        for place, one in enumerate(thing.steps)
        if one.need == "always" or place not in left
    ]
    plan = Plan(thing, 1, chosen, offers)
    form = plan.merged.form
    assert form is not None
    places = [(step, own) for step, names in plan.merged.names.items() for own in names]
    assert len(places) == len(set(places))
    assert {merged for names in plan.merged.names.values() for merged in names.values()} == set(
        form.fields
    )
    for shared in thing.fields:
        # The same thing has one name in the merged form, whichever steps ask for it.
        asked = {plan.merged.names.get(one.step, {}).get(one.name) for one in shared.to} - {None}
        assert asked <= {shared.name}
    for step in plan.steps:
        own = offers[step.code].form
        for field in own.required if own else ():
            covered = (
                field in plan.merged.names[step.code]
                or field in step.values
                or (step.code, field) in plan.given
            )
            assert covered, (step.code, field)
            if field in plan.merged.names[step.code]:
                assert plan.merged.names[step.code][field] in form.required
    wanted = [
        (step.code, f"m{number}")
        for step in plan.steps
        for number in range(1, len(offers[step.code].elements["materials"]) + 1)
    ]
    assert sorted(to for one in plan.materials for to in one.to) == sorted(wanted)
    codes = [one.code for one in plan.materials]
    assert len(codes) == len(set(codes))


def test_without_the_step_that_gives_it_the_person_is_asked() -> None:
    thing = read_definition(
        document(
            steps=[
                {**one, "need": "default"} if one["code"] == "birth" else one
                for one in document()["steps"]
            ]
        )
    )
    offers = small_offers()
    with_birth = Plan(thing, 1, choice(thing, None), offers)
    assert ("home", "certificate_no") in with_birth.given
    without = Plan(thing, 1, ["home", "care"], offers)
    assert without.merged.form is not None
    assert "home_certificate_no" in without.merged.form.required
    assert not any(one.raw.get("from_step") for one in without.materials)


def test_settled_values_decide_their_conditions() -> None:
    thing, offers = of_sandbox("company")
    form = Plan(thing, 1, [one.code for one in thing.steps], offers).merged.form
    assert form is not None
    # “一并领发票” is settled as no: its own questions are never asked.
    assert not [name for name in form.fields if name.startswith("registration_invoice")]
    assert form.required.isdisjoint({"registration_invoice_kind", "registration_staff"})


def refused(**changes: Any) -> list[dict[str, str]]:
    """What is wrong with the small definition, changed."""
    thing = read_definition(document(**changes))
    offers = {
        code: one for code, one in small_offers().items() if code in {s.code for s in thing.steps}
    }
    return faults_of_shape(thing) or faults_of_items(thing, offers)


def step(code: str, **more: Any) -> dict[str, Any]:
    """One of the definition's steps, changed."""
    return {**next(one for one in document()["steps"] if one["code"] == code), **more}


STEPS = document()["steps"]


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"steps": [step("birth", after=["home"]), *STEPS[1:]]}, "/steps", "成了一个圈"),
        ({"steps": [step("birth", after=["nobody"]), *STEPS[1:]]}, "/steps/0/after", "不存在"),
        ({"steps": [*STEPS, step("birth")]}, "/steps", "重复"),
        ({"steps": [step("birth", item="1" * 31), *STEPS[1:]]}, "/steps/0/item", ""),
        (
            {"steps": [*STEPS[:3], step("gift", founded_by="care")]},
            "/steps/3/founded_by", "应为必办",
        ),
        (
            {"steps": [step("birth", values={"nothing": 1}), *STEPS[1:]]},
            "/steps/0/values/nothing", "没有字段",
        ),
        (
            {"steps": [step("birth", values={"hospital": 7}), *STEPS[1:]]},
            "/steps/0/values/hospital", "不接受",
        ),
        (
            {"fields": [{"name": "x", "to": [
                {"step": "birth", "pointer": "/child"}, {"step": "home", "pointer": "/nothing"},
            ]}]},
            "/fields/0/to/1/pointer", "没有字段",
        ),
        (
            {"fields": [{"name": "x", "to": [
                {"step": "birth", "pointer": "/child"}, {"step": "care", "pointer": "/has_number"},
            ]}]},
            "/fields/0/to/1", "类型不同",
        ),
        (
            {"fields": [
                *document()["fields"],
                {"name": "again", "to": [
                    {"step": "birth", "pointer": "/child"},
                    {"step": "birth", "pointer": "/hospital"},
                ]},
            ]},
            "/fields/2/to/0", "已合并到",
        ),
        (
            {"materials": [{"code": "xx", "name": "x", "to": [
                {"step": "birth", "material": "没有的"}, {"step": "home", "material": "身份证"},
            ]}]},
            "/materials/0/to/0/material", "没有材料",
        ),
        ({"for": ["enterprise"]}, "/steps/0/item", "不面向企业"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_named_with_its_place(
    changes: dict[str, Any], pointer: str, words: str
) -> None:
    if "1" * 31 in str(changes):
        thing = read_definition(document(**changes))
        offers = {code: one for code, one in small_offers().items() if code != "birth"}
        found = faults_of_items(thing, offers)
    else:
        found = refused(**changes)
    assert any(one["pointer"] == pointer and words in one["message"] for one in found), found
    assert all(one["element"] for one in found)


def test_what_is_no_definition_is_refused_with_its_places() -> None:
    with pytest.raises(DefinitionRefused) as caught:
        read_definition({**document(), "steps": [], "more": 1})
    assert {one["pointer"] for one in caught.value.errors} >= {"/steps", "/more"}


def test_what_two_fields_take_in_common() -> None:
    first = {"type": "string", "title": "姓名", "minLength": 2}
    second = {"type": "string", "title": "名字", "minLength": 1, "maxLength": 30}
    assert common(first, second) == {
        "type": "string", "title": "姓名", "minLength": 2, "maxLength": 30,
    }  # fmt: skip
    assert common({"enum": ["男", "女"]}, {"enum": ["女", "其他"]})["enum"] == ["女"]
    for one, other in (
        ({"enum": ["男"]}, {"enum": ["女"]}),
        ({"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 3}),
        ({"type": "string", "pattern": "a"}, {"type": "string", "pattern": "b"}),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array"}),
    ):
        with pytest.raises(Unlike):
            common(one, other)

"""Two revisions laid over one another: what differs in words, and what would break."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from backend.catalogue.compact import expand_items
from backend.exchange.manifest import parse_manifest
from backend.onboarding.breaking import breaking_changes
from backend.onboarding.diff import Content, compare
from backend.onboarding.states import OPEN, STATE_NAMES, STEPS, Act, State, possible
from tests.catalogue_items import DEPARTMENT, full_item
from tests.onboarding_world import FORM, declared, document, signing_key

KEY = signing_key()
Change = Callable[[dict[str, Any]], Any]
RESOURCE: dict[str, Any] = {
    "code": "301099/0001", "name": "测试记录", "summary": "测试用的记录", "category": "department",
    "share_type": 1, "share_modes": ["interface"], "update_cycle": "daily", "level": 2,
    "subject_code_types": ["111", "001"],
    "items": [
        {"name": "state", "label": "状态", "type": "text", "level": 2},
        {"name": "amount", "label": "金额", "type": "money", "level": 2},
    ],
}  # fmt: skip


def raw() -> dict[str, Any]:
    """A manifest with one of everything."""
    made = document(KEY)
    made["operations"]["resources.query"] = {"path": "/v1/resources/query", "timeout_ms": 1200}
    made["data_resources"] = [copy.deepcopy(RESOURCE)]
    return made


def content(document: dict[str, Any]) -> Content:
    """Read, with its items in full."""
    manifest = parse_manifest(document)
    specs = expand_items(manifest.service_items, DEPARTMENT)
    items = {spec.task_code: spec.model_dump(mode="json", exclude={"department"}) for spec in specs}
    return Content(manifest, items)


def step(change: Change) -> tuple[Content, Content]:
    """Before and after a change."""
    after = raw()
    change(after)
    return content(raw()), content(after)


def test_of_a_long_text_the_difference_is_shown_and_not_its_beginning() -> None:
    words = "说明" * 400

    def reword(document: dict[str, Any]) -> None:
        document["service_items"][0]["accept_condition"] = [f"{words}甲{words}"]

    before, after = step(reword)
    item = next(iter(before.items.values()))
    long = Content(before.manifest, {item["task_code"]: {**item, "accept_condition": [words * 2]}})
    (change,) = compare(long, after)
    assert change.after is not None
    assert "甲" in change.after
    assert len(change.text) < 800


def test_hints_of_a_form_are_compared_place_by_place() -> None:
    def hinted(unit: str) -> Callable[[dict[str, Any]], None]:
        def hint(document: dict[str, Any]) -> None:
            form(document)
            document["service_items"][0]["form"]["ui"] = {
                "groups": [{"title": "基本情况", "fields": ["purpose", "copies"]}],
                "copies": {"unit": unit},
            }

        return hint

    before, after = step(hinted("份"))[1], step(hinted("张"))[1]
    (change,) = compare(before, after)
    assert change.text.endswith("申请表单 › 展示提示 › 份数 › 单位：份 → 张")


def form(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of the item's form, to be changed."""
    item = document["service_items"][0]
    item["form"] = copy.deepcopy(FORM)
    schema: dict[str, Any] = item["form"]["schema"]
    return schema


def test_nothing_differs_from_itself_whatever_the_order() -> None:
    turned = raw()
    turned["licence_types"].reverse()
    turned["data_resources"][0]["items"].reverse()
    assert compare(content(raw()), content(turned)) == []
    assert breaking_changes(content(raw()), content(turned)) == []


def test_against_nothing_everything_is_new_and_breaks_nothing() -> None:
    changes = compare(None, content(raw()))
    assert {change.kind for change in changes} == {"added"}
    assert any(change.text.startswith("事项 › 测试事项") for change in changes)
    assert breaking_changes(None, content(raw())) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda m: m["limits"].update(concurrency=9) if "limits" in m else m.update(
            limits={"concurrency": 9}), "限额 › 并发上限：64 → 9"),
        (lambda m: m["endpoints"]["production"].update(base_url="https://b.example"),
         "接入地址 › 生产地址 › 接入地址：https://zwfw.ceshi.example/api → https://b.example"),
        (lambda m: m["licence_types"][0]["fields"][0].update(label="地址"),
         "证照类型 › 测试证（11440000MB9X00015F001） › 证面信息项 › 地址（address） › 信息项名称："
         "住址 → 地址"),
        (lambda m: m["licence_types"][0]["fields"][0].update(sensitive=False),
         "证照类型 › 测试证（11440000MB9X00015F001） › 证面信息项 › 住址（address） › 是否敏感："
         "是 → 否"),
        (lambda m: m["keys"].append(declared(signing_key("k2"))), "密钥 › k2：新增"),
        (lambda m: m["sections"][0].update(title="新标题"),
         "首页板块 › 新标题（gd-ceshi-section） › 标题：测试板块 → 新标题"),
        (lambda m: m["operations"].pop("resources.query") and m.pop("data_resources"),
         "接口 › 数据资源查询（resources.query）：删除"),
        (lambda m: m["service_items"][0].update(promise_day=3),
         "事项 › 测试事项（11440000MB9X00015F4440109001000） › 承诺办结时限：5 → 3"),
        (lambda m: m["service_items"][0].update(materials=[{"material_name": "身份证"}]),
         "事项 › 测试事项（11440000MB9X00015F4440109001000） › 申请材料 › 身份证：新增"),
        (lambda m: form(m)["properties"]["copies"].update(title="数量"),
         "事项 › 测试事项（11440000MB9X00015F4440109001000） › 申请表单 › 字段 数量（copies） › "
         "名称：份数 → 数量"),
        (lambda m: form(m).update(required=["purpose", "copies"]),
         "事项 › 测试事项（11440000MB9X00015F4440109001000） › 申请表单 › 字段 份数（copies） › "
         "必填：否 → 是"),
    ],
)  # fmt: skip
def test_each_change_is_said_in_the_departments_words(change: Change, text: str) -> None:
    assert text in [one.text for one in compare(*step(change))]


def test_an_item_is_known_by_its_code_and_not_by_its_place() -> None:
    after = raw()
    other = full_item(task_name="另一事项", catalog_code="440109001001", form=None)
    after["service_items"].insert(0, other)
    assert [one.text for one in compare(content(raw()), content(after))] == [
        "事项 › 另一事项（11440000MB9X00015F4440109001001）：新增"
    ]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda m: (m["operations"].pop("sections.query"), m.update(sections=[])),
         "operation_dropped"),
        (lambda m: m.update(sections=[]), "section_dropped"),
        (lambda m: m.update(licence_types=[]), "licence_type_dropped"),
        (lambda m: m["licence_types"][0].update(fields=[]), "licence_field_dropped"),
        (lambda m: m["licence_types"][0].update(holder_code_type="414"), "licence_holder_changed"),
        (lambda m: m.update(data_resources=[]), "resource_dropped"),
        (lambda m: m["data_resources"][0]["items"].pop(), "resource_field_dropped"),
        (lambda m: m["data_resources"][0]["items"][1].update(type="text"), "resource_field_type"),
        (lambda m: m["data_resources"][0].update(subject_code_types=["111"]),
         "resource_subject_dropped"),
        (lambda m: m["data_resources"][0].update(
            share_type=3, share_modes=[], share_ground="《中华人民共和国统计法》第九条"),
         "resource_closed"),
        (lambda m: m.update(service_items=[]), "item_dropped"),
        (lambda m: m["service_items"][0].update(form=None), "form_dropped"),
        (lambda m: form(m)["properties"].pop("copies"), "form_field_dropped"),
        (lambda m: form(m).update(required=["purpose", "copies"]), "form_field_required"),
        (lambda m: form(m)["properties"]["copies"].update(type="string"), "form_field_type"),
        (lambda m: form(m)["properties"]["purpose"].update(enum=["就业"]), "form_option_dropped"),
    ],
)  # fmt: skip
def test_what_would_break_running_applications_is_named(change: Change, kind: str) -> None:
    found = breaking_changes(*step(change))
    assert kind in {one.id.partition(":")[0] for one in found}
    assert len({one.id for one in found}) == len(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(limits={"concurrency": 1}),
        lambda m: m["licence_types"][0]["fields"].append({"name": "sex", "label": "性别"}),
        lambda m: m["data_resources"][0]["items"].append(
            {"name": "note", "label": "备注", "type": "text", "level": 1}
        ),
        lambda m: form(m)["properties"].update(phone={"type": "string", "title": "电话"}),
        lambda m: form(m)["properties"]["purpose"]["enum"].append("移民"),
        lambda m: form(m).update(required=[]),
        lambda m: m["service_items"][0].update(promise_day=1),
    ],
)
def test_what_only_adds_breaks_nothing(change: Change) -> None:
    before, after = step(change)
    assert compare(before, after)
    assert breaking_changes(before, after) == []


def test_the_table_leads_from_draft_to_every_state_and_out_of_the_last_ones_nowhere() -> None:
    reached, found = {State.DRAFT}, True
    while found:
        following = {
            step.after for step in STEPS.values() if step.before & reached
        }  # fmt: skip
        found = not following <= reached
        reached |= following
    assert reached == set(State) == set(STATE_NAMES)
    assert {state for state in State if not possible(state)} == {
        State.RETIRED, State.SUPERSEDED, State.DISCARDED,
    }  # fmt: skip
    assert set(STEPS) == set(Act) - {Act.CREATE}
    for act in (Act.TAKE, Act.APPROVE, Act.PUBLISH, Act.RESTORE):
        assert STEPS[act].other_hand
    assert STEPS[Act.SUBMIT].after in OPEN

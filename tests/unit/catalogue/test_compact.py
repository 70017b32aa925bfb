"""The short form of items: what it expands to, and what it refuses."""

from typing import Any

import pytest

from backend.catalogue.compact import MOST_ITEMS, expand_items
from backend.catalogue.errors import ItemsRefused
from backend.mistakes import MOST_NAMED
from tests.catalogue_items import DEPARTMENT, full_item

CARD = "11100000000013127D001"


def document(**changes: Any) -> dict[str, Any]:
    """A document of one short item, with changes to the item."""
    item: dict[str, Any] = {
        "code": "001002",
        "preset": "counter",
        "task_name": "测试事项",
        "plain_name": "办一件测试的事",
        "by_law": "《中华人民共和国居民身份证法》",
        "promise": "3个工作日",
        "statutory": "60天",
        "accept_condition": ["想试一试"],
        "flow": {"受理": "收件", "办结": "发证"},
        "materials": ["card", {"use": "card", "is_need": "非必要"}, {"name": "申请表"}],
        "fees": {"工本费": "每证 20 元"},
        "fee_basis": "发改价格〔2003〕2322号",
        "is_pay_online": False,
        "result": {"name": "测试证", "sample": "一张卡片", "licence": "身份证"},
        "faqs": {"真的吗": "真的。"},
    }
    return {
        "catalog_department": "09",
        "licences": {"身份证": CARD},
        "defaults": {"province": "44", "regions": ["440000"], "link": "12345"},
        "presets": {
            "counter": {
                "task_type": "07",
                "use_level": "4",
                "server_type": ["1"],
                "themes": ["household"],
                "handle_type": ["1"],
                "supervise": "12389",
                "visits": "要按指纹",
            }
        },
        "materials": {"card": {"name": "居民身份证", "licence": "身份证"}},
        "items": [{key: value for key, value in (item | changes).items() if value is not ...}],
    }


def refusal(raw: object) -> dict[str, str]:
    with pytest.raises(ItemsRefused) as refused:
        expand_items(raw, DEPARTMENT)
    return refused.value.errors[0]


def test_codes_are_put_together_from_their_parts() -> None:
    (item,) = expand_items(document(), DEPARTMENT)
    assert item.catalog_code == "440709001002"
    assert item.task_code == "11440000MB9X00015F" + "4" + "440709001002"
    assert len(item.task_code) == 31
    assert item.task_handle_item == item.task_code + "01"
    assert item.dept_name == "测试厅"


def test_times_visits_fees_telephones_and_results_are_spelt_out() -> None:
    (item,) = expand_items(document(), DEPARTMENT)
    assert (item.promise_text, item.anticipate_text) == ("3个工作日", "60天")
    assert item.project_type == "2"
    assert (item.limit_scene_num, item.limit_scene_explain) == (1, "要按指纹")
    assert (item.is_online, item.online_handle_depth) == (False, 1)
    assert item.is_fee
    assert item.fees[0].fee_stand == "每证 20 元"
    assert (item.link_way, item.supervise_way) == ("020-12345", "020-12389")
    assert (item.result_type, item.licence_type_results) == ("出证办结", [CARD])
    assert [stage.stage for stage in item.handle_flow] == ["受理", "办结"]


def test_materials_are_shared_and_can_differ_in_one_item() -> None:
    (item,) = expand_items(document(), DEPARTMENT)
    first, second, third = item.materials
    assert (first.material_name, first.licence_type_code) == ("居民身份证", CARD)
    assert first.source_type == "政府部门核发"
    assert (first.is_need, second.is_need) == ("必要", "非必要")
    assert (third.material_name, third.licence_type_code) == ("申请表", None)


def test_an_immediate_item_and_one_without_statutory_time() -> None:
    raw = document(promise="即办", statutory="法律法规未规定", visits=0, handle_type=["1", "3"])
    (item,) = expand_items(raw, DEPARTMENT)
    assert (item.promise_day, item.project_type, item.promise_text) == (0, "1", "当场办结")
    assert (item.anticipate_day, item.anticipate_text) == (None, "法律法规未规定")
    assert (item.is_online, item.online_handle_depth) == (True, 4)


def test_another_area_code_is_used_for_both_telephones() -> None:
    (item,) = expand_items(document(area="0755"), DEPARTMENT)
    assert (item.link_way, item.supervise_way) == ("0755-12345", "0755-12389")


def test_items_may_be_given_in_full() -> None:
    (item,) = expand_items([full_item()], DEPARTMENT)
    assert item.task_code == "11440000MB9X00015F4440109001000"


def test_something_that_is_neither_form_is_refused() -> None:
    assert refusal("items")["pointer"] == ""
    assert refusal({"things": []})["pointer"] == ""


def test_a_duration_that_cannot_be_read_is_refused_with_its_place() -> None:
    error = refusal(document(promise="很快"))
    assert error["pointer"] == "/items/0"
    assert "很快" in error["message"]


def test_an_unknown_preset_material_or_licence_is_refused() -> None:
    assert "nowhere" in refusal(document(preset="nowhere"))["message"]
    assert "nothing" in refusal(document(materials=["nothing"]))["message"]
    assert (
        "不存在" in refusal(document(materials=[{"name": "某证", "licence": "不存在"}]))["message"]
    )


def test_a_missing_element_is_refused_with_its_place() -> None:
    assert refusal(document(plain_name=...))["pointer"] == "/items/0/plain_name"
    assert "code" in refusal(document(code=...))["message"]


def test_an_unknown_element_is_refused() -> None:
    assert refusal(document(colour="red"))["pointer"] == "/items/0/colour"


def test_a_task_code_that_is_not_made_of_its_parts_is_refused() -> None:
    error = refusal([full_item(task_code="11440000MB9X00015F3440109001000")])
    assert "task_code" in error["message"]


def test_a_basic_code_of_another_type_is_refused() -> None:
    error = refusal([full_item(task_type="07")])
    assert "catalog_code" in error["message"]


def test_an_item_that_is_no_object_is_refused() -> None:
    assert refusal(["an item"])["pointer"] == "/0"
    assert refusal({**document(), "items": ["an item"]})["pointer"] == "/items/0"


@pytest.mark.parametrize("short", [False, True])
def test_a_heap_of_items_is_refused_at_once(short: bool) -> None:
    def refused(many: int) -> list[dict[str, str]]:
        items: list[Any] = [{"a": 1}] * many
        with pytest.raises(ItemsRefused) as refusal:
            expand_items({"items": items} if short else items, DEPARTMENT)
        return refusal.value.errors

    (one,) = refused(MOST_ITEMS + 1)
    assert one["message"] == f"一个系统至多登记 {MOST_ITEMS} 个事项，这里有 {MOST_ITEMS + 1} 个"
    assert len(refused(MOST_ITEMS)) < 2 * MOST_NAMED

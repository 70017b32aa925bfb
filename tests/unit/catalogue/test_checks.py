"""The ten publication checks: what passes, and every refusal of each."""

from typing import Any

import pytest

from backend.catalogue.checks import LICENSING_STAGES, check_item
from tests.catalogue_items import full_item, spec


def refused(**changes: Any) -> list[tuple[int, str]]:
    """Rule and field of every failure of the changed item."""
    return [(failure.rule, failure.field) for failure in check_item(spec(**changes))]


def test_a_complete_item_passes() -> None:
    assert check_item(spec()) == []


def test_every_message_is_a_chinese_sentence_and_names_the_element() -> None:
    failures = check_item(spec(project_type="1", promise_day=30, result_sample=""))
    assert [failure.rule for failure in failures] == [1, 2, 10]
    for failure in failures:
        assert failure.element
        assert any("一" <= letter <= "鿿" for letter in failure.message)


def test_1_an_immediate_item_that_is_not_called_immediate_is_refused() -> None:
    assert refused(promise_day=0) == [(1, "project_type")]


def test_1_an_item_that_takes_days_and_is_called_immediate_is_refused() -> None:
    assert refused(project_type="1") == [(1, "project_type")]


def test_1_an_immediate_item_called_immediate_passes() -> None:
    assert refused(promise_day=0, project_type="1") == []


def test_2_a_promise_longer_than_the_statute_is_refused() -> None:
    assert refused(promise_day=21) == [(2, "promise_day")]


def test_2_working_days_are_longer_than_days_of_the_calendar() -> None:
    assert refused(promise_day=20, anticipate_day=20, anticipate_type="day") == [(2, "promise_day")]
    assert refused(promise_day=20, anticipate_day=1, anticipate_type="month") == []


def test_2_without_a_statutory_time_its_absence_has_to_be_explained() -> None:
    assert refused(anticipate_day=None) == [(2, "anticipate_explain")]
    assert refused(anticipate_day=None, anticipate_explain="法律法规未规定") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("测试证", "出证办结"), ("关于测试的批复", "审批办结"), ("测试函文", "出文办结")],
)
def test_3_the_result_type_follows_the_ending_of_its_name(name: str, expected: str) -> None:
    assert refused(result_name=name, result_type="其他") == [(3, "result_type")]
    assert refused(result_name=name, result_type=expected) == []


def test_4_a_visit_without_a_reason_is_refused() -> None:
    assert refused(limit_scene_num=1, online_handle_depth=3) == [(4, "limit_scene_explain")]


def test_4_no_visit_and_nothing_online_needs_the_post() -> None:
    offline = {"is_online": False, "online_handle_depth": 1, "handle_type": ["1"]}
    assert refused(**offline) == [(4, "handle_type")]
    assert refused(**{**offline, "handle_type": ["1", "4"]}) == []


def test_5_fully_online_with_a_visit_is_refused() -> None:
    assert refused(limit_scene_num=1, limit_scene_explain="要按指纹") == [(5, "limit_scene_num")]


FEE: dict[str, Any] = {
    "is_fee": True,
    "fee_basis": "发改价格〔2003〕2322号",
    "fees": [{"fee_name": "工本费", "fee_stand": "每证 20 元"}],
    "is_pay_online": True,
}


def test_6_a_complete_fee_passes() -> None:
    assert refused(**FEE) == []


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ({"fee_basis": ""}, "fee_basis"),
        ({"fees": []}, "fees"),
        ({"is_pay_online": None}, "is_pay_online"),
        ({"fees": [{"fee_name": "", "fee_stand": "每证 20 元"}]}, "fees/0/fee_name"),
        ({"fees": [{"fee_name": "工本费", "fee_stand": ""}]}, "fees/0/fee_stand"),
    ],
)
def test_6_a_fee_without_one_of_its_parts_is_refused(missing: dict[str, Any], field: str) -> None:
    assert refused(**{**FEE, **missing}) == [(6, field)]


def test_6_online_payment_without_a_fee_is_refused() -> None:
    assert refused(is_pay_online=True) == [(6, "is_pay_online")]


@pytest.mark.parametrize("field", ["link_way", "supervise_way"])
def test_7_a_telephone_without_its_area_code_is_refused(field: str) -> None:
    assert refused(**{field: "12333"}) == [(7, field)]


def test_7_the_same_telephone_for_questions_and_complaints_is_refused() -> None:
    assert refused(supervise_way="020-12345") == [(7, "supervise_way")]


def test_8_a_theme_that_does_not_exist_is_refused() -> None:
    assert refused(themes=["household", "weather"]) == [(8, "themes")]


def test_8_a_theme_for_those_whom_the_item_does_not_serve_is_refused() -> None:
    assert refused(themes=["household", "corp-setup"]) == [(8, "themes")]


def test_8_an_audience_without_a_theme_is_refused() -> None:
    assert refused(server_type=["1", "2"]) == [(8, "themes")]
    assert refused(server_type=["1", "2"], themes=["household", "corp-setup"]) == []


def test_9_licensing_without_a_question_is_refused() -> None:
    assert refused(faqs=[]) == [(9, "faqs")]


@pytest.mark.parametrize("missing", LICENSING_STAGES)
def test_9_licensing_without_one_of_its_stages_is_refused(missing: str) -> None:
    flow = [stage for stage in full_item()["handle_flow"] if stage["stage"] != missing]
    failures = check_item(spec(handle_flow=flow))
    assert [(failure.rule, failure.field) for failure in failures] == [(9, "handle_flow")]
    assert missing in failures[0].message


def test_9_other_types_need_neither() -> None:
    assert refused(task_type="07", catalog_code="440709001000", faqs=[]) == []


def test_10_a_named_result_without_a_sample_is_refused() -> None:
    assert refused(result_sample="") == [(10, "result_sample")]
    assert refused(result_sample="", result_name="") == []

"""Data resources of a manifest: what is refused, and in which words."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.exchange.manifest_resources import FITS, DataResourceSpec, address_code
from backend.mistakes import readable
from backend.sandbox.departments.registry import departments

RESOURCE: dict[str, Any] = {
    "code": "301146/0001", "name": "住房公积金缴存信息", "summary": "缴存情况",
    "category": "department", "share_type": 2,
    "share_conditions": {"scope": "民政部门", "use": "社会救助", "terms": "按人查询"},
    "share_modes": ["interface"], "update_cycle": "daily", "level": 3,
    "subject_code_types": ["111"],
    "items": [{"name": "balance", "label": "账户余额", "type": "money", "level": 3}],
}  # fmt: skip


def changed(**changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(RESOURCE) | changes
    return {name: value for name, value in made.items() if value is not ...}


def test_the_example_is_accepted() -> None:
    spec = DataResourceSpec.model_validate(RESOURCE)
    assert spec.address_code == "301146-0001" == address_code(spec.code)
    assert spec.shared
    assert spec.item("balance") is not None
    assert spec.item("nothing") is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "201146/0001"}, "“类”应为 3"),
        ({"code": "106001/1", "category": "base"}, "“项”应为"),
        ({"code": "3011460001"}, "格式不符"),
        ({"share_conditions": ...}, "share_conditions"),
        ({"share_type": 1}, "share_conditions"),
        ({"share_type": 3, "share_conditions": ..., "share_modes": []}, "share_ground"),
        (
            {"share_type": 3, "share_conditions": ..., "share_modes": [], "share_ground": "不方便"},
            "应引用法律",
        ),
        (
            {"share_type": 3, "share_conditions": ..., "share_ground": "《中华人民共和国统计法》"},
            "没有共享方式",
        ),
        ({"share_modes": []}, "至少有一种"),
        ({"level": 2}, "不得低于"),
        ({"open_type": "unconditional"}, "不得无条件开放"),
        ({"classification": "core", "share_type": 1, "share_conditions": ...}, "核心数据"),
        ({"share_modes": ["interface", "interface"]}, "共享方式重复"),
        ({"items": RESOURCE["items"] * 2}, "信息项名称重复"),
        ({"items": []}, "至少要有 1 项"),
        ({"update_cycle": "sometimes"}, "只能是"),
        ({"unknown": 1}, "不认识的字段"),
        ({"share_type": "2"}, "只能是"),
    ],
)
def test_what_is_refused_says_so_in_chinese(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DataResourceSpec.model_validate(changed(**changes))
    assert any(words in mistake["message"] for mistake in readable(caught.value))


@given(
    st.sampled_from(["base", "theme", "department"]),
    st.from_regex(r"\A[1-5]\d{5}\d{0,4}/\d{1,4}\Z"),
)
def test_a_code_belongs_to_its_category(category: str, code: str) -> None:
    digit = {"base": "1", "theme": "2", "department": "3"}[category]
    fits = code[0] == digit and (category != "base" or code[1:3] in ("01", "02", "03", "04", "05"))
    try:
        DataResourceSpec.model_validate(changed(category=category, code=code))
    except ValidationError:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", "正常", 1), ("integer", 3, 3.5), ("integer", 0, True), ("number", 1.5, "1.5"),
        ("money", 10, True), ("date", "2026-11-23", "2026-11"), ("month", "2026-11", "2026-11-23"),
        ("datetime", "2026-11-23T10:00:00+08:00", "2026-11-23 10:00"), ("boolean", False, 0),
        ("text", "", "x" * 4001),
    ],
)  # fmt: skip
def test_values_of_each_type(kind: Any, good: Any, bad: Any) -> None:
    assert FITS[kind](good)
    assert not FITS[kind](bad)


def test_the_sandbox_declares_real_resources_under_different_codes() -> None:
    codes = []
    for department in departments():
        found = department.resources
        shares = "resources.query" in department.template["operations"]
        assert 2 <= len(found) <= 5 if shares else not found
        for each in found:
            plain = {name: part for name, part in each.items() if name != "source"}
            codes.append(DataResourceSpec.model_validate(plain).code)
            assert set(each["source"]) <= {"fact", "licence"}
    assert len(codes) == len(set(codes))

"""The published part of CEL: what is read, and what is refused with which words."""

import cel
import pytest

from backend.policies.errors import ConditionRefused
from backend.policies.grammar import looked_at, parse_condition, parse_term
from backend.policies.variables import types

TYPES = types("enterprise")


@pytest.mark.parametrize(
    "text",
    [
        "enterprise.staff >= 5",
        "enterprise.staff * 300 - enterprise.years + 2 > 10",
        "-5 < enterprise.staff",
        "enterprise.capital <= 100.0 && !enterprise.food",
        "!(enterprise.credit in ['A', \"B\"] || enterprise.region.startsWith('4403'))",
        "enterprise.food == false",
        "enterprise.staff in [1, -2, 3]",
    ],
)
def test_is_read_and_is_cel(text: str) -> None:
    assert looked_at(parse_condition(text, TYPES)) <= set(TYPES)
    cel.compile(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "不能为空"),
        ("enterprise.staff >=", "没有写完"),
        ("enterprise.staff >= 5 5", "多余"),
        ("enterprise.nothing >= 5", "没有变量"),
        ("person.age >= 5", "没有变量"),
        ("enterprise.staff >= 5.0", "类型不同"),
        ("enterprise.capital >= 5", "类型不同"),
        ("enterprise.capital * 2 >= 5.0", "小数 3.0"),
        ("enterprise.staff * enterprise.years > 5", "只能乘以数字"),
        ("enterprise.credit", "是文字"),
        ("enterprise.credit > 'A'", "之一"),
        ("enterprise.credit == 5", "带引号"),
        ("enterprise.credit in []", "带引号"),
        ("enterprise.staff.startsWith('4')", "不是文字"),
        ("5 > 3", "要有变量"),
        ("enterprise.staff > 2000000000000", "过大"),
        ("enterprise.staff * 2000000 > 5", "过大"),
        ("(enterprise.food", "缺少"),
        ("enterprise.food ? true : false", "看不懂"),
        ("enterprise.credit == 'a\\'b'", "看不懂"),
        ("has(enterprise.food)", "没有变量"),
        ("enterprise.credit.matches('.*')", "没有变量"),
        ("(" * 30 + "enterprise.food" + ")" * 30, "嵌套"),
        ("+".join(["enterprise.staff"] * 9) + " > 5", "最多"),
        ("enterprise.food || " * 200 + "enterprise.food", "不能超过"),
    ],
)
def test_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConditionRefused) as refused:
        parse_condition(text, TYPES)
    assert words in refused.value.message


def test_formula_gives_a_number() -> None:
    assert looked_at(parse_term("enterprise.staff * 300", TYPES)) == {"enterprise.staff"}
    with pytest.raises(ConditionRefused):
        parse_term("enterprise.staff > 3", TYPES)

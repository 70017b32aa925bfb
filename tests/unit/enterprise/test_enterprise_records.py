"""Answers of a register are taken only in the agreed shape, and only about whom was asked."""

from typing import Any

import pytest

from backend.enterprise.records import (
    AnswerRefused,
    ShownLicence,
    read_licence_code,
    read_one,
    read_represented,
)
from backend.numbers.service import Holder

USCC = "91440300MA5ABCD19W"
PERSON = Holder("111", "440106199002030017", "张三")
AS_OF = "2026-11-24T08:00:00+08:00"
ENTERPRISE: dict[str, Any] = {
    "uscc": USCC,
    "name": "示范公司",
    "kind": "enterprise",
    "status": "存续",
    "legal_representative": {"name": "张三", "id_number": PERSON.code},
    "region_code": "440300",
    "address": "深圳市",
    "established_on": "2015-03-02",
    "registered_capital": 100,
    "industry": {"code": "F5212", "name": "超级市场零售"},
}


def changed(**changes: Any) -> dict[str, Any]:
    return {**ENTERPRISE, **changes}


def many(*found: Any) -> dict[str, Any]:
    return {"as_of": AS_OF, "enterprises": list(found)}


def test_a_good_answer_is_read() -> None:
    (found,) = read_represented(many(ENTERPRISE), PERSON)
    assert found.holder == Holder("001", USCC, "示范公司")
    assert read_one({"as_of": AS_OF, "enterprise": ENTERPRISE}, USCC) == found
    assert read_one({"as_of": AS_OF, "enterprise": None}, USCC) is None


@pytest.mark.parametrize(
    "found",
    [
        changed(uscc="91440300MA5ABCD19X"),
        changed(uscc="short"),
        changed(kind="club"),
        changed(status="good"),
        changed(registered_capital=-1),
        changed(established_on="2015-02-30"),
        changed(legal_representative=None),
        changed(name=""),
        changed(region_code="x"),
    ],
)
def test_an_enterprise_of_another_shape_is_refused(found: dict[str, Any]) -> None:
    with pytest.raises(AnswerRefused):
        read_represented(many(found), PERSON)
    with pytest.raises(AnswerRefused):
        read_one({"as_of": AS_OF, "enterprise": found}, found["uscc"])


@pytest.mark.parametrize("raw", [{}, {"enterprises": []}, {"as_of": AS_OF, "enterprises": None}])
def test_an_answer_of_another_shape_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(AnswerRefused):
        read_represented(raw, PERSON)


def test_an_enterprise_of_somebody_else_refuses_the_whole_answer() -> None:
    stranger = changed(legal_representative={"name": "李四", "id_number": "x"})
    with pytest.raises(AnswerRefused):
        read_represented(many(ENTERPRISE, stranger), PERSON)


def test_who_got_a_new_number_is_still_known_by_name() -> None:
    before = changed(legal_representative={"name": "张三", "id_number": "old"})
    assert len(read_represented(many(before), PERSON)) == 1


def test_another_enterprise_than_asked_is_refused() -> None:
    with pytest.raises(AnswerRefused):
        read_one({"as_of": AS_OF, "enterprise": ENTERPRISE}, "another")


LICENCE: dict[str, Any] = {
    "uscc": USCC, "name": "示范公司", "holder": {"name": "张三", "id_number": PERSON.code},
    "role": "representative", "items": [], "valid_until": None,
}  # fmt: skip


def code(state: str, licence: Any = None) -> dict[str, Any]:
    return {"as_of": AS_OF, "state": state, "licence": licence}


def test_a_code_shows_a_licence_or_says_why_it_does_not() -> None:
    shown = read_licence_code(code("valid", LICENCE))
    assert isinstance(shown, ShownLicence)
    assert (shown.uscc, shown.holder.name) == (USCC, "张三")
    assert [read_licence_code(code(state)) for state in ("unknown", "used", "expired")] == [
        "unknown", "used", "expired",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        code("valid"),
        code("used", LICENCE),
        code("expired", LICENCE),
        code("good", LICENCE),
        code("valid", {**LICENCE, "uscc": "91440300MA5ABCD19X"}),
        code("valid", {**LICENCE, "role": "owner"}),
        code("valid", {**LICENCE, "holder": None}),
        {"state": "valid", "licence": LICENCE},
    ],
)
def test_a_licence_that_its_code_does_not_show_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(AnswerRefused):
        read_licence_code(raw)

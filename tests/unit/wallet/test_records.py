"""What an issuer sends is checked: wrong answers refused, unusable licences left out."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.numbers.service import Holder
from backend.store.keyring import BlindIndex
from backend.wallet.entries import Part
from backend.wallet.records import MOST_LICENCES, AnswerRefused, holder_tag, read_answer
from tests.wallet_world import HOLDER, OTHER, START, SYSTEM, record

INDEX = BlindIndex(b"i" * 32)
AS_OF = "2026-09-21T22:13:20+08:00"


def answer(*licences: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"revision": 3, "as_of": AS_OF, "licences": list(licences), **changes}


def one(**changes: Any) -> dict[str, Any]:
    return record(SYSTEM.manifest, **changes)


def read(raw: dict[str, Any], holder: Holder = HOLDER) -> Part:
    return read_answer(raw, SYSTEM, holder, INDEX, START)


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in one().items() if name != field}


def test_a_good_answer_is_reduced_to_what_is_shown() -> None:
    part = read(answer(one(extend_info={"sex": "男", "secret": "x", "classes": ["C1", "D"]})))
    assert (part.revision, part.as_of, part.fetched_at) == (3, START, START)
    (licence,) = part.licences
    assert licence.fields == {"sex": "男", "classes": "C1、D"}
    assert licence.holder_code == HOLDER.code


@pytest.mark.parametrize(
    "raw",
    [
        {},
        answer(revision=-1),
        answer(revision="x"),
        answer(as_of="yesterday"),
        answer(as_of="2026-09-21T22:13:20"),
        answer(licences=None),
        answer(*[one()] * (MOST_LICENCES + 1)),
        answer(without("holder_code")),
        answer(one(status="GOOD")),
        answer(one(valid_from="2026-02-30")),
        answer(one(licence_number="")),
        answer(one(licence_name="名" * 101)),
        answer(one(licence_type_code="short")),
    ],
)
def test_an_answer_of_another_shape_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(AnswerRefused, match="shape"):
        read(raw)


@pytest.mark.parametrize(
    "whose",
    [
        {"holder_code": OTHER.code},
        {"holder_code_type": "553"},
        {"holder_code": f"{OTHER.code}^{HOLDER.code}x"},
        {"holder_code": f"{OTHER.code}^{HOLDER.code}", "holder_code_type": "111^553"},
    ],
)
def test_a_licence_of_another_holder_refuses_the_whole_answer(whose: dict[str, str]) -> None:
    with pytest.raises(AnswerRefused, match="holder"):
        read(answer(one(), one(serial="2026B", **whose)))


@pytest.mark.parametrize("types", ["111", "111^111"])
def test_a_joint_licence_is_everyones_and_keeps_nobody_elses_number(types: str) -> None:
    joint = one(
        holder_name="李晓雯^张建国", holder_code=f"{OTHER.code}^{HOLDER.code}",
        holder_code_type=types,
    )  # fmt: skip
    (licence,) = read(answer(joint)).licences
    assert licence.holder_name == "李晓雯^张建国"
    assert OTHER.code not in repr(licence)


def left_out(raw: dict[str, Any]) -> str:
    """The reason that is logged; nothing personal may stand beside it."""
    with capture_logs() as logs:
        assert read(raw).licences == ()
    assert HOLDER.code not in repr(logs)
    assert HOLDER.name not in repr(logs)
    return str(logs[0]["reason"])


def test_a_type_that_the_system_did_not_register_is_left_out() -> None:
    raw = answer(one(licence_type_code="11440000MB9X00999K001"))
    assert left_out(raw) == "type_not_registered"


def test_a_type_for_the_other_audience_is_left_out() -> None:
    company = Holder("001", "91440300MA5ABCD19W", "示范公司")
    with capture_logs() as logs:
        assert read(answer(record(SYSTEM.manifest, company)), company).licences == ()
    assert logs[0]["reason"] == "type_not_registered"


def test_a_malformed_identifier_is_left_out() -> None:
    assert left_out(answer(one(licence_identifier="1.2.3"))) == "identifier_malformed"


def test_a_legacy_identifier_is_taken_with_a_warning() -> None:
    good = str(one()["licence_identifier"])
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    with capture_logs() as logs:
        (licence,) = read(answer(one(licence_identifier=wrong))).licences
    assert licence.identifier == wrong
    assert [log["event"] for log in logs] == ["wallet.legacy_identifier"]
    assert wrong not in repr(logs)


def test_a_licence_keeps_its_id_over_its_versions_and_the_last_one_is_held() -> None:
    first, second = one(version="001", status="SUPERSEDED"), one(version="002")
    (before,), (after,) = read(answer(first)).licences, read(answer(second, first)).licences
    assert before.id == after.id
    assert len(after.id) == 12
    assert after.version == "002"


def test_an_issuers_clock_cannot_be_ahead_of_ours() -> None:
    assert read(answer(as_of="2099-01-01T00:00:00Z")).as_of == START


@pytest.mark.parametrize(
    ("value", "text"),
    [("男", "男"), (3, "3"), (True, "是"), (False, "否"), (1.5, "1.5"), (["a", 1], "a、1")],
)
def test_facts_become_text(value: Any, text: str) -> None:
    assert read(answer(one(extend_info={"sex": value}))).licences[0].fields == {"sex": text}


@pytest.mark.parametrize("value", [None, "", {}, {"a": 1}, []])
def test_what_is_no_fact_is_not_kept(value: Any) -> None:
    assert read(answer(one(extend_info={"sex": value}))).licences[0].fields == {}


def test_the_tag_of_a_holder_tells_numbers_apart_and_names_none() -> None:
    assert holder_tag(HOLDER, INDEX) != holder_tag(OTHER, INDEX)
    assert holder_tag(HOLDER, INDEX) != holder_tag(Holder("553", HOLDER.code, "x"), INDEX)
    assert HOLDER.code not in holder_tag(HOLDER, INDEX)

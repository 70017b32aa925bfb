"""统一社会信用代码. The valid ones are published codes of institutions or synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.numbers.service import (
    UsccReason,
    UsccRefused,
    is_uscc,
    make_uscc,
    normalise_uscc,
    parse_uscc,
)
from backend.numbers.uscc import ALPHABET, organisation_check


@pytest.mark.parametrize(
    ("code", "department", "kind", "region"),
    [
        ("91440300708461136T", "9", "1", "440300"),
        ("12441500196720244T", "1", "2", "441500"),
        ("11110000000021135M", "1", "1", "110000"),
        ("92371000MA3MXH0E3W", "9", "2", "371000"),
        ("113700000045030270", "1", "1", "370000"),
        ("11440000MB9X00015F", "1", "1", "440000"),
        ("91440300MA5ABCD19W", "9", "1", "440300"),
    ],
)
def test_valid_codes(code: str, department: str, kind: str, region: str) -> None:
    parsed = parse_uscc(code)
    assert (parsed.value, parsed.department, parsed.kind) == (code, department, kind)
    assert parsed.region_code == region
    assert parsed.organisation_code == code[8:17]
    assert is_uscc(code)


@pytest.mark.parametrize(
    "code",
    ["91440300708461136T", "12441500196720244T", "11110000000021135M", "92371000MA3MXH0E3W",
     "113700000045030270"],
)  # fmt: skip
def test_the_inner_check_of_real_codes_fits(code: str) -> None:
    assert parse_uscc(code).organisation_checked


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91350211M00013FA1N", UsccReason.CHECK),
        ("91440300708461136U", UsccReason.CHECK),
        ("11370800MB285591843", UsccReason.FORMAT),
        ("", UsccReason.FORMAT),
        ("9144030070846113", UsccReason.FORMAT),
        ("91440300708461136I", UsccReason.FORMAT),
        ("91440300O08461136T", UsccReason.FORMAT),
        ("9144A300708461136T", UsccReason.FORMAT),
    ],
)
def test_refusals_name_the_part_that_is_wrong(code: str, reason: UsccReason) -> None:
    with pytest.raises(UsccRefused) as refused:
        parse_uscc(code)
    assert refused.value.reason is reason
    assert not is_uscc(code)


def test_an_inner_check_that_does_not_fit_is_told_but_accepted() -> None:
    body = "91440300708461137"
    code = next(body + last for last in ALPHABET if is_uscc(body + last))
    assert not parse_uscc(code).organisation_checked


def test_typing_is_forgiven() -> None:
    assert parse_uscc(" ９１440300 70846 1136t ").value == "91440300708461136T"
    assert normalise_uscc("91440300708461136t") == "91440300708461136T"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("9", "1", "440300", "7084611"), "organisation code"),
        (("9", "1", "440300", "7084611O"), "organisation code"),
        (("9", "1", "44030", "70846113"), "as GB 32100"),
        (("9", "I", "440300", "70846113"), "as GB 32100"),
    ],
)
def test_codes_are_made_of_full_parts_only(parts: tuple[str, str, str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_uscc(*parts)


def test_a_known_code_is_made_again() -> None:
    assert make_uscc("9", "1", "440300", "70846113") == "91440300708461136T"
    assert organisation_check("70846113") == "6"


@given(
    kind=st.sampled_from("123"),
    region=st.integers(110000, 659999),
    organisation=st.text(ALPHABET, min_size=8, max_size=8),
)
def test_what_is_made_is_read_back(kind: str, region: int, organisation: str) -> None:
    parsed = parse_uscc(make_uscc("9", kind, str(region), organisation))
    assert (parsed.kind, parsed.region_code) == (kind, str(region))
    assert parsed.organisation_code[:8] == organisation
    assert parsed.organisation_checked


@given(
    organisation=st.text(ALPHABET, min_size=8, max_size=8),
    place=st.integers(0, 17),
    other=st.sampled_from(ALPHABET),
)
def test_one_wrong_character_never_passes(organisation: str, place: int, other: str) -> None:
    code = make_uscc("9", "1", "440300", organisation)
    wrong = code[:place] + other + code[place + 1 :]
    assert wrong == code or not is_uscc(wrong)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert is_uscc(text) in (True, False)

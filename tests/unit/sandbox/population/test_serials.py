"""Numbers of things."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.numbers.service import normalise_phone, parse_uscc
from backend.sandbox.population.serials import (
    enterprise_code,
    file_number,
    permit_sequence,
    phone_number,
    plate,
    property_numbers,
    vehicle_number,
)

indexes = st.integers(0, 1_199_999)


@given(indexes, indexes, st.booleans())
def test_two_cars_never_share_a_plate(one: int, other: int, electric: bool) -> None:
    first, second = (plate(index, "A", electric=electric) for index in (one, other))
    assert (first == second) == (one == other)
    pattern = r"粤A[DABCE][A-HJ-NP-Z]\d{4}" if electric else r"粤A[0-9A-HJ-NP-Z]{5}"
    assert re.fullmatch(pattern, first)


@given(indexes, st.integers(2001, 2030))
def test_vehicle_numbers_have_their_check_character(index: int, year: int) -> None:
    number = vehicle_number(index, year)
    assert re.fullmatch(r"LSX\d{5}[0-9X][1-9A-HJ-NPR-TV-Y]A\d{6}", number)
    # GB 16735 appendix: letters count 1-8, 1-5, 7, 9, 2-9.
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum(
        (values[char] if char.isalpha() else int(char)) * weight
        for place, (char, weight) in enumerate(zip(number, weights, strict=True))
        if place != 8
    )
    assert number[8] == "0123456789X"[total % 11]


@given(indexes, st.sampled_from(["enterprise", "individual", "cooperative"]))
def test_enterprise_codes_are_valid_and_begin_as_no_real_one(index: int, kind: str) -> None:
    code = parse_uscc(enterprise_code(index, kind, "440106"))
    assert code.organisation_code.startswith("YX")
    assert code.organisation_checked


@pytest.mark.parametrize("index", [0, 1, 999_999, 99_999_999])
def test_phones_are_mobile_numbers(index: int) -> None:
    assert normalise_phone(phone_number(index)) == f"+86{19_900_000_000 + index}"


def test_property_and_file_numbers_have_their_length() -> None:
    certificate, unit = property_numbers(1_234_567, "440106", "广州市", date(2019, 5, 1))
    assert certificate == "粤(2019)广州市不动产权第1234567号"
    assert len(unit) == 28
    assert file_number(1_234_567, "440100") == "440101234567"


def test_permit_sequences_tell_the_sex() -> None:
    assert [permit_sequence(turn, "男") % 2 for turn in (0, 489, 490)] == [1, 1, 1]
    assert [permit_sequence(turn, "女") % 2 for turn in (0, 489, 490)] == [0, 0, 0]
    assert permit_sequence(489, "男") == 979

"""Identity numbers. Every number here is quoted from the domain notes or made up."""

from datetime import UTC, date, datetime, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from backend.numbers.service import (
    IdNumberReason,
    IdNumberRefused,
    age_on,
    is_id_number,
    make_id_number,
    normalise_id_number,
    parse_id_number,
)

TODAY = date(2026, 11, 23)
PROVINCES = [
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
    *range(61, 66), 71, 81, 82, 83,
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "birth", "sex", "kind"),
    [
        ("11010519491231002X", date(1949, 12, 31), "女", "citizen"),
        ("440106200002290032", date(2000, 2, 29), "男", "citizen"),
        ("330113202201010029", date(2022, 1, 1), "女", "citizen"),
        ("810000199408230021", date(1994, 8, 23), "女", "hong_kong"),
        ("820000199001010010", date(1990, 1, 1), "男", "macao"),
        ("830000199201300022", date(1992, 1, 30), "女", "taiwan"),
    ],
)
def test_valid_numbers(number: str, birth: date, sex: str, kind: str) -> None:
    parsed = parse_id_number(number, TODAY)
    assert (parsed.value, parsed.birth, parsed.sex, parsed.kind) == (number, birth, sex, kind)
    assert parsed.id_type == "111"
    assert is_id_number(number, TODAY)


def test_permanent_residents_have_18_characters_since_2023() -> None:
    parsed = parse_id_number("911840199001010018", TODAY)
    assert (parsed.id_type, parsed.kind) == ("553", "foreign")
    assert (parsed.birth, parsed.sex) == (date(1990, 1, 1), None)


def test_older_cards_of_permanent_residents_are_taken_as_they_are() -> None:
    parsed = parse_id_number("usa110080010101", TODAY)
    assert (parsed.value, parsed.id_type, parsed.kind) == ("USA110080010101", "553", "foreign_old")
    assert (parsed.birth, parsed.sex) == (None, None)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("440524188001010014", IdNumberReason.AGE),
        ("110105194912310021", IdNumberReason.CHECK),
        ("911840199001010019", IdNumberReason.CHECK),
        ("44010620010229003X", IdNumberReason.BIRTH_DATE),
        ("440106202612310034", IdNumberReason.BIRTH_DATE),
        ("000000199001010012", IdNumberReason.PROVINCE),
        ("160105194912310021", IdNumberReason.PROVINCE),
        ("840000199001010010", IdNumberReason.PROVINCE),
        ("", IdNumberReason.FORMAT),
        ("130503670401001", IdNumberReason.FORMAT),
        ("1101051949123100", IdNumberReason.FORMAT),
        ("11010519491231002XX", IdNumberReason.FORMAT),
        ("11010519491X310021", IdNumberReason.FORMAT),
        ("X10105194912310021", IdNumberReason.FORMAT),
        ("110105194912310٠21", IdNumberReason.FORMAT),
        ("US1110080010101", IdNumberReason.FORMAT),
    ],
)
def test_refusals_name_the_part_that_is_wrong(number: str, reason: IdNumberReason) -> None:
    with pytest.raises(IdNumberRefused) as refused:
        parse_id_number(number, TODAY)
    assert refused.value.reason is reason
    assert not number or number not in str(refused.value)
    assert not is_id_number(number, TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        " 11010519491231002x ",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        "1101051949\u200b1231002X\n",
        "\u3000110105\u00a019491231002X\ufeff",
    ],
)
def test_typing_is_forgiven(typed: str) -> None:
    assert parse_id_number(typed, TODAY).value == "11010519491231002X"
    assert normalise_id_number(typed) == "11010519491231002X"


class Evening(datetime):
    """17:00 in London, an hour after midnight in China."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Evening":
        return cls(2026, 11, 26, 17, tzinfo=UTC).astimezone(tz)


def test_without_a_day_todays_in_china_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.numbers.citizen_id.datetime", Evening)
    assert is_id_number(make_id_number("440106", date(2026, 11, 27), 3))
    assert not is_id_number(make_id_number("440106", date(2026, 11, 28), 3))


def test_the_age_limit_is_130_full_years() -> None:
    assert is_id_number(make_id_number("440106", date(1896, 11, 23), 3), TODAY)
    assert is_id_number(make_id_number("440106", date(1895, 11, 24), 3), TODAY)
    assert not is_id_number(make_id_number("440106", date(1895, 11, 23), 3), TODAY)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(1958, 11, 23), TODAY, 68),
        (date(1958, 11, 24), TODAY, 67),
        (TODAY, TODAY, 0),
    ],
)
def test_age_counts_full_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@pytest.mark.parametrize(
    ("prefix", "sequence"), [("44010", 1), ("4401061", 1), ("44010A", 1), ("440106", 1000)]
)
def test_numbers_are_made_of_full_parts_only(prefix: str, sequence: int) -> None:
    with pytest.raises(ValueError, match="prefix of 6 digits"):
        make_id_number(prefix, date(1990, 1, 1), sequence)


@given(
    province=st.sampled_from(PROVINCES),
    rest=st.integers(0, 9999),
    birth=st.dates(date(1900, 1, 1), TODAY),
    sequence=st.integers(0, 999),
)
def test_what_is_made_is_read_back(province: int, rest: int, birth: date, sequence: int) -> None:
    number = make_id_number(f"{province}{rest:04d}", birth, sequence)
    parsed = parse_id_number(number, TODAY)
    assert parsed.value == number
    assert parsed.birth == birth
    assert parsed.sex == ("男" if sequence % 2 else "女")


@given(
    birth=st.dates(date(1900, 1, 1), TODAY),
    sequence=st.integers(0, 999),
    place=st.integers(0, 17),
    other=st.sampled_from("0123456789"),
)
def test_one_wrong_character_never_passes(
    birth: date, sequence: int, place: int, other: str
) -> None:
    number = make_id_number("440106", birth, sequence)
    wrong = number[:place] + other + number[place + 1 :]
    assert wrong == number or not is_id_number(wrong, TODAY)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    if is_id_number(text, TODAY):
        value = parse_id_number(text, TODAY).value
        assert len(value) == 15 or mod_11_2.is_valid(value)

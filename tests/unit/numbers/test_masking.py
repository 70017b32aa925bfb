"""Personal data as others may see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.numbers.service import mask_name, mask_number, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张伟", "张*"),
        ("张建国", "张**"),
        ("欧阳文静", "欧**"),
        ("阿卜杜热合曼·买买提艾力", "阿**"),
        ("䶮", "*"),
        ("䶮一", "䶮*"),
        ("𬭚小明", "𬭚**"),
        ("李𬭚", "李*"),
        ("葛\U000e0100城", "葛\U000e0100*"),
        ("葛\U000e0100", "*"),
        ("SMITH JOHN", "S**"),
        (" 张伟 ", "张*"),
        ("", ""),
    ],
)
def test_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("440106200002290032", "440***********0032"),
        ("11010519491231002X", "110***********002X"),
        ("USA110080010101", "USA********0101"),
        ("H0123456789", "H01****6789"),
        ("G12345678", "*******78"),
        ("12345", "***45"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_numbers(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800138000", "138****8000"),
        ("+8613800138000", "138****8000"),
        ("+85298765432", "+852 ****5432"),
        ("+886912345678", "+886 ****5678"),
        ("12345", "***45"),
    ],
)
def test_phones(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.text(min_size=1, max_size=60))
def test_a_mask_never_gives_away_more_than_it_says(text: str) -> None:
    number = mask_number(text)
    assert len(number) == len(text)
    assert sum(a == b for a, b in zip(text.replace("*", "?"), number, strict=True)) <= 7
    name = mask_name(text)
    assert name.count("*") <= 2 + text.count("*")

"""What people type as names, numbers and phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.identity.errors import IdNumberInvalid, NameInvalid, PhoneInvalid
from backend.identity.inputs import MAX_NAME_CHARS, read_id_number, read_name, read_phone


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张建国", "张建国"),
        (" 张　建 国 ", "张建国"),
        ("欧阳𬭚䶮", "欧阳𬭚䶮"),
        ("㛃𠅤", "㛃𠅤"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("阿卜杜热合曼•买买提", "阿卜杜热合曼·买买提"),
        ("阿卜杜热合曼.买买提", "阿卜杜热合曼·买买提"),
        ("SMITH  JOHN", "SMITH JOHN"),
        ("O'Brien-Müller", "O'Brien-Müller"),
        ("\U00031350\U0002ebf0", "\U00031350\U0002ebf0"),
        ("a" * MAX_NAME_CHARS, "a" * MAX_NAME_CHARS),
    ],
)
def test_names_are_read_as_they_stand_on_the_document(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", " ", "·", "张3", "张😀", "<b>张</b>", "a" * (MAX_NAME_CHARS + 1), "\0", "\ue000", "🀄"],
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(NameInvalid):
        read_name(typed)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("44010620000229003", "18 位"),
        ("990106200002290032", "出生日期|最后一位"),
        ("100106200002290032", "前两位"),
        ("44010620010229003X", "不存在"),
        ("440524188001010014", "太早"),
        ("110105194912310021", "对不上"),
    ],
)
def test_a_refused_number_says_what_is_wrong_and_never_the_number(typed: str, says: str) -> None:
    with pytest.raises(IdNumberInvalid, match="id_number_invalid") as refused:
        read_id_number(typed)
    assert any(part in refused.value.detail for part in says.split("|"))
    assert typed not in refused.value.detail


@given(st.text())
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    for read, refusal in (
        (read_name, NameInvalid),
        (read_id_number, IdNumberInvalid),
        (read_phone, PhoneInvalid),
    ):
        try:
            read(typed)
        except refusal:
            continue

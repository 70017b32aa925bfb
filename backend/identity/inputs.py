"""Reading what people type: names, identity numbers and phones.

The way of typing is forgiven (full-width digits, a lower-case x, blanks), the meaning is not.
"""

import re
import unicodedata
from collections.abc import Mapping

from backend.identity.errors import IdNumberInvalid, NameInvalid, PhoneInvalid
from backend.numbers.service import (
    IdNumber,
    IdNumberReason,
    IdNumberRefused,
    PhoneRefused,
    normalise_phone,
    parse_id_number,
)

MAX_NAME_CHARS = 100

_SENTENCES: Mapping[IdNumberReason, str] = {
    IdNumberReason.FORMAT: "身份证号码应为 18 位，最后一位可以是 X，请核对后重新填写。",
    IdNumberReason.PROVINCE: "身份证号码的前两位有误，请核对后重新填写。",
    IdNumberReason.BIRTH_DATE: "身份证号码中的出生日期不存在，请核对后重新填写。",
    IdNumberReason.AGE: "身份证号码中的出生日期太早，请核对后重新填写。",
    IdNumberReason.CHECK: "身份证号码的最后一位对不上，请逐位核对后重新填写。",
}
_BLANKS = re.compile(r"\s+")
_DOTS = re.compile(r"[•‧∙⋅・･.．]")  # as people type the dot of a name
_SIGNS = " ·-'’."


def read_id_number(text: str) -> IdNumber:
    """Read an identity number: citizens', permit holders' and foreigners' of both forms.

    Raises:
        IdNumberInvalid: with a sentence that says which part is wrong.
    """
    try:
        return parse_id_number(text)
    except IdNumberRefused as refused:
        raise IdNumberInvalid(_SENTENCES[refused.reason]) from None


def read_name(text: str) -> str:
    """Read a name as it stands on a document; the dot of minority names becomes ``·``.

    Raises:
        NameInvalid: empty, too long, or with characters that no name has (emoji, digits…).
    """
    name = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if not any(char.isascii() and char.isalpha() for char in name):
        name = _DOTS.sub("·", name).replace(" ", "")
    if len(name) > MAX_NAME_CHARS or not all(map(_belongs, name)) or not any(map(_letter, name)):
        raise NameInvalid
    return name


def _belongs(char: str) -> bool:
    mark = unicodedata.category(char) in ("Mn", "Mc")  # variation selectors of rare characters too
    return mark or char in _SIGNS or _letter(char)


def _letter(char: str) -> bool:
    # Planes 2 and 3 hold nothing but Han characters, some younger than Python's own tables.
    return unicodedata.category(char).startswith("L") or 0x20000 <= ord(char) <= 0x3FFFD


def read_phone(text: str) -> str:
    """Read a mobile number and give it as E.164 (``+8613800000000``).

    Raises:
        PhoneInvalid: not a mobile number of the mainland, Hong Kong, Macao or Taiwan.
    """
    try:
        return normalise_phone(text)
    except PhoneRefused:
        raise PhoneInvalid from None

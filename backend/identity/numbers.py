"""Reading what people type: names, identity numbers and phones, and masking them again.

The input is forgiven (full-width digits, a lower-case x, blanks), the meaning is not.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import phonenumbers
from stdnum.iso7064 import mod_11_2

from backend.identity.errors import IdNumberInvalid, NameInvalid, PhoneInvalid

MAX_AGE_YEARS = 130
MAX_NAME_CHARS = 100
CITIZEN, PERMANENT_RESIDENT = "111", "553"

# GB/T 2260 province codes. Counties are not checked: they come, go, and stay in old numbers.
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]")
_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_OLD_PERMANENT_RESIDENT = re.compile(r"[A-Z]{3}[0-9]{12}")
_BLANKS = re.compile(r"\s+")
_DOTS = re.compile(r"[•‧∙⋅・･.．]")  # as people type the dot of a name
_REGIONS = ("CN", "HK", "MO", "TW")
_MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number that is well formed; whether anyone bears it, only the authority knows.

    Attributes:
        id_type: GA/T 2000.156: ``111`` citizens and 港澳台居民居住证, ``553`` permanent residents.
        birth: None on the old form of 外国人永久居留证, which does not tell it reliably.
    """

    value: str
    id_type: str
    birth: date | None


def parse_id_number(text: str, today: date | None = None) -> IdNumber:
    """Read an identity number: GB 11643-1999, or of a 外国人永久居留身份证 (both forms).

    Raises:
        IdNumberInvalid: with a sentence that says which part is wrong.
    """
    value = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if _OLD_PERMANENT_RESIDENT.fullmatch(value):
        return IdNumber(value, PERMANENT_RESIDENT, None)
    if not _NUMBER.fullmatch(value):
        raise IdNumberInvalid("身份证号码应为 18 位，最后一位可以是 X，请核对后重新填写。")
    foreign = value.startswith("9")
    if not (foreign or _PROVINCE.match(value)):
        raise IdNumberInvalid("身份证号码的前六位有误，请核对后重新填写。")
    birth = _birth(value, today or date.today())
    if not mod_11_2.is_valid(value):
        raise IdNumberInvalid("身份证号码的校验位不对，请逐位核对后重新填写。")
    return IdNumber(value, PERMANENT_RESIDENT if foreign else CITIZEN, birth)


def _birth(value: str, today: date) -> date:
    # A permanent resident's number carries the birth date at the same place: 9 + 2 + 3, then it.
    try:
        birth = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        raise IdNumberInvalid("身份证号码中的出生日期不存在，请核对后重新填写。") from None
    if birth > today or today.year - birth.year > MAX_AGE_YEARS:
        raise IdNumberInvalid("身份证号码中的出生日期不合理，请核对后重新填写。")
    return birth


def age(birth: date, today: date) -> int:
    """Full years (周岁) on a day."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def parse_name(text: str) -> str:
    """Read a name as it stands on a document; the dot of minority names becomes ``·``.

    Raises:
        NameInvalid: empty, too long, or with characters that no name has (emoji, digits…).
    """
    name = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if not any(char.isascii() for char in name if char.isalpha()):
        name = _DOTS.sub("·", name).replace(" ", "")
    if not name or len(name) > MAX_NAME_CHARS or not all(map(_in_a_name, name)):
        raise NameInvalid
    if not any(map(_letter, name)):
        raise NameInvalid
    return name


def _in_a_name(char: str) -> bool:
    return char in " ·-'’." or _letter(char) or unicodedata.category(char) in ("Mn", "Mc")


def _letter(char: str) -> bool:
    # Planes 2 and 3 hold nothing but Han characters, some younger than Python's own tables.
    return unicodedata.category(char).startswith("L") or 0x20000 <= ord(char) <= 0x3FFFD


def parse_phone(text: str) -> str:
    """Read a mobile number and give it as E.164 (``+8613800000000``).

    Numbers of Hong Kong, Macao and Taiwan need their ``+852``, ``+853`` or ``+886``.

    Raises:
        PhoneInvalid: it is none of them.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), "CN")
    except phonenumbers.NumberParseException:
        raise PhoneInvalid from None
    region = phonenumbers.region_code_for_number(number)
    if region not in _REGIONS or not phonenumbers.is_valid_number(number):
        raise PhoneInvalid
    if phonenumbers.number_type(number) not in _MOBILE or number.extension:
        raise PhoneInvalid
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_name(name: str) -> str:
    """``张*``, ``欧**``: the first character stays."""
    return name[0] + "*" * max(1, len(name) - 1)


def mask_id_number(number: str) -> str:
    """``440***********0032``: the province with one more digit, and the last four."""
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_phone(phone: str) -> str:
    """``138****8000``; outside the mainland the code of the region stays in front."""
    if phone.startswith("+86"):
        return f"{phone[3:6]}****{phone[-4:]}"
    return f"{phone[:4]} ****{phone[-4:]}"

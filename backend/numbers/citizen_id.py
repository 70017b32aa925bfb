"""公民身份号码 (GB 11643-1999) and the numbers that stand in its place.

- Citizens: 6 digits of the county at first registration, birth date, 3 digits of which the last is
  odd for men, check character of ISO 7064 MOD 11-2.
- 港澳台居民居住证: the same with 810000, 820000 or 830000 in front.
- 外国人永久居留身份证: since 2023-12-01 18 characters with a leading 9, birth date and check
  character at the same places; older cards carry 3 letters and 12 digits, whose check nobody knows.

The county is never checked against a table: numbers keep the code of their first day for life, and
a newer county may be missing in any table. The province is: those codes do not change.
"""

import re
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from operator import mul
from typing import Literal, NamedTuple

from stdnum.iso7064 import mod_11_2

from backend.numbers.texts import to_ascii

MAX_AGE_YEARS = 130
_CHINA = timezone(timedelta(hours=8))

_PROVINCES = frozenset(
    map(
        str,
        [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
         *range(61, 66), 71, 81, 82, 83],
    )
)  # fmt: skip
_PERMITS: dict[str, "IdNumberKind"] = {"81": "hong_kong", "82": "macao", "83": "taiwan"}
_DIGITS = "0123456789X"
_WEIGHTS = [pow(2, 17 - place, 11) for place in range(18)]
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_OLD_PERMANENT_RESIDENT = re.compile(r"[A-Z]{3}[0-9]{12}")

Sex = Literal["男", "女"]
IdNumberKind = Literal["citizen", "hong_kong", "macao", "taiwan", "foreign", "foreign_old"]


class IdNumberReason(StrEnum):
    """Which part of a number is wrong."""

    FORMAT = "format"
    PROVINCE = "province"
    BIRTH_DATE = "birth_date"
    AGE = "age"
    CHECK = "check"


class IdNumberRefused(ValueError):
    """Not an identity number. The number itself is kept out of the message.

    Attributes:
        reason: the first check that failed.
    """

    def __init__(self, reason: IdNumberReason) -> None:
        self.reason = reason
        super().__init__(f"not an identity number: {reason}")


class IdNumber(NamedTuple):
    """A number that obeys the rules; whether anyone bears it, only the authority knows.

    Attributes:
        value: normalised, ASCII, upper case.
        id_type: 证件类型代码 of GA/T 2000.156: ``111``, or ``553`` for foreign permanent residents.
        kind: who bears such a number.
        birth: None on the old form for foreigners, which does not tell it reliably.
        sex: None for foreigners: the place of it in their numbers is not published.
    """

    value: str
    id_type: Literal["111", "553"]
    kind: IdNumberKind
    birth: date | None
    sex: Sex | None


def normalise_id_number(text: str) -> str:
    """Blanks go, full-width characters become ASCII, ``x`` becomes ``X``. Checks nothing."""
    return to_ascii(text).upper()


def parse_id_number(text: str, today: date | None = None) -> IdNumber:
    """Read an identity number as typed.

    Args:
        text: with blanks, full-width digits or a small x, as people type it.
        today: the day that ages are counted on; that of China now when left out.

    Raises:
        IdNumberRefused: with the first check that failed, in the order format, province, birth
            date, age, check character.
    """
    value = text
    if not _EIGHTEEN.fullmatch(value):
        value = normalise_id_number(text)
        if _OLD_PERMANENT_RESIDENT.fullmatch(value):
            return IdNumber(value, "553", "foreign_old", None, None)
        if not _EIGHTEEN.fullmatch(value):
            raise IdNumberRefused(IdNumberReason.FORMAT)
    foreign = value.startswith("9")
    if not foreign and value[:2] not in _PROVINCES:
        raise IdNumberRefused(IdNumberReason.PROVINCE)
    birth = _birth(value[6:14], today or _today())
    # What ``mod_11_2.is_valid`` says, sooner: a number is read for every 年满18周岁.
    if sum(map(mul, map(_DIGITS.index, value), _WEIGHTS)) % 11 != 1:
        raise IdNumberRefused(IdNumberReason.CHECK)
    if foreign:
        return IdNumber(value, "553", "foreign", birth, None)
    return IdNumber(value, "111", _PERMITS.get(value[:2], "citizen"), birth, sex_digit(value[16]))


def _today() -> date:
    # A server may keep the time of elsewhere; whoever is born after midnight has a number by then.
    return datetime.now(_CHINA).date()


def is_id_number(text: str, today: date | None = None) -> bool:
    """Whether ``parse_id_number`` would take it."""
    try:
        parse_id_number(text, today)
    except IdNumberRefused:
        return False
    return True


def make_id_number(prefix: str, birth: date, sequence: int) -> str:
    """Build a number of 18 characters.

    Args:
        prefix: 6 digits: a region code; for foreigners 9, two digits of the province and the
            numeric country code of ISO 3166.
        birth: day of birth.
        sequence: 0 to 999; odd for men, even for women.
    """
    digits = f"{prefix}{birth.year:04d}{birth.month:02d}{birth.day:02d}{sequence:03d}"
    if len(digits) != 17 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("prefix of 6 digits and sequence of 0 to 999 expected")
    return digits + str(mod_11_2.calc_check_digit(digits))


def sex_digit(digit: str) -> Sex:
    """Sex by the 17th digit: odd 男, even 女."""
    return "男" if int(digit) % 2 else "女"


def age_on(birth: date, day: date) -> int:
    """周岁: full years on a day. Someone born on 29 February is a year older on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _birth(digits: str, today: date) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdNumberRefused(IdNumberReason.BIRTH_DATE) from None
    if birth > today:
        raise IdNumberRefused(IdNumberReason.BIRTH_DATE)
    if age_on(birth, today) > MAX_AGE_YEARS:
        raise IdNumberRefused(IdNumberReason.AGE)
    return birth

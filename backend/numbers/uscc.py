"""统一社会信用代码 (GB 32100-2015).

18 characters: department 1, kind 1, region 6, organisation code 9 (GB 11714), check 1.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from stdnum.cn import uscc as _uscc

from backend.numbers.texts import to_ascii

# No I, O, S, V, Z: they look like digits.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FORM = re.compile(f"[1-9A-Y][{ALPHABET}][0-9]{{6}}[{ALPHABET}]{{10}}")
_ORGANISATION = re.compile(f"[{ALPHABET}]{{8}}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class UsccReason(StrEnum):
    """Which part of a code is wrong."""

    FORMAT = "format"
    CHECK = "check"


class UsccRefused(ValueError):
    """Not a 统一社会信用代码.

    Attributes:
        reason: the first check that failed.
    """

    def __init__(self, reason: UsccReason) -> None:
        self.reason = reason
        super().__init__(f"not a USCC: {reason}")


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code that obeys the standard.

    Attributes:
        value: normalised.
        department: registering department (``9`` 市场监管, ``1`` 机构编制, ``5`` 民政…).
        kind: kind within it (with ``9``: ``1`` 企业, ``2`` 个体工商户, ``3`` 农民专业合作社).
        region_code: of the registering authority, 6 digits.
        organisation_code: 组织机构代码 of GB 11714, 9 characters.
        organisation_checked: whether its own check character fits. Old codes may fail; that is
            worth a warning, no refusal.
    """

    value: str
    department: str
    kind: str
    region_code: str
    organisation_code: str
    organisation_checked: bool


def normalise_uscc(text: str) -> str:
    """Blanks go, full-width characters become ASCII, letters upper case. Checks nothing."""
    return to_ascii(text).upper()


def parse_uscc(text: str) -> Uscc:
    """Read a code as typed.

    Raises:
        UsccRefused: wrong length or characters, or the check character does not fit.
    """
    value = normalise_uscc(text)
    if not _FORM.fullmatch(value):
        raise UsccRefused(UsccReason.FORMAT)
    if _uscc.calc_check_digit(value[:17]) != value[17]:
        raise UsccRefused(UsccReason.CHECK)
    organisation = value[8:17]
    return Uscc(
        value=value,
        department=value[0],
        kind=value[1],
        region_code=value[2:8],
        organisation_code=organisation,
        organisation_checked=organisation_check(organisation[:8]) == organisation[8],
    )


@lru_cache(4096)
def is_uscc(text: str) -> bool:
    """Whether ``parse_uscc`` would take it."""
    try:
        parse_uscc(text)
    except UsccRefused:
        return False
    return True


def make_uscc(department: str, kind: str, region_code: str, organisation: str) -> str:
    """Build a code with both check characters.

    Args:
        department: 1 character.
        kind: 1 character.
        region_code: 6 digits.
        organisation: the 8 characters of the organisation code before its check.
    """
    front = f"{department}{kind}{region_code}{organisation}{organisation_check(organisation)}"
    if not _FORM.fullmatch(front + "0"):
        raise ValueError("department, kind, region or organisation code is not as GB 32100 has it")
    return front + str(_uscc.calc_check_digit(front))


def organisation_check(organisation: str) -> str:
    """Check character of an organisation code (GB 11714): modulus 11 over 8 characters."""
    if not _ORGANISATION.fullmatch(organisation):
        raise ValueError("8 characters of the organisation code expected")
    # int(…, 36) gives A = 10 … Z = 35, as GB 11714 counts letters.
    pairs = zip(organisation, _ORGANISATION_WEIGHTS, strict=True)
    rest = 11 - sum(int(char, 36) * weight for char, weight in pairs) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))

"""电子证照标识 (GB/T 36904): ``1.2.156.3005.2.<type>.<issuer>.<serial>.<version>.<check>``.

The type is the definer's USCC and 3 more characters, the issuer a USCC (a region code in some old
records), the version 001 to 999. The check character is ISO 7064 MOD 37,36 over type, issuer,
serial and version run together, without the root.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from stdnum.iso7064 import mod_37_36

from backend.numbers.uscc import is_uscc

ROOT = "1.2.156.3005.2"
MAX_LENGTH = 128
_FORM = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]+)\.([0-9]{3})\.([0-9A-Z])"
)
_TYPE = re.compile(r"[0-9A-Z]{21}")
_SERIAL = re.compile(r"[0-9A-Z]+")


class IdentifierReason(StrEnum):
    """Which part of an identifier is wrong."""

    FORMAT = "format"
    TYPE = "type"
    ISSUER = "issuer"
    SERIAL = "serial"
    VERSION = "version"
    CHECK = "check"


class IdentifierRefused(ValueError):
    """Not an identifier of GB/T 36904, or one cannot be built of these parts.

    Attributes:
        reason: the first check that failed.
    """

    def __init__(self, reason: IdentifierReason) -> None:
        self.reason = reason
        super().__init__(f"not a licence identifier: {reason}")


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """The parts of an identifier.

    Attributes:
        type_code: 证照类型代码, 21 characters.
        issuer_code: 颁发机构代码, 18 characters; 6 in some old records.
        serial: 流水号.
        version: 1 to 999; 0 occurs in no new record.
        check: the check character as written.
    """

    type_code: str
    issuer_code: str
    serial: str
    version: int
    check: str

    def __str__(self) -> str:
        parts = (ROOT, self.type_code, self.issuer_code, self.serial, f"{self.version:03d}")
        return ".".join((*parts, self.check))

    @property
    def is_checked(self) -> bool:
        """Whether the check character fits."""
        return self.check == check_character(
            self.type_code, self.issuer_code, self.serial, self.version
        )

    def next_version(self) -> "LicenceIdentifier":
        """The identifier after a change or renewal: same serial, version one higher.

        Raises:
            IdentifierRefused: after version 999 a new serial is due.
        """
        version = _version(self.version + 1)
        check = check_character(self.type_code, self.issuer_code, self.serial, version)
        return replace(self, version=version, check=check)


def check_character(type_code: str, issuer_code: str, serial: str, version: int) -> str:
    """ISO 7064 MOD 37,36 over the parts run together."""
    return str(mod_37_36.calc_check_digit(f"{type_code}{issuer_code}{serial}{version:03d}"))


def parse_identifier(text: str, *, legacy: bool = False) -> LicenceIdentifier:
    """Take an identifier apart.

    Args:
        text: the whole identifier with its root.
        legacy: take it even when the check character does not fit, as old issuers wrote them;
            ``is_checked`` tells, and the importer should warn.

    Raises:
        IdentifierRefused: wrong form, or (unless ``legacy``) wrong check character.
    """
    match = _FORM.fullmatch(text)
    if match is None or len(text) > MAX_LENGTH:
        raise IdentifierRefused(IdentifierReason.FORMAT)
    type_code, issuer_code, serial, version, check = match.groups()
    identifier = LicenceIdentifier(type_code, issuer_code, serial, int(version), check)
    if not legacy and not identifier.is_checked:
        raise IdentifierRefused(IdentifierReason.CHECK)
    return identifier


def make_identifier(type_code: str, issuer_code: str, serial: str, version: int | str = 1) -> str:
    """Build an identifier, strictly: the definer and the issuer must be valid USCCs.

    Args:
        type_code: the definer's USCC and 3 characters.
        issuer_code: the issuer's USCC.
        serial: letters and digits; a UUID loses its hyphens, small letters become capitals.
        version: 1 to 999, or three digits.

    Raises:
        IdentifierRefused: with the part that is wrong.
    """
    if not (_TYPE.fullmatch(type_code) and is_uscc(type_code[:18])):
        raise IdentifierRefused(IdentifierReason.TYPE)
    if len(issuer_code) != 18 or not is_uscc(issuer_code):
        raise IdentifierRefused(IdentifierReason.ISSUER)
    serial = serial.replace("-", "").upper()
    if not _SERIAL.fullmatch(serial):
        raise IdentifierRefused(IdentifierReason.SERIAL)
    number = _version(version)
    check = check_character(type_code, issuer_code, serial, number)
    identifier = str(LicenceIdentifier(type_code, issuer_code, serial, number, check))
    if len(identifier) > MAX_LENGTH:
        raise IdentifierRefused(IdentifierReason.SERIAL)
    return identifier


def _version(version: int | str) -> int:
    if isinstance(version, str) and not re.fullmatch(r"[0-9]{3}", version):
        raise IdentifierRefused(IdentifierReason.VERSION)
    number = int(version)
    if not 1 <= number <= 999:
        raise IdentifierRefused(IdentifierReason.VERSION)
    return number

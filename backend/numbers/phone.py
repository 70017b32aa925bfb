"""Mobile numbers, kept as E.164 (``+8613800000000``)."""

import re
from enum import StrEnum

import phonenumbers

from backend.numbers.texts import to_ascii

_TYPED = re.compile(r"\+?[0-9()\-]{5,24}")
_MAINLAND = re.compile(r"\+861[3-9][0-9]{9}")
_REGIONS = frozenset({"CN", "HK", "MO", "TW"})
_MOBILE = frozenset(
    {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
)


class PhoneReason(StrEnum):
    """What is wrong with a number."""

    FORMAT = "format"
    REGION = "region"
    NOT_MOBILE = "not_mobile"


class PhoneRefused(ValueError):
    """Not a mobile number that a message can be sent to. The number is kept out of the message.

    Attributes:
        reason: the first check that failed.
    """

    def __init__(self, reason: PhoneReason) -> None:
        self.reason = reason
        super().__init__(f"not a mobile number: {reason}")


def normalise_phone(text: str) -> str:
    """Read a mobile number as typed and give it as E.164.

    Without a country code it is a mainland number. Numbers of Hong Kong, Macao and Taiwan need
    ``+852``, ``+853`` or ``+886``: eight bare digits could be any of them.

    Raises:
        PhoneRefused: with the first check that failed.
    """
    typed = to_ascii(text)
    if not _TYPED.fullmatch(typed):
        raise PhoneRefused(PhoneReason.FORMAT)
    try:
        number = phonenumbers.parse(typed, "CN")
    except phonenumbers.NumberParseException:
        raise PhoneRefused(PhoneReason.FORMAT) from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneRefused(PhoneReason.FORMAT)
    region = phonenumbers.region_code_for_number(number)
    if region not in _REGIONS:
        raise PhoneRefused(PhoneReason.REGION)
    phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.number_type(number) not in _MOBILE:
        raise PhoneRefused(PhoneReason.NOT_MOBILE)
    if region == "CN" and not _MAINLAND.fullmatch(phone):
        raise PhoneRefused(PhoneReason.NOT_MOBILE)
    return phone

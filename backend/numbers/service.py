"""All that other packages need about numbers."""

from backend.numbers.citizen_id import (
    IdNumber,
    IdNumberKind,
    IdNumberReason,
    IdNumberRefused,
    age_on,
    is_id_number,
    make_id_number,
    normalise_id_number,
    parse_id_number,
)
from backend.numbers.holder import Holder
from backend.numbers.licence_identifier import (
    IdentifierReason,
    IdentifierRefused,
    LicenceIdentifier,
    make_identifier,
    parse_identifier,
)
from backend.numbers.masking import mask_name, mask_number, mask_phone
from backend.numbers.phone import PhoneReason, PhoneRefused, normalise_phone
from backend.numbers.uscc import (
    Uscc,
    UsccReason,
    UsccRefused,
    is_uscc,
    make_uscc,
    normalise_uscc,
    parse_uscc,
)

__all__ = [
    "Holder",
    "IdNumber",
    "IdNumberKind",
    "IdNumberReason",
    "IdNumberRefused",
    "IdentifierReason",
    "IdentifierRefused",
    "LicenceIdentifier",
    "PhoneReason",
    "PhoneRefused",
    "Uscc",
    "UsccReason",
    "UsccRefused",
    "age_on",
    "is_id_number",
    "is_uscc",
    "make_id_number",
    "make_identifier",
    "make_uscc",
    "mask_name",
    "mask_number",
    "mask_phone",
    "normalise_id_number",
    "normalise_phone",
    "normalise_uscc",
    "parse_id_number",
    "parse_identifier",
    "parse_uscc",
]

"""电子证照标识 of GB/T 36904."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.numbers.service import (
    IdentifierReason,
    IdentifierRefused,
    LicenceIdentifier,
    make_identifier,
    make_uscc,
    parse_identifier,
)

ROOT = "1.2.156.3005.2."
PUBLISHED = [
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000MB03271699022.340100.000000016.001.9",
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
    "11100000000013338W032.11220000013544541J.2430599.001.F",
    "11440000MB9X00015F001.11440000MB9X00015F.20260000000001.001.R",
    "11440000MB9X00015F002.11440000MB9X00015F.20260000000001.001.Q",
]
LEGACY = ROOT + "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"
TYPE, ISSUER = "11440000MB9X00015F001", "11440000MB9X00015F"


@pytest.mark.parametrize("rest", PUBLISHED)
def test_published_identifiers_are_read_and_written_back(rest: str) -> None:
    identifier = parse_identifier(ROOT + rest)
    assert identifier.is_checked
    assert str(identifier) == ROOT + rest
    assert ".".join([identifier.type_code, identifier.issuer_code]) in rest


@pytest.mark.parametrize("rest", [rest for rest in PUBLISHED if ".340100." not in rest])
def test_published_identifiers_are_built_again(rest: str) -> None:
    type_code, issuer, serial, version, _ = rest.split(".")
    assert make_identifier(type_code, issuer, serial, version) == ROOT + rest


def test_an_old_identifier_with_a_wrong_check_is_taken_only_on_import() -> None:
    with pytest.raises(IdentifierRefused) as refused:
        parse_identifier(LEGACY)
    assert refused.value.reason is IdentifierReason.CHECK
    identifier = parse_identifier(LEGACY, legacy=True)
    assert not identifier.is_checked
    assert str(identifier) == LEGACY
    assert (
        make_identifier(identifier.type_code, identifier.issuer_code, identifier.serial)[-1] == "D"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLISHED[0],
        "1.2.156.3005.3." + PUBLISHED[0],
        ROOT + PUBLISHED[0].lower(),
        ROOT + "11100000000013338W01.11430000006122244L.20230000403.001.U",
        ROOT + "11100000000013338W011.1143000000612224.20230000403.001.U",
        ROOT + "11100000000013338W011.11430000006122244L..001.U",
        ROOT + "11100000000013338W011.11430000006122244L.2023.1.U",
        ROOT + PUBLISHED[0] + "\n",
        ROOT + "11100000000013338W011.11430000006122244L." + "1" * 80 + ".001.U",
    ],
)
def test_what_has_another_form_is_refused_on_import_too(text: str) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        parse_identifier(text, legacy=True)
    assert refused.value.reason is IdentifierReason.FORMAT


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((TYPE[:20], ISSUER, "1", 1), IdentifierReason.TYPE),
        (("11440000MB9X00016F001", ISSUER, "1", 1), IdentifierReason.TYPE),
        ((TYPE.lower(), ISSUER, "1", 1), IdentifierReason.TYPE),
        ((TYPE, "340100", "1", 1), IdentifierReason.ISSUER),
        ((TYPE, "11440000MB9X00016F", "1", 1), IdentifierReason.ISSUER),
        ((TYPE, ISSUER, "", 1), IdentifierReason.SERIAL),
        ((TYPE, ISSUER, "粤1", 1), IdentifierReason.SERIAL),
        ((TYPE, ISSUER, "1" * 80, 1), IdentifierReason.SERIAL),
        ((TYPE, ISSUER, "1", 0), IdentifierReason.VERSION),
        ((TYPE, ISSUER, "1", 1000), IdentifierReason.VERSION),
        ((TYPE, ISSUER, "1", "1"), IdentifierReason.VERSION),
        ((TYPE, ISSUER, "1", "000"), IdentifierReason.VERSION),
    ],
)
def test_building_is_strict(
    parts: tuple[str, str, str, int | str], reason: IdentifierReason
) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        make_identifier(*parts)
    assert refused.value.reason is reason


def test_a_uuid_as_serial_loses_its_hyphens() -> None:
    serial = uuid.UUID(int=0xABC)
    identifier = parse_identifier(make_identifier(TYPE, ISSUER, str(serial)))
    assert identifier.serial == serial.hex.upper()


def test_a_renewal_keeps_the_serial() -> None:
    first = parse_identifier(ROOT + PUBLISHED[4])
    second = first.next_version()
    assert second == LicenceIdentifier(TYPE, ISSUER, first.serial, 2, second.check)
    assert second.is_checked
    assert str(second) == make_identifier(TYPE, ISSUER, first.serial, 2)


def test_after_version_999_a_new_serial_is_due() -> None:
    last = parse_identifier(make_identifier(TYPE, ISSUER, "1", 999))
    with pytest.raises(IdentifierRefused) as refused:
        last.next_version()
    assert refused.value.reason is IdentifierReason.VERSION


def check_as_described(text: str) -> str:
    """The procedure of the domain notes, written again to compare."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    product = 36
    for char in text:
        product = (product + alphabet.index(char)) % 36 or 36
        product = product * 2 % 37
    return alphabet[(37 - product) % 36]


serials = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=60)


@given(
    organisation=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8),
    end=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
    serial=serials,
    version=st.integers(1, 999),
)
def test_what_is_built_is_read_back(organisation: str, end: str, serial: str, version: int) -> None:
    issuer = make_uscc("1", "1", "440000", organisation)
    text = make_identifier(issuer + end, issuer, serial, version)
    identifier = parse_identifier(text)
    assert (identifier.type_code, identifier.issuer_code) == (issuer + end, issuer)
    assert (identifier.serial, identifier.version) == (serial, version)
    assert identifier.check == check_as_described(issuer + end + issuer + serial + f"{version:03d}")
    assert len(text) <= 128


@given(serial=serials, place=st.integers(0, 59), other=st.sampled_from("0123456789ABCXYZ"))
def test_one_wrong_character_never_passes(serial: str, place: int, other: str) -> None:
    text = make_identifier(TYPE, ISSUER, serial)
    at = len(ROOT) + len(TYPE) + len(ISSUER) + 2 + place % len(serial)
    wrong = text[:at] + other + text[at + 1 :]
    assert wrong == text or not parse_identifier(wrong, legacy=True).is_checked

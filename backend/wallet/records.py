"""What issuers send, checked before anything of it is kept (DOMAIN §2.3, GB/T 36903 field names).

An answer that is not of the agreed shape, or that names another holder, is refused as a whole: it
says that something is wrong at the issuer. A single licence that cannot be used (a type that the
system has not registered, a malformed identifier) is left out with a warning.
"""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import structlog
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
)

from backend.exchange.service import Audience, LicenceTypeSpec, ProviderSystem
from backend.numbers.service import (
    Holder,
    IdentifierRefused,
    LicenceIdentifier,
    parse_identifier,
)
from backend.store.keyring import BlindIndex
from backend.wallet.entries import Licence, LicenceStatus, Part

log = structlog.get_logger("wallet")

MOST_LICENCES = 200
MOST_FIELD_CHARS = 500
_ID_BYTES = 9
# Several joint holders stand in one field, separated like this (GB/T 36903).
_JOINT = "^"

Short = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{6,21}$")]


class LicenceRecord(BaseModel):
    """One licence as an issuer sends it (LicenceRecord of provider interface 1)."""

    model_config = ConfigDict(extra="ignore")

    licence_identifier: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    licence_type_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
    licence_name: Short
    licence_number: Short
    licence_version: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
    issuer_name: Short
    issuer_code: Code
    issue_date: date
    valid_from: date
    valid_to: date | None
    region_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,12}$")]
    holder_name: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    holder_code: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    holder_code_type: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}(\^[0-9]{3})*$")]
    status: LicenceStatus
    extend_info: dict[str, JsonValue] = Field(default_factory=dict, max_length=100)


class LicencesAnswer(BaseModel):
    """All licences of one holder at one system, as of a moment."""

    model_config = ConfigDict(extra="ignore")

    revision: Annotated[int, Field(ge=0, lt=2**63)]
    as_of: AwareDatetime
    licences: Annotated[list[LicenceRecord], Field(max_length=MOST_LICENCES)]


class IdentifiedAnswer(BaseModel):
    """The licence of an identifier, as of a moment; ``revision`` of its first holder's file."""

    model_config = ConfigDict(extra="ignore")

    revision: Annotated[int, Field(ge=0, lt=2**63)]
    as_of: AwareDatetime
    licence: LicenceRecord | None


class AnswerRefused(Exception):
    """An issuer's answer cannot be used; ``reason`` is a stable word without personal data."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_answer(
    raw: Mapping[str, Any], system: ProviderSystem, holder: Holder, index: BlindIndex, now: int
) -> Part:
    """Check an answer of ``licences.query`` and reduce it to what the wallet keeps.

    Args:
        now: Unix time of its arrival.

    Raises:
        AnswerRefused: not of the agreed shape, or about another holder.
    """
    try:
        answer = LicencesAnswer.model_validate(raw)
    except ValidationError:
        raise AnswerRefused("shape") from None
    return part_of(answer, system, holder, index, now)


def read_identified(
    raw: Mapping[str, Any],
    system: ProviderSystem,
    identifier: LicenceIdentifier,
    index: BlindIndex,
    now: int,
) -> tuple[Part, list[Holder]]:
    """Check an answer of ``licences.get``; gives the licence as a part, and all its holders.

    Raises:
        AnswerRefused: not of the agreed shape, about another licence, or of no use.
    """
    try:
        answer = IdentifiedAnswer.model_validate(raw)
    except ValidationError:
        raise AnswerRefused("shape") from None
    record = answer.licence
    as_of = min(int(answer.as_of.timestamp()), now)
    if record is None:
        return Part(answer.revision, as_of, now), []
    if record.licence_identifier != str(identifier):
        raise AnswerRefused("identifier")
    holders = _holders(record)
    licence = _usable(record, system, holders[0], index)
    if licence is None or licence.type_code != identifier.type_code:
        raise AnswerRefused("type")
    return Part(answer.revision, as_of, now, (licence,)), holders


def part_of(
    answer: LicencesAnswer, system: ProviderSystem, holder: Holder, index: BlindIndex, now: int
) -> Part:
    """The part of a wallet that a checked answer or notice stands for.

    Raises:
        AnswerRefused: it is about another holder.
    """
    latest: dict[str, Licence] = {}
    for record in answer.licences:
        if not _belongs(record, holder):
            raise AnswerRefused("holder")
        licence = _usable(record, system, holder, index)
        # A renewed licence keeps its id: of several versions the wallet holds the last.
        if licence and (licence.id not in latest or latest[licence.id].version < licence.version):
            latest[licence.id] = licence
    as_of = min(int(answer.as_of.timestamp()), now)
    return Part(answer.revision, as_of, now, tuple(latest.values()))


def audience_of(holder: Holder) -> Audience:
    """Which licences a holder can have: 001 stands for a legal entity."""
    return "enterprise" if holder.code_type == "001" else "citizen"


def holder_tag(holder: Holder, index: BlindIndex) -> str:
    """Fingerprint of a holder's number, to notice that an account has another holder now."""
    return index.of("wallet-holder", f"{holder.code_type}:{holder.code}")[:12]


def _belongs(record: LicenceRecord, holder: Holder) -> bool:
    return (holder.code_type, holder.code) in _numbers(record)


def _numbers(record: LicenceRecord) -> list[tuple[str, str]]:
    """Kind and number of each holder."""
    codes = record.holder_code.split(_JOINT)
    types = record.holder_code_type.split(_JOINT)
    if len(types) == 1:
        types *= len(codes)
    return list(zip(types, codes, strict=False))


def _holders(record: LicenceRecord) -> list[Holder]:
    """Each holder in full.

    Raises:
        AnswerRefused: it does not say of each who they are.
    """
    names, numbers = record.holder_name.split(_JOINT), _numbers(record)
    if len(names) != len(numbers) or len(numbers) != len(record.holder_code.split(_JOINT)):
        raise AnswerRefused("holder")
    return [Holder(*number, name) for number, name in zip(numbers, names, strict=True)]


def _usable(
    record: LicenceRecord, system: ProviderSystem, holder: Holder, index: BlindIndex
) -> Licence | None:
    kind = system.manifest.licence_type(record.licence_type_code)
    if kind is None or kind.audience != audience_of(holder):
        _warn(system, record, "type_not_registered")
        return None
    try:
        identifier = parse_identifier(record.licence_identifier, legacy=True)
    except IdentifierRefused:
        _warn(system, record, "identifier_malformed")
        return None
    if not identifier.is_checked:
        log.warning(
            "wallet.legacy_identifier", system=system.code, licence_type=record.licence_type_code
        )
    return _licence(record, kind, holder, _licence_id(identifier, index))


def _warn(system: ProviderSystem, record: LicenceRecord, reason: str) -> None:
    log.warning(
        "wallet.licence_left_out",
        system=system.code,
        licence_type=record.licence_type_code,
        reason=reason,
    )


def _licence_id(identifier: LicenceIdentifier, index: BlindIndex) -> str:
    stable = f"{identifier.type_code}.{identifier.issuer_code}.{identifier.serial}"
    digest = bytes.fromhex(index.of("licence", stable))
    return base64.urlsafe_b64encode(digest[:_ID_BYTES]).decode()


def _licence(
    record: LicenceRecord, kind: LicenceTypeSpec, holder: Holder, licence_id: str
) -> Licence:
    return Licence(
        id=licence_id,
        type_code=record.licence_type_code,
        name=record.licence_name,
        issuer_name=record.issuer_name,
        issuer_code=record.issuer_code,
        region_code=record.region_code,
        holder_name=record.holder_name,
        # Of a joint licence the other holders' numbers are not needed, so they are not kept.
        holder_code=holder.code,
        holder_code_type=holder.code_type,
        status=record.status,
        version=record.licence_version,
        identifier=record.licence_identifier,
        number=record.licence_number,
        issue_date=record.issue_date.isoformat(),
        valid_from=record.valid_from.isoformat(),
        valid_to=record.valid_to.isoformat() if record.valid_to else None,
        fields={
            spec.name: text
            for spec in kind.fields
            if (text := _text(record.extend_info.get(spec.name))) is not None
        },
    )


def _text(value: JsonValue) -> str | None:
    """A fact as text; lists are joined, objects are not facts of a face."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return value[:MOST_FIELD_CHARS] or None
    if isinstance(value, list):
        texts = [text for item in value if (text := _text(item)) is not None]
        return "、".join(texts)[:MOST_FIELD_CHARS] or None
    return None

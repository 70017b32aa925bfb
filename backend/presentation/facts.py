"""What a licence has to show: its facts one by one, and yes or no in place of a fact."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from backend.exchange.service import LicenceTypeSpec
from backend.numbers.service import IdNumberRefused, age_on, parse_id_number
from backend.presentation.errors import FieldsUnknown
from backend.wallet.service import Card, Licence

VCT = "urn:shengshitong:licence:"
LONG_TERM = "长期"
_BETWEEN = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be shown by itself.

    Attributes:
        value: a text of the face, or yes or no.
    """

    name: str
    label: str
    value: str | bool
    sensitive: bool = False


_STANDARD = {
    "holder_name": "持证主体", "licence_number": "证照编号", "issue_date": "颁发日期",
    "valid_from": "有效期起", "valid_to": "有效期止",
}  # fmt: skip


def labels_of(kind: LicenceTypeSpec) -> dict[str, str]:
    """What the facts of a type are called, by name: for verifiers, who see names alone."""
    facts = {spec.name: spec.label for spec in kind.fields}
    predicates = {spec.name: spec.label for spec in kind.presentation.predicates}
    return {**facts, **predicates, **_STANDARD, "licence_number": kind.number_label}


def facts_of(card: Card, day: date) -> list[Fact]:
    """Everything that may be chosen of a licence; predicates are as of the day."""
    licence, kind, labels = card.licence, card.kind, labels_of(card.kind)
    found = [
        Fact("holder_name", labels["holder_name"], licence.holder_name.replace("^", "、"), True),
        Fact("licence_number", labels["licence_number"], licence.number, True),
        Fact("issue_date", labels["issue_date"], licence.issue_date),
        Fact("valid_from", labels["valid_from"], licence.valid_from),
        Fact("valid_to", labels["valid_to"], licence.valid_to or LONG_TERM),
    ]
    found += [
        Fact(spec.name, spec.label, licence.fields[spec.name], spec.sensitive)
        for spec in kind.fields
        if spec.name in licence.fields and spec.name not in _STANDARD
    ]
    found += _predicates(licence, kind, day)
    return found


def chosen(card: Card, names: Sequence[str], day: date) -> list[Fact]:
    """The facts of these names, in the order of the face.

    Raises:
        FieldsUnknown: the licence has none of some name.
    """
    offered = facts_of(card, day)
    missing = sorted(set(names) - {fact.name for fact in offered})
    if missing:
        raise FieldsUnknown(missing)
    return [fact for fact in offered if fact.name in names]


def _predicates(licence: Licence, kind: LicenceTypeSpec, day: date) -> Iterator[Fact]:
    for spec in kind.presentation.predicates:
        said = _source(licence, spec.field)
        holds: bool | None = None
        if spec.kind == "one_of":
            holds = not set(_BETWEEN.split(said)).isdisjoint(spec.values) if said else None
        elif (moment := _date(said)) is not None:
            holds = age_on(moment, day) >= (spec.years or 0) if spec.years else moment >= day
        elif spec.kind == "not_before" and spec.field == "valid_to":
            holds = True
        if holds is not None:
            yield Fact(spec.name, spec.label, holds)


def _source(licence: Licence, field: str) -> str:
    """The text that a predicate is about; empty when the licence does not say."""
    if field == "valid_to":
        return licence.valid_to or ""
    if field != "holder_code":
        return licence.fields.get(field, "")
    try:
        birth = parse_id_number(licence.holder_code).birth
    except IdNumberRefused:
        return ""
    return birth.isoformat() if birth else ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

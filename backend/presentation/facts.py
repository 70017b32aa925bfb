"""What a licence has to show: its facts one by one, and yes or no in place of a fact."""

import re
from collections.abc import Callable, Iterator, Sequence, Set
from datetime import date
from typing import NamedTuple

from backend.exchange.service import LicenceTypeSpec, PredicateSpec
from backend.numbers.service import age_on, parse_id_number
from backend.presentation.errors import FieldsUnknown
from backend.wallet.service import Card, Licence

VCT = "urn:shengshitong:licence:"
LONG_TERM = "长期"
_BETWEEN = re.compile(r"[、,，;；\s]+")


class Fact(NamedTuple):
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
    return list(_facts(card, day, None))


def chosen(card: Card, names: Sequence[str], day: date) -> list[Fact]:
    """The facts of these names, in the order of the face.

    Raises:
        FieldsUnknown: the licence has none of some name.
    """
    wanted = frozenset(names)
    found = list(_facts(card, day, wanted))
    if missing := wanted.difference(fact.name for fact in found):
        raise FieldsUnknown(sorted(missing))
    return found


def _facts(card: Card, day: date, wanted: Set[str] | None) -> Iterator[Fact]:
    """The facts of the wanted names alone; None: of all."""
    licence, kind = card.licence, card.kind
    for name, label in _STANDARD.items():
        if wanted is None or name in wanted:
            said = kind.number_label if name == "licence_number" else label
            yield Fact(name, said, *_STANDARD_VALUES[name](licence))
    for spec in kind.fields:
        if wanted is not None and spec.name not in wanted:
            continue
        if spec.name in licence.fields and spec.name not in _STANDARD:
            yield Fact(spec.name, spec.label, licence.fields[spec.name], spec.sensitive)
    for predicate in kind.presentation.predicates:
        if wanted is None or predicate.name in wanted:
            holds = _holds(predicate, licence, day)
            if holds is not None:
                yield Fact(predicate.name, predicate.label, holds)


# The value, and whether it is sensitive.
_STANDARD_VALUES: dict[str, Callable[[Licence], tuple[str, bool]]] = {
    "holder_name": lambda licence: (licence.holder_name.replace("^", "、"), True),
    "licence_number": lambda licence: (licence.number, True),
    "issue_date": lambda licence: (licence.issue_date, False),
    "valid_from": lambda licence: (licence.valid_from, False),
    "valid_to": lambda licence: (licence.valid_to or LONG_TERM, False),
}


def _holds(spec: PredicateSpec, licence: Licence, day: date) -> bool | None:
    """Whether a predicate holds on a day; None when the licence does not say."""
    if spec.kind == "one_of":
        said = licence.fields.get(spec.field, "")
        return any(each in spec.values for each in _BETWEEN.split(said)) if said else None
    if (moment := _moment(licence, spec.field, day)) is not None:
        return age_on(moment, day) >= (spec.years or 0) if spec.years else moment >= day
    return True if spec.kind == "not_before" and spec.field == "valid_to" else None


def _moment(licence: Licence, field: str, day: date) -> date | None:
    """The date that a predicate is about on a day; None when the licence does not say."""
    try:
        if field == "holder_code":
            return parse_id_number(licence.holder_code, day).birth
        return date.fromisoformat(
            licence.valid_to or "" if field == "valid_to" else licence.fields.get(field, "")
        )
    except ValueError:
        return None

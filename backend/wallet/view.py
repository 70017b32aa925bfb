"""A wallet as a person sees it: cards, masked, and what is known of each issuer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson

from backend.exchange.service import LicenceTypeSpec, ProviderSystem
from backend.numbers.service import mask_name, mask_number
from backend.upstream.errors import UpstreamMaintenance, UpstreamSuspended
from backend.wallet.entries import (
    NEVER,
    STATUS_LABELS,
    Age,
    Contents,
    Licence,
    LicenceStatus,
    Part,
    age_of,
    china_day,
    china_time,
    fresh_until,
    shown,
)

SourceStatus = Literal["fresh", "stale", "unavailable", "none"]
LEGAL_ENTITY = "001"
_JOINT = "^"


@dataclass(frozen=True, slots=True)
class Card:
    """A licence in the list.

    Attributes:
        as_of: Unix time at which its issuer last confirmed it.
    """

    licence: Licence
    kind: LicenceTypeSpec
    system: ProviderSystem
    status: LicenceStatus
    fresh: bool
    as_of: int

    def as_dict(self) -> dict[str, Any]:
        """As the phone gets it: number and holder masked."""
        licence = self.licence
        return {
            "id": licence.id,
            "type_code": licence.type_code,
            "name": licence.name,
            "number": masked_licence_number(licence),
            "holder": masked_holder(licence),
            "issuer": licence.issuer_name,
            "status": self.status.value,
            "status_label": STATUS_LABELS[self.status],
            "valid_to": licence.valid_to,
            "hue": self.kind.hue,
            "freshness": "fresh" if self.fresh else "stale",
            "as_of": china_time(self.as_of),
            "source": self.system.code,
        }

    @property
    def keep_until(self) -> int | None:
        """Unix time until which a phone may show it without a network; None: not to be kept."""
        if not self.kind.presentation.offline:
            return None
        return self.as_of + self.kind.freshness.hard_s

    def with_details(self) -> dict[str, Any]:
        """All that is on the licence; sensitive values masked."""
        licence = self.licence
        return {
            **self.as_dict(),
            "keep_until": china_time(self.keep_until) if self.keep_until is not None else None,
            "valid_from": licence.valid_from,
            "issue_date": licence.issue_date,
            "version": licence.version,
            "identifier": licence.identifier,
            "fields": [
                {
                    "name": spec.name,
                    "label": spec.label,
                    "value": masked_field(licence.fields[spec.name], spec.sensitive),
                    "sensitive": spec.sensitive,
                }
                for spec in self.kind.fields
                if spec.name in licence.fields
            ],
        }


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of one issuer's part; ``as_of`` is None when nothing is.

    Attributes:
        note: what is going on there, where it was announced.
    """

    system: ProviderSystem
    status: SourceStatus
    as_of: int | None
    note: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the phone gets it."""
        said = {
            "code": self.system.code,
            "name": self.system.short_name,
            "status": self.status,
            "as_of": china_time(self.as_of) if self.as_of is not None else None,
        }
        return said if self.note is None else {**said, "note": self.note}


@dataclass(frozen=True, slots=True)
class WalletView:
    """A wallet put together at a moment."""

    now: int
    cards: Sequence[Card]
    sources: Sequence[Source]

    @property
    def as_of(self) -> int:
        """A whole is as old as its oldest part; Unix time."""
        return min((s.as_of for s in self.sources if s.as_of is not None), default=self.now)

    @property
    def silent(self) -> list[str]:
        """Names of the issuers that do not answer and of which nothing is known."""
        return [s.system.short_name for s in self.sources if s.status == "unavailable"]

    def card(self, licence_id: str) -> Card | None:
        """The card of that id, or None."""
        return next((card for card in self.cards if card.licence.id == licence_id), None)

    def as_dict(self) -> dict[str, Any]:
        """As the phone gets it."""
        return {
            "as_of": china_time(self.as_of),
            "items": [card.as_dict() for card in self.cards],
            "sources": [source.as_dict() for source in self.sources],
        }

    def as_json(self) -> bytes:
        """``as_dict`` as the body of an answer."""
        return orjson.dumps(self.as_dict())


def view_of(contents: Contents, issuers: Sequence[ProviderSystem], now: int) -> WalletView:
    """What may be shown of a wallet now; expiry dates are looked at now, too."""
    cards: list[Card] = []
    sources: list[Source] = []
    for system in issuers:
        part = contents.parts.get(system.code)
        found = _cards(part, system, now) if part else []
        cards += found
        sources.append(_source(part, system, bool(found), now))
    cards.sort(key=_rank)
    return WalletView(now, cards, sources)


def card_of(part: Part, system: ProviderSystem, licence_id: str, now: int) -> Card | None:
    """The card that ``view_of`` would have of this id, without looking at the others."""
    only = part._replace(licences=tuple(each for each in part.licences if each.id == licence_id))
    return next(iter(_cards(only, system, now)), None)


def good_until(contents: Contents, issuers: Sequence[ProviderSystem], now: int) -> int:
    """Unix time until which ``view_of`` gives the same; 0 when a part is missing or not fresh."""
    until = NEVER
    for system in issuers:
        part = contents.parts.get(system.code)
        if part is None or age_of(part, system, now) is not Age.FRESH:
            return 0
        until = min(
            until,
            fresh_until(part, system, now),
            *(licence.expires_after(now) for licence, _ in shown(part, system, now)),
        )
    return until


def masked_holder(licence: Licence) -> str:
    """``张三^李四`` → ``张*、李*``; the name of a legal entity is public and stays."""
    if licence.holder_code_type == LEGAL_ENTITY:
        return licence.holder_name
    return "、".join(mask_name(name) for name in licence.holder_name.split(_JOINT))


def masked_licence_number(licence: Licence) -> str:
    """A person's number masked; that of a legal entity's licence is public and stays."""
    if licence.holder_code_type == LEGAL_ENTITY:
        return licence.number
    return mask_number(licence.number)


def masked_field(value: str, sensitive: bool) -> str:
    """A fact of the face, masked when its type calls it sensitive."""
    return mask_number(value) if sensitive else value


def _cards(part: Part, system: ProviderSystem, now: int) -> list[Card]:
    day, age = china_day(now), now - part.fetched_at
    return [
        Card(
            licence, kind, system, licence.status_on(day), age < kind.freshness.fresh_s, part.as_of
        )
        for licence, kind in shown(part, system, now)
    ]


def _source(part: Part | None, system: ProviderSystem, any_card: bool, now: int) -> Source:
    if part is None:
        return Source(system, "unavailable", None, _note(system, now))
    fresh = age_of(part, system, now) is Age.FRESH
    if any_card:
        if fresh:
            return Source(system, "fresh", part.as_of)
        return Source(system, "stale", part.as_of, _note(system, now))
    # That there was nothing is worth little once it is old: licences get issued.
    return Source(system, "none" if fresh else "unavailable", part.as_of)


def _note(system: ProviderSystem, now: int) -> str | None:
    """What was announced of a system that gives nothing new: maintenance, or a suspension."""
    moment = datetime.fromtimestamp(now, UTC)
    for window in system.windows:
        if window.covers(moment):
            state = UpstreamMaintenance(system.code, window.ends_at, window.words).state
            return f"{system.short_name}系统{state}"
    if system.suspended is not None:
        return f"{system.short_name}系统{UpstreamSuspended.state}"
    return None


_ACTIVE = (LicenceStatus.VALID, LicenceStatus.SUSPENDED, LicenceStatus.LOST)


def _rank(card: Card) -> tuple[bool, str, int, str]:
    """Those in use first; then by issuer, in the order in which its manifest names the types."""
    kinds = card.system.manifest.licence_types
    place = next(i for i, kind in enumerate(kinds) if kind.code == card.kind.code)
    return card.status not in _ACTIVE, card.system.code, place, card.licence.number

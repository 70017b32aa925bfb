"""What a wallet holds, and how old it may be. Values only: no clock, no store, no network here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from backend.exchange.service import LicenceTypeSpec, ProviderSystem

CHINA = timezone(timedelta(hours=8))
NEVER = 2**32 - 1


class LicenceStatus(StrEnum):
    """证照状态 (DOMAIN §2.6); the value is part of the interface."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    LOST = "LOST"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    CANCELLED = "CANCELLED"
    FORFEITED = "FORFEITED"
    SUPERSEDED = "SUPERSEDED"
    TRANSFERRED = "TRANSFERRED"


STATUS_LABELS: Mapping[LicenceStatus, str] = {
    LicenceStatus.VALID: "有效",
    LicenceStatus.SUSPENDED: "暂扣",
    LicenceStatus.LOST: "已挂失",
    LicenceStatus.EXPIRED: "已过期",
    LicenceStatus.REVOKED: "已撤销",
    LicenceStatus.CANCELLED: "已注销",
    LicenceStatus.FORFEITED: "已吊销",
    LicenceStatus.SUPERSEDED: "已换发",
    LicenceStatus.TRANSFERRED: "已转出",
}


class Licence(NamedTuple):
    """One electronic licence (metadata of GB/T 36903), checked and reduced to what is shown.

    Attributes:
        id: opaque and short; the same for all versions of a licence.
        status: as the issuer gave it; ``status_on`` adds what the calendar does to it.
        issue_date, valid_from, valid_to: ``YYYY-MM-DD``; None stands for 长期.
        fields: 扩展业务信息, only what the licence type declares.
    """

    id: str
    type_code: str
    name: str
    issuer_name: str
    issuer_code: str
    region_code: str
    holder_name: str
    holder_code: str
    holder_code_type: str
    status: LicenceStatus
    version: str
    identifier: str
    number: str
    issue_date: str
    valid_from: str
    valid_to: str | None
    fields: Mapping[str, str] = MappingProxyType({})

    def status_on(self, day: date) -> LicenceStatus:
        """The status on a day: a valid licence expires by its date, not by anybody's job."""
        over = self.valid_to is not None and self.valid_to < day.isoformat()
        return LicenceStatus.EXPIRED if over and self.status is LicenceStatus.VALID else self.status

    def expires_after(self, now: int) -> int:
        """When ``status_on`` next changes by itself, as Unix time; ``NEVER`` when it does not."""
        if self.valid_to is None or self.status is not LicenceStatus.VALID:
            return NEVER
        over = datetime.fromisoformat(self.valid_to).replace(tzinfo=CHINA) + timedelta(days=1)
        moment = int(over.timestamp())
        return moment if moment > now else NEVER


class Part(NamedTuple):
    """What one issuer said last of one holder.

    Attributes:
        revision: the issuer's; grows with every change of this holder's licences there.
        as_of: Unix time at which it was true, by the issuer.
        fetched_at: Unix time at which it reached us.
    """

    revision: int
    as_of: int
    fetched_at: int
    licences: tuple[Licence, ...] = ()

    @property
    def order(self) -> tuple[int, int, int]:
        """By what a later word is known: the revision above all, whenever it arrives."""
        return self.revision, self.as_of, self.fetched_at


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole wallet: a part per issuing system.

    Attributes:
        holder_tag: fingerprint of the holder's number; an account whose holder changed starts anew.
    """

    holder_tag: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)


class Age(Enum):
    """How far a part may be trusted.

    FRESH: served as it is. STALE: served at once, labelled, and asked again behind.
    OLD: asked again first, served, labelled, only while its issuer does not answer.
    """

    FRESH = 0
    STALE = 1
    OLD = 2


def age_of(part: Part | None, system: ProviderSystem, now: int) -> Age:
    """How old a part is by the freshness of its licence types (by ``negative_s`` when empty)."""
    if part is None:
        return Age.OLD
    age = now - part.fetched_at
    limits = [kind.freshness for _, kind in shown(part, system, now)]
    if not limits:
        return Age.FRESH if age < _negative_s(system) else Age.OLD
    if age < min([limit.fresh_s for limit in limits]):
        return Age.FRESH
    return Age.STALE if age < min([limit.stale_s for limit in limits]) else Age.OLD


def _negative_s(system: ProviderSystem) -> int:
    # Even a system that wants nothing remembered has just answered.
    return max(system.manifest.negative_s, 1)


def fresh_until(part: Part, system: ProviderSystem, now: int) -> int:
    """Unix time until which ``age_of`` says FRESH."""
    limits = [kind.freshness.fresh_s for _, kind in shown(part, system, now)]
    return part.fetched_at + min(limits, default=_negative_s(system))


def kept_until(part: Part, system: ProviderSystem) -> int:
    """Unix time after which nothing of a part may be shown any more."""
    limits = [kind.freshness.hard_s for _, kind in registered(part.licences, system)]
    return part.fetched_at + max(limits, default=_negative_s(system))


def shown(
    part: Part, system: ProviderSystem, now: int
) -> Iterator[tuple[Licence, LicenceTypeSpec]]:
    """The licences of a part that may be shown now, with their types: not past ``hard_s``."""
    age = now - part.fetched_at
    for licence, kind in registered(part.licences, system):
        if age < kind.freshness.hard_s:
            yield licence, kind


def registered(
    licences: Iterable[Licence], system: ProviderSystem
) -> Iterator[tuple[Licence, LicenceTypeSpec]]:
    """Those licences whose type the system has registered (still)."""
    for licence in licences:
        kind = system.manifest.licence_type(licence.type_code)
        if kind is not None:
            yield licence, kind


def china_day(now: int) -> date:
    """The day in China at a Unix time."""
    return _day_of(now // 3600)


@lru_cache(maxsize=4)
def _day_of(hour: int) -> date:
    """The day in China of an hour of Unix time: every hour there lies within one day."""
    return datetime.fromtimestamp(hour * 3600, CHINA).date()


def china_time(moment: int) -> str:
    """A Unix time in RFC 3339 with China's offset."""
    return datetime.fromtimestamp(moment, CHINA).isoformat()

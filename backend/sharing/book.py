"""Grants in memory: what every call is checked against, read again when the database says so."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID

from tortoise.expressions import F

from backend.calendar.service import BEIJING
from backend.sharing.errors import (
    GrantExpired,
    GrantMissing,
    GrantRevoked,
    GrantSuspended,
    ModeNotOffered,
    PurposeDiffers,
)
from backend.sharing.models import GrantClock, ShareGrant
from backend.sharing.states import GrantState

# A batch exchange is a query of many, or a file.
QUERY_MODES = frozenset({"interface", "batch"})
FILE_MODES = frozenset({"file", "batch"})


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as calls see it.

    Attributes:
        id: UUID in text.
        allowed: the granted fields; networks: from where (CIDR), empty for anywhere.
        ends: Unix time at which its last day ends.
    """

    id: str
    system: str
    resource: str
    owner: str
    fields: tuple[str, ...]
    allowed: frozenset[str]
    purpose: str
    legal_basis: str
    mode: str
    case_bound: bool
    quota: int
    networks: tuple[str, ...]
    ends: float
    state: GrantState

    def admits(self, address: str) -> bool:
        """Whether a caller's address is one of the grant's."""
        return not self.networks or _within(address, self.networks)


@lru_cache(maxsize=4096)
def _within(address: str, networks: tuple[str, ...]) -> bool:
    """A system calls from a few addresses again and again: parsing each is dear."""
    found = ipaddress.ip_address(address)
    return any(found in ipaddress.ip_network(network, strict=False) for network in networks)


def _grant(row: ShareGrant) -> Grant:
    return Grant(
        id=str(row.id),
        system=row.system_code,
        resource=row.resource_code,
        owner=row.provider_system,
        fields=tuple(row.fields_granted),
        allowed=frozenset(row.fields_granted),
        purpose=row.purpose,
        legal_basis=row.legal_basis,
        mode=row.share_mode,
        case_bound=row.case_bound,
        quota=row.daily_quota,
        networks=tuple(row.addresses),
        ends=end_of(row.valid_until),
        state=GrantState(row.state),
    )


def end_of(day: date) -> float:
    """Unix time at which a day ends in China."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING).timestamp()


class GrantBook:
    """All grants, by system and resource."""

    def __init__(self) -> None:
        self._generation = -1
        self._by_use: dict[tuple[str, str], tuple[Grant, ...]] = {}
        self._by_id: dict[str, Grant] = {}

    async def reload(self) -> bool:
        """Read the grants if any changed since the last time; True when they had."""
        clock = await GrantClock.get_or_none(id=1)
        generation = clock.generation if clock is not None else 0
        if generation == self._generation:
            return False
        by_use: dict[tuple[str, str], tuple[Grant, ...]] = {}
        by_id: dict[str, Grant] = {}
        for row in await ShareGrant.all().order_by("-id"):
            grant = by_id[str(row.id)] = _grant(row)
            use = (grant.system, grant.resource)
            by_use[use] = (*by_use.get(use, ()), grant)
        self._by_use, self._by_id, self._generation = by_use, by_id, generation
        return True

    def grant(self, grant_id: str | UUID) -> Grant | None:
        """The grant of that id, or None."""
        return self._by_id.get(str(grant_id))

    def of_system(self, system: str) -> list[Grant]:
        """Every grant of a system, newest first."""
        return [grant for grant in self._by_id.values() if grant.system == system]

    def choose(
        self, system: str, resource: str, purpose: str, modes: frozenset[str], now: float
    ) -> Grant:
        """The grant under which a system asks for a resource.

        Raises:
            GrantMissing, ModeNotOffered, PurposeDiffers, GrantSuspended, GrantExpired,
            GrantRevoked: there is none that holds now; the nearest miss is named.
        """
        found = self._by_use.get((system, resource))
        if not found:
            raise GrantMissing
        for grant in found:
            if (
                grant.purpose == purpose
                and grant.mode in modes
                and grant.state is GrantState.ACTIVE
                and now < grant.ends
            ):
                return grant
        raise _nearest_miss(found, purpose, modes, now)


def _nearest_miss(
    found: Sequence[Grant], purpose: str, modes: frozenset[str], now: float
) -> Exception:
    fitting = [grant for grant in found if grant.mode in modes]
    if not fitting:
        return ModeNotOffered()
    fitting = [grant for grant in fitting if grant.purpose == purpose]
    if not fitting:
        return PurposeDiffers()
    lasting = [grant for grant in fitting if grant.state is not GrantState.REVOKED]
    if not lasting:
        return GrantRevoked()
    if all(now >= grant.ends for grant in lasting):
        return GrantExpired()
    return GrantSuspended()


async def tick() -> None:
    """Let every worker read the grants again; call it in the transaction that changed one."""
    if not await GrantClock.filter(id=1).update(generation=F("generation") + 1):
        await GrantClock.get_or_create(id=1, defaults={"generation": 1})

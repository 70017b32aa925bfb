"""Usage by system, resource and day: calls, success, latency, quota."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from backend.calendar.service import BEIJING
from backend.exchange.service import Exchange
from backend.operators.service import Officer
from backend.sharing.asking import quota_key
from backend.sharing.catalogue import DataCatalogue
from backend.sharing.ledger import BOUNDS_MS
from backend.sharing.models import CallDay, ShareGrant
from backend.sharing.parts import DEPARTMENT_ROLES, sees
from backend.sharing.readings import of_department
from backend.store.redis import Redis

By = Literal["day", "system", "resource"]


@dataclass(slots=True)
class Usage:
    """Figures of a day, a system or a resource.

    Attributes:
        p50_ms, p99_ms: upper bounds of the buckets in which these lie; None without calls.
    """

    name: str
    calls: int = 0
    succeeded: int = 0
    refused: int = 0
    failed: int = 0
    subjects: int = 0
    found: int = 0
    total_ms: int = 0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))

    @property
    def success_rate(self) -> float | None:
        """Of the calls that reached the owner's system, those that it answered."""
        carried = self.succeeded + self.failed
        return self.succeeded / carried if carried else None

    @property
    def mean_ms(self) -> float | None:
        """Mean time of the calls that reached the owner's system."""
        carried = self.succeeded + self.failed
        return self.total_ms / carried if carried else None

    @property
    def p50_ms(self) -> int | None:
        """See the class."""
        return self._quantile(0.5)

    @property
    def p99_ms(self) -> int | None:
        """See the class."""
        return self._quantile(0.99)

    def _quantile(self, share: float) -> int | None:
        wanted, seen = share * sum(self.buckets), 0
        for count, bound in zip(self.buckets, (*BOUNDS_MS, 2 * BOUNDS_MS[-1]), strict=True):
            seen += count
            if count and seen >= wanted:
                return bound
        return None

    def add(self, row: CallDay) -> None:
        """Count a row in."""
        self.calls += row.calls
        self.succeeded += row.succeeded
        self.refused += row.refused
        self.failed += row.failed
        self.subjects += row.subjects
        self.found += row.found
        self.total_ms += row.total_ms
        self.buckets = [one + more for one, more in zip(self.buckets, row.buckets, strict=True)]


def month_until(last: date) -> date:
    """The first of the thirty days that end with this one, as far as there are so many."""
    return date.fromordinal(max(1, last.toordinal() - 29))


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of today's quota of a grant is used."""

    grant: ShareGrant
    used: int


class Statistics:
    """Adds up what the worker counted."""

    def __init__(self, redis: Redis, exchange: Exchange, catalogue: DataCatalogue) -> None:
        self._redis, self._exchange, self._catalogue = redis, exchange, catalogue

    async def usage(
        self, officer: Officer, first: date, last: date, by: By, of: str | None = None
    ) -> list[Usage]:
        """Usage from one day to another, by day or by name.

        Args:
            of: only this system or resource.
        """
        found = CallDay.filter(day__gte=first, day__lte=last)
        if officer.role in DEPARTMENT_ROLES:
            mine = of_department(self._exchange, self._catalogue, officer.department_uscc or "")
            found = found.filter(mine)
        elif not sees(officer):
            return []
        rows = await found.order_by("day")
        if of is not None:
            rows = [row for row in rows if of in (row.system_code, row.resource_code)]
        return _added_up(rows, by)

    async def quotas(self, grants: Sequence[ShareGrant]) -> list[QuotaUse]:
        """How much of today's quota of each grant is used."""
        day = f"{datetime.now(BEIJING):%Y%m%d}"
        used = []
        for grant in grants:
            raw = await self._redis.get(quota_key(str(grant.id), day))
            used.append(QuotaUse(grant, int(raw or 0)))
        return used


def _added_up(rows: Iterable[CallDay], by: By) -> list[Usage]:
    found: dict[str, Usage] = {}
    groups: dict[str, list[CallDay]] = defaultdict(list)
    for row in rows:
        name = {
            "day": row.day.isoformat(),
            "system": row.system_code,
            "resource": row.resource_code,
        }[by]
        groups[name].append(row)
    for name, members in groups.items():
        usage = found[name] = Usage(name)
        for row in members:
            usage.add(row)
    ordered = sorted(found.values(), key=lambda usage: usage.name)
    return ordered if by == "day" else sorted(ordered, key=lambda usage: -usage.calls)

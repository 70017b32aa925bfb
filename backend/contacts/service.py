"""服务专员: appointed by a department, or by the platform for a district, for enterprises to call.

For a region, an industry, both, or enterprises by name; the nearest counts: one that names the
enterprise comes before one of its county, that before one of its city, and so on. Their name and
the telephone of their work are made known to those enterprises, and to nobody else.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from backend.audit.service import Audit
from backend.contacts.errors import ContactInvalid, ContactUnknown, TooManyContacts
from backend.contacts.models import ServiceContact, ServiceContactFor, context
from backend.enterprise.service import Enterprise
from backend.exchange.service import Exchange
from backend.numbers.service import is_uscc
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.regions.errors import RegionsError
from backend.regions.service import Regions
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing

__all__ = ["MOST_LISTED", "Contact", "Contacts", "Wish"]

MOST_LISTED, MOST_OPEN, MOST_SHOWN = 500, 200, 3
PLATFORM, NOBODY = "省事通企业服务", "-"
_INDUSTRY = re.compile(r"[A-T]?[0-9]{0,4}")
_FILLED = (
    "name", "phone", "title", "helps_with", "hours", "region_code", "industry", "listed",
    "appointed_by", "appointed_at",
)  # fmt: skip
_SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
_APPOINTS = (Role.HEAD, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be appointed, and for whom; ``usccs`` as typed."""

    name: str
    title: str
    phone: str
    helps_with: str
    hours: str
    region_code: str = ""
    industry: str = ""
    usccs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One, as enterprises and officers see them; ``listed``: for how many enterprises by name."""

    id: UUID
    department_name: str
    name: str
    title: str
    phone: str
    helps_with: str
    hours: str
    region_code: str
    region_name: str
    industry: str
    listed: int


class Contacts:
    """Appoints, ends and finds contacts.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self,
        keyring: KeyRing,
        regions: Regions,
        exchange: Exchange,
        audit: Audit,
        clock: Callable[[], float],
    ) -> None:
        self._keyring, self._regions, self._exchange = keyring, regions, exchange
        self._audit, self._clock = audit, clock

    async def of(self, enterprise: Enterprise) -> list[Contact]:
        """Whom an enterprise may call, the nearest first, at most one of a department."""
        named = ServiceContactFor.filter(uscc=enterprise.uscc).order_by("-id").limit(MOST_OPEN)
        ids = [row.contact_id for row in await named]
        open_rows = ServiceContact.filter(ended_at=None)
        rows = await open_rows.filter(id__in=ids) if ids else []
        regions = _regions_of(enterprise.region_code)
        industries = _industries_of(enterprise.industry.code if enterprise.industry else "")
        around = open_rows.filter(listed=0, region_code__in=regions, industry__in=industries)
        # Of codes that lie in each other the narrower is the greater: the limit cuts the widest.
        rows += await around.order_by("-region_code", "-industry", "-id").limit(MOST_OPEN)

        def near(row: ServiceContact) -> tuple[bool, int, int, str]:
            place = regions.index(row.region_code) if row.region_code in regions else 0
            return row.listed > 0, place, len(row.industry), str(row.id)

        nearest: dict[str, ServiceContact] = {}
        for row in sorted(rows, key=near, reverse=True):
            nearest.setdefault(row.department_uscc, row)
        return [self._shown(row) for row in list(nearest.values())[:MOST_SHOWN]]

    async def all(self, officer: Officer) -> list[Contact]:
        """Those that an officer's department appointed, or all for the platform's operators.

        Raises:
            RoleMissing.
        """
        _need(officer, *_SEES)
        rows = await self._theirs(officer).order_by("-id").limit(MOST_OPEN)
        return [self._shown(row) for row in rows]

    async def appoint(self, officer: Officer, wish: Wish) -> Contact:
        """Appoint one; enterprises see them from now on.

        Raises:
            RoleMissing, ContactInvalid, TooManyContacts.
        """
        _need(officer, *_APPOINTS)
        usccs = _codes(wish.usccs)
        self._check(wish, usccs)
        if await self._theirs(officer).count() >= MOST_OPEN:
            raise TooManyContacts
        row = ServiceContact(
            id=uuid7(), department_uscc=officer.department_uscc or "",
            department_name=self._department(officer),
        )  # fmt: skip
        self._fill(row, officer, wish, len(usccs))
        async with in_transaction():
            await row.save(force_create=True)
            await self._list(row, usccs)
            await self._record(officer, "contacts.appointed", row, enterprises=str(len(usccs)))
        return self._shown(row)

    async def get(self, officer: Officer, contact_id: UUID) -> tuple[Contact, list[str]]:
        """One that an officer may change, and the enterprises that it names.

        Raises:
            RoleMissing, ContactUnknown.
        """
        row = await self._mine(officer, contact_id)
        named = ServiceContactFor.filter(contact_id=row.id).order_by("uscc")
        return self._shown(row), [one.uscc for one in await named]

    async def change(self, officer: Officer, contact_id: UUID, wish: Wish) -> Contact:
        """Change whom enterprises see, or which; whose contact it is stays.

        Raises:
            RoleMissing, ContactUnknown, ContactInvalid.
        """
        row = await self._mine(officer, contact_id)
        usccs = _codes(wish.usccs)
        self._check(wish, usccs)
        self._fill(row, officer, wish, len(usccs))
        async with in_transaction():
            still = ServiceContact.filter(id=row.id, ended_at=None)
            if not await still.update(**{name: getattr(row, name) for name in _FILLED}):
                raise ContactUnknown
            await ServiceContactFor.filter(contact_id=row.id).delete()
            await self._list(row, usccs)
            await self._record(officer, "contacts.changed", row, enterprises=str(len(usccs)))
        return self._shown(row)

    async def end(self, officer: Officer, contact_id: UUID) -> None:
        """Enterprises see them no more.

        Raises:
            RoleMissing, ContactUnknown.
        """
        row = await self._mine(officer, contact_id)
        async with in_transaction():
            still = ServiceContact.filter(id=row.id, ended_at=None)
            if not await still.update(ended_at=self._now()):
                raise ContactUnknown
            await ServiceContactFor.filter(contact_id=row.id).delete()
            await self._record(officer, "contacts.ended", row)

    async def _mine(self, officer: Officer, contact_id: UUID) -> ServiceContact:
        _need(officer, *_APPOINTS)
        row = await self._theirs(officer).get_or_none(id=contact_id)
        if row is None:
            raise ContactUnknown
        return row

    def _fill(self, row: ServiceContact, officer: Officer, wish: Wish, listed: int) -> None:
        row.name = self._keyring.seal_text(wish.name, context(row.id, "name"))
        row.phone = self._keyring.seal_text(wish.phone, context(row.id, "phone"))
        row.title, row.helps_with, row.hours = wish.title, wish.helps_with, wish.hours
        row.region_code, row.industry, row.listed = wish.region_code, wish.industry, listed
        row.appointed_by, row.appointed_at = officer.account_id, self._now()

    async def _list(self, row: ServiceContact, usccs: Sequence[str]) -> None:
        await ServiceContactFor.bulk_create(
            [ServiceContactFor(contact_id=row.id, uscc=uscc) for uscc in usccs]
        )

    def _check(self, wish: Wish, usccs: Sequence[str]) -> None:
        if not (wish.region_code or wish.industry or usccs) or len(usccs) > MOST_LISTED:
            raise ContactInvalid
        if wish.region_code:
            try:
                self._regions.get(wish.region_code)
            except RegionsError:
                raise ContactInvalid from None
        if not _INDUSTRY.fullmatch(wish.industry) or not all(map(is_uscc, usccs)):
            raise ContactInvalid

    def _theirs(self, officer: Officer) -> QuerySet[ServiceContact]:
        found = ServiceContact.filter(ended_at=None)
        if officer.role is Role.OPERATOR:
            return found
        return found.filter(department_uscc=officer.department_uscc or NOBODY)

    def _department(self, officer: Officer) -> str:
        if officer.department_uscc is None:
            return PLATFORM
        for system in self._exchange.systems():
            department = system.manifest.system.department
            if department.uscc == officer.department_uscc:
                return department.name
        raise ContactUnknown

    def _shown(self, row: ServiceContact) -> Contact:
        place = self._regions.path(row.region_code) if row.region_code else ()
        name = self._keyring.open_text(row.name, context(row.id, "name"))
        phone = self._keyring.open_text(row.phone, context(row.id, "phone"))
        return Contact(
            row.id, row.department_name, name, row.title, phone, row.helps_with, row.hours,
            row.region_code, "".join(one.name for one in place), row.industry, row.listed,
        )  # fmt: skip

    async def _record(
        self, officer: Officer, action: str, row: ServiceContact, **more: str
    ) -> None:
        detail = {
            "contact": str(row.id), "region": row.region_code, "industry": row.industry, **more,
        }  # fmt: skip
        await self._audit.record(officer.actor, action, f"department:{row.department_uscc}", detail)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _codes(texts: Sequence[str]) -> list[str]:
    return sorted({text.strip().upper() for text in texts if text.strip()})


def _need(officer: Officer, *roles: Role) -> None:
    if officer.role not in roles:
        raise RoleMissing(list(roles))


def _regions_of(code: str) -> list[str]:
    """Codes of everything that the enterprise's place lies in, the widest first."""
    wider = ["", f"{code[:2]}0000", f"{code[:4]}00", code[:6]]
    wider += [code[:length] for length in (9, 12) if len(code) >= length]
    return list(dict.fromkeys(wider))


def _industries_of(code: str) -> list[str]:
    """The code and everything that it lies in: ``F5212``, ``F521``, ``F52``, ``F``, none."""
    return [code[:length] for length in range(len(code) + 1)]

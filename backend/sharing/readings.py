"""Who read a person's data, as the person sees it, and the call log as departments see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery

from backend.exchange.service import Exchange
from backend.operators.service import Officer
from backend.sharing.catalogue import DataCatalogue
from backend.sharing.errors import CursorRefused
from backend.sharing.ledger import OK
from backend.sharing.models import CallRecord, CallSubject, ShareGrant
from backend.sharing.parts import DEPARTMENT_ROLES, sees

PAGE = 20
_MOST = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A data item by name and label."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A call that was about a person.

    Attributes:
        system: code and everyday name of the system that asked; department: whose it is.
        resource: code and name.
        result: ``read``, ``none`` (there was no record), ``failed`` (its owner gave no answer).
    """

    id: UUID
    at: datetime
    system: tuple[str, str]
    department: str
    resource: tuple[str, str]
    fields: Sequence[Field]
    purpose: str
    legal_basis: str
    case_no: str | None
    result: str


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """A page of readings, newest first."""

    readings: Sequence[Reading]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of the call log, newest first: no person in it."""

    calls: Sequence[CallRecord]
    next_cursor: str | None


class Readings:
    """Looks calls up."""

    def __init__(self, exchange: Exchange, catalogue: DataCatalogue) -> None:
        self._exchange, self._catalogue = exchange, catalogue

    async def of_person(
        self, subject_index: str, system: str | None, cursor: str | None, limit: int = PAGE
    ) -> ReadingPage:
        """Readings of somebody's data.

        Args:
            subject_index: blind index of the person; system: only by this system.

        Raises:
            CursorRefused: not a cursor of ours.
        """
        found = CallSubject.filter(subject_index=subject_index)
        if system is not None:
            theirs = CallRecord.filter(system_code=system)
            found = found.filter(call_id__in=Subquery(theirs.values("id")))
        if cursor is not None:
            found = found.filter(call_id__lt=_uuid(cursor))
        seen = await found.order_by("-call_id").limit(limit + 1).values_list("call_id", "found")
        calls = {row.id: row for row in await CallRecord.filter(id__in=[each[0] for each in seen])}
        grants = await _grants([row.grant_id for row in calls.values()])
        shown = [
            self._reading(calls[call_id], bool(was), grants)
            for call_id, was in seen[:limit]
            if call_id in calls
        ]
        more = len(seen) > limit
        return ReadingPage(shown, str(seen[limit - 1][0]) if more else None)

    def _reading(self, row: CallRecord, found: bool, grants: dict[UUID, ShareGrant]) -> Reading:
        system = self._exchange.system(row.system_code)
        grant = grants.get(row.grant_id) if row.grant_id is not None else None
        return Reading(
            id=row.id,
            at=row.at,
            system=(row.system_code, system.short_name if system else row.system_code),
            department=system.manifest.system.department.name if system else "",
            resource=(row.resource_code, self._catalogue.name_of(row.resource_code)),
            fields=self._labelled(row),
            purpose=grant.purpose if grant else "",
            legal_basis=grant.legal_basis if grant else "",
            case_no=row.case_no,
            result="read" if found else "none" if row.result == OK else "failed",
        )

    def _labelled(self, row: CallRecord) -> list[Field]:
        spec = self._catalogue.find(row.resource_code)
        items = {item.name: item.label for item in spec.spec.items} if spec else {}
        return [Field(name, items.get(name, name)) for name in row.fields_read]

    async def calls(
        self,
        officer: Officer,
        system: str | None,
        resource: str | None,
        only_refused: bool,
        cursor: str | None,
        limit: int = _MOST,
    ) -> CallPage:
        """The call log of what concerns the officer's department: no person is named in it.

        Raises:
            CursorRefused: not a cursor of ours.
        """
        found = CallRecord.all()
        if officer.role in DEPARTMENT_ROLES:
            found = found.filter(self._of_department(officer.department_uscc or ""))
        elif not sees(officer):
            return CallPage([], None)
        if system is not None:
            found = found.filter(system_code=system)
        if resource is not None:
            found = found.filter(resource_code=resource)
        if only_refused:
            found = found.exclude(result=OK)
        if cursor is not None:
            found = found.filter(id__lt=_uuid(cursor))
        rows = await found.order_by("-id").limit(limit + 1)
        return CallPage(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)

    def _of_department(self, uscc: str) -> Q:
        return of_department(self._exchange, self._catalogue, uscc)


def of_department(exchange: Exchange, catalogue: DataCatalogue, uscc: str) -> Q:
    """Calls by a department's systems, or of its resources."""
    systems = [
        system.code
        for system in exchange.systems()
        if system.manifest.system.department.uscc == uscc
    ]
    resources = [
        resource.spec.code for resource in catalogue.all() if resource.provider_uscc == uscc
    ]
    return Q(system_code__in=systems or [""]) | Q(resource_code__in=resources or [""])


async def _grants(ids: Sequence[Any]) -> dict[UUID, ShareGrant]:
    wanted = list({each for each in ids if each is not None})
    return {row.id: row for row in await ShareGrant.filter(id__in=wanted)} if wanted else {}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CursorRefused from None

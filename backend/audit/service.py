"""The audit: security events and readings of personal data, written down as they happen."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from backend.audit.chain import AuditChain, Broken, Head, Verdict
from backend.audit.errors import CursorInvalid
from backend.audit.models import AuditEntry
from backend.store.ids import least_uuid7
from backend.store.rows import new_row

__all__ = [
    "ANONYMOUS",
    "COMMAND_LINE",
    "Audit",
    "AuditChain",
    "AuditEntry",
    "Broken",
    "Entry",
    "EntryPage",
    "Head",
    "Sought",
    "Verdict",
    "made",
    "person",
    "system",
]

ANONYMOUS = "anonymous"
# Somebody who is on a server.
COMMAND_LINE = "command-line"
PAGE = 50
CHUNK = 1000

Detail = Mapping[str, str | int | bool | None]


def person(person_id: UUID | str) -> str:
    """How a person is called in the audit."""
    return f"person:{person_id}"


def system(code: str) -> str:
    """How a registered system is called in the audit."""
    return f"system:{code}"


def made(actor: str, action: str, subject: str, detail: Detail | None = None) -> AuditEntry:
    """An entry that is not yet in the database, see ``Audit.record``."""
    return new_row(
        AuditEntry, actor=actor, action=action, subject=subject, detail=dict(detail or {})
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """An audit entry as it is read."""

    id: UUID
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of entries, newest first."""

    entries: Sequence[Entry]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries to look for; what is empty does not narrow.

    Attributes:
        actor, subject: whole, as ``person:<uuid>``.
        action: whole (``operators.login``), or what it begins with when it ends in a dot.
        since, until: from the one on, before the other.
    """

    actor: str = ""
    subject: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def rows(self) -> QuerySet[AuditEntry]:
        """The query; times are looked for by the ids, which are in order of time."""
        given: dict[str, Any] = {}
        if self.actor:
            given["actor"] = self.actor
        if self.subject:
            given["subject"] = self.subject
        if self.action:
            given["action__startswith" if self.action.endswith(".") else "action"] = self.action
        if self.since is not None:
            given["id__gte"] = least_uuid7(self.since)
        found = AuditEntry.filter(**given)
        return found if self.until is None else found.filter(id__lt=least_uuid7(self.until))


class Audit:
    """Writes audit entries (个人信息保护法 art. 51, 55; 网络数据安全管理条例 art. 12)."""

    async def record(
        self, actor: str, action: str, subject: str, detail: Detail | None = None
    ) -> None:
        """Write one entry; inside a transaction it is kept or lost with the rest.

        Args:
            actor: who acted: ``person(…)``, ``system(…)`` or ``ANONYMOUS``,
                ``COMMAND_LINE``.
            action: dotted name, ``identity.login``, ``wallet.reveal``.
            subject: whose data or account it was about, in the same form as ``actor``.
            detail: ids, codes and levels that explain it; never a name, number or phone.
        """
        await made(actor, action, subject, detail).save(force_create=True)

    async def search(self, sought: Sought, cursor: str | None = None) -> EntryPage:
        """A page of entries, newest first.

        Raises:
            CursorInvalid: the cursor is not one of ours.
        """
        found = sought.rows()
        if cursor is not None:
            found = found.filter(id__lt=_id(cursor))
        rows = await found.order_by("-id").limit(PAGE + 1)
        entries = [_entry(row) for row in rows[:PAGE]]
        return EntryPage(entries, str(entries[-1].id) if len(rows) > PAGE else None)

    async def export(self, sought: Sought) -> AsyncIterator[Sequence[Entry]]:
        """Every entry, oldest first, so many at a time: memory does not grow with their number."""
        last: UUID | None = None
        while True:
            found = sought.rows() if last is None else sought.rows().filter(id__gt=last)
            rows = await found.order_by("id").limit(CHUNK)
            if rows:
                yield [_entry(row) for row in rows]
            if len(rows) < CHUNK:
                return
            last = rows[-1].id


def _entry(row: AuditEntry) -> Entry:
    return Entry(row.id, row.at, row.actor, row.action, row.subject, row.detail)


def _id(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError:
        raise CursorInvalid from None

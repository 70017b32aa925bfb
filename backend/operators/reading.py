"""Reading the audit: by audit administrators alone, and never without a line in it."""

from collections.abc import AsyncIterator, Sequence

from backend.audit.service import Audit, Entry, EntryPage, Sought
from backend.operators.accounts import Accounts
from backend.operators.errors import RoleMissing
from backend.operators.roles import Officer, Role


class Reading:
    """The audit as audit administrators read it."""

    def __init__(self, accounts: Accounts, audit: Audit) -> None:
        self._accounts, self._audit = accounts, audit

    async def read(self, officer: Officer, sought: Sought, cursor: str | None = None) -> EntryPage:
        """A page of the audit; that it was read stands in it too.

        Raises:
            RoleMissing: not an audit administrator.
            CursorInvalid: of the audit: the cursor is not one of ours.
        """
        await self._reads_audit(officer, "audit.searched", sought)
        return await self._audit.search(sought, cursor)

    async def export(self, officer: Officer, sought: Sought) -> AsyncIterator[Sequence[Entry]]:
        """Every entry, oldest first, so many at a time; that it was taken out stands in it too.

        Raises:
            RoleMissing: not an audit administrator.
        """
        await self._reads_audit(officer, "audit.exported", sought)
        return self._audit.export(sought)

    async def usernames(self, officer: Officer, entries: Sequence[Entry]) -> dict[str, str]:
        """The usernames of the accounts that entries speak of, by how the audit calls them.

        Raises:
            RoleMissing: not an audit administrator.
        """
        _needs_auditor(officer)
        return await self._accounts.usernames(
            {one for e in entries for one in (e.actor, e.subject)}
        )

    async def _reads_audit(self, officer: Officer, action: str, sought: Sought) -> None:
        _needs_auditor(officer)
        detail = {
            "actor": sought.actor,
            "subject": sought.subject,
            "action": sought.action,
            "since": sought.since.isoformat() if sought.since is not None else None,
            "until": sought.until.isoformat() if sought.until is not None else None,
        }
        await self._audit.record(officer.actor, action, "audit", detail)


def _needs_auditor(officer: Officer) -> None:
    if officer.role is not Role.AUDIT_ADMIN:
        raise RoleMissing([Role.AUDIT_ADMIN])

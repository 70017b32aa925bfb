"""The audit: security events and readings of personal data, written down as they happen."""

from collections.abc import Mapping
from uuid import UUID

from backend.audit.models import AuditEntry

ANONYMOUS = "anonymous"

Detail = Mapping[str, str | int | bool | None]


def person(person_id: UUID | str) -> str:
    """How a person is called in the audit."""
    return f"person:{person_id}"


def system(code: str) -> str:
    """How a registered system is called in the audit."""
    return f"system:{code}"


class Audit:
    """Writes audit entries (个人信息保护法 art. 51, 55; 网络数据安全管理条例 art. 12)."""

    async def record(
        self, actor: str, action: str, subject: str, detail: Detail | None = None
    ) -> None:
        """Write one entry; inside a transaction it is kept or lost with the rest.

        Args:
            actor: who acted: ``person(…)``, ``system(…)`` or ``ANONYMOUS``.
            action: dotted name, ``identity.login``, ``wallet.reveal``.
            subject: whose data or account it was about, in the same form as ``actor``.
            detail: ids, codes and levels that explain it; never a name, number or phone.
        """
        await AuditEntry.create(
            actor=actor, action=action, subject=subject, detail=dict(detail or {})
        )

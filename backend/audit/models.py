"""Tables of the audit package."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from backend.store.ids import uuid7


class AuditEntry(Model):
    """审计记录: who did what to whom and when, by ids only.

    ``actor`` and ``subject`` are ``person:<uuid>``, ``system:<code>``, ``officer:<uuid>`` (a
    console account), ``command-line`` (somebody on a server) or ``anonymous``.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    at = fields.DatetimeField(auto_now_add=True)
    actor = fields.CharField(max_length=80, db_index=True)
    action = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=80, db_index=True)
    detail: dict[str, Any] = fields.JSONField()

    class Meta:
        table = "audit_entry"

"""Tables of the audit package."""

from typing import Any

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Table


class AuditEntry(Table):
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


class AuditLink(Table):
    """链: one sealed audit entry, in the order of sealing. Rows are only ever added.

    ``hash`` is SM3 over the hash before and the entry, so that whoever changes, removes or puts in
    an entry has to write every later link anew.
    """

    position = fields.BigIntField(primary_key=True)
    entry_id = fields.UUIDField(unique=True)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "audit_link"


class AuditAnchor(Table):
    """锚: the chain up to a position, signed with a key that the database does not hold."""

    position = fields.BigIntField(primary_key=True)
    hash = fields.CharField(max_length=64)
    key_id = fields.CharField(max_length=64)
    signature = fields.CharField(max_length=100)
    sealed_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "audit_anchor"

"""Tables of the presentation package."""

from uuid import UUID

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table


class Credential(Table):
    """离线凭证: one that was issued, until it expires. Its number is its place in a status list.

    Attributes:
        holder_index: blind index of the holder's number: who changes accounts stays the same.
        revision: the issuer's, of the word by which ``status`` was set last.
        status: 0 valid, 1 invalid for good, 2 suspended.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    holder_index = fields.CharField(max_length=32)
    system_code = fields.CharField(max_length=64)
    licence_id = fields.CharField(max_length=16)
    version = fields.CharField(max_length=3)
    revision = fields.BigIntField(default=0)
    status = fields.SmallIntField(default=0)
    issued_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "presentation_credential"
        indexes = (("holder_index", "system_code"),)


class LicenceUsage(Table):
    """用证记录: one look of somebody at a licence, as its holder reads it.

    Attributes:
        how: ``code`` (scanned), ``confirmed`` (the holder agreed on the phone), ``grant``.
        verifier_kind: ``system``, ``person`` or ``public`` (who they are is what they say).
        verifier: who looked, sealed; purpose: what for, sealed.
        fields_shown: names and labels of what was seen, never a value.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    subject = fields.CharField(max_length=24)
    licence_id = fields.CharField(max_length=16)
    type_code = fields.CharField(max_length=21)
    type_name = fields.CharField(max_length=100)
    at = fields.DatetimeField()
    how = fields.CharField(max_length=12)
    verifier_kind = fields.CharField(max_length=8)
    verifier_id = fields.CharField(max_length=64, default="")
    verifier = fields.BinaryField()
    purpose = fields.BinaryField()
    fields_shown: list[list[str]] = fields.JSONField()
    grant_id = fields.UUIDField(null=True)

    class Meta:
        table = "licence_usage"
        indexes = (("subject", "id"), ("subject", "licence_id", "id"))


class UsageCursor(Table):
    """How far a stream of looks has been written into the database."""

    stream = fields.CharField(primary_key=True, max_length=64)
    last_id = fields.CharField(max_length=48, default="0-0")

    class Meta:
        table = "licence_usage_cursor"


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"usage:{row}:{column}"


SEALED = (Sealed(LicenceUsage, {"verifier": "verifier", "purpose": "purpose"}, context),)

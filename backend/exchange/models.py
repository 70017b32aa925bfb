"""Tables of the exchange package."""

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Table


class RegisteredSystem(Table):
    """接入系统: a provincial system and the manifest with which it registered.

    ``manifest`` is kept without its service items, which the catalogue holds; ``digest`` is that
    of the whole, by which an unchanged manifest is known. ``revision`` grows with every change.
    ``suspended`` holds the words for people while the system may not be called.
    """

    code = fields.CharField(max_length=64, primary_key=True)
    digest = fields.CharField(max_length=64)
    revision = fields.IntField(default=1)
    manifest: dict[str, object] = fields.JSONField()
    suspended = fields.CharField(max_length=500, null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "registered_system"


class RevokedKey(Table):
    """吊销的密钥: never trusted again, whatever a cache forgets."""

    id = fields.CharField(max_length=64, primary_key=True)
    at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "revoked_key"


class MaintenanceWindow(Table):
    """维护公告: a time in which a system is not called, announced ahead, with words for people."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64, db_index=True)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(db_index=True)
    words = fields.CharField(max_length=200)
    announced_by = fields.CharField(max_length=80)
    cancelled_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "maintenance_window"

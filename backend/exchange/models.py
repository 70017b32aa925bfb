"""Tables of the exchange package."""

from tortoise import fields
from tortoise.models import Model


class RegisteredSystem(Model):
    """接入系统: a provincial system and the manifest with which it registered.

    ``manifest`` is kept without its service items, which the catalogue holds; ``digest`` is that
    of the whole, by which an unchanged manifest is known. ``revision`` grows with every change.
    """

    code = fields.CharField(max_length=64, primary_key=True)
    digest = fields.CharField(max_length=64)
    revision = fields.IntField(default=1)
    manifest: dict[str, object] = fields.JSONField()
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "registered_system"

"""Tables of the messages package."""

from tortoise import fields
from tortoise.models import Model

from backend.store.ids import uuid7


class Message(Model):
    """站内消息: one message to one person, its title and text sealed."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField()
    kind = fields.CharField(max_length=32)
    title = fields.BinaryField()
    text = fields.BinaryField()
    created_at = fields.DatetimeField(auto_now_add=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "message"
        indexes = (("person_id", "id"),)

"""Tables of the messages package."""

from tortoise import fields
from tortoise.models import Model

from backend.store.ids import uuid7


class Message(Model):
    """站内消息: one message to one person, its title and text sealed.

    ``dedupe_key`` names what is told: the same is never told twice to one person. ``push_at`` is
    when the worker has to look at it next, null once its pushes are planned or none is wanted.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField()
    kind = fields.CharField(max_length=32)
    title = fields.BinaryField()
    text = fields.BinaryField()
    link = fields.CharField(max_length=200, default="")
    dedupe_key = fields.CharField(max_length=160, null=True)
    push_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "message"
        unique_together = (("person_id", "dedupe_key"),)
        indexes = (("person_id", "id"), ("push_at",))

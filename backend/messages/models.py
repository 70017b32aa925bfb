"""Tables of the messages package."""

from uuid import UUID

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class Message(Table):
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


class MessagePush(Table):
    """One push of one message through one channel.

    ``state``: ``waiting`` until ``due_at``, ``sending`` (claimed by a worker), then ``sent``,
    ``dropped`` (not wanted or not possible any more), ``failed`` (every try used up) or
    ``unsure`` (WeChat did not say whether it took it, and a second one would be one too many).
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    message_id = fields.UUIDField()
    person_id = fields.UUIDField(db_index=True)
    topic = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=8)
    state = fields.CharField(max_length=8, default="waiting")
    tries = fields.SmallIntField(default=0)
    due_at = fields.DatetimeField()
    claimed_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=32, default="")
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "message_push"
        unique_together = (("message_id", "channel"),)
        indexes = (("state", "due_at"),)


class MessagePreference(Table):
    """Whether a person wants a topic through a channel. Without a row the topic decides."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField()
    topic = fields.CharField(max_length=16)
    channel = fields.CharField(max_length=8)
    wanted = fields.BooleanField()

    class Meta:
        table = "message_preference"
        unique_together = (("person_id", "topic", "channel"),)


class MessageQuiet(Table):
    """Quiet hours of a person, in minutes of the day."""

    person_id = fields.UUIDField(primary_key=True)
    enabled = fields.BooleanField()
    start = fields.SmallIntField()
    end = fields.SmallIntField()

    class Meta:
        table = "message_quiet"


class SubscribeQuota(Table):
    """订阅消息配额: how many messages of a template a WeChat account has agreed to.

    WeChat tells no one the number: it is counted here, and set to 0 when WeChat refuses (43101).
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    openid_index = fields.CharField(max_length=INDEX_CHARS)
    openid = fields.BinaryField()
    template_id = fields.CharField(max_length=64)
    remaining = fields.IntField(default=0)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "subscribe_quota"
        unique_together = (("openid_index", "template_id"),)


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"message:{row}:{column}"


def quota_context(openid_index: str, _: str = "openid") -> str:
    """What the account that consents are counted of is bound to."""
    return f"quota:{openid_index}"


SEALED = (
    Sealed(Message, {"title": "title", "text": "text"}, context),
    Sealed(SubscribeQuota, {"openid": "openid"}, quota_context, by=("openid_index",)),
)

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("messages", "0002_told_once")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MessagePreference",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField()),
                ("topic", fields.CharField(max_length=16)),
                ("channel", fields.CharField(max_length=8)),
                ("wanted", fields.BooleanField()),
            ],
            options={
                "table": "message_preference",
                "app": "messages",
                "unique_together": (("person_id", "topic", "channel"),),
                "pk_attr": "id",
                "table_description": "Whether a person wants a topic through a channel. Without a row the topic decides.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MessagePush",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("message_id", fields.UUIDField()),
                ("person_id", fields.UUIDField(db_index=True)),
                ("topic", fields.CharField(max_length=16)),
                ("channel", fields.CharField(max_length=8)),
                ("state", fields.CharField(default="waiting", max_length=8)),
                ("tries", fields.SmallIntField(default=0)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("claimed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(default="", max_length=32)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "message_push",
                "app": "messages",
                "unique_together": (("message_id", "channel"),),
                "indexes": [Index(fields=["state", "due_at"])],
                "pk_attr": "id",
                "table_description": "One push of one message through one channel.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MessageQuiet",
            fields=[
                (
                    "person_id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("enabled", fields.BooleanField()),
                ("start", fields.SmallIntField()),
                ("end", fields.SmallIntField()),
            ],
            options={
                "table": "message_quiet",
                "app": "messages",
                "pk_attr": "person_id",
                "table_description": "Quiet hours of a person, in minutes of the day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SubscribeQuota",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("openid_index", fields.CharField(max_length=64)),
                ("openid", fields.BinaryField()),
                ("template_id", fields.CharField(max_length=64)),
                ("remaining", fields.IntField(default=0)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "subscribe_quota",
                "app": "messages",
                "unique_together": (("openid_index", "template_id"),),
                "pk_attr": "id",
                "table_description": "订阅消息配额: how many messages of a template a WeChat account has agreed to.",
            },
            bases=["Model"],
        ),
    ]

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="CorpBook",
            fields=[
                (
                    "uscc",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=18),
                ),
                ("administrators", fields.IntField(default=0)),
                ("touched", fields.IntField(default=0)),
                (
                    "checked_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "corp_book",
                "app": "members",
                "pk_attr": "uscc",
                "table_description": "An enterprise that has members: the row that two writers wait for.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CorpMember",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("uscc", fields.CharField(max_length=18)),
                ("enterprise_name", fields.CharField(max_length=200)),
                ("role", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=8)),
                ("invited_index", fields.CharField(db_index=True, max_length=64)),
                ("name", fields.BinaryField()),
                ("phone", fields.BinaryField()),
                ("person_id", fields.UUIDField(null=True)),
                ("scopes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("items", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("ends_on", fields.DateField(null=True)),
                ("under_index", fields.CharField(max_length=64)),
                ("given_by", fields.UUIDField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "accepted_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_reason", fields.CharField(default="", max_length=24)),
            ],
            options={
                "table": "corp_member",
                "app": "members",
                "indexes": [
                    Index(fields=["uscc", "state"], name="corp_member_uscc"),
                    Index(fields=["person_id", "uscc"], name="corp_member_person"),
                ],
                "pk_attr": "id",
                "table_description": "成员: an administrator or an agent, from the invitation on.",
            },
            bases=["Table"],
        ),
    ]

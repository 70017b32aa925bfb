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
            name="Credential",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("holder_index", fields.CharField(max_length=32)),
                ("system_code", fields.CharField(max_length=64)),
                ("licence_id", fields.CharField(max_length=16)),
                ("version", fields.CharField(max_length=3)),
                ("revision", fields.BigIntField(default=0)),
                ("status", fields.SmallIntField(default=0)),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                (
                    "expires_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "presentation_credential",
                "app": "presentation",
                "indexes": [Index(fields=["holder_index", "system_code"])],
                "pk_attr": "id",
                "table_description": "离线凭证: one that was issued, until it expires. Its number is its place in a status list.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LicenceUsage",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("subject", fields.CharField(max_length=24)),
                ("licence_id", fields.CharField(max_length=16)),
                ("type_code", fields.CharField(max_length=21)),
                ("type_name", fields.CharField(max_length=100)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("how", fields.CharField(max_length=12)),
                ("verifier_kind", fields.CharField(max_length=8)),
                ("verifier_id", fields.CharField(default="", max_length=64)),
                ("verifier", fields.BinaryField()),
                ("purpose", fields.BinaryField()),
                ("fields_shown", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("grant_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "licence_usage",
                "app": "presentation",
                "indexes": [
                    Index(fields=["subject", "id"]),
                    Index(fields=["subject", "licence_id", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "用证记录: one look of somebody at a licence, as its holder reads it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="UsageCursor",
            fields=[
                (
                    "stream",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("last_id", fields.CharField(default="0-0", max_length=48)),
            ],
            options={
                "table": "licence_usage_cursor",
                "app": "presentation",
                "pk_attr": "stream",
                "table_description": "How far a stream of looks has been written into the database.",
            },
            bases=["Model"],
        ),
    ]

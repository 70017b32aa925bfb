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
            name="MachineClient",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("uscc", fields.CharField(max_length=18)),
                ("name", fields.CharField(max_length=50)),
                ("key_id", fields.CharField(unique=True, max_length=40)),
                ("alg", fields.CharField(max_length=8)),
                ("public", fields.CharField(max_length=100)),
                ("scopes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("daily_quota", fields.IntField()),
                ("given_by", fields.UUIDField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "machine_client",
                "app": "machines",
                "indexes": [Index(fields=["uscc", "ended_at"], name="machine_client_uscc")],
                "pk_attr": "id",
                "table_description": "软件接入: a program of an enterprise, known by its key.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="MachineFiling",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("client_id", fields.UUIDField()),
                ("reference", fields.CharField(max_length=64)),
                ("digest", fields.CharField(default="", max_length=64)),
                ("draft_id", fields.UUIDField(null=True)),
                ("case_no", fields.CharField(default="", max_length=50)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "machine_filing",
                "app": "machines",
                "unique_together": (("client_id", "reference"),),
                "pk_attr": "id",
                "table_description": "An application by a program's own reference, which is filed once.",
            },
            bases=["Table"],
        ),
    ]

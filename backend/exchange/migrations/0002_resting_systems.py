from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MaintenanceWindow",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(db_index=True, max_length=64)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "ends_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("words", fields.CharField(max_length=200)),
                ("announced_by", fields.CharField(max_length=80)),
                (
                    "cancelled_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "maintenance_window",
                "app": "exchange",
                "pk_attr": "id",
                "table_description": "维护公告: a time in which a system is not called, announced ahead, with words for people.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RevokedKey",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "revoked_key",
                "app": "exchange",
                "pk_attr": "id",
                "table_description": "吊销的密钥: never trusted again, whatever a cache forgets.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="RegisteredSystem",
            name="suspended",
            field=fields.CharField(null=True, max_length=500),
        ),
    ]

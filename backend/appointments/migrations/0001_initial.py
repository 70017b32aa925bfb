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
            name="Appointment",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField(db_index=True)),
                ("kind", fields.CharField(max_length=8)),
                ("link_id", fields.UUIDField(null=True)),
                ("holder", fields.BinaryField()),
                ("live_key", fields.CharField(null=True, unique=True, max_length=64)),
                ("code", fields.BinaryField()),
                ("code_index", fields.CharField(unique=True, max_length=64)),
                ("item_code", fields.CharField(max_length=36)),
                ("item_name", fields.CharField(max_length=200)),
                ("point_code", fields.CharField(max_length=48)),
                ("point_name", fields.CharField(max_length=100)),
                ("counter", fields.CharField(max_length=8)),
                ("slot_id", fields.CharField(max_length=80)),
                ("day", fields.DateField()),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("cancel_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(max_length=12)),
                ("number", fields.IntField(null=True)),
                ("calls", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "reminded_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("arrived_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("called_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment",
                "app": "appointments",
                "indexes": [Index(fields=["point_code", "day"]), Index(fields=["state", "day"])],
                "pk_attr": "id",
                "table_description": "预约: one person, one item, one time at one counter.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DirectoryVersion",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16),
                ),
                ("version", fields.CharField(max_length=36)),
            ],
            options={
                "table": "service_point_version",
                "app": "appointments",
                "pk_attr": "name",
                "table_description": "One row: another value after every change of the places, so that workers read again.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoShowRule",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16),
                ),
                ("times", fields.IntField()),
                ("period_days", fields.IntField()),
                ("blocked_days", fields.IntField()),
                ("updated_by", fields.CharField(max_length=64)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "appointment_no_show_rule",
                "app": "appointments",
                "pk_attr": "name",
                "table_description": "爽约规则: so often not come within so many days, and nothing is booked for so many days.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PointDay",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=60),
                ),
                ("last_number", fields.IntField(default=0)),
            ],
            options={
                "table": "appointment_point_day",
                "app": "appointments",
                "pk_attr": "id",
                "table_description": "The waiting numbers that a place gave out on a day, where ``id`` is ``place/YYYYMMDD``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServicePoint",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48),
                ),
                ("owner", fields.CharField(default="", db_index=True, max_length=64)),
                ("region_code", fields.CharField(db_index=True, max_length=12)),
                ("spec", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "service_point",
                "app": "appointments",
                "pk_attr": "code",
                "table_description": "办事地点: 政务服务中心, 便民服务中心 of a street or town, station of a village.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80),
                ),
                ("point_code", fields.CharField(max_length=48)),
                ("day", fields.DateField()),
                ("booked", fields.IntField(default=0)),
                ("capacity", fields.IntField(null=True)),
            ],
            options={
                "table": "appointment_slot",
                "app": "appointments",
                "indexes": [Index(fields=["point_code", "day"])],
                "pk_attr": "id",
                "table_description": "号源: one counter at one time. The row is made by the first booking or change.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WorkList",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48),
                ),
                ("owner", fields.CharField(default="", max_length=64)),
                ("name", fields.CharField(max_length=100)),
                ("items", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "work_list",
                "app": "appointments",
                "pk_attr": "code",
                "table_description": "事项清单: service items that are done at places of one kind (县、镇、村三级事项清单).",
            },
            bases=["Model"],
        ),
    ]

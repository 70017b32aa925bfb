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
            name="OneThingDefinition",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("version", fields.IntField()),
                ("state", fields.CharField(max_length=10)),
                ("body", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("published_by", fields.CharField(max_length=80)),
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "one_thing",
                "app": "one_thing",
                "pk_attr": "id",
                "table_description": "一件事, as an operator registered it. ``id`` is its code.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OneThingRun",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("draft_id", fields.UUIDField(unique=True)),
                ("person_id", fields.UUIDField()),
                ("code", fields.CharField(max_length=32)),
                ("version", fields.IntField()),
                ("name", fields.CharField(max_length=100)),
                ("for_kind", fields.CharField(max_length=12)),
                ("for_id", fields.CharField(default="", max_length=40)),
                ("body", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("due", fields.BooleanField(default=False)),
                ("touched", fields.IntField(default=0)),
                ("tries", fields.IntField(default=0)),
                ("look_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "one_thing_run",
                "app": "one_thing",
                "indexes": [
                    Index(fields=["person_id", "id"], name="one_thing_run_person"),
                    Index(fields=["due", "look_at"], name="one_thing_run_due"),
                ],
                "pk_attr": "id",
                "table_description": "One 一件事 that somebody submitted: it holds the cases of its steps together.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OneThingStep",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("run_id", fields.UUIDField()),
                ("place", fields.IntField()),
                ("code", fields.CharField(max_length=20)),
                ("item_code", fields.CharField(max_length=36)),
                ("item_name", fields.CharField(max_length=200)),
                ("department_name", fields.CharField(max_length=100)),
                ("state", fields.CharField(max_length=10)),
                ("after", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("draft_id", fields.UUIDField(unique=True)),
                ("content", fields.BinaryField(null=True)),
                ("reason", fields.CharField(default="", max_length=200)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "one_thing_step",
                "app": "one_thing",
                "unique_together": (("run_id", "code"),),
                "pk_attr": "id",
                "table_description": "A step of a run: a case, or what waits to become one.",
            },
            bases=["Model"],
        ),
    ]

from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="EvaluationOrder",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("evaluation_id", fields.UUIDField(unique=True)),
                ("department_uscc", fields.CharField(db_index=True, max_length=18)),
                ("anonymous", fields.BooleanField()),
                ("for_department", fields.BooleanField(default=False)),
                ("state", fields.CharField(max_length=16)),
                ("round", fields.SmallIntField(default=1)),
                ("started_on", fields.DateField(null=True)),
                ("due_on", fields.DateField(null=True)),
                ("provisional", fields.BooleanField(default=False)),
                ("extended", fields.BooleanField(default=False)),
                ("finding", fields.CharField(default="", max_length=12)),
                ("answer", fields.BinaryField(null=True)),
                ("answered_on", fields.DateField(null=True)),
                ("in_time", fields.BooleanField(null=True)),
                ("satisfied", fields.BooleanField(null=True)),
                ("heard", fields.BinaryField(null=True)),
                ("heard_on", fields.DateField(null=True)),
                ("reminded_on", fields.DateField(null=True)),
                ("overdue_on", fields.DateField(null=True)),
                ("closed_on", fields.DateField(null=True)),
            ],
            options={
                "table": "evaluation_order",
                "app": "evaluation",
                "indexes": [Index(fields=["state", "due_on"], name="evaluation_order_due")],
                "pk_attr": "id",
                "table_description": "差评整改工单: a bad evaluation that somebody has to look into, answer for and put right.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EvaluationStep",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("order_id", fields.UUIDField(db_index=True)),
                ("number", fields.SmallIntField()),
                ("on", fields.DateField()),
                ("account_id", fields.UUIDField(null=True)),
                ("role", fields.CharField(max_length=16)),
                ("act", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=16)),
                ("reason", fields.CharField(default="", max_length=1000)),
            ],
            options={
                "table": "evaluation_step",
                "app": "evaluation",
                "unique_together": (("order_id", "number"),),
                "pk_attr": "id",
                "table_description": "What was done to an order, by whom and why. A day, no time: see the module.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServiceEvaluation",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("event_kind", fields.CharField(max_length=16)),
                ("event_index", fields.CharField(unique=True, max_length=64)),
                ("evaluator_index", fields.CharField(max_length=64)),
                ("evaluator", fields.BinaryField()),
                ("event", fields.BinaryField()),
                ("department_uscc", fields.CharField(max_length=18)),
                ("department_name", fields.CharField(max_length=100)),
                ("item_code", fields.CharField(default="", max_length=36)),
                ("item_name", fields.CharField(max_length=200)),
                ("level", fields.SmallIntField()),
                ("tags", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("text", fields.BinaryField(null=True)),
                ("anonymous", fields.BooleanField()),
                ("channel", fields.CharField(max_length=12)),
                ("given_on", fields.DateField()),
                ("added_text", fields.BinaryField(null=True)),
                ("added_on", fields.DateField(null=True)),
                ("added_shown", fields.BooleanField(default=False)),
                ("shown_as", fields.CharField(max_length=12)),
                ("shown_on", fields.DateField(null=True)),
            ],
            options={
                "table": "service_evaluation",
                "app": "evaluation",
                "indexes": [
                    Index(fields=["evaluator_index"], name="evaluation_evaluator"),
                    Index(fields=["department_uscc", "shown_as"], name="evaluation_department"),
                    Index(fields=["shown_as", "given_on"], name="evaluation_shown"),
                ],
                "pk_attr": "id",
                "table_description": "评价: what one person thinks of one service event (GB/T 39735, DOMAIN 4.4).",
            },
            bases=["Model"],
        ),
    ]

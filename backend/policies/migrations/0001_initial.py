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
            name="PolicyBudget",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48),
                ),
                ("total", fields.BigIntField()),
                ("left", fields.BigIntField()),
            ],
            options={
                "table": "policy_budget",
                "app": "policies",
                "pk_attr": "id",
                "table_description": "What may be paid out under a policy, in fen, and what of it is left, ``id`` is its code.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyChoice",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("matching", fields.BooleanField()),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "policy_choice",
                "app": "policies",
                "pk_attr": "id",
                "table_description": "Whether somebody lets policies be matched, ``id`` is their blind index.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyEntitlement",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("policy_code", fields.CharField(max_length=48)),
                ("policy_version", fields.IntField()),
                ("system_code", fields.CharField(max_length=64)),
                ("department_uscc", fields.CharField(max_length=18)),
                ("audience", fields.CharField(max_length=10)),
                ("holder_index", fields.CharField(max_length=64)),
                ("holder", fields.BinaryField()),
                ("person_id", fields.UUIDField(null=True)),
                ("period", fields.CharField(max_length=7)),
                ("state", fields.CharField(max_length=12)),
                ("amount", fields.BigIntField(null=True)),
                ("reasons", fields.BinaryField()),
                ("account", fields.BinaryField(null=True)),
                ("attempt", fields.IntField(default=0)),
                ("due_on", fields.DateField(null=True)),
                (
                    "verified_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "policy_entitlement",
                "app": "policies",
                "unique_together": (("policy_code", "holder_index", "period"),),
                "indexes": [
                    Index(fields=["holder_index", "id"], name="policy_entitlement_holder"),
                    Index(fields=["department_uscc", "state"], name="policy_entitlement_dept"),
                    Index(fields=["state", "due_on"], name="policy_entitlement_due"),
                ],
                "pk_attr": "id",
                "table_description": "待遇: one benefit of one beneficiary for one period, there is never a second of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyPayment",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("entitlement_id", fields.UUIDField()),
                ("attempt", fields.IntField()),
                ("system_code", fields.CharField(max_length=64)),
                ("payload", fields.BinaryField()),
                ("state", fields.CharField(max_length=8)),
                ("failures", fields.IntField(default=0)),
                ("error", fields.CharField(default="", max_length=64)),
                ("not_before", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answer", fields.BinaryField(null=True)),
            ],
            options={
                "table": "policy_payment",
                "app": "policies",
                "unique_together": (("entitlement_id", "attempt"),),
                "indexes": [
                    Index(fields=["state", "system_code", "not_before"], name="policy_payment_due")
                ],
                "pk_attr": "id",
                "table_description": "兑付指令: what has to reach the department, sent until it answers, ``id`` is the request.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyStep",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("entitlement_id", fields.UUIDField(db_index=True)),
                ("act", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=12)),
                ("actor", fields.CharField(max_length=80)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("words", fields.BinaryField(null=True)),
            ],
            options={
                "table": "policy_step",
                "app": "policies",
                "pk_attr": "id",
                "table_description": "环节: what was done to a benefit, by whom, when and why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicySubject",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("audience", fields.CharField(max_length=10)),
                ("holder_index", fields.CharField(unique=True, max_length=64)),
                ("holder", fields.BinaryField()),
                ("person_id", fields.UUIDField(null=True)),
                ("facts", fields.BinaryField()),
                ("as_of", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "policy_subject",
                "app": "policies",
                "indexes": [Index(fields=["audience", "id"], name="policy_subject_audience")],
                "pk_attr": "id",
                "table_description": "What is known of somebody for matching, gone as soon as they switch matching off.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("code", fields.CharField(max_length=48)),
                ("version", fields.IntField()),
                ("system_code", fields.CharField(max_length=64)),
                ("department_uscc", fields.CharField(db_index=True, max_length=18)),
                ("department_name", fields.CharField(max_length=100)),
                ("document", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("digest", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=10)),
                ("check", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("edited_by", fields.UUIDField()),
                ("edited_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("approved_by", fields.UUIDField(null=True)),
                (
                    "published_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "policy_version",
                "app": "policies",
                "unique_together": (("code", "version"),),
                "indexes": [Index(fields=["state", "code"], name="policy_version_state")],
                "pk_attr": "id",
                "table_description": "A version of a policy, once it is published, its document never changes.",
            },
            bases=["Model"],
        ),
    ]

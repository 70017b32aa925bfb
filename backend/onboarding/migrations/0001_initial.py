from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.onboarding.states import State
from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ApprovedAddress",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("origin", fields.CharField(max_length=300)),
                ("state", fields.CharField(default="pending", max_length=16)),
                ("asked_by", fields.UUIDField()),
                ("decided_by", fields.UUIDField(null=True)),
                ("reason", fields.CharField(default="", max_length=1000)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("changed_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "approved_address",
                "app": "onboarding",
                "unique_together": (("system_code", "origin"),),
                "pk_attr": "id",
                "table_description": "接入地址: an origin (scheme, host, port) of a system, and what was decided on it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConformanceRun",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("number", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("state", fields.CharField(default="running", max_length=16)),
                ("report", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("started_by", fields.UUIDField()),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "conformance_run",
                "app": "onboarding",
                "indexes": [Index(fields=["system_code", "id"])],
                "pk_attr": "id",
                "table_description": "符合性测试: one run of the kit by the platform itself, with its report.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("number", fields.IntField(null=True)),
                ("act", fields.CharField(max_length=32)),
                ("before", fields.CharField(default="", max_length=16)),
                ("after", fields.CharField(default="", max_length=16)),
                ("actor", fields.CharField(max_length=80)),
                ("username", fields.CharField(default="", max_length=64)),
                ("reason", fields.CharField(default="", max_length=1000)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "onboarding_event",
                "app": "onboarding",
                "indexes": [Index(fields=["system_code", "id"])],
                "pk_attr": "id",
                "table_description": "履历: one act, by whom, when and why. Rows are only ever added.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JoiningSystem",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("department_uscc", fields.CharField(db_index=True, max_length=18)),
                ("department_name", fields.CharField(max_length=100)),
                ("name", fields.CharField(max_length=100)),
                ("last_number", fields.IntField(default=0)),
                ("published", fields.IntField(null=True)),
                ("opened", fields.IntField(null=True)),
                ("version", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "joining_system",
                "app": "onboarding",
                "pk_attr": "code",
                "table_description": "接入系统 from its first draft on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("number", fields.IntField()),
                ("digest", fields.CharField(max_length=64)),
                ("content", fields.TextField(unique=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nSUBMITTED: submitted\nIN_REVIEW: in_review\nSANDBOX: sandbox\nCONFORMANT: conformant\nPUBLISHED: published\nSUSPENDED: suspended\nRETIRED: retired\nSUPERSEDED: superseded\nDISCARDED: discarded",
                        enum_type=State,
                        max_length=16,
                    ),
                ),
                ("origin", fields.IntField(null=True)),
                ("made_by", fields.UUIDField()),
                ("submitted_by", fields.UUIDField(null=True)),
                ("approved_by", fields.UUIDField(null=True)),
                ("acknowledged", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "manifest_revision",
                "app": "onboarding",
                "unique_together": (("system_code", "number"),),
                "pk_attr": "id",
                "table_description": "版本: a manifest as it was handed in. Content and digest never change afterwards.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SystemKey",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("system_code", fields.CharField(db_index=True, max_length=64)),
                ("alg", fields.CharField(max_length=16)),
                ("public", fields.CharField(max_length=100)),
                ("state", fields.CharField(default="declared", max_length=16)),
                ("proven", fields.CharField(default="", max_length=16)),
                ("added_by", fields.UUIDField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("changed_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "system_key",
                "app": "onboarding",
                "pk_attr": "id",
                "table_description": "系统密钥: whose a key id is, and whether the key is in service.",
            },
            bases=["Model"],
        ),
    ]

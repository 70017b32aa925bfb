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
            name="CallCursor",
            fields=[
                (
                    "system_code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("last_id", fields.CharField(default="0-0", max_length=48)),
                ("drained_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "call_cursor",
                "app": "sharing",
                "pk_attr": "system_code",
                "table_description": "How far the stream of a system has been written into the database.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CallDay",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("day", fields.DateField()),
                ("system_code", fields.CharField(max_length=64)),
                ("resource_code", fields.CharField(max_length=32)),
                ("calls", fields.IntField(default=0)),
                ("succeeded", fields.IntField(default=0)),
                ("refused", fields.IntField(default=0)),
                ("failed", fields.IntField(default=0)),
                ("subjects", fields.BigIntField(default=0)),
                ("found", fields.BigIntField(default=0)),
                ("total_ms", fields.BigIntField(default=0)),
                ("buckets", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "call_day",
                "app": "sharing",
                "unique_together": (("day", "system_code", "resource_code"),),
                "pk_attr": "id",
                "table_description": "使用统计: calls of a system to a resource on a day (in China), ``buckets`` are latencies.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CallRecord",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("request_id", fields.CharField(max_length=40)),
                ("digest", fields.CharField(max_length=48)),
                ("grant_id", fields.UUIDField(null=True, db_index=True)),
                ("resource_code", fields.CharField(max_length=32)),
                ("at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("trace_id", fields.CharField(max_length=32)),
                ("case_no", fields.CharField(null=True, max_length=64)),
                ("fields_read", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("subjects", fields.IntField()),
                ("found", fields.IntField()),
                ("result", fields.CharField(max_length=48)),
                ("ms", fields.IntField()),
            ],
            options={
                "table": "call_log",
                "app": "sharing",
                "unique_together": (("system_code", "request_id", "digest"),),
                "pk_attr": "id",
                "table_description": "调用日志: one call of a resource.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CallSubject",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("call_id", fields.UUIDField(db_index=True)),
                ("subject_index", fields.CharField(max_length=64)),
                ("found", fields.BooleanField()),
            ],
            options={
                "table": "call_subject",
                "app": "sharing",
                "indexes": [Index(fields=["subject_index", "call_id"], name="call_subject_person")],
                "pk_attr": "id",
                "table_description": "Whom a call was about: a blind index, by which the person finds it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CatalogueDuty",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("provider_uscc", fields.CharField(db_index=True, max_length=18)),
                ("reason", fields.CharField(max_length=500)),
                ("digest", fields.CharField(max_length=64)),
                ("changed_on", fields.DateField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "share_catalogue_duty",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "目录更新任务: a change of duties or law after which a department updates its catalogue.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CorrectionRequest",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("grant_id", fields.UUIDField(db_index=True)),
                ("system_code", fields.CharField(max_length=64)),
                ("requester_uscc", fields.CharField(db_index=True, max_length=18)),
                ("provider_uscc", fields.CharField(db_index=True, max_length=18)),
                ("resource_code", fields.CharField(max_length=32)),
                ("field", fields.CharField(max_length=64)),
                ("subject", fields.BinaryField()),
                ("claim", fields.BinaryField()),
                ("answer", fields.BinaryField(null=True)),
                ("state", fields.CharField(max_length=16)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "share_correction",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "校核申请: a user of the data doubts a record. What it says is sealed: it names a person.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Deadline",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("kind", fields.CharField(max_length=24)),
                ("about", fields.UUIDField(db_index=True)),
                ("department_uscc", fields.CharField(null=True, max_length=18)),
                ("started_on", fields.DateField()),
                ("workdays", fields.IntField()),
                ("due_on", fields.DateField(db_index=True)),
                ("provisional", fields.BooleanField()),
                (
                    "reminded_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("overdue_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "done_at",
                    fields.DatetimeField(
                        null=True, db_index=True, auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "share_deadline",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "时限: what has to be done by when, and by whom, kinds are those of ``clocks.KINDS``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("application_id", fields.UUIDField(db_index=True)),
                ("requester_uscc", fields.CharField(db_index=True, max_length=18)),
                ("provider_uscc", fields.CharField(db_index=True, max_length=18)),
                ("raised_by_uscc", fields.CharField(max_length=18)),
                ("ground", fields.CharField(max_length=1000)),
                ("state", fields.CharField(max_length=16)),
                ("outcome", fields.CharField(null=True, max_length=1000)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "share_dispute",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "争议: 协商 → 主管部门 → 本级政府 (令809号 art. 28).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FileChunk",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("delivery_id", fields.UUIDField()),
                ("number", fields.IntField()),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "file_chunk",
                "app": "sharing",
                "unique_together": (("delivery_id", "number"),),
                "pk_attr": "id",
                "table_description": "A piece of a delivery, sealed: the records of up to 200 subjects as lines of JSON.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FileDelivery",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("request_id", fields.CharField(max_length=40)),
                ("digest", fields.CharField(max_length=64)),
                ("grant_id", fields.UUIDField()),
                ("resource_code", fields.CharField(max_length=32)),
                ("query", fields.BinaryField(null=True)),
                ("subjects", fields.IntField()),
                ("chunks", fields.IntField(default=0)),
                ("state", fields.CharField(db_index=True, max_length=16)),
                ("failures", fields.IntField(default=0)),
                ("reason", fields.CharField(default="", max_length=64)),
                ("not_before", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "expires_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "file_delivery",
                "app": "sharing",
                "unique_together": (("system_code", "request_id"),),
                "pk_attr": "id",
                "table_description": "文件交付: a large query that is carried out behind, ``query`` is sealed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GrantClock",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("generation", fields.BigIntField(default=0)),
            ],
            options={
                "table": "share_grant_clock",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "One row whose number grows with every change of a grant: what workers look at.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareApplication",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("system_code", fields.CharField(db_index=True, max_length=64)),
                ("requester_uscc", fields.CharField(db_index=True, max_length=18)),
                ("resource_code", fields.CharField(max_length=32)),
                ("provider_system", fields.CharField(max_length=64)),
                ("provider_uscc", fields.CharField(db_index=True, max_length=18)),
                ("share_type", fields.SmallIntField()),
                ("fields_asked", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("purpose", fields.CharField(max_length=500)),
                ("legal_basis", fields.CharField(max_length=500)),
                ("scenario", fields.CharField(max_length=500)),
                ("share_mode", fields.CharField(max_length=16)),
                ("case_bound", fields.BooleanField()),
                ("daily_quota", fields.IntField()),
                ("addresses", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("valid_until", fields.DateField()),
                ("state", fields.CharField(db_index=True, max_length=16)),
                ("submitted_by", fields.UUIDField(null=True)),
                ("returned_by", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("extension_asked", fields.CharField(null=True, max_length=500)),
                ("extended", fields.BooleanField(default=False)),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "share_application",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "共享申请: one system asks for fields of one resource, for one purpose.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareGrant",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("application_id", fields.UUIDField(unique=True)),
                ("system_code", fields.CharField(db_index=True, max_length=64)),
                ("requester_uscc", fields.CharField(db_index=True, max_length=18)),
                ("resource_code", fields.CharField(max_length=32)),
                ("provider_system", fields.CharField(max_length=64)),
                ("provider_uscc", fields.CharField(db_index=True, max_length=18)),
                ("fields_granted", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("purpose", fields.CharField(max_length=500)),
                ("legal_basis", fields.CharField(max_length=500)),
                ("share_mode", fields.CharField(max_length=16)),
                ("case_bound", fields.BooleanField()),
                ("daily_quota", fields.IntField()),
                ("addresses", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("valid_until", fields.DateField()),
                ("state", fields.CharField(max_length=16)),
                (
                    "first_used_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "share_grant",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "授权: what a system may read, for what, how often, from where, until when.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareStep",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("about", fields.UUIDField(db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("account_id", fields.UUIDField(null=True)),
                ("role", fields.CharField(max_length=16)),
                ("department_uscc", fields.CharField(null=True, max_length=18)),
                ("act", fields.CharField(max_length=24)),
                ("state", fields.CharField(max_length=16)),
                ("reason", fields.CharField(default="", max_length=1000)),
            ],
            options={
                "table": "share_step",
                "app": "sharing",
                "pk_attr": "id",
                "table_description": "环节: what was done to an application, a grant, a correction or a dispute, and why.",
            },
            bases=["Model"],
        ),
    ]

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
            name="Case",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("case_no", fields.CharField(unique=True, max_length=50)),
                ("draft_id", fields.UUIDField(unique=True)),
                ("person_id", fields.UUIDField(db_index=True)),
                ("holder_index", fields.CharField(db_index=True, max_length=64)),
                ("for_kind", fields.CharField(max_length=12)),
                ("for_id", fields.CharField(default="", max_length=40)),
                ("item_code", fields.CharField(max_length=36)),
                ("item_version", fields.IntField()),
                ("item_name", fields.CharField(max_length=200)),
                ("system_code", fields.CharField(max_length=64)),
                ("department_uscc", fields.CharField(db_index=True, max_length=18)),
                ("department_name", fields.CharField(max_length=100)),
                ("state", fields.CharField(max_length=20)),
                ("seq", fields.IntField(default=0)),
                ("touched", fields.IntField(default=0)),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "delivered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("department_case_no", fields.CharField(null=True, max_length=64)),
                ("deemed_on", fields.DateField(null=True)),
                ("urged_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "reconciled_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("disagrees", fields.CharField(null=True, max_length=20)),
                ("content", fields.BinaryField()),
                ("result", fields.BinaryField(null=True)),
            ],
            options={
                "table": "case_file",
                "app": "cases",
                "indexes": [Index(fields=["ended_at", "updated_at"], name="case_file_open")],
                "pk_attr": "id",
                "table_description": "办件: one application from its submission on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseClock",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("case_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=8)),
                ("system_code", fields.CharField(max_length=64)),
                ("department_uscc", fields.CharField(max_length=18)),
                ("unit", fields.CharField(max_length=8)),
                ("days", fields.IntField()),
                ("started_on", fields.DateField()),
                ("anchor_on", fields.DateField()),
                ("days_left", fields.IntField()),
                ("legal_unit", fields.CharField(max_length=8)),
                ("legal_left", fields.IntField()),
                ("due_on", fields.DateField()),
                ("legal_due_on", fields.DateField()),
                ("provisional", fields.BooleanField()),
                ("extended", fields.BooleanField(default=False)),
                ("state", fields.CharField(max_length=8)),
                ("paused_on", fields.DateField(null=True)),
                ("amber_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("red_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("done_on", fields.DateField(null=True)),
            ],
            options={
                "table": "case_clock",
                "app": "cases",
                "unique_together": (("case_id", "kind", "started_on"),),
                "indexes": [Index(fields=["state", "due_on"], name="case_clock_due")],
                "pk_attr": "id",
                "table_description": "时限: a period that runs for a case.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseDraft",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=12)),
                ("case_id", fields.UUIDField(null=True)),
                ("for_kind", fields.CharField(max_length=12)),
                ("for_id", fields.CharField(default="", max_length=40)),
                ("item_code", fields.CharField(max_length=36)),
                ("item_version", fields.IntField()),
                ("content", fields.BinaryField()),
                ("version", fields.IntField(default=1)),
                ("state", fields.CharField(max_length=10)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_draft",
                "app": "cases",
                "indexes": [
                    Index(fields=["person_id", "state"], name="case_draft_person"),
                    Index(fields=["state", "updated_at"], name="case_draft_age"),
                ],
                "pk_attr": "id",
                "table_description": "草稿: an application, or what is handed in later to a case, while somebody writes it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("case_id", fields.UUIDField()),
                ("event_id", fields.UUIDField()),
                ("seq", fields.IntField()),
                ("event", fields.CharField(max_length=24)),
                ("body", fields.BinaryField()),
                ("taken", fields.CharField(max_length=14)),
                ("reason", fields.CharField(default="", max_length=40)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("seen_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_event",
                "app": "cases",
                "unique_together": (("case_id", "event_id"),),
                "indexes": [
                    Index(fields=["case_id", "seq"], name="case_event_seq"),
                    Index(fields=["taken", "received_at"], name="case_event_taken"),
                ],
                "pk_attr": "id",
                "table_description": "What a department told, as it came: applied, waiting, or contradictory.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseFile",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("draft_id", fields.UUIDField(null=True, db_index=True)),
                ("case_id", fields.UUIDField(null=True, db_index=True)),
                ("material_code", fields.CharField(max_length=32)),
                ("name", fields.BinaryField()),
                ("media_type", fields.CharField(max_length=40)),
                ("bytes", fields.IntField()),
                ("sha256", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_material_file",
                "app": "cases",
                "pk_attr": "id",
                "table_description": "An uploaded material, or a document that a department issued, sealed on disk.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseItem",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48),
                ),
                ("system_code", fields.CharField(max_length=64)),
                ("department_name", fields.CharField(max_length=100)),
                ("elements", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "case_item",
                "app": "cases",
                "pk_attr": "id",
                "table_description": "A version of an item on which a case stands: it may be published anew, or not at all.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseMandate",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("link_id", fields.UUIDField(db_index=True)),
                ("grantor_id", fields.UUIDField(db_index=True)),
                ("item_code", fields.CharField(default="", max_length=36)),
                ("ends_on", fields.DateField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_mandate",
                "app": "cases",
                "pk_attr": "id",
                "table_description": "办事授权: a relative lets whoever carries their licences also apply for them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseNumber",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=44),
                ),
                ("given", fields.IntField()),
            ],
            options={
                "table": "case_number",
                "app": "cases",
                "pk_attr": "id",
                "table_description": "How many numbers an item has given out on a day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseOutbox",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("case_id", fields.UUIDField(db_index=True)),
                ("system_code", fields.CharField(max_length=64)),
                ("operation", fields.CharField(max_length=20)),
                ("payload", fields.BinaryField()),
                ("state", fields.CharField(max_length=6)),
                ("failures", fields.IntField(default=0)),
                ("error", fields.CharField(default="", max_length=64)),
                ("not_before", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answer", fields.BinaryField(null=True)),
            ],
            options={
                "table": "case_outbox",
                "app": "cases",
                "indexes": [
                    Index(fields=["state", "system_code", "not_before"], name="case_outbox_due")
                ],
                "pk_attr": "id",
                "table_description": "What has to reach a department: sent until it answers. ``id`` is the ``request_id``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseStep",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("case_id", fields.UUIDField()),
                ("seq", fields.IntField(null=True)),
                ("event", fields.CharField(max_length=24)),
                ("state", fields.CharField(max_length=20)),
                ("actor", fields.CharField(max_length=80)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("recorded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("words", fields.BinaryField(null=True)),
            ],
            options={
                "table": "case_step",
                "app": "cases",
                "unique_together": (("case_id", "seq"),),
                "indexes": [Index(fields=["case_id", "id"], name="case_step_case")],
                "pk_attr": "id",
                "table_description": "环节: what happened to a case, who did it, when and why.",
            },
            bases=["Model"],
        ),
    ]

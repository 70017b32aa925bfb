from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ConsultationStep",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("ticket_id", fields.UUIDField(db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField(null=True)),
                ("role", fields.CharField(default="", max_length=16)),
                ("act", fields.CharField(max_length=12)),
                ("state", fields.CharField(max_length=12)),
                ("reason", fields.BinaryField(null=True)),
            ],
            options={
                "table": "consultation_step",
                "app": "consultation",
                "pk_attr": "id",
                "table_description": "环节: what was done to a ticket, by whom, when and why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConsultationTicket",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("ticket_no", fields.CharField(unique=True, max_length=24)),
                ("person_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=16)),
                ("title", fields.BinaryField()),
                ("content", fields.BinaryField()),
                ("region_code", fields.CharField(max_length=12)),
                ("item_code", fields.CharField(default="", max_length=36)),
                ("case_no", fields.CharField(default="", max_length=50)),
                ("secret", fields.BooleanField(default=False)),
                ("department_uscc", fields.CharField(default="", max_length=18)),
                ("department_name", fields.CharField(default="", max_length=100)),
                ("state", fields.CharField(max_length=12)),
                ("reopened", fields.SmallIntField(default=0)),
                ("started_on", fields.DateField()),
                ("workdays", fields.SmallIntField()),
                ("due_on", fields.DateField()),
                ("provisional", fields.BooleanField(default=False)),
                ("extended_workdays", fields.SmallIntField(default=0)),
                ("extension_reason", fields.CharField(default="", max_length=500)),
                ("overdue_workdays", fields.SmallIntField(default=0)),
                ("reminded_on", fields.DateField(null=True)),
                ("overdue_on", fields.DateField(null=True)),
                ("answer", fields.BinaryField(null=True)),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("satisfaction", fields.SmallIntField(null=True)),
                ("opinion", fields.BinaryField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "consultation_ticket",
                "app": "consultation",
                "indexes": [
                    Index(fields=["person_id", "id"], name="consultation_person"),
                    Index(fields=["department_uscc", "state"], name="consultation_department"),
                    Index(fields=["state", "due_on"], name="consultation_due"),
                ],
                "pk_attr": "id",
                "table_description": "咨询投诉工单, with the fields of GB/T 39046.",
            },
            bases=["Model"],
        ),
    ]

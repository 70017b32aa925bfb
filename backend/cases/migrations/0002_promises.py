from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CasePromise",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("case_id", fields.UUIDField()),
                ("material_code", fields.CharField(max_length=32)),
                ("name", fields.CharField(max_length=200)),
                ("due_on", fields.DateField()),
                ("state", fields.CharField(max_length=6)),
                (
                    "reminded_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("broken_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_promise",
                "app": "cases",
                "unique_together": (("case_id", "material_code"),),
                "indexes": [Index(fields=["state", "due_on"], name="case_promise_due")],
                "pk_attr": "id",
                "table_description": "容缺后补: a material that the applicant promised to hand in by a day.",
            },
            bases=["Model"],
        ),
    ]

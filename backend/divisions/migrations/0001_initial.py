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
            name="Division",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("item_code", fields.CharField(max_length=36)),
                ("item_name", fields.CharField(max_length=200)),
                ("accepting_system", fields.CharField(max_length=64)),
                ("accepting_uscc", fields.CharField(max_length=18)),
                ("accepting_name", fields.CharField(max_length=100)),
                ("deciding_system", fields.CharField(max_length=64)),
                ("deciding_uscc", fields.CharField(max_length=18)),
                ("deciding_name", fields.CharField(max_length=100)),
                ("supervising_system", fields.CharField(max_length=64)),
                ("supervising_uscc", fields.CharField(max_length=18)),
                ("supervising_name", fields.CharField(max_length=100)),
                ("legal_basis", fields.CharField(max_length=500)),
                ("valid_from", fields.DateField()),
                ("valid_to", fields.DateField(null=True)),
                ("replaced_on", fields.DateField(null=True)),
                ("state", fields.CharField(max_length=10)),
                ("needed", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("proposed_by", fields.UUIDField()),
                ("proposed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(default="", max_length=500)),
            ],
            options={
                "table": "division",
                "app": "divisions",
                "indexes": [Index(fields=["item_code", "state"], name="division_item")],
                "pk_attr": "id",
                "table_description": "职责分工: who accepts, decides and supervises an item from a day on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DivisionConsent",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("division_id", fields.UUIDField()),
                ("department_uscc", fields.CharField(max_length=18)),
                ("account_id", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "division_consent",
                "app": "divisions",
                "unique_together": (("division_id", "department_uscc"),),
                "pk_attr": "id",
                "table_description": "A department's consent, given by its head.",
            },
            bases=["Model"],
        ),
    ]

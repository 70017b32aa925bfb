from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ServiceContact",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("department_uscc", fields.CharField(default="", max_length=18)),
                ("department_name", fields.CharField(max_length=100)),
                ("name", fields.BinaryField()),
                ("phone", fields.BinaryField()),
                ("title", fields.CharField(max_length=60)),
                ("helps_with", fields.CharField(max_length=200)),
                ("hours", fields.CharField(max_length=100)),
                ("region_code", fields.CharField(default="", max_length=12)),
                ("industry", fields.CharField(default="", max_length=10)),
                ("listed", fields.SmallIntField(default=0)),
                ("appointed_by", fields.UUIDField()),
                ("appointed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "service_contact",
                "app": "contacts",
                "indexes": [Index(fields=["region_code", "industry"], name="service_contact_near")],
                "pk_attr": "id",
                "table_description": "服务专员: somebody whom enterprises may call, and which ones. Name and telephone are sealed.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="ServiceContactFor",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("contact_id", fields.UUIDField(db_index=True)),
                ("uscc", fields.CharField(db_index=True, max_length=18)),
            ],
            options={
                "table": "service_contact_for",
                "app": "contacts",
                "unique_together": (("contact_id", "uscc"),),
                "pk_attr": "id",
                "table_description": "An enterprise that a contact is for by name, until the contact has ended.",
            },
            bases=["Table"],
        ),
    ]

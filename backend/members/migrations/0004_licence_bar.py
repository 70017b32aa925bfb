from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    dependencies = [("members", "0003_case_limit")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CorpBar",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("uscc", fields.CharField(max_length=18)),
                ("person_index", fields.CharField(max_length=64)),
                ("name", fields.BinaryField()),
                ("phone", fields.BinaryField()),
                ("barred_by", fields.UUIDField()),
                ("barred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "corp_bar",
                "app": "members",
                "unique_together": (("uscc", "person_index"),),
                "pk_attr": "id",
                "table_description": "Somebody whom the enterprise took out: no licence lets them in until it lifts this.",
            },
            bases=["Table"],
        ),
    ]

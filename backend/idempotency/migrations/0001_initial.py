from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="KeyedAnswer",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("request_digest", fields.CharField(max_length=64)),
                (
                    "claimed_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("status", fields.SmallIntField(null=True)),
                ("media_type", fields.CharField(default="", max_length=60)),
                ("answer", fields.BinaryField(null=True)),
            ],
            options={
                "table": "keyed_answer",
                "app": "idempotency",
                "pk_attr": "id",
                "table_description": "What was answered to a request that carried an ``Idempotency-Key``.",
            },
            bases=["Model"],
        ),
    ]

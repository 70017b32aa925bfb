from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="RegisteredSystem",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("digest", fields.CharField(max_length=64)),
                ("revision", fields.IntField(default=1)),
                ("manifest", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "registered_system",
                "app": "exchange",
                "pk_attr": "code",
                "table_description": "接入系统: a provincial system and the manifest with which it registered.",
            },
            bases=["Model"],
        ),
    ]

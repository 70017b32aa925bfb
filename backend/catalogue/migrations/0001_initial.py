from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="CatalogueGeneration",
            fields=[
                ("id", fields.SmallIntField(primary_key=True, unique=True, db_index=True)),
                ("generation", fields.BigIntField()),
            ],
            options={
                "table": "catalogue_generation",
                "app": "catalogue",
                "pk_attr": "id",
                "table_description": "One row: a number that grows with every change, so that workers know when to read again.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServiceItem",
            fields=[
                (
                    "task_code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=36),
                ),
                ("system_code", fields.CharField(db_index=True, max_length=64)),
                ("task_name", fields.CharField(max_length=200)),
                ("plain_name", fields.CharField(max_length=200)),
                ("department_code", fields.CharField(max_length=64)),
                ("department_name", fields.CharField(max_length=100)),
                ("department_short_name", fields.CharField(max_length=100)),
                ("citizen", fields.BooleanField()),
                ("enterprise", fields.BooleanField()),
                ("online", fields.BooleanField()),
                ("hot", fields.BooleanField()),
                ("fee", fields.BooleanField()),
                ("visits", fields.SmallIntField()),
                ("min_level", fields.SmallIntField()),
                ("promise", fields.CharField(max_length=40)),
                ("themes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("regions", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("keywords", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("words", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("elements", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "service_item",
                "app": "catalogue",
                "pk_attr": "task_code",
                "table_description": "A published service item (事项).",
            },
            bases=["Model"],
        ),
    ]

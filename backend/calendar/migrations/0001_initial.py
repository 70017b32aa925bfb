from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="CalendarOverride",
            fields=[
                ("date", fields.DateField(primary_key=True, unique=True, db_index=True)),
                ("is_workday", fields.BooleanField()),
                ("source", fields.CharField(max_length=200)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "calendar_override",
                "app": "calendar",
                "pk_attr": "date",
                "table_description": "A day that is, or is not, a working day whatever the published calendar says.",
            },
            bases=["Model"],
        ),
    ]

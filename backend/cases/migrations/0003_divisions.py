from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_promises")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Case",
            name="division_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="Case",
            name="supervisor_uscc",
            field=fields.CharField(null=True, db_index=True, max_length=18),
        ),
        ops.AddField(
            model_name="CaseEvent",
            name="system_code",
            field=fields.CharField(default="", max_length=64),
        ),
    ]

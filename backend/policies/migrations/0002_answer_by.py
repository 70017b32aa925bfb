from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="PolicyEntitlement",
            name="answer_by",
            field=fields.DateField(null=True),
        ),
    ]

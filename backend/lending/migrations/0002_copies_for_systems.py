from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("lending", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="LicenceCopy",
            name="holder",
            field=fields.BinaryField(null=True),
        ),
        ops.AddField(
            model_name="LicenceCopy",
            name="system_code",
            field=fields.CharField(null=True, max_length=64),
        ),
    ]

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="CorpMember",
            name="ends_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="CorpMember",
            name="session_id",
            field=fields.CharField(default="", max_length=11),
        ),
    ]

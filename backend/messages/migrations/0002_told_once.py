from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("messages", "0001_initial")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Message",
            name="dedupe_key",
            field=fields.CharField(null=True, max_length=160),
        ),
        ops.AddField(
            model_name="Message",
            name="link",
            field=fields.CharField(default="", max_length=200),
        ),
        ops.AddField(
            model_name="Message",
            name="push_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="Message",
            index=Index(fields=["push_at"]),
        ),
        ops.AddConstraint(
            model_name="Message",
            constraint=UniqueConstraint(fields=("person_id", "dedupe_key"), name=None),
        ),
    ]

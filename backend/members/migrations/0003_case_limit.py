from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("members", "0002_shown_licence")]

    initial = False

    operations = [
        ops.AddField(
            model_name="CorpMember",
            name="cases_filed",
            field=fields.IntField(default=0),
        ),
        ops.AddField(
            model_name="CorpMember",
            name="most_cases",
            field=fields.IntField(null=True),
        ),
    ]

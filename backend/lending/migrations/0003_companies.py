from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("lending", "0002_copies_for_systems")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="Loan",
            options={
                "table": "licence_loan",
                "app": "lending",
                "pk_attr": "id",
                "table_description": "用证授权: one licence, lent to one person, company or system for one purpose, so often.",
            },
        ),
        ops.AddField(
            model_name="Loan",
            name="company_index",
            field=fields.CharField(null=True, db_index=True, max_length=64),
        ),
        ops.AddField(
            model_name="Loan",
            name="grantee_company",
            field=fields.BinaryField(null=True),
        ),
    ]

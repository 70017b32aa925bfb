from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditAnchor",
            fields=[
                ("position", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("hash", fields.CharField(max_length=64)),
                ("key_id", fields.CharField(max_length=64)),
                ("signature", fields.CharField(max_length=100)),
                ("sealed_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "audit_anchor",
                "app": "audit",
                "pk_attr": "position",
                "table_description": "锚: the chain up to a position, signed with a key that the database does not hold.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditLink",
            fields=[
                ("position", fields.BigIntField(primary_key=True, unique=True, db_index=True)),
                ("entry_id", fields.UUIDField(unique=True)),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_link",
                "app": "audit",
                "pk_attr": "position",
                "table_description": "链: one sealed audit entry, in the order of sealing. Rows are only ever added.",
            },
            bases=["Model"],
        ),
    ]

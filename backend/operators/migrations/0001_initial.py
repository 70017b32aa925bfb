from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.operators.roles import Role, State
from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="OperatorAccount",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("username", fields.CharField(unique=True, max_length=32)),
                ("name", fields.BinaryField()),
                (
                    "role",
                    fields.CharEnumField(
                        db_index=True,
                        description="CLERK: clerk\nHEAD: head\nOPERATOR: operator\nSYSTEM_ADMIN: system_admin\nSECURITY_ADMIN: security_admin\nAUDIT_ADMIN: audit_admin",
                        enum_type=Role,
                        max_length=16,
                    ),
                ),
                ("department_uscc", fields.CharField(null=True, db_index=True, max_length=18)),
                (
                    "state",
                    fields.CharEnumField(
                        default=State.PENDING,
                        description="PENDING: pending\nACTIVE: active\nLOCKED: locked\nDISABLED: disabled",
                        enum_type=State,
                        max_length=16,
                    ),
                ),
                ("password_hash", fields.CharField(max_length=128)),
                (
                    "initial_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("totp_secret", fields.BinaryField(null=True)),
                ("totp_step", fields.BigIntField(default=0)),
                ("created_by", fields.UUIDField(null=True)),
                ("activated_by", fields.UUIDField(null=True)),
                ("demo", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                (
                    "last_login_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "operator_account",
                "app": "operators",
                "pk_attr": "id",
                "table_description": "控制台账号: one person, one role. The name and the TOTP secret are sealed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OperatorNotice",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("account_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=64)),
                ("title", fields.BinaryField()),
                ("text", fields.BinaryField()),
                ("link", fields.CharField(default="", max_length=300)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "operator_notice",
                "app": "operators",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
                "table_description": "控制台通知: one notice to one account, its title and text sealed.",
            },
            bases=["Model"],
        ),
    ]

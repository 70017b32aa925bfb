from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="FamilyLink",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("kind", fields.CharField(max_length=8)),
                ("carrier_id", fields.UUIDField(null=True, db_index=True)),
                ("member_id", fields.UUIDField(null=True, db_index=True)),
                ("holder", fields.BinaryField(null=True)),
                ("holder_index", fields.CharField(null=True, max_length=64)),
                ("proof_licence", fields.CharField(null=True, max_length=16)),
                ("invitation_index", fields.CharField(null=True, unique=True, max_length=64)),
                ("ends_on", fields.DateField()),
                ("state", fields.CharField(max_length=8)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "family_link",
                "app": "lending",
                "pk_attr": "id",
                "table_description": "家庭: one person carries the licences of another.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LicenceCopy",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("owner_id", fields.UUIDField(db_index=True)),
                ("subject", fields.CharField(max_length=24)),
                ("licence_id", fields.CharField(max_length=16)),
                ("type_code", fields.CharField(max_length=21)),
                ("type_name", fields.CharField(max_length=100)),
                ("issuer_name", fields.CharField(max_length=200)),
                ("version", fields.CharField(max_length=3)),
                ("holder_masked", fields.BinaryField()),
                ("code", fields.BinaryField()),
                ("code_index", fields.CharField(unique=True, max_length=64)),
                ("purpose", fields.BinaryField()),
                ("recipient", fields.BinaryField()),
                ("png_digest", fields.CharField(null=True, db_index=True, max_length=64)),
                ("pdf_digest", fields.CharField(null=True, db_index=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "licence_copy",
                "app": "lending",
                "pk_attr": "id",
                "table_description": "加注件: that one was made, for what and for whom, the picture itself is kept nowhere.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Loan",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("owner_id", fields.UUIDField(db_index=True)),
                ("subject", fields.CharField(max_length=24)),
                ("licence_id", fields.CharField(max_length=16)),
                ("type_code", fields.CharField(max_length=21)),
                ("type_name", fields.CharField(max_length=100)),
                ("grantee_id", fields.UUIDField(null=True, db_index=True)),
                ("grantee_system", fields.CharField(null=True, db_index=True, max_length=64)),
                ("grantee_name", fields.BinaryField()),
                ("owner_name", fields.BinaryField()),
                ("invitation_index", fields.CharField(null=True, unique=True, max_length=64)),
                ("purpose", fields.BinaryField()),
                ("facts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("times", fields.IntField()),
                ("used", fields.IntField(default=0)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(max_length=8)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "licence_loan",
                "app": "lending",
                "pk_attr": "id",
                "table_description": "用证授权: one licence, lent to one person or system for one purpose, so often, until then.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="UsageComplaint",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("usage_id", fields.UUIDField(db_index=True)),
                ("subject", fields.CharField(max_length=24)),
                ("person_id", fields.UUIDField(db_index=True)),
                ("text", fields.BinaryField()),
                ("answer", fields.BinaryField(null=True)),
                ("state", fields.CharField(max_length=8)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "licence_usage_complaint",
                "app": "lending",
                "pk_attr": "id",
                "table_description": "投诉: the holder finds a look at a licence wrong. What both sides say is sealed.",
            },
            bases=["Model"],
        ),
    ]

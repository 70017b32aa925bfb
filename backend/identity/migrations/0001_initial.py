from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField(db_index=True)),
                ("kind", fields.CharField(max_length=16)),
                ("version", fields.CharField(max_length=16)),
                ("given_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "consent",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "同意记录: what a person agreed to, in which version, and when they took it back.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("name", fields.BinaryField(null=True)),
                ("id_type", fields.CharField(null=True, max_length=3)),
                ("id_number", fields.BinaryField(null=True)),
                ("id_index", fields.CharField(null=True, unique=True, max_length=64)),
                ("level", fields.SmallIntField(default=0)),
                ("status", fields.CharField(default="active", max_length=8)),
                ("closed_reason", fields.CharField(null=True, max_length=16)),
                ("elder", fields.BooleanField(default=False)),
                ("region_code", fields.CharField(max_length=12)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "person",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "账号: one per natural person once verified, one per phone or WeChat account before that.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PhoneBinding",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField(unique=True)),
                ("phone", fields.BinaryField()),
                ("phone_index", fields.CharField(unique=True, max_length=64)),
                ("bound_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "phone_binding",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A phone number and the one account that it logs in to. An account has one at most.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SessionFamily",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("session_id", fields.CharField(unique=True, max_length=11)),
                ("person_id", fields.UUIDField(db_index=True)),
                ("level", fields.SmallIntField()),
                ("device_index", fields.CharField(max_length=64)),
                ("device_name", fields.BinaryField()),
                ("platform", fields.CharField(max_length=16)),
                ("phone_proved", fields.BooleanField()),
                ("openid", fields.BinaryField(null=True)),
                ("generation", fields.IntField(default=0)),
                ("refresh_hash", fields.CharField(max_length=64)),
                ("previous_hash", fields.CharField(null=True, max_length=64)),
                ("replay", fields.BinaryField(null=True)),
                ("rotated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                (
                    "expires_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_reason", fields.CharField(null=True, max_length=16)),
            ],
            options={
                "table": "session_family",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "One login on one device, and the chain of refresh tokens that grew from it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TrustedDevice",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField()),
                ("device_index", fields.CharField(max_length=64)),
                (
                    "last_used_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "trusted_device",
                "app": "identity",
                "unique_together": (("person_id", "device_index"),),
                "pk_attr": "id",
                "table_description": "A device on which this person reached level 3: a login from it starts there again.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WeChatBinding",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField(unique=True)),
                ("openid_index", fields.CharField(unique=True, max_length=64)),
                ("bound_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "wechat_binding",
                "app": "identity",
                "pk_attr": "id",
                "table_description": "A WeChat account (openid of our mini-program) and the one account that it logs in to.",
            },
            bases=["Model"],
        ),
    ]

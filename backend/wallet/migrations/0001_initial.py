from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from backend.store.ids import uuid7


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="WalletArrangement",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid7, unique=True, db_index=True),
                ),
                ("person_id", fields.UUIDField()),
                ("subject", fields.CharField(max_length=24)),
                ("places", fields.JSONField(encoder=JSON_DUMPS, decoder=loads, default=list)),
                ("favourites", fields.JSONField(encoder=JSON_DUMPS, decoder=loads, default=list)),
                ("changed_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "wallet_arrangement",
                "app": "wallet",
                "unique_together": (("person_id", "subject"),),
                "pk_attr": "id",
                "table_description": (
                    "How a person has laid a wallet out: their own, or that of an enterprise they "
                    "act for."
                ),
            },
            bases=["Model"],
        ),
    ]

"""Tables of the wallet package. Licences are in none of them: those belong to their issuers."""

from typing import Any

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Table


class WalletArrangement(Table):
    """How a person has laid a wallet out: their own, or that of an enterprise they act for.

    Attributes:
        subject: tag of the wallet.
        places: ids of licences in the order wanted; favourites: of those on top.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField()
    subject = fields.CharField(max_length=24)
    places = fields.JSONField[list[Any]](default=list)
    favourites = fields.JSONField[list[Any]](default=list)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "wallet_arrangement"
        unique_together = (("person_id", "subject"),)

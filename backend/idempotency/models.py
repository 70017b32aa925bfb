"""Tables of the idempotency package."""

from datetime import datetime

from tortoise import fields

from backend.store.table import Sealed, Table


class KeyedAnswer(Table):
    """What was answered to a request that carried an ``Idempotency-Key``.

    ``id`` is the digest of who asked, which endpoint and the key; being the primary key, it lets
    only one of several simultaneous requests through. ``status`` None: it is still being worked on
    since ``claimed_at``. ``answer`` is sealed, for it may hold personal data.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    request_digest = fields.CharField(max_length=64)
    claimed_at: datetime = fields.DatetimeField(db_index=True)
    status = fields.SmallIntField(null=True)
    media_type = fields.CharField(max_length=60, default="")
    answer = fields.BinaryField(null=True)

    class Meta:
        table = "keyed_answer"


def context(row: str, _: str = "answer") -> str:
    """What a kept answer is bound to."""
    return row


SEALED = (Sealed(KeyedAnswer, {"answer": "answer"}, context),)

"""Tables of the identity package.

Personal data are sealed (``KeyRing``, bound to row and column); a column ``…_index`` is the blind
index by which the value beside it is found. Both survive a look at the file or a dump.
"""

from uuid import UUID

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class Person(Table):
    """账号: one per natural person once verified, one per phone or WeChat account before that.

    ``level`` is the highest that was ever reached; what a request may do is said by its session.
    ``status`` is ``active`` or ``closed``, and then ``closed_reason`` is ``deceased`` or ``merged``
    (the phone turned out to belong to a person who had an account already).
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    name = fields.BinaryField(null=True)
    id_type = fields.CharField(max_length=3, null=True)
    id_number = fields.BinaryField(null=True)
    id_index = fields.CharField(max_length=INDEX_CHARS, null=True, unique=True)
    level = fields.SmallIntField(default=0)
    status = fields.CharField(max_length=8, default="active")
    closed_reason = fields.CharField(max_length=16, null=True)
    elder = fields.BooleanField(default=False)
    region_code = fields.CharField(max_length=12)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "person"


class PhoneBinding(Table):
    """A phone number and the one account that it logs in to. An account has one at most."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField(unique=True)
    phone = fields.BinaryField()
    phone_index = fields.CharField(max_length=INDEX_CHARS, unique=True)
    bound_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "phone_binding"


class WeChatBinding(Table):
    """A WeChat account (openid of our mini-program) and the one account that it logs in to."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField(unique=True)
    openid_index = fields.CharField(max_length=INDEX_CHARS, unique=True)
    bound_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "wechat_binding"


class SessionFamily(Table):
    """One login on one device, and the chain of refresh tokens that grew from it.

    ``refresh_hash`` is SHA-256 of the token that is good now, ``previous_hash`` of the one before.
    ``replay`` holds the last answer, sealed, for a device that asks again within the grace.
    ``openid`` and ``phone_proved`` say what this very login has proved to own.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    session_id = fields.CharField(max_length=11, unique=True)
    person_id = fields.UUIDField(db_index=True)
    level = fields.SmallIntField()
    device_index = fields.CharField(max_length=INDEX_CHARS)
    device_name = fields.BinaryField()
    platform = fields.CharField(max_length=16)
    phone_proved = fields.BooleanField()
    openid = fields.BinaryField(null=True)
    generation = fields.IntField(default=0)
    refresh_hash = fields.CharField(max_length=64)
    previous_hash = fields.CharField(max_length=64, null=True)
    replay = fields.BinaryField(null=True)
    rotated_at = fields.DatetimeField()
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(db_index=True)
    ended_at = fields.DatetimeField(null=True)
    ended_reason = fields.CharField(max_length=16, null=True)

    class Meta:
        table = "session_family"


class TrustedDevice(Table):
    """A device on which this person reached level 3: a login from it starts there again."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField()
    device_index = fields.CharField(max_length=INDEX_CHARS)
    last_used_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "trusted_device"
        unique_together = (("person_id", "device_index"),)


class Consent(Table):
    """同意记录: what a person agreed to, in which version, and when they took it back."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=16)
    version = fields.CharField(max_length=16)
    given_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"


def person_context(row: UUID, column: str) -> str:
    """What a sealed value of an account is bound to."""
    return f"person:{row}:{column}"


def phone_context(row: UUID, _: str = "phone") -> str:
    """What the number of a binding is bound to."""
    return f"phone:{row}"


def family_context(row: UUID, column: str) -> str:
    """What a sealed value of a login is bound to."""
    return f"family:{row}:{column}"


SEALED = (
    Sealed(Person, {"name": "name", "id_number": "number"}, person_context),
    Sealed(PhoneBinding, {"phone": "phone"}, phone_context),
    Sealed(
        SessionFamily,
        {"device_name": "device", "openid": "openid", "replay": "replay"},
        family_context,
    ),
)

"""Tables of the members package: who was invited is sealed, and found by a blind index."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class CorpBook(Table):
    """An enterprise that has members: the row that two writers wait for.

    Attributes:
        administrators: how many there are now; the database itself never counts a sixth.
        touched: counts whatever locked the row.
        checked_at: when the worker last asked the register.
    """

    uscc = fields.CharField(max_length=18, primary_key=True)
    administrators = fields.IntField(default=0)
    touched = fields.IntField(default=0)
    checked_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "corp_book"


class CorpMember(Table):
    """成员: an administrator or an agent, from the invitation on.

    Attributes:
        state: ``invited``, ``active`` or ``ended``.
        invited_index: blind index of phone and name, name and phone: sealed.
        person_id: who accepted, null before.
        scopes, items: of an agent, no items for all matters.
        ends_on: the last day, null for none.
        session_id: of the only session in which it holds, where the person showed the electronic
            business licence; empty for what was given by invitation.
        ends_at: until when it holds at the latest, of what was shown.
        most_cases: how many applications an agent may file, null for any number; cases_filed: how
            many they have filed.
        under_index: blind index of the number of the representative under whom it was given.
        ended_reason: ``revoked``, ``resigned``, ``declined``, ``replaced``, ``lapsed``,
            ``representative_changed`` or ``struck_off``.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    uscc = fields.CharField(max_length=18)
    enterprise_name = fields.CharField(max_length=200)
    role = fields.CharField(max_length=16)
    state = fields.CharField(max_length=8)
    invited_index = fields.CharField(max_length=INDEX_CHARS, db_index=True)
    name = fields.BinaryField()
    phone = fields.BinaryField()
    person_id = fields.UUIDField(null=True)
    scopes: fields.Field[list[str]] = fields.JSONField()
    items: fields.Field[list[str]] = fields.JSONField()
    ends_on = fields.DateField(null=True)
    session_id = fields.CharField(max_length=11, default="")
    ends_at = fields.DatetimeField(null=True)
    most_cases = fields.IntField(null=True)
    cases_filed = fields.IntField(default=0)
    under_index = fields.CharField(max_length=INDEX_CHARS)
    given_by = fields.UUIDField()
    created_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_reason = fields.CharField(max_length=24, default="")

    class Meta:
        table = "corp_member"
        indexes = (
            Index(fields=("uscc", "state"), name="corp_member_uscc"),
            Index(fields=("person_id", "uscc"), name="corp_member_person"),
        )


class CorpBar(Table):
    """Somebody whom the enterprise took out: no licence lets them in until it lifts this.

    Attributes:
        person_index: blind index of their identity number; name and phone: sealed.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    uscc = fields.CharField(max_length=18)
    person_index = fields.CharField(max_length=INDEX_CHARS)
    name = fields.BinaryField()
    phone = fields.BinaryField()
    barred_by = fields.UUIDField()
    barred_at = fields.DatetimeField()

    class Meta:
        table = "corp_bar"
        unique_together = (("uscc", "person_index"),)


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"members:{row}:{column}"


SEALED = (
    Sealed(CorpMember, {"name": "name", "phone": "phone"}, context),
    Sealed(CorpBar, {"name": "name", "phone": "phone"}, context),
)

"""Tables of the contacts package: who answers, as their department made it known."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table


class ServiceContact(Table):
    """服务专员: somebody whom enterprises may call, and which ones. Name and telephone are sealed.

    Attributes:
        department_uscc: of the department whose head appointed them, empty for the platform's
            operators (who do so for a district).
        title: their position; helps_with: what to call them about; hours: when they answer.
        region_code: its division (GB/T 2260), empty for everywhere; industry: a code of GB/T 4754
            of any depth, empty for any.
        listed: how many enterprises they are for by name; more than none: for those alone.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    department_uscc = fields.CharField(max_length=18, default="")
    department_name = fields.CharField(max_length=100)
    name = fields.BinaryField()
    phone = fields.BinaryField()
    title = fields.CharField(max_length=60)
    helps_with = fields.CharField(max_length=200)
    hours = fields.CharField(max_length=100)
    region_code = fields.CharField(max_length=12, default="")
    industry = fields.CharField(max_length=10, default="")
    listed = fields.SmallIntField(default=0)
    appointed_by = fields.UUIDField()
    appointed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "service_contact"
        indexes = (Index(fields=("region_code", "industry"), name="service_contact_near"),)


class ServiceContactFor(Table):
    """An enterprise that a contact is for by name, until the contact has ended."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    contact_id = fields.UUIDField(db_index=True)
    uscc = fields.CharField(max_length=18, db_index=True)

    class Meta:
        table = "service_contact_for"
        unique_together = (("contact_id", "uscc"),)


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"contacts:{row}:{column}"


SEALED = (Sealed(ServiceContact, {"name": "name", "phone": "phone"}, context),)

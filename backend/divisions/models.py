"""Tables of the divisions package: nothing personal stands here."""

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Table


class Division(Table):
    """职责分工: who accepts, decides and supervises an item from a day on.

    The content of a record never changes, so that a case that stands on it keeps its division.

    Attributes:
        legal_basis: the document by which the duty was moved (相对集中行政许可权).
        valid_to: the last day, null for none.
        replaced_on: the day from which a later record holds.
        state: ``proposed``, ``agreed``, ``refused`` or ``withdrawn``.
        proposed_by: the account, which does not consent.
        needed: USCCs of the departments whose consent it takes.
        reason: of a refusal or withdrawal.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    item_code = fields.CharField(max_length=36)
    item_name = fields.CharField(max_length=200)
    accepting_system = fields.CharField(max_length=64)
    accepting_uscc = fields.CharField(max_length=18)
    accepting_name = fields.CharField(max_length=100)
    deciding_system = fields.CharField(max_length=64)
    deciding_uscc = fields.CharField(max_length=18)
    deciding_name = fields.CharField(max_length=100)
    supervising_system = fields.CharField(max_length=64)
    supervising_uscc = fields.CharField(max_length=18)
    supervising_name = fields.CharField(max_length=100)
    legal_basis = fields.CharField(max_length=500)
    valid_from = fields.DateField()
    valid_to = fields.DateField(null=True)
    replaced_on = fields.DateField(null=True)
    state = fields.CharField(max_length=10)
    needed: fields.Field[list[str]] = fields.JSONField()
    proposed_by = fields.UUIDField()
    proposed_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, default="")

    class Meta:
        table = "division"
        indexes = (Index(fields=("item_code", "state"), name="division_item"),)


class DivisionConsent(Table):
    """A department's consent, given by its head."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    division_id = fields.UUIDField()
    department_uscc = fields.CharField(max_length=18)
    account_id = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta:
        table = "division_consent"
        unique_together = (("division_id", "department_uscc"),)

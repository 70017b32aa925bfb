"""Tables of the machines package: nothing secret stands here, for a public key is none."""

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Table


class MachineClient(Table):
    """软件接入: a program of an enterprise, known by its key.

    Attributes:
        given_by: who registered it, in whose right it acts: with that, it ends.
        daily_quota: requests a day; each application of a batch counts as one.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    uscc = fields.CharField(max_length=18)
    name = fields.CharField(max_length=50)
    key_id = fields.CharField(max_length=40, unique=True)
    alg = fields.CharField(max_length=8)
    public = fields.CharField(max_length=100)
    scopes: fields.Field[list[str]] = fields.JSONField()
    daily_quota = fields.IntField()
    given_by = fields.UUIDField()
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "machine_client"
        indexes = (Index(fields=("uscc", "ended_at"), name="machine_client_uscc"),)


class MachineFiling(Table):
    """An application by a program's own reference, which is filed once.

    Attributes:
        digest: SHA-256 of what was filed.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    client_id = fields.UUIDField()
    reference = fields.CharField(max_length=64)
    digest = fields.CharField(max_length=64, default="")
    draft_id = fields.UUIDField(null=True)
    case_no = fields.CharField(max_length=50, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "machine_filing"
        unique_together = (("client_id", "reference"),)

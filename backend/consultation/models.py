"""Tables of the consultation package: what people wrote and were answered is sealed."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table


class ConsultationTicket(Table):
    """咨询投诉工单, with the fields of GB/T 39046.

    Attributes:
        ticket_no: 工单编号, kind (2 letters), region (6), day (8) and six digits.
        department_uscc, department_name: 承办单位, empty until it is assigned.
        secret: 要求保密, the department does not learn who asks.
        workdays: 承诺时限, due_on: its last day, extended_workdays, extension_reason: 延期.
        overdue_workdays: 超期天数 of the answer, 0 when it was in time.
        satisfaction: 1 very satisfied … 5 very dissatisfied (GB/T 39046 A.8).
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    ticket_no = fields.CharField(max_length=24, unique=True)
    person_id = fields.UUIDField()
    kind = fields.CharField(max_length=16)
    title = fields.BinaryField()
    content = fields.BinaryField()
    region_code = fields.CharField(max_length=12)
    item_code = fields.CharField(max_length=36, default="")
    case_no = fields.CharField(max_length=50, default="")
    secret = fields.BooleanField(default=False)
    department_uscc = fields.CharField(max_length=18, default="")
    department_name = fields.CharField(max_length=100, default="")
    state = fields.CharField(max_length=12)
    reopened = fields.SmallIntField(default=0)
    started_on = fields.DateField()
    workdays = fields.SmallIntField()
    due_on = fields.DateField()
    provisional = fields.BooleanField(default=False)
    extended_workdays = fields.SmallIntField(default=0)
    extension_reason = fields.CharField(max_length=500, default="")
    overdue_workdays = fields.SmallIntField(default=0)
    reminded_on = fields.DateField(null=True)
    overdue_on = fields.DateField(null=True)
    answer = fields.BinaryField(null=True)
    answered_at = fields.DatetimeField(null=True)
    satisfaction = fields.SmallIntField(null=True)
    opinion = fields.BinaryField(null=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consultation_ticket"
        indexes = (
            Index(fields=("person_id", "id"), name="consultation_person"),
            Index(fields=("department_uscc", "state"), name="consultation_department"),
            Index(fields=("state", "due_on"), name="consultation_due"),
        )


class ConsultationStep(Table):
    """环节: what was done to a ticket, by whom, when and why."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    ticket_id = fields.UUIDField(db_index=True)
    at = fields.DatetimeField()
    account_id = fields.UUIDField(null=True)
    role = fields.CharField(max_length=16, default="")
    act = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    reason = fields.BinaryField(null=True)

    class Meta:
        table = "consultation_step"


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"consultation:{row}:{column}"


SEALED = (
    Sealed(
        ConsultationTicket,
        {"title": "title", "content": "content", "answer": "answer", "opinion": "opinion"},
        context,
    ),
    Sealed(ConsultationStep, {"reason": "reason"}, context),
)

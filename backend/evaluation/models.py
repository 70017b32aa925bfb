"""Tables of the evaluation package.

An evaluation names neither the person nor the event: both are sealed, and found only by blind
indexes. Ids are random, because ids in order of time would say when an anonymous one was given,
and the only times are days.
"""

from uuid import UUID, uuid4

from tortoise import fields
from tortoise.indexes import Index

from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class ServiceEvaluation(Table):
    """评价: what one person thinks of one service event (GB/T 39735, DOMAIN 4.4).

    Attributes:
        event_index: blind index of the event, unique: one evaluation per event.
        evaluator_index: blind index of the person, for the list of their own.
        evaluator, event: who and what, sealed.
        level: 1 very satisfied … 5 very dissatisfied (GB/T 39046 A.8).
        shown_as: ``waiting`` until an anonymous one may be shown, then how much is: with its
            ``item``, with its ``department`` alone, or to ``nobody`` but the platform.
    """

    id = fields.UUIDField(primary_key=True, default=uuid4)
    event_kind = fields.CharField(max_length=16)
    event_index = fields.CharField(max_length=INDEX_CHARS, unique=True)
    evaluator_index = fields.CharField(max_length=INDEX_CHARS)
    evaluator = fields.BinaryField()
    event = fields.BinaryField()
    department_uscc = fields.CharField(max_length=18)
    department_name = fields.CharField(max_length=100)
    item_code = fields.CharField(max_length=36, default="")
    item_name = fields.CharField(max_length=200)
    level = fields.SmallIntField()
    tags: list[str] = fields.JSONField()
    text = fields.BinaryField(null=True)
    anonymous = fields.BooleanField()
    channel = fields.CharField(max_length=12)
    given_on = fields.DateField()
    added_text = fields.BinaryField(null=True)
    added_on = fields.DateField(null=True)
    added_shown = fields.BooleanField(default=False)
    shown_as = fields.CharField(max_length=12)
    shown_on = fields.DateField(null=True)

    class Meta:
        table = "service_evaluation"
        indexes = (
            Index(fields=("evaluator_index",), name="evaluation_evaluator"),
            Index(fields=("department_uscc", "shown_as"), name="evaluation_department"),
            Index(fields=("shown_as", "given_on"), name="evaluation_shown"),
        )


class EvaluationOrder(Table):
    """差评整改工单: a bad evaluation that somebody has to look into, answer for and put right.

    Attributes:
        for_department: the department sees and answers it. Otherwise the platform does, because
            so few people were served that the department would know who it was.
    """

    id = fields.UUIDField(primary_key=True, default=uuid4)
    evaluation_id = fields.UUIDField(unique=True)
    department_uscc = fields.CharField(max_length=18, db_index=True)
    anonymous = fields.BooleanField()
    for_department = fields.BooleanField(default=False)
    state = fields.CharField(max_length=16)
    round = fields.SmallIntField(default=1)
    started_on = fields.DateField(null=True)
    due_on = fields.DateField(null=True)
    provisional = fields.BooleanField(default=False)
    extended = fields.BooleanField(default=False)
    finding = fields.CharField(max_length=12, default="")
    answer = fields.BinaryField(null=True)
    answered_on = fields.DateField(null=True)
    in_time = fields.BooleanField(null=True)
    satisfied = fields.BooleanField(null=True)
    heard = fields.BinaryField(null=True)
    heard_on = fields.DateField(null=True)
    reminded_on = fields.DateField(null=True)
    overdue_on = fields.DateField(null=True)
    closed_on = fields.DateField(null=True)

    class Meta:
        table = "evaluation_order"
        indexes = (Index(fields=("state", "due_on"), name="evaluation_order_due"),)


class EvaluationStep(Table):
    """What was done to an order, by whom and why. A day, no time: see the module."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    order_id = fields.UUIDField(db_index=True)
    number = fields.SmallIntField()
    on = fields.DateField()
    account_id = fields.UUIDField(null=True)
    role = fields.CharField(max_length=16)
    act = fields.CharField(max_length=16)
    state = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=1000, default="")

    class Meta:
        table = "evaluation_step"
        unique_together = (("order_id", "number"),)


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"evaluation:{row}:{column}"


SEALED = (
    Sealed(
        ServiceEvaluation,
        {"evaluator": "evaluator", "event": "event", "text": "text", "added_text": "added"},
        context,
    ),
    Sealed(EvaluationOrder, {"answer": "answer", "heard": "heard"}, context),
)

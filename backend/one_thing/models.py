"""Tables of the one-thing package. What somebody wrote is sealed; codes and states are not."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

LONGEST_CODE = 32


class OneThingDefinition(Table):
    """一件事, as an operator registered it. ``id`` is its code.

    Attributes:
        version: grows with every registration.
        state: ``published`` or ``withdrawn``.
    """

    id = fields.CharField(max_length=LONGEST_CODE, primary_key=True)
    version = fields.IntField()
    state = fields.CharField(max_length=10)
    body: fields.Field[dict[str, Any]] = fields.JSONField()
    published_by = fields.CharField(max_length=80)
    published_at = fields.DatetimeField()

    class Meta:
        table = "one_thing"


class OneThingRun(Table):
    """One 一件事 that somebody submitted: it holds the cases of its steps together.

    Attributes:
        draft_id: unique, so that one draft becomes one run however often it is submitted.
        body: the definition as it stood.
        due: something happened to one of its cases that the worker has to look at.
        touched: counts what happened, so that nothing is missed that happens meanwhile.
        look_at: not before: the lease, and the wait while something is not there yet.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    draft_id = fields.UUIDField(unique=True)
    person_id = fields.UUIDField()
    code = fields.CharField(max_length=32)
    version = fields.IntField()
    name = fields.CharField(max_length=100)
    for_kind = fields.CharField(max_length=12)
    for_id = fields.CharField(max_length=40, default="")
    body: fields.Field[dict[str, Any]] = fields.JSONField()
    due = fields.BooleanField(default=False)
    touched = fields.IntField(default=0)
    tries = fields.IntField(default=0)
    look_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "one_thing_run"
        indexes = (
            Index(fields=("person_id", "id"), name="one_thing_run_person"),
            Index(fields=("due", "look_at"), name="one_thing_run_due"),
        )


class OneThingStep(Table):
    """A step of a run: a case, or what waits to become one.

    Attributes:
        draft_id: of the case that it becomes, or of the draft that the person has to finish.
        state: ``waiting``, ``handed_in``, ``draft`` (the person has to finish it) or ``ended``.
        after: codes of the chosen steps that have to be granted before.
        content: sealed, what was signed for, while it waits.
        reason: why it ended without a case, a sentence without personal data.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    run_id = fields.UUIDField()
    place = fields.IntField()
    code = fields.CharField(max_length=20)
    item_code = fields.CharField(max_length=36)
    item_name = fields.CharField(max_length=200)
    department_name = fields.CharField(max_length=100)
    state = fields.CharField(max_length=10)
    after: fields.Field[list[str]] = fields.JSONField()
    draft_id = fields.UUIDField(unique=True)
    content = fields.BinaryField(null=True)
    reason = fields.CharField(max_length=200, default="")
    updated_at = fields.DatetimeField()

    class Meta:
        table = "one_thing_step"
        unique_together = (("run_id", "code"),)


def context(row: UUID, _: str = "content") -> str:
    """What the content of a step is bound to."""
    return f"one-thing-step:{row}"


SEALED = (Sealed(OneThingStep, {"content": "content"}, context),)

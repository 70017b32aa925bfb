"""Tables of the cases package.

What somebody wrote, who they are, what was handed in and what was decided is sealed (``KeyRing``).
In the open stand numbers of cases, codes of items and systems, states and times.
"""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class CaseDraft(Table):
    """草稿: an application, or what is handed in later to a case, while somebody writes it.

    Attributes:
        kind: ``application`` or ``supplement`` (of ``case_id``).
        for_kind: ``self``, ``child``, ``relative`` or ``enterprise``, for_id: link or USCC.
        content: sealed, see ``drafts.Content``.
        version: grows with every change, what two devices compare.
        state: ``open``, ``submitted`` or ``discarded``.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField()
    kind = fields.CharField(max_length=12)
    case_id = fields.UUIDField(null=True)
    for_kind = fields.CharField(max_length=12)
    for_id = fields.CharField(max_length=40, default="")
    item_code = fields.CharField(max_length=36)
    item_version = fields.IntField()
    content = fields.BinaryField()
    version = fields.IntField(default=1)
    state = fields.CharField(max_length=10)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "case_draft"
        indexes = (
            Index(fields=("person_id", "state"), name="case_draft_person"),
            Index(fields=("state", "updated_at"), name="case_draft_age"),
        )


class CaseNumber(Table):
    """How many numbers an item has given out on a day."""

    id = fields.CharField(max_length=44, primary_key=True)
    given = fields.IntField()

    class Meta:
        table = "case_number"


class CaseItem(Table):
    """A version of an item on which a case stands: it may be published anew, or not at all.

    ``id`` is the code and the version.
    """

    id = fields.CharField(max_length=48, primary_key=True)
    system_code = fields.CharField(max_length=64)
    department_name = fields.CharField(max_length=100)
    elements: fields.Field[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "case_item"


class Case(Table):
    """办件: one application from its submission on.

    Attributes:
        draft_id: unique, so that one draft becomes one case however often it is submitted.
        holder_index: blind index of the applicant's number.
        state: as the department's events up to ``seq`` made it.
        touched: counts whatever locked the row, so that one writer waits for the other.
        deemed_on: the day on which it counts as accepted by law (行政许可法 art. 32).
        disagrees: the state that the department's own record says, while it is another one.
        division_id: who accepts, decides and supervises, where that was divided when it was
            submitted, system_code, department_uscc and department_name are then of whoever has
            the case in hand now, supervisor_uscc of the department that supervises it.
        content: sealed: applicant, agent, form, provenance, materials.
        result: sealed, what was decided.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case_no = fields.CharField(max_length=50, unique=True)
    draft_id = fields.UUIDField(unique=True)
    person_id = fields.UUIDField(db_index=True)
    holder_index = fields.CharField(max_length=INDEX_CHARS, db_index=True)
    for_kind = fields.CharField(max_length=12)
    for_id = fields.CharField(max_length=40, default="")
    item_code = fields.CharField(max_length=36)
    item_version = fields.IntField()
    item_name = fields.CharField(max_length=200)
    system_code = fields.CharField(max_length=64)
    department_uscc = fields.CharField(max_length=18, db_index=True)
    department_name = fields.CharField(max_length=100)
    division_id = fields.UUIDField(null=True)
    supervisor_uscc = fields.CharField(max_length=18, null=True, db_index=True)
    state = fields.CharField(max_length=20)
    seq = fields.IntField(default=0)
    touched = fields.IntField(default=0)
    submitted_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)
    department_case_no = fields.CharField(max_length=64, null=True)
    deemed_on = fields.DateField(null=True)
    urged_at = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    reconciled_at = fields.DatetimeField(null=True)
    disagrees = fields.CharField(max_length=20, null=True)
    content = fields.BinaryField()
    result = fields.BinaryField(null=True)

    class Meta:
        table = "case_file"
        indexes = (Index(fields=("ended_at", "updated_at"), name="case_file_open"),)


class CaseStep(Table):
    """环节: what happened to a case, who did it, when and why.

    Attributes:
        seq: the department's number of its event, null for what the platform or a person did.
        state: that followed.
        words: sealed: officer, reason, remedies, items… as JSON.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case_id = fields.UUIDField()
    seq = fields.IntField(null=True)
    event = fields.CharField(max_length=24)
    state = fields.CharField(max_length=20)
    actor = fields.CharField(max_length=80)
    at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    words = fields.BinaryField(null=True)

    class Meta:
        table = "case_step"
        unique_together = (("case_id", "seq"),)
        indexes = (Index(fields=("case_id", "id"), name="case_step_case"),)


class CaseEvent(Table):
    """What a department told, as it came: applied, waiting, or contradictory.

    Attributes:
        taken: see ``states.Taken``.
        reason: of a contradiction.
        system_code: who told it, where that is not the system that has the case in hand.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case_id = fields.UUIDField()
    event_id = fields.UUIDField()
    seq = fields.IntField()
    event = fields.CharField(max_length=24)
    body = fields.BinaryField()
    taken = fields.CharField(max_length=14)
    reason = fields.CharField(max_length=40, default="")
    system_code = fields.CharField(max_length=64, default="")
    received_at = fields.DatetimeField()
    seen_at = fields.DatetimeField(null=True)

    class Meta:
        table = "case_event"
        unique_together = (("case_id", "event_id"),)
        indexes = (
            Index(fields=("case_id", "seq"), name="case_event_seq"),
            Index(fields=("taken", "received_at"), name="case_event_taken"),
        )


class CaseOutbox(Table):
    """What has to reach a department: sent until it answers. ``id`` is the ``request_id``.

    Attributes:
        payload: sealed, what is sent, without the ``request_id``.
        state: ``queued``, ``done`` or ``dead``.
        not_before: of a queued one: nobody takes it earlier, which is also the lease.
        answer: sealed, the signed receipt.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case_id = fields.UUIDField(db_index=True)
    system_code = fields.CharField(max_length=64)
    operation = fields.CharField(max_length=20)
    payload = fields.BinaryField()
    state = fields.CharField(max_length=6)
    failures = fields.IntField(default=0)
    error = fields.CharField(max_length=64, default="")
    not_before = fields.DatetimeField()
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    answer = fields.BinaryField(null=True)

    class Meta:
        table = "case_outbox"
        indexes = (Index(fields=("state", "system_code", "not_before"), name="case_outbox_due"),)


class CaseClock(Table):
    """时限: a period that runs for a case.

    Attributes:
        kind: ``accept``, ``decide`` or ``deliver``.
        unit: ``workday`` or ``day``.
        anchor_on: the day after which the rest, ``days_left``, counts.
        legal_left: the same for the period of the statute, where the promise is shorter.
        state: ``running``, ``paused`` or ``done``.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case_id = fields.UUIDField()
    kind = fields.CharField(max_length=8)
    system_code = fields.CharField(max_length=64)
    department_uscc = fields.CharField(max_length=18)
    unit = fields.CharField(max_length=8)
    days = fields.IntField()
    started_on = fields.DateField()
    anchor_on = fields.DateField()
    days_left = fields.IntField()
    legal_unit = fields.CharField(max_length=8)
    legal_left = fields.IntField()
    due_on = fields.DateField()
    legal_due_on = fields.DateField()
    provisional = fields.BooleanField()
    extended = fields.BooleanField(default=False)
    state = fields.CharField(max_length=8)
    paused_on = fields.DateField(null=True)
    amber_at = fields.DatetimeField(null=True)
    red_at = fields.DatetimeField(null=True)
    done_on = fields.DateField(null=True)

    class Meta:
        table = "case_clock"
        unique_together = (("case_id", "kind", "started_on"),)
        indexes = (Index(fields=("state", "due_on"), name="case_clock_due"),)


class CasePromise(Table):
    """容缺后补: a material that the applicant promised to hand in by a day.

    Attributes:
        state: ``open``, ``kept``, ``broken`` (the day passed) or ``moot`` (decided without it).
        reminded_at: when the applicant was reminded, once.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    case_id = fields.UUIDField()
    material_code = fields.CharField(max_length=32)
    name = fields.CharField(max_length=200)
    due_on = fields.DateField()
    state = fields.CharField(max_length=6)
    reminded_at = fields.DatetimeField(null=True)
    broken_at = fields.DatetimeField(null=True)

    class Meta:
        table = "case_promise"
        unique_together = (("case_id", "material_code"),)
        indexes = (Index(fields=("state", "due_on"), name="case_promise_due"),)


class CaseFile(Table):
    """An uploaded material, or a document that a department issued, sealed on disk.

    Attributes:
        draft_id: of the draft to which it was uploaded, case_id: once it was submitted, where
            neither stands it is to be forgotten.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    draft_id = fields.UUIDField(null=True, db_index=True)
    case_id = fields.UUIDField(null=True, db_index=True)
    material_code = fields.CharField(max_length=32)
    name = fields.BinaryField()
    media_type = fields.CharField(max_length=40)
    bytes = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "case_material_file"


class CaseMandate(Table):
    """办事授权: a relative lets whoever carries their licences also apply for them.

    Attributes:
        link_id: the family link on which it rests: it ends with that.
        item_code: empty for any item.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    link_id = fields.UUIDField(db_index=True)
    grantor_id = fields.UUIDField(db_index=True)
    item_code = fields.CharField(max_length=36, default="")
    ends_on = fields.DateField()
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "case_mandate"


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"case:{row}:{column}"


SEALED = (
    Sealed(CaseDraft, {"content": "draft"}, context),
    Sealed(Case, {"content": "content", "result": "result"}, context),
    Sealed(CaseStep, {"words": "words"}, context),
    Sealed(CaseEvent, {"body": "body"}, context),
    Sealed(CaseOutbox, {"payload": "payload", "answer": "answer"}, context),
    Sealed(CaseFile, {"name": "name"}, context),
)

"""Tables of the policies package. Who gets what, on what data, and into which account is sealed."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table


class PolicyVersion(Table):
    """A version of a policy, once it is published, its document never changes.

    Attributes:
        state: ``draft``, ``submitted``, ``published``, ``superseded`` or ``withdrawn``.
        digest: of the document, by which an unchanged one is known.
        check: what the check against a sample found (``Sampled``).
        edited_by, approved_by: accounts, never the same.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    code = fields.CharField(max_length=48)
    version = fields.IntField()
    system_code = fields.CharField(max_length=64)
    department_uscc = fields.CharField(max_length=18, db_index=True)
    department_name = fields.CharField(max_length=100)
    document: fields.Field[dict[str, Any]] = fields.JSONField()
    digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    check: fields.Field[dict[str, Any]] = fields.JSONField(null=True)
    edited_by = fields.UUIDField()
    edited_at = fields.DatetimeField()
    approved_by = fields.UUIDField(null=True)
    published_at = fields.DatetimeField(null=True)

    class Meta:
        table = "policy_version"
        unique_together = (("code", "version"),)
        indexes = (Index(fields=("state", "code"), name="policy_version_state"),)


class PolicySubject(Table):
    """What is known of somebody for matching, gone as soon as they switch matching off.

    Attributes:
        holder_index: blind index of the number, holder: sealed.
        person_id: account that is told: the person, or who represents the enterprise.
        facts: sealed, kept by variable, as_of: when they were asked for.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    audience = fields.CharField(max_length=10)
    holder_index = fields.CharField(max_length=64, unique=True)
    holder = fields.BinaryField()
    person_id = fields.UUIDField(null=True)
    facts = fields.BinaryField()
    as_of = fields.DatetimeField()

    class Meta:
        table = "policy_subject"
        indexes = (Index(fields=("audience", "id"), name="policy_subject_audience"),)


class PolicyChoice(Table):
    """Whether somebody lets policies be matched, ``id`` is their blind index."""

    id = fields.CharField(max_length=64, primary_key=True)
    matching = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "policy_choice"


class PolicyBudget(Table):
    """What may be paid out under a policy, in fen, and what of it is left, ``id`` is its code."""

    id = fields.CharField(max_length=48, primary_key=True)
    total = fields.BigIntField()
    left = fields.BigIntField()

    class Meta:
        table = "policy_budget"


class PolicyEntitlement(Table):
    """待遇: one benefit of one beneficiary for one period, there is never a second of it.

    Attributes:
        period: ``once``, ``2026`` or ``2026-11``.
        amount: in fen, null for what is no money.
        reasons: sealed, the conditions as they were judged.
        account: sealed, where it is paid to.
        attempt: counts payment instructions, another account makes another attempt.
        due_on: last day of the publicity, or of the later check of a commitment.
        answer_by: until when an objection is to be answered.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    policy_code = fields.CharField(max_length=48)
    policy_version = fields.IntField()
    system_code = fields.CharField(max_length=64)
    department_uscc = fields.CharField(max_length=18)
    audience = fields.CharField(max_length=10)
    holder_index = fields.CharField(max_length=64)
    holder = fields.BinaryField()
    person_id = fields.UUIDField(null=True)
    period = fields.CharField(max_length=7)
    state = fields.CharField(max_length=12)
    amount = fields.BigIntField(null=True)
    reasons = fields.BinaryField()
    account = fields.BinaryField(null=True)
    attempt = fields.IntField(default=0)
    due_on = fields.DateField(null=True)
    answer_by = fields.DateField(null=True)
    verified_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "policy_entitlement"
        unique_together = (("policy_code", "holder_index", "period"),)
        indexes = (
            Index(fields=("holder_index", "id"), name="policy_entitlement_holder"),
            Index(fields=("department_uscc", "state"), name="policy_entitlement_dept"),
            Index(fields=("state", "due_on"), name="policy_entitlement_due"),
        )


class PolicyStep(Table):
    """环节: what was done to a benefit, by whom, when and why."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    entitlement_id = fields.UUIDField(db_index=True)
    act = fields.CharField(max_length=16)
    state = fields.CharField(max_length=12)
    actor = fields.CharField(max_length=80)
    at = fields.DatetimeField()
    words = fields.BinaryField(null=True)

    class Meta:
        table = "policy_step"


class PolicyPayment(Table):
    """兑付指令: what has to reach the department, sent until it answers, ``id`` is the request.

    Attributes:
        state: ``queued``, ``pending`` (taken, not yet carried out), ``done`` or ``refused``.
        not_before: nobody takes it earlier, which is also the lease.
        answer: sealed, the signed receipt.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    entitlement_id = fields.UUIDField()
    attempt = fields.IntField()
    system_code = fields.CharField(max_length=64)
    payload = fields.BinaryField()
    state = fields.CharField(max_length=8)
    failures = fields.IntField(default=0)
    error = fields.CharField(max_length=64, default="")
    not_before = fields.DatetimeField()
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    answer = fields.BinaryField(null=True)

    class Meta:
        table = "policy_payment"
        unique_together = (("entitlement_id", "attempt"),)
        indexes = (Index(fields=("state", "system_code", "not_before"), name="policy_payment_due"),)


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"policy:{row}:{column}"


SEALED = (
    Sealed(PolicySubject, {"holder": "holder", "facts": "facts"}, context),
    Sealed(
        PolicyEntitlement, {"holder": "holder", "reasons": "reasons", "account": "account"}, context
    ),
    Sealed(PolicyStep, {"words": "words"}, context),
    Sealed(PolicyPayment, {"payload": "payload", "answer": "answer"}, context),
)

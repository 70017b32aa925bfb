"""Tables of the sharing package.

No table holds a name or a number in the open: persons are blind indexes (``BlindIndex``), what has
to be kept for later is sealed (``KeyRing``), officers are account ids. Call records stay for at
least three years (政务数据共享条例 art. 29); nothing here removes them.
"""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64


class ShareApplication(Table):
    """共享申请: one system asks for fields of one resource, for one purpose."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64, db_index=True)
    requester_uscc = fields.CharField(max_length=18, db_index=True)
    resource_code = fields.CharField(max_length=32)
    provider_system = fields.CharField(max_length=64)
    provider_uscc = fields.CharField(max_length=18, db_index=True)
    share_type = fields.SmallIntField()
    fields_asked: list[str] = fields.JSONField()
    purpose = fields.CharField(max_length=500)
    legal_basis = fields.CharField(max_length=500)
    scenario = fields.CharField(max_length=500)
    share_mode = fields.CharField(max_length=16)
    case_bound = fields.BooleanField()
    daily_quota = fields.IntField()
    addresses: list[str] = fields.JSONField()
    valid_until = fields.DateField()
    state = fields.CharField(max_length=16, db_index=True)
    submitted_by = fields.UUIDField(null=True)
    returned_by: list[str] = fields.JSONField()
    extension_asked = fields.CharField(max_length=500, null=True)
    extended = fields.BooleanField(default=False)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "share_application"


class ShareStep(Table):
    """环节: what was done to an application, a grant, a correction or a dispute, and why."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    about = fields.UUIDField(db_index=True)
    at = fields.DatetimeField(auto_now_add=True)
    account_id = fields.UUIDField(null=True)
    role = fields.CharField(max_length=16)
    department_uscc = fields.CharField(max_length=18, null=True)
    act = fields.CharField(max_length=24)
    state = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=1000, default="")

    class Meta:
        table = "share_step"


class ShareGrant(Table):
    """授权: what a system may read, for what, how often, from where, until when."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    application_id = fields.UUIDField(unique=True)
    system_code = fields.CharField(max_length=64, db_index=True)
    requester_uscc = fields.CharField(max_length=18, db_index=True)
    resource_code = fields.CharField(max_length=32)
    provider_system = fields.CharField(max_length=64)
    provider_uscc = fields.CharField(max_length=18, db_index=True)
    fields_granted: list[str] = fields.JSONField()
    purpose = fields.CharField(max_length=500)
    legal_basis = fields.CharField(max_length=500)
    share_mode = fields.CharField(max_length=16)
    case_bound = fields.BooleanField()
    daily_quota = fields.IntField()
    addresses: list[str] = fields.JSONField()
    valid_until = fields.DateField()
    state = fields.CharField(max_length=16)
    first_used_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "share_grant"


class GrantClock(Table):
    """One row whose number grows with every change of a grant: what workers look at."""

    id = fields.IntField(primary_key=True)
    generation = fields.BigIntField(default=0)

    class Meta:
        table = "share_grant_clock"


class Deadline(Table):
    """时限: what has to be done by when, and by whom, kinds are those of ``clocks.KINDS``."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    kind = fields.CharField(max_length=24)
    about = fields.UUIDField(db_index=True)
    department_uscc = fields.CharField(max_length=18, null=True)
    started_on = fields.DateField()
    workdays = fields.IntField()
    due_on = fields.DateField(db_index=True)
    provisional = fields.BooleanField()
    reminded_at = fields.DatetimeField(null=True)
    overdue_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "share_deadline"


class CorrectionRequest(Table):
    """校核申请: a user of the data doubts a record. What it says is sealed: it names a person."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    grant_id = fields.UUIDField(db_index=True)
    system_code = fields.CharField(max_length=64)
    requester_uscc = fields.CharField(max_length=18, db_index=True)
    provider_uscc = fields.CharField(max_length=18, db_index=True)
    resource_code = fields.CharField(max_length=32)
    field = fields.CharField(max_length=64)
    subject = fields.BinaryField()
    claim = fields.BinaryField()
    answer = fields.BinaryField(null=True)
    state = fields.CharField(max_length=16)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "share_correction"


class Dispute(Table):
    """争议: 协商 → 主管部门 → 本级政府 (令809号 art. 28)."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    application_id = fields.UUIDField(db_index=True)
    requester_uscc = fields.CharField(max_length=18, db_index=True)
    provider_uscc = fields.CharField(max_length=18, db_index=True)
    raised_by_uscc = fields.CharField(max_length=18)
    ground = fields.CharField(max_length=1000)
    state = fields.CharField(max_length=16)
    outcome = fields.CharField(max_length=1000, null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "share_dispute"


class CatalogueDuty(Table):
    """目录更新任务: a change of duties or law after which a department updates its catalogue."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    provider_uscc = fields.CharField(max_length=18, db_index=True)
    reason = fields.CharField(max_length=500)
    digest = fields.CharField(max_length=64)
    changed_on = fields.DateField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "share_catalogue_duty"


class CallRecord(Table):
    """调用日志: one call of a resource.

    The same query under the same request id on the same day is one record. ``digest`` (of the query
    under a key, and the day) keeps apart what merely carries an id that was used before.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    request_id = fields.CharField(max_length=40)
    digest = fields.CharField(max_length=48)
    grant_id = fields.UUIDField(null=True, db_index=True)
    resource_code = fields.CharField(max_length=32)
    at = fields.DatetimeField(db_index=True)
    trace_id = fields.CharField(max_length=32)
    case_no = fields.CharField(max_length=64, null=True)
    fields_read: list[str] = fields.JSONField()
    subjects = fields.IntField()
    found = fields.IntField()
    result = fields.CharField(max_length=48)
    ms = fields.IntField()

    class Meta:
        table = "call_log"
        unique_together = (("system_code", "request_id", "digest"),)


class CallSubject(Table):
    """Whom a call was about: a blind index, by which the person finds it."""

    id = fields.BigIntField(primary_key=True)
    call_id = fields.UUIDField(db_index=True)
    subject_index = fields.CharField(max_length=INDEX_CHARS)
    found = fields.BooleanField()

    class Meta:
        table = "call_subject"
        indexes = (Index(fields=("subject_index", "call_id"), name="call_subject_person"),)


class CallDay(Table):
    """使用统计: calls of a system to a resource on a day (in China), ``buckets`` are latencies."""

    id = fields.BigIntField(primary_key=True)
    day = fields.DateField()
    system_code = fields.CharField(max_length=64)
    resource_code = fields.CharField(max_length=32)
    calls = fields.IntField(default=0)
    succeeded = fields.IntField(default=0)
    refused = fields.IntField(default=0)
    failed = fields.IntField(default=0)
    subjects = fields.BigIntField(default=0)
    found = fields.BigIntField(default=0)
    total_ms = fields.BigIntField(default=0)
    buckets: list[int] = fields.JSONField()

    class Meta:
        table = "call_day"
        unique_together = (("day", "system_code", "resource_code"),)


class CallCursor(Table):
    """How far the stream of a system has been written into the database."""

    system_code = fields.CharField(max_length=64, primary_key=True)
    last_id = fields.CharField(max_length=48, default="0-0")
    drained_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "call_cursor"


class FileDelivery(Table):
    """文件交付: a large query that is carried out behind, ``query`` is sealed."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    request_id = fields.CharField(max_length=40)
    digest = fields.CharField(max_length=64)
    grant_id = fields.UUIDField()
    resource_code = fields.CharField(max_length=32)
    query = fields.BinaryField(null=True)
    subjects = fields.IntField()
    chunks = fields.IntField(default=0)
    state = fields.CharField(max_length=16, db_index=True)
    failures = fields.IntField(default=0)
    reason = fields.CharField(max_length=64, default="")
    not_before = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "file_delivery"
        unique_together = (("system_code", "request_id"),)


class FileChunk(Table):
    """A piece of a delivery, sealed: the records of up to 200 subjects as lines of JSON."""

    id = fields.BigIntField(primary_key=True)
    delivery_id = fields.UUIDField()
    number = fields.IntField()
    content = fields.BinaryField()

    class Meta:
        table = "file_chunk"
        unique_together = (("delivery_id", "number"),)


def correction_context(row: UUID, column: str) -> str:
    """What a sealed value of a correction is bound to."""
    return f"correction:{row}:{column}"


def delivery_context(row: UUID, column: str) -> str:
    """What a sealed value of a delivery is bound to."""
    return f"delivery:{row}:{column}"


def chunk_context(delivery_id: UUID, number: int, _: str = "content") -> str:
    """What a piece of a delivery is bound to."""
    return delivery_context(delivery_id, f"chunk:{number}")


SEALED = (
    Sealed(
        CorrectionRequest,
        {"subject": "subject", "claim": "claim", "answer": "answer"},
        correction_context,
    ),
    Sealed(FileDelivery, {"query": "query"}, delivery_context),
    Sealed(FileChunk, {"content": "content"}, chunk_context, by=("delivery_id", "number")),
)

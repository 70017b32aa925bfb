"""Tables of the onboarding package."""

from typing import Any

from tortoise import fields

from backend.onboarding.states import State
from backend.store.ids import uuid7
from backend.store.table import Table


class JoiningSystem(Table):
    """接入系统 from its first draft on.

    ``published`` is the number of the revision that serves (or served last), ``opened`` that of the
    one under way; there is at most one of each. ``last_number`` counts the revisions.
    """

    code = fields.CharField(max_length=64, primary_key=True)
    department_uscc = fields.CharField(max_length=18, db_index=True)
    department_name = fields.CharField(max_length=100)
    name = fields.CharField(max_length=100)
    last_number = fields.IntField(default=0)
    published = fields.IntField(null=True)
    opened = fields.IntField(null=True)
    version = fields.IntField(default=0)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "joining_system"


class Revision(Table):
    """版本: a manifest as it was handed in. Content and digest never change afterwards.

    ``content`` is the manifest as canonical JSON text; ``origin`` the number of the earlier
    revision whose content it repeats; ``acknowledged`` what the approver said to breaking changes.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    number = fields.IntField()
    digest = fields.CharField(max_length=64)
    content = fields.TextField()
    state = fields.CharEnumField(State, max_length=16)
    origin = fields.IntField(null=True)
    made_by = fields.UUIDField()
    submitted_by = fields.UUIDField(null=True)
    approved_by = fields.UUIDField(null=True)
    acknowledged: fields.Field[list[str]] = fields.JSONField(default=list)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "manifest_revision"
        unique_together = (("system_code", "number"),)


class Event(Table):
    """履历: one act, by whom, when and why. Rows are only ever added."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    number = fields.IntField(null=True)
    act = fields.CharField(max_length=32)
    before = fields.CharField(max_length=16, default="")
    after = fields.CharField(max_length=16, default="")
    actor = fields.CharField(max_length=80)
    username = fields.CharField(max_length=64, default="")
    reason = fields.CharField(max_length=1000, default="")
    at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "onboarding_event"
        indexes = (("system_code", "id"),)


class SystemKey(Table):
    """系统密钥: whose a key id is, and whether the key is in service.

    ``proven`` says how possession of the private key was shown: ``signature`` or ``conformance``;
    empty as long as it was not.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    system_code = fields.CharField(max_length=64, db_index=True)
    alg = fields.CharField(max_length=16)
    public = fields.CharField(max_length=100)
    state = fields.CharField(max_length=16, default="declared")
    proven = fields.CharField(max_length=16, default="")
    added_by = fields.UUIDField()
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "system_key"


class ApprovedAddress(Table):
    """接入地址: an origin (scheme, host, port) of a system, and what was decided on it."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    origin = fields.CharField(max_length=300)
    state = fields.CharField(max_length=16, default="pending")
    asked_by = fields.UUIDField()
    decided_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=1000, default="")
    created_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "approved_address"
        unique_together = (("system_code", "origin"),)


class ConformanceRun(Table):
    """符合性测试: one run of the kit by the platform itself, with its report.

    ``digest`` is that of the content that was examined, so that a report speaks for no other.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    system_code = fields.CharField(max_length=64)
    number = fields.IntField()
    digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=16, default="running")
    report: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    started_by = fields.UUIDField()
    started_at = fields.DatetimeField(auto_now_add=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "conformance_run"
        indexes = (("system_code", "id"),)

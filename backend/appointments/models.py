"""Tables of the appointments package.

A place is one row with what its operator registered; the workers keep all of them in memory. What
is counted under load (places of a time, waiting numbers) has rows of its own, made when first
needed. Whoever is served is sealed (``KeyRing``); a code and a person are found by a blind index.
"""

from typing import Any
from uuid import UUID

from tortoise import fields

from backend.store.ids import uuid7
from backend.store.table import Sealed, Table

INDEX_CHARS = 64
CODE_CHARS = 48


class WorkList(Table):
    """事项清单: service items that are done at places of one kind (县、镇、村三级事项清单).

    ``owner`` is the code of the system that registered it, empty for the platform's operators.
    """

    code = fields.CharField(max_length=CODE_CHARS, primary_key=True)
    owner = fields.CharField(max_length=64, default="")
    name = fields.CharField(max_length=100)
    items: fields.Field[list[str]] = fields.JSONField()
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "work_list"


class ServicePoint(Table):
    """办事地点: 政务服务中心, 便民服务中心 of a street or town, station of a village.

    ``spec`` is what was registered, see ``shapes.PointSpec``.
    """

    code = fields.CharField(max_length=CODE_CHARS, primary_key=True)
    owner = fields.CharField(max_length=64, default="", db_index=True)
    region_code = fields.CharField(max_length=12, db_index=True)
    spec: fields.Field[dict[str, Any]] = fields.JSONField()
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "service_point"


class DirectoryVersion(Table):
    """One row: another value after every change of the places, so that workers read again."""

    name = fields.CharField(max_length=16, primary_key=True)
    version = fields.CharField(max_length=36)

    class Meta:
        table = "service_point_version"


class Slot(Table):
    """号源: one counter at one time. The row is made by the first booking or change.

    Attributes:
        id: ``place/counter/YYYYMMDDHHMM``.
        booked: counted by the database itself, never above the capacity.
        capacity: in place of the counter's own, 0 for none at this time; None as registered.
    """

    id = fields.CharField(max_length=80, primary_key=True)
    point_code = fields.CharField(max_length=CODE_CHARS)
    day = fields.DateField()
    booked = fields.IntField(default=0)
    capacity = fields.IntField(null=True)

    class Meta:
        table = "appointment_slot"
        indexes = (("point_code", "day"),)


class PointDay(Table):
    """The waiting numbers that a place gave out on a day, where ``id`` is ``place/YYYYMMDD``."""

    id = fields.CharField(max_length=60, primary_key=True)
    last_number = fields.IntField(default=0)

    class Meta:
        table = "appointment_point_day"


class Appointment(Table):
    """预约: one person, one item, one time at one counter.

    Attributes:
        person_id: who booked and answers for it; link_id: of the family member it is for.
        holder: who comes, sealed; live_key: of whom, item and day, while it holds.
        code: of the QR code, sealed; code_index: by which a counter finds it.
        number: waiting number of the day, once the code was scanned.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    person_id = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=8)
    link_id = fields.UUIDField(null=True)
    holder = fields.BinaryField()
    live_key = fields.CharField(max_length=INDEX_CHARS, null=True, unique=True)
    code = fields.BinaryField()
    code_index = fields.CharField(max_length=INDEX_CHARS, unique=True)
    item_code = fields.CharField(max_length=36)
    item_name = fields.CharField(max_length=200)
    point_code = fields.CharField(max_length=CODE_CHARS)
    point_name = fields.CharField(max_length=100)
    counter = fields.CharField(max_length=8)
    slot_id = fields.CharField(max_length=80)
    day = fields.DateField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    cancel_until = fields.DatetimeField()
    state = fields.CharField(max_length=12)
    number = fields.IntField(null=True)
    calls = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    reminded_at = fields.DatetimeField(null=True)
    arrived_at = fields.DatetimeField(null=True)
    called_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "appointment"
        indexes = (("point_code", "day"), ("state", "day"))


class NoShowRule(Table):
    """爽约规则: so often not come within so many days, and nothing is booked for so many days.

    One row, ``province``, once an operator changed what the code begins with.
    """

    name = fields.CharField(max_length=16, primary_key=True)
    times = fields.IntField()
    period_days = fields.IntField()
    blocked_days = fields.IntField()
    updated_by = fields.CharField(max_length=64)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "appointment_no_show_rule"


def context(row: UUID, column: str) -> str:
    """What a sealed value of a row is bound to."""
    return f"appointment:{row}:{column}"


SEALED = (Sealed(Appointment, {"holder": "holder", "code": "code"}, context),)

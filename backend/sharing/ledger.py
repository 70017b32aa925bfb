"""Call records: written to Redis before an answer leaves, from there into the database.

Each system has a stream ``calls:{system}``. One worker at a time drains a stream in batches: in one
transaction the records, whom they were about, the figures of the day and how far it has read, so
that nothing is lost or counted twice whenever a worker is killed. Persons are blind indexes.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction

from backend.calendar.service import BEIJING
from backend.jobs.service import Queue, queue_of_streams
from backend.sharing.errors import RecordRefused
from backend.sharing.models import CallCursor, CallDay, CallRecord, CallSubject, ShareGrant
from backend.store.ids import uuid7
from backend.store.redis import HotLink, Redis

OK = "ok"
# Refused by us, but the owner's to mend.
RECORD_REFUSED = RecordRefused.code
BATCH = 500
# Milliseconds; the last bucket is everything slower.
BOUNDS_MS = (10, 25, 50, 100, 250, 500, 1000, 2500, 5000)


def stream_key(system: str) -> str:
    """The stream of a system's calls."""
    return f"calls:{{{system}}}"


@dataclass(slots=True)
class Entry:
    """One call, as it lies in the stream; not changed once it is made.

    Attributes:
        grant: its id, empty where there was none.
        at: Unix time in ms; ms: how long it took.
        result: ``ok`` or the code of the refusal or failure.
        subjects: blind indexes of whom the owner was asked about; none when it was refused before.
        found: a character a subject, ``1`` where there was a record.
    """

    request_id: str
    digest: str
    grant: str
    system: str
    resource: str
    trace_id: str
    at: int
    ms: int
    result: str
    case_no: str | None
    fields: Sequence[str]
    subjects: Sequence[str]
    found: str

    def pack(self) -> bytes:
        """As bytes."""
        return orjson.dumps(
            (
                self.request_id, self.digest, self.grant, self.system, self.resource, self.trace_id,
                self.at, self.ms, self.result, self.case_no, self.fields, self.subjects,
                self.found,
            )
        )  # fmt: skip

    @classmethod
    def unpack(cls, raw: bytes) -> "Entry":
        """What ``pack`` made."""
        return cls(*orjson.loads(raw))

    @property
    def moment(self) -> datetime:
        """When it was."""
        return datetime.fromtimestamp(self.at / 1000, UTC)

    @property
    def day(self) -> date:
        """On which day in China."""
        return self.moment.astimezone(BEIJING).date()

    @property
    def key(self) -> tuple[str, str]:
        """By which a repeat of the same query on the same day is known."""
        return self.request_id, f"{self.digest}:{self.day:%Y%m%d}"

    @property
    def kind(self) -> str:
        """``succeeded``, ``refused`` (by us) or ``failed`` (the owner's system)."""
        if self.result == OK:
            return "succeeded"
        ours = self.result.startswith("sharing.") and self.result != RECORD_REFUSED
        return "refused" if ours else "failed"


class Ledger:
    """Writes records and drains them.

    Args:
        hot: the link of the hot path; redis: for everything else.
    """

    def __init__(self, hot: HotLink, redis: Redis) -> None:
        self._hot, self._redis = hot, redis

    async def write(self, entry: Entry) -> None:
        """Keep a record; it is safe when this returns.

        Raises:
            redis.RedisError: it could not be kept.
        """
        await self._hot.ask(("XADD", stream_key(entry.system), "*", "d", entry.pack()))

    async def drain(self, systems: Sequence[str]) -> int:
        """Write what lies in the streams of these systems into the database; says how many."""
        total = 0
        for system in await self._waiting(systems):
            while (count := await self._drain_one(system)) == BATCH:
                total += count
            total += count
        return total

    async def backlog(self, systems: Sequence[str]) -> Queue:
        """What lies in the streams of these systems."""
        streams = [stream_key(system) for system in systems]
        return await queue_of_streams("sharing.calls", self._hot, streams, time.time())

    async def _waiting(self, systems: Sequence[str]) -> list[str]:
        """The systems in whose streams something lies."""
        lengths = await asyncio.gather(
            *(self._hot.ask(("XLEN", stream_key(system))) for system in systems)
        )
        return [system for system, (length,) in zip(systems, lengths, strict=True) if length]

    async def _drain_one(self, system: str) -> int:
        cursor = await CallCursor.get_or_none(system_code=system)
        entries = await self._read(system, cursor.last_id if cursor is not None else "0-0")
        if not entries:
            return 0
        if cursor is None:
            await CallCursor.get_or_create(system_code=system)
        async with in_transaction():
            # Whoever comes second waits here, and then finds that it was read already.
            moved = await CallCursor.filter(
                system_code=system, last_id=cursor.last_id if cursor is not None else "0-0"
            ).update(last_id=entries[-1][0])
            if moved:
                await _keep(system, [entry for _, entry in entries])
        await cast(Any, self._redis).xtrim(
            stream_key(system), minid=_next(entries[-1][0]), approximate=False
        )
        return len(entries)

    async def _read(self, system: str, after: str) -> list[tuple[str, Entry]]:
        raw = await cast(Any, self._redis).xrange(stream_key(system), f"({after}", "+", BATCH)
        return [(each_id.decode(), Entry.unpack(values[b"d"])) for each_id, values in raw]


def _next(entry_id: str) -> str:
    milliseconds, _, number = entry_id.partition("-")
    return f"{milliseconds}-{int(number) + 1}"


_RANK = {"succeeded": 2, "failed": 1, "refused": 0}


async def _keep(system: str, entries: Sequence[Entry]) -> None:
    best: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        known = best.get(entry.key)
        if known is None or _RANK[entry.kind] > _RANK[known.kind]:
            best[entry.key] = entry
    ids = list({entry.request_id for entry in best.values()})
    old = await CallRecord.filter(system_code=system, request_id__in=ids)
    for row in old:
        repeated = best.pop((row.request_id, row.digest), None)
        if repeated is not None and _rank(row.result) < _RANK[repeated.kind]:
            await _replace(row, repeated)
    rows, subjects = [], []
    for entry in best.values():
        row = CallRecord(id=uuid7(), **_columns(entry))
        rows.append(row)
        subjects += _subjects(row.id, entry)
    await CallRecord.bulk_create(rows)
    await CallSubject.bulk_create(subjects)
    await _count(entries)
    used = {entry.grant: entry.moment for entry in entries if entry.result == OK}
    for grant_id, moment in used.items():
        await ShareGrant.filter(id=grant_id, first_used_at__isnull=True).update(
            first_used_at=moment
        )


def _rank(result: str) -> int:
    if result == OK:
        return 2
    return 0 if result.startswith("sharing.") else 1


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "system_code": entry.system,
        "request_id": entry.request_id,
        "digest": entry.key[1],
        "grant_id": UUID(entry.grant) if entry.grant else None,
        "resource_code": entry.resource,
        "at": entry.moment,
        "trace_id": entry.trace_id,
        "case_no": entry.case_no,
        "fields_read": list(entry.fields),
        "subjects": len(entry.subjects),
        "found": entry.found.count("1"),
        "result": entry.result,
        "ms": entry.ms,
    }


def _subjects(call_id: UUID, entry: Entry) -> list[CallSubject]:
    # Somebody named twice in a query was read once.
    found = dict(zip(entry.subjects, entry.found, strict=True))
    return [
        CallSubject(call_id=call_id, subject_index=index, found=mark == "1")
        for index, mark in found.items()
    ]


async def _replace(row: CallRecord, entry: Entry) -> None:
    """The same request again, and this time it came further."""
    await CallRecord.filter(id=row.id).update(**_columns(entry))
    await CallSubject.filter(call_id=row.id).delete()
    await CallSubject.bulk_create(_subjects(row.id, entry))


async def _count(entries: Sequence[Entry]) -> None:
    days: dict[tuple[date, str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        days[entry.day, entry.system, entry.resource].append(entry)
    for (day, system, resource), group in days.items():
        row, _ = await CallDay.get_or_create(
            day=day,
            system_code=system,
            resource_code=resource,
            defaults={"buckets": [0] * (len(BOUNDS_MS) + 1)},
        )
        _add(row, group)
        await row.save()


def _add(row: CallDay, entries: Sequence[Entry]) -> None:
    kinds: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        kinds[entry.kind] += 1
        if entry.kind != "refused":
            place = sum(entry.ms > bound for bound in BOUNDS_MS)
            row.buckets[place] += 1
            row.total_ms += entry.ms
    row.calls += len(entries)
    row.succeeded += kinds["succeeded"]
    row.refused += kinds["refused"]
    row.failed += kinds["failed"]
    row.subjects += sum(len(entry.subjects) for entry in entries)
    row.found += sum(entry.found.count("1") for entry in entries)

"""Large queries, carried out behind: the worker pages through the owner's system and keeps sealed
pieces; the caller fetches them within seven days (文件下载, 令809号 art. 22).

A worker that is killed leaves a delivery as far as it came; the next one goes on from there, since
each piece is kept in one write under its number. Every piece is a call of its own in the log.
"""

import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import structlog
from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from backend.exchange.service import Exchange, ProviderSystem
from backend.jobs.service import Queue, queue_of_rows
from backend.sharing.asking import MOST_SUBJECTS, Asked, Asking, Query
from backend.sharing.book import FILE_MODES, Grant, GrantBook
from backend.sharing.catalogue import DataCatalogue
from backend.sharing.errors import (
    AddressNotAllowed,
    FileExpired,
    FileFailed,
    FileNotReady,
    FileUnknown,
    GrantExpired,
    GrantRevoked,
    GrantSuspended,
    RecordRefused,
    RequestReused,
    SharingError,
)
from backend.sharing.ledger import OK
from backend.sharing.models import FileChunk, FileDelivery, chunk_context, delivery_context
from backend.sharing.states import GrantState
from backend.store.ids import uuid7
from backend.store.keyring import KeyRing
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError

log = structlog.get_logger("sharing")

KEPT = timedelta(days=7)
MOST_FILE_SUBJECTS = 20_000
LEASE = timedelta(seconds=60)
MOST_FAILURES = 8
CHUNK_S = 20.0
QUEUED, READY, FAILED = "queued", "ready", "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as its caller sees it: ``done`` of ``subjects`` have been asked about."""

    id: UUID
    request_id: str
    resource: str
    state: str
    subjects: int
    done: int
    reason: str
    expires_at: datetime


class Files:
    """Takes in, carries out and hands out deliveries."""

    def __init__(
        self,
        asking: Asking,
        book: GrantBook,
        catalogue: DataCatalogue,
        exchange: Exchange,
        keyring: KeyRing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._asking, self._book, self._catalogue = asking, book, catalogue
        self._exchange, self._keyring, self._clock = exchange, keyring, clock

    async def order(
        self, system: ProviderSystem, code: str, query: Query, address: str, trace_id: str
    ) -> Delivery:
        """Take in a large query; the same request again is the same delivery.

        Raises:
            SharingError: it is refused; each reason has a class of its own.
        """
        resource = self._catalogue.get(code)
        digest = self._asking.digest(query, resource.spec.code)
        known = await self._known(system, query.request_id)
        if known is not None:
            if known.digest != digest:
                raise RequestReused
            return _shown(known)
        asked = await self._asking.admit(system, code, query, address, trace_id, FILE_MODES)
        delivery_id = uuid7()
        plain = orjson.dumps((query.purpose, query.case_no, asked.fields, query.subjects, trace_id))
        try:
            row = await FileDelivery.create(
                id=delivery_id,
                system_code=system.code,
                request_id=query.request_id,
                digest=digest,
                grant_id=asked.grant.id,
                resource_code=asked.resource.spec.code,
                query=self._keyring.seal(plain, delivery_context(delivery_id, "query").encode()),
                subjects=len(query.subjects),
                state=QUEUED,
                not_before=self._now(),
                expires_at=self._now() + KEPT,
            )
        except IntegrityError:
            again = await self._known(system, query.request_id)
            if again is None or again.digest != digest:
                raise RequestReused from None
            return _shown(again)
        return _shown(row)

    async def get(self, system: ProviderSystem, delivery_id: UUID) -> Delivery:
        """How far a delivery is.

        Raises:
            FileUnknown: the system ordered none of that id.
        """
        return _shown(await self._own(system, delivery_id))

    async def content(
        self, system: ProviderSystem, delivery_id: UUID, address: str
    ) -> AsyncIterator[bytes]:
        """The pieces of a delivery, lines of JSON: ``{"subject", "record"}``.

        Raises:
            FileUnknown, FileNotReady, FileFailed, FileExpired: there is nothing to fetch.
            GrantSuspended, GrantRevoked, GrantExpired, AddressNotAllowed: it holds no more.
        """
        row = await self._own(system, delivery_id)
        if row.state == FAILED:
            raise FileFailed(row.reason)
        if row.expires_at <= self._now():
            raise FileExpired
        if row.state != READY:
            raise FileNotReady
        await self._asking.still_holds(str(row.grant_id))
        grant = self._holding(row)
        if not grant.admits(address):
            raise AddressNotAllowed
        return self._pieces(row)

    async def _pieces(self, row: FileDelivery) -> AsyncIterator[bytes]:
        for number in range(row.chunks):
            chunk = await FileChunk.get(delivery_id=row.id, number=number)
            yield self._keyring.open(chunk.content, chunk_context(row.id, number).encode())

    # The worker

    async def carry_on(self) -> int | None:
        """Carry out what is queued, until nothing is left; says how many pieces were made."""
        made = 0
        while (row := await self._take()) is not None:
            made += await self._carry_out(row)
        return made or None

    async def backlog(self) -> Queue:
        """Files that are ordered and not made yet; those that failed were told to who asked."""
        queued = FileDelivery.filter(state=QUEUED)
        return await queue_of_rows("sharing.files", queued, "created_at", self._now())

    async def purge(self) -> int | None:
        """Forget the pieces of deliveries whose time is over."""
        over = await FileDelivery.filter(expires_at__lte=self._now(), chunks__gt=0)
        for row in over:
            await FileChunk.filter(delivery_id=row.id).delete()
            await FileDelivery.filter(id=row.id).update(chunks=0, query=None)
        return len(over) or None

    async def _take(self) -> FileDelivery | None:
        """One that is due; it is this worker's as long as the lease is renewed."""
        now = self._now()
        due = FileDelivery.filter(state=QUEUED, not_before__lte=now)
        for row in await due.order_by("not_before").limit(10):
            free = FileDelivery.filter(id=row.id, state=QUEUED, not_before=row.not_before)
            lease = now + LEASE
            if await free.update(not_before=lease):
                row.not_before = lease
                return row
        return None

    async def _carry_out(self, row: FileDelivery) -> int:
        made = 0
        try:
            asked, subjects = self._opened(row)
            for number in range(row.chunks, _chunks(row.subjects)):
                await self._asking.still_holds(str(row.grant_id))
                self._holding(row)
                part = subjects[number * MOST_SUBJECTS : (number + 1) * MOST_SUBJECTS]
                piece = await self._ask_part(asked, part, number)
                await self._keep(row, number, piece)
                made += 1
        except SharingError as refusal:
            await self._end(row, FAILED, refusal.code)
        except UpstreamError as error:
            await self._put_off(row, error)
        else:
            await self._end(row, READY, "")
        return made

    async def _ask_part(
        self, asked: Asked, subjects: Sequence[Mapping[str, str]], number: int
    ) -> bytes:
        started = time.perf_counter()
        request_id = str(uuid.uuid5(UUID(asked.query.request_id), str(number)))
        query = Query(request_id, asked.query.purpose, asked.query.case_no, None, subjects)
        digest = self._asking.digest(query, asked.resource.spec.code)
        mine = replace(asked, query=query, digest=digest)
        indexes = self._asking.indexes(subjects)
        owner, lines, found, cursor = asked.resource.system.code, [], ["0"] * len(subjects), None
        seen: set[int] = set()
        try:
            # A page that brings nobody new leads nowhere, whatever its cursor says.
            while True:
                page = replace(mine, query=replace(query, cursor=cursor))
                answer = await self._asking.ask_owner(page, "", Deadline.after(CHUNK_S))
                brought = {item["subject"] for item in answer["items"]}
                cursor = answer["next_cursor"]
                if brought & seen or (cursor is not None and not brought):
                    raise RecordRefused(owner, "subject" if brought else "cursor")
                seen |= brought
                for item in answer["items"]:
                    if item["record"] is not None:
                        found[item["subject"]] = "1"
                    item["subject"] += number * MOST_SUBJECTS
                    lines.append(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE))
                if cursor is None:
                    break
        except (UpstreamError, RecordRefused) as error:
            await self._asking.note(mine, error.code, started, indexes, "0" * len(indexes))
            raise
        await self._asking.note(mine, OK, started, indexes, "".join(found))
        return b"".join(lines)

    def _opened(self, row: FileDelivery) -> tuple[Asked, list[dict[str, str]]]:
        if row.query is None:
            raise FileExpired
        plain = orjson.loads(
            self._keyring.open(row.query, delivery_context(row.id, "query").encode())
        )
        purpose, case_no, fields, subjects, trace_id = plain
        system = self._exchange.system(row.system_code)
        if system is None:
            raise FileFailed("system")
        query = Query(row.request_id, purpose, case_no, fields, subjects)
        resource = self._catalogue.get(row.resource_code)
        holding, digest = self._holding(row), row.digest
        return Asked(system, resource, query, holding, fields, trace_id, digest), subjects

    def _holding(self, row: FileDelivery) -> Grant:
        """The grant of a delivery, as long as it holds."""
        grant = self._book.grant(row.grant_id)
        if grant is None or grant.state is GrantState.REVOKED:
            raise GrantRevoked
        if grant.state is GrantState.SUSPENDED:
            raise GrantSuspended
        if self._clock() >= grant.ends:
            raise GrantExpired
        return grant

    async def _keep(self, row: FileDelivery, number: int, piece: bytes) -> None:
        """Keep a piece; the other worker's, should there be one already, says the same."""
        sealed = self._keyring.seal(piece, chunk_context(row.id, number).encode())
        try:
            await FileChunk.create(delivery_id=row.id, number=number, content=sealed)
        except IntegrityError:
            log.info("file.piece_kept_before", number=number)
        lease = self._now() + LEASE
        await FileDelivery.filter(id=row.id, chunks__lte=number).update(
            chunks=number + 1, not_before=lease, failures=0
        )

    async def _put_off(self, row: FileDelivery, error: UpstreamError) -> None:
        """Try again later, ever later; after the last time it has failed."""
        failures = row.failures + 1
        if failures >= MOST_FAILURES:
            await self._end(row, FAILED, error.code)
            return
        later = self._now() + timedelta(seconds=min(2**failures, 300))
        await FileDelivery.filter(id=row.id).update(failures=F("failures") + 1, not_before=later)

    async def _end(self, row: FileDelivery, state: str, reason: str) -> None:
        changes: dict[str, object] = {"state": state, "reason": reason, "query": None}
        if state == FAILED:
            await FileChunk.filter(delivery_id=row.id).delete()
            changes["chunks"] = 0
        else:
            changes["expires_at"] = self._now() + KEPT
        await FileDelivery.filter(id=row.id).update(**changes)

    async def _known(self, system: ProviderSystem, request_id: str) -> FileDelivery | None:
        return await FileDelivery.get_or_none(system_code=system.code, request_id=request_id)

    async def _own(self, system: ProviderSystem, delivery_id: UUID) -> FileDelivery:
        row = await FileDelivery.get_or_none(id=delivery_id, system_code=system.code)
        if row is None:
            raise FileUnknown
        return row

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _chunks(subjects: int) -> int:
    return -(-subjects // MOST_SUBJECTS)


def _shown(row: FileDelivery) -> Delivery:
    done = min(row.chunks * MOST_SUBJECTS, row.subjects)
    return Delivery(
        row.id, row.request_id, row.resource_code, row.state, row.subjects, done, row.reason,
        row.expires_at,
    )  # fmt: skip

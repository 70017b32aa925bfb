"""What has to reach departments: queued with the case, sent by the worker until it is answered.

At least once, and by its ``request_id`` once at the department. Of one case, entries go in their
order. A system that hangs holds up its own entries alone: each system has a lane. A lane takes
entries by moving their ``not_before`` on (a lease): whoever was killed leaves them to be taken
when that has passed.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from tortoise.transactions import in_transaction

from backend.cases.models import Case, CaseOutbox
from backend.cases.parts import Parts
from backend.cases.receiving import Receipts
from backend.jobs.service import Queue, queue_of_rows
from backend.store.ids import uuid7
from backend.store.rows import new_row, update_all
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamBusy, UpstreamError, UpstreamRefused

log = structlog.get_logger("cases")

QUEUED, DONE, DEAD = "queued", "done", "dead"
SUBMIT, SUPPLEMENT, WITHDRAW, URGE = (
    "cases.submit", "cases.supplement", "cases.withdraw", "cases.urge",
)  # fmt: skip
BATCH = 64
LEASE = timedelta(seconds=30)
CALL_S = 15.0
PATIENCE_S = 2.0
LONGEST_WAIT_S = 300
# With waits of 1, 2, 4 … 300 seconds: two days, after which a person has to look.
MOST_FAILURES = 580
# What the department refuses will not become right by itself.
MOST_REFUSALS = 5
_BLOCKED_S = 2


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending an entry: an answer, or an error."""

    row: CaseOutbox
    answer: dict[str, Any] | None = None
    error: UpstreamError | None = None


class Outbox:
    """Queues, sends, and keeps what could not be sent."""

    def __init__(self, parts: Parts, receipts: Receipts) -> None:
        self._parts, self._receipts = parts, receipts
        self._lanes: dict[str, asyncio.Task[int]] = {}

    async def queue(
        self, case: Case, operation: str, payload: dict[str, Any], system: str = ""
    ) -> UUID:
        """Queue an entry; inside the transaction of what made it necessary.

        Args:
            system: to which it goes, if not to the one that has the case in hand.
        """
        row = self.made(case, operation, payload, system)
        await row.save(force_create=True)
        return row.id

    def made(
        self, case: Case, operation: str, payload: dict[str, Any], system: str = ""
    ) -> CaseOutbox:
        """An entry that is not yet in the database."""
        entry_id, now = uuid7(), self._parts.now()
        return new_row(
            CaseOutbox, id=entry_id, case_id=case.id, system_code=system or case.system_code,
            operation=operation, state=QUEUED,
            payload=self._parts.seal(payload, entry_id, "payload"), not_before=now, created_at=now,
        )  # fmt: skip

    async def drain(self) -> int | None:
        """Send what is due, a lane per system; says how many were answered meanwhile.

        A lane that waits for a system goes on by itself: nobody else's entries wait for it.
        """
        for code in set(await self._due().distinct().values_list("system_code", flat=True)):
            if code not in self._lanes:
                self._lanes[code] = asyncio.create_task(self._lane(str(code)))
        if not self._lanes:
            return None
        await asyncio.wait(self._lanes.values(), timeout=PATIENCE_S)
        over = [code for code, lane in self._lanes.items() if lane.done()]
        return sum([await self._lanes.pop(code) for code in over]) or None

    async def backlog(self) -> Queue:
        """What waits to be sent, and what was given up."""
        dead = await CaseOutbox.filter(state=DEAD).count()
        queued = CaseOutbox.filter(state=QUEUED)
        return await queue_of_rows("cases.outbox", queued, "created_at", self._parts.now(), dead)

    async def close(self) -> None:
        """Wait for the lanes that are at work."""
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    def _due(self) -> Any:
        return CaseOutbox.filter(state=QUEUED, not_before__lte=self._parts.now())

    async def _lane(self, system: str) -> int:
        done = 0
        while rows := await self._take(system):
            room = {row.operation: self._room(row) for row in rows}
            sent = await asyncio.gather(*(self._send(row, room[row.operation]) for row in rows))
            answered = [one for one in sent if one.answer is not None]
            if answered:
                await self._answered(answered)
            for one in sent:
                if one.error is not None:
                    await self._put_off(one.row, one.error)
            done += len(answered)
            if len(answered) < len(sent):
                # It is not well: leave it alone until the next round.
                break
        return done

    async def _take(self, system: str) -> list[CaseOutbox]:
        """Entries that are this worker's until the lease ends."""
        now = self._parts.now()
        mine = CaseOutbox.filter(state=QUEUED, not_before__lte=now, system_code=system)
        first = await mine.order_by("not_before").first()
        if first is None:
            return []
        async with in_transaction() as connection:
            due = mine.order_by("not_before", "id").limit(BATCH)
            if connection.capabilities.support_for_update:
                due = due.select_for_update(skip_locked=True)
            elif not await mine.filter(id=first.id).update(failures=first.failures):
                # On SQLite the write comes first: it waits for whoever takes entries now.
                return []
            rows = await self._in_turn(await due)
            if rows:
                ids = [row.id for row in rows]
                await CaseOutbox.filter(id__in=ids).update(not_before=now + LEASE)
        return rows

    async def _in_turn(self, rows: Sequence[CaseOutbox]) -> list[CaseOutbox]:
        """Those before which nothing of their case has to be sent to their system."""
        if not rows:
            return []
        cases = [row.case_id for row in rows]
        waiting = CaseOutbox.filter(
            case_id__in=cases, system_code=rows[0].system_code, state__in=(QUEUED, DEAD)
        )
        first: dict[UUID, UUID] = {}
        for entry_id, case_id in await waiting.values_list("id", "case_id"):
            before = first.get(case_id)
            first[case_id] = entry_id if before is None else min(before, entry_id)
        blocked = [row.id for row in rows if first[row.case_id] != row.id]
        if blocked:
            later = self._parts.now() + timedelta(seconds=_BLOCKED_S)
            await CaseOutbox.filter(id__in=blocked).update(not_before=later)
        return [row for row in rows if first[row.case_id] == row.id]

    def _room(self, row: CaseOutbox) -> asyncio.Semaphore:
        """As many calls at once as the system takes of the operation; the rest waits its turn."""
        exchange = self._parts.services.exchange
        system = exchange.system(row.system_code)
        if system is None or not system.offers(row.operation):
            return asyncio.Semaphore(1)
        return asyncio.Semaphore(exchange.places(system, row.operation))

    async def _send(self, row: CaseOutbox, room: asyncio.Semaphore) -> Sent:
        async with room:
            return await self._sent(row)

    async def _sent(self, row: CaseOutbox) -> Sent:
        exchange = self._parts.services.exchange
        system = exchange.system(row.system_code)
        if system is None or not system.offers(row.operation):
            return Sent(row, error=UpstreamError(row.system_code, "not_registered"))
        payload = self._parts.open(row.payload, row.id, "payload")
        try:
            answer = await exchange.call(
                system, row.operation, {"request_id": str(row.id), **payload},
                Deadline.after(CALL_S),
            )  # fmt: skip
        except UpstreamError as error:
            return Sent(row, error=error)
        if answer["case_no"] != payload["case_no"]:
            return Sent(row, error=UpstreamRefused(row.system_code, "other_case"))
        return Sent(row, answer=answer)

    async def _answered(self, sent: Sequence[Sent]) -> None:
        """Note receipts: entries and cases in one transaction, several at a time."""
        now = self._parts.now()
        async with in_transaction():
            mine = CaseOutbox.filter(id__in=[one.row.id for one in sent])
            # Whose lease ended may be sent twice; the receipt is noted by whoever comes first.
            if not await mine.filter(state=QUEUED).update(state=DONE, done_at=now, error=""):
                return
            fresh = set(await mine.filter(done_at=now).values_list("id", flat=True))
            receipts = [
                (one.row, one.answer)
                for one in sent
                if one.answer is not None and one.row.id in fresh
            ]
            for row, answer in receipts:
                row.answer = self._parts.seal(answer, row.id, "answer")
            await update_all([row for row, _ in receipts], "answer")
            await self._receipts.take(receipts, now)

    async def _put_off(self, row: CaseOutbox, error: UpstreamError) -> None:
        """Try again later, ever later; what never gets through waits for a person."""
        if isinstance(error, UpstreamBusy):
            soon = self._parts.now() + timedelta(seconds=random.uniform(0.1, 0.5))
            await CaseOutbox.filter(id=row.id, state=QUEUED).update(not_before=soon)
            return
        failures = row.failures + 1
        refused = isinstance(error, UpstreamRefused)
        dead = failures >= (MOST_REFUSALS if refused else MOST_FAILURES)
        wait = min(2 ** min(failures - 1, 10), LONGEST_WAIT_S) * random.uniform(0.8, 1.2)
        reason = f"{error.code.rpartition('.')[2]}.{error.reason}"[:64]
        await CaseOutbox.filter(id=row.id, state=QUEUED).update(
            failures=failures, error=reason, state=DEAD if dead else QUEUED,
            not_before=self._parts.now() + timedelta(seconds=wait),
        )  # fmt: skip
        if dead:
            log.error("case.dead_letter", system=row.system_code, reason=reason)

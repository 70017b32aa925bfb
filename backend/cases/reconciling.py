"""对账: what a department's own record says of a case, against ours.

Asked where events wait for others that did not come, and now and then of every open case. What is
missing here is taken in as if it had been told; what is missing there is sent again.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from backend.cases.errors import EventInvalid, StorageSilent
from backend.cases.events import Events, told
from backend.cases.models import Case, CaseEvent, CaseOutbox
from backend.cases.outbox import DONE, QUEUED, SUBMIT
from backend.cases.parts import PLATFORM, Parts
from backend.cases.states import Taken
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError

log = structlog.get_logger("cases")

OPERATION = "cases.query"
EVERY = timedelta(hours=1)
HELD_FOR = timedelta(seconds=60)
BATCH = 200
AT_ONCE = 16
CALL_S = 10.0


class Reconciling:
    """Compares and mends."""

    def __init__(self, parts: Parts, events: Events) -> None:
        self._parts, self._events = parts, events

    async def run(self, every: timedelta = EVERY) -> int | None:
        """Look at the cases that were not compared for so long; says how many differed."""
        differed = 0
        for cases in (await self._waiting(), await self._old(every)):
            for start in range(0, len(cases), AT_ONCE):
                some = cases[start : start + AT_ONCE]
                found = await asyncio.gather(*(self.compare(case) for case in some))
                differed += sum(found)
        return differed or None

    async def _waiting(self) -> list[Case]:
        """Cases with events that wait for others."""
        before = self._parts.now() - HELD_FOR
        held = CaseEvent.filter(taken=Taken.HELD, received_at__lt=before)
        ids = set(await held.limit(BATCH).values_list("case_id", flat=True))
        return await Case.filter(id__in=[UUID(str(each)) for each in ids])

    async def _old(self, every: timedelta) -> list[Case]:
        before = self._parts.now() - every
        quiet = Q(reconciled_at__isnull=True) | Q(reconciled_at__lte=before)
        open_ = Case.filter(quiet, ended_at=None, updated_at__lte=before)
        return await open_.exclude(delivered_at=None).order_by("updated_at").limit(BATCH)

    async def compare(self, case: Case) -> bool:
        """Ask the department; True where the two sides differed."""
        exchange = self._parts.services.exchange
        system = exchange.system(case.system_code)
        if system is None or not system.offers(OPERATION):
            return False
        query = {"case_no": case.case_no, "after_seq": case.seq}
        try:
            record = await exchange.call(system, OPERATION, query, Deadline.after(CALL_S))
        except UpstreamError:
            return False
        now = self._parts.now()
        if not record["known"]:
            if await self._under_way(case):
                return False
            await self._send_again(case)
            await Case.filter(id=case.id).update(reconciled_at=now, disagrees="unknown")
            return True
        taken = await self._take(case, record["events"])
        fresh = await Case.get(id=case.id)
        same = fresh.state == record["state"] or fresh.seq > record["last_seq"]
        await Case.filter(id=case.id).update(
            reconciled_at=now, disagrees=None if same else record["state"]
        )
        if not same:
            log.warning("case.sides_differ", system=case.system_code)
        return taken or not same

    async def _take(self, case: Case, events: Sequence[dict[str, object]]) -> bool:
        taken = False
        for raw in events:
            try:
                what = told(raw, self._parts.now())
            except EventInvalid:
                log.warning("case.event_invalid", system=case.system_code)
                continue
            try:
                outcome = await self._events.take(case.system_code, case.case_no, what)
            except StorageSilent:
                # The document that came with it has no place now: it is asked for again.
                return taken
            taken = taken or outcome.taken in (Taken.APPLIED, Taken.LATE)
        return taken

    async def _under_way(self, case: Case) -> bool:
        """Whether the submission still waits to be sent, as after a hand-over."""
        mine = CaseOutbox.filter(case_id=case.id, operation=SUBMIT, system_code=case.system_code)
        return await mine.filter(state=QUEUED).exists()

    async def _send_again(self, case: Case) -> None:
        """The department does not have what it gave a receipt for."""
        log.error("case.unknown_at_department", system=case.system_code)
        now = self._parts.now()
        async with in_transaction():
            done = CaseOutbox.filter(
                case_id=case.id, operation=SUBMIT, state=DONE, system_code=case.system_code
            )
            if await done.update(state=QUEUED, not_before=now, failures=0):
                await self._parts.step(case, "sent_again", case.state, PLATFORM, now)

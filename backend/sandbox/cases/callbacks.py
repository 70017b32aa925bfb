"""Tells the platform of the steps of cases: ``caseEvents``, until it has taken each.

What has to be told lies in the department's file, so that a restart loses nothing. Of one case
the next event goes out when the platform has taken the one before; cases do not wait for each
other.
"""

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass

import aiohttp
import orjson

from backend.sandbox.cases.book import CaseBook, EventRow
from backend.sandbox.faults import Switchboard, hold
from backend.upstream.signing import SigningKey, sign_request

# The name under which faults are switched on for callbacks.
EVENTS = "cases.events"
PATH = "/api/v1/provider/cases/{case_no}/events"
AT_ONCE = 16
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 10.0
# These say that the event itself is wrong: sending it again changes nothing.
REFUSED_FOR_GOOD = frozenset({400, 404, 413, 415, 422})


@dataclass(slots=True)
class EventCounts:
    """What happened to events since the start."""

    attempts: int = 0
    taken: int = 0
    refused: int = 0


class EventSender:
    """Sends the events of one department.

    Args:
        board: faults of ``cases.events``: ``hang`` and ``slow`` hold an event back, ``twice`` sends
            it twice, ``cut`` hangs up before the answer has come, ``status`` does not send it.
        gateway_url: address of the platform; None keeps the events waiting.
    """

    def __init__(
        self, book: CaseBook, key: SigningKey, gateway_url: str | None, board: Switchboard
    ) -> None:
        self._book, self._key, self._board = book, key, board
        self._url = gateway_url.rstrip("/") if gateway_url else None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sending: dict[int, asyncio.Task[None]] = {}
        # When an event that did not get through may be tried again (monotonic seconds).
        self._rests: dict[int, float] = {}
        self.counts = EventCounts()

    def wake(self) -> None:
        """Look at what waits now."""
        self._wake.set()

    def start(self) -> None:
        """Begin to send."""
        if self._url is not None:
            self._task = asyncio.create_task(self._run(self._url))

    async def stop(self) -> None:
        """Stop sending; what waits stays on file."""
        tasks = [*self._sending.values(), *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self, url: str) -> None:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                self._wake.clear()
                self._begin(session, url)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._until_next())

    def _begin(self, session: aiohttp.ClientSession, url: str) -> None:
        """Start sending as many of the waiting events as may be under way at once."""
        free = AT_ONCE - len(self._sending)
        if free <= 0:
            return
        at = time.monotonic()
        for event in self._book.waiting_events(AT_ONCE + len(self._rests)):
            if event.id in self._sending or self._rests.get(event.id, 0.0) > at:
                continue
            self._rests.pop(event.id, None)
            task = asyncio.create_task(self._deliver(session, url, event))
            self._sending[event.id] = task
            free -= 1
            if free == 0:
                return

    def _until_next(self) -> float | None:
        """Seconds until an event that rests may be tried again; None: nothing rests."""
        if not self._rests:
            return None
        return max(0.01, min(self._rests.values()) - time.monotonic())

    async def _deliver(self, session: aiohttp.ClientSession, url: str, event: EventRow) -> None:
        try:
            fault = self._board.arrives(EVENTS)
            await hold(fault)
            kind = fault.spec.kind if fault else ""
            taken = (
                None if kind == "status" else await self._send(session, url, event, kind == "cut")
            )
            if kind == "twice":
                await self._send(session, url, event, False)
            self._note(event, taken)
        finally:
            del self._sending[event.id]
            self._wake.set()

    def _note(self, event: EventRow, taken: str | None) -> None:
        if taken is not None:
            self._rests.pop(event.id, None)
            self._book.event_taken(event.id, taken)
            return
        self._book.event_tried(event.id)
        wait = min(FIRST_WAIT_S * 2 ** min(event.attempts, 10), LONGEST_WAIT_S)
        self._rests[event.id] = time.monotonic() + wait * random.uniform(0.8, 1.2)

    async def _send(
        self, session: aiohttp.ClientSession, url: str, event: EventRow, cut: bool
    ) -> str | None:
        """Send once; what the platform said to it, None when it has to be sent again."""
        self.counts.attempts += 1
        path = PATH.format(case_no=event.case_no)
        headers = sign_request(self._key, "POST", path, "", event.body)
        headers["content-type"] = "application/json"
        try:
            async with session.post(url + path, data=event.body, headers=headers) as answer:
                if cut:
                    return None
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return None
        if status == 200:
            self.counts.taken += 1
            return _said(body)
        if status in REFUSED_FOR_GOOD:
            self.counts.refused += 1
            return f"refused {status}"
        return None


def _said(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["taken"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "applied"

"""Change notices: a department tells the platform that a holder's licences changed.

They wait in the department's own file, so that a restart loses none, and go out one after the
other: the next one only after the platform has taken the one before.
"""

import asyncio
import contextlib
import random
import uuid
from dataclasses import dataclass

import aiohttp
import orjson

from backend.numbers.holder import Holder
from backend.sandbox.departments.operations import Desk
from backend.upstream.signing import SigningKey, sign_request

PATH = "/api/v1/provider/licence-notices"
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
# These say that the notice itself is wrong: sending it again changes nothing.
REFUSED_FOR_GOOD = frozenset({400, 409, 410, 413, 415, 422})


@dataclass(slots=True)
class NoticeCounts:
    """What happened to notices since the start."""

    delivered: int = 0
    refused: int = 0
    attempts: int = 0


class NoticeSender:
    """Sends the notices of one department in order, as long as it takes.

    Args:
        gateway_url: address of the platform; None keeps the notices waiting.
    """

    def __init__(self, desk: Desk, key: SigningKey, gateway_url: str | None) -> None:
        self._desk, self._key = desk, key
        self._url = gateway_url.rstrip("/") + PATH if gateway_url else None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.counts = NoticeCounts()

    def queue(self, holder: Holder) -> None:
        """Queue a notice with all licences that the holder has now; inside a transaction."""
        answer = self._desk.licence_answer(holder)
        notice = {"notice_id": str(uuid.uuid4()), "holder": holder.as_payload(), **answer}
        self._desk.store.queue_notice(orjson.dumps(notice))

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def start(self) -> None:
        """Begin to send."""
        if self._url is not None:
            self._task = asyncio.create_task(self._run(self._url))

    async def stop(self) -> None:
        """Stop sending; what waits stays on file."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, url: str) -> None:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                self._wake.clear()
                wait = FIRST_WAIT_S
                while (waiting := self._desk.store.next_notice()) is not None:
                    if await self._send(session, url, waiting[1]):
                        self._desk.store.drop_notice(waiting[0])
                        wait = FIRST_WAIT_S
                    else:
                        await asyncio.sleep(wait * random.uniform(0.8, 1.2))
                        wait = min(wait * 2, LONGEST_WAIT_S)
                await self._wake.wait()

    async def _send(self, session: aiohttp.ClientSession, url: str, body: bytes) -> bool:
        """Send once; True when the notice is done with."""
        self.counts.attempts += 1
        headers = sign_request(self._key, "POST", PATH, "", body)
        headers["content-type"] = "application/json"
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            return False
        if status == 200:
            self.counts.delivered += 1
        elif status in REFUSED_FOR_GOOD:
            self.counts.refused += 1
        return status == 200 or status in REFUSED_FOR_GOOD

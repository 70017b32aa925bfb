"""How the kit calls: not too much at once, and without blaming the system for its own delays.

The kit may run in a process that does much else, on a machine that does much else, for several
systems at once. A system must not be told to be late because the kit was late to look.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from backend.upstream.raw import RawAnswer, RawClient, RawConnection, RawRequest

# Calls under way at the same time in one process, whichever systems they go to.
TOGETHER = 16
_TICK_S = 0.02
# Ticks of more than a minute: no call takes longer.
_REMEMBERED = 4096
_together: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(slots=True)
class Lag:
    """How long this event loop was kept from its work."""

    _stalls: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _due: float = float("inf")

    def longest_since(self, began: float) -> float:
        """The longest delay, in seconds, since that moment; one that has not ended counts too."""
        now = time.perf_counter()
        lasting = max(0.0, now - max(self._due, began))
        return max([lasting, *(took for ended, took in self._stalls if ended >= began)])

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Watch while inside."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch(self) -> None:
        while True:
            self._due = time.perf_counter() + _TICK_S
            await asyncio.sleep(_TICK_S)
            now = time.perf_counter()
            self._stalls.append((now, max(0.0, now - self._due)))
            self._due = float("inf")


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one system.

    Attributes:
        gate: how many calls to this system at once.
    """

    client: RawClient
    gate: asyncio.Semaphore
    lag: Lag

    async def call(
        self, request: RawRequest, within: float, connection: RawConnection | None = None
    ) -> RawAnswer:
        """Call when it is this call's turn; the answer's time is that of the system.

        Raises:
            RawFailure: no whole answer.
        """
        loop = asyncio.get_running_loop()
        together = _together.setdefault(loop, asyncio.Semaphore(TOGETHER))
        async with self.gate, together:
            return await self.call_at_once(request, within, connection)

    async def call_at_once(
        self, request: RawRequest, within: float, connection: RawConnection | None = None
    ) -> RawAnswer:
        """Call without waiting for a turn.

        Raises:
            RawFailure: no whole answer.
        """
        began = time.perf_counter()
        answer = await (connection or self.client).send(request, within)
        # We look twice, when it has connected and when it has answered, and may be late both times.
        late = self.lag.longest_since(began)
        return replace(
            answer,
            seconds=max(answer.seconds - 2 * late, 0.0),
            connecting_s=max(answer.connecting_s - late, 0.0),
        )

"""Asking issuers: all at once, each with its own deadline, and each only once for one holder.

A *flight* is one round of asking in this worker; whoever opens the same wallet meanwhile joins it.
Between workers, a lease per issuer in Redis keeps the others waiting for its result. A flight goes
on when the one who started it hangs up: its answers are for the next opening.

Nothing is shown that is not kept: an answer is merged into the stored wallet first, where a notice
that overtook it stands already. Whoever cannot wait for the whole flight has what came so far kept.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from backend.exchange.service import Exchange, ProviderSystem
from backend.numbers.service import Holder
from backend.store.keyring import BlindIndex
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError
from backend.wallet.blobs import Blobs
from backend.wallet.entries import Age, Contents, Part, age_of
from backend.wallet.issuers import IssuerSet
from backend.wallet.keeping import Keeper, Kept
from backend.wallet.merge import merged
from backend.wallet.records import AnswerRefused, holder_tag, read_answer
from backend.wallet.store import FAILED, Leases, LeaseUse, Taken, WalletStore

log = structlog.get_logger("wallet")

OPERATION: Final = "licences.query"
FLIGHT_S = 10.0
CLOSE_S = 5.0
# The last ones for answers that no longer counted when they came.
_ROUNDS = 4
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.05

Who = Callable[[], Awaitable[Holder]]
# Told of what issuers answered about a holder, by system code; it must not wait for anything.
Heard = Callable[[Holder, Mapping[str, Part]], None]


@dataclass(slots=True)
class Flight:
    """One round of asking.

    Attributes:
        systems: codes of those that are asked.
        contents: what is kept so far.
        keep_so_far: keeps the answers that came before the flight has ended.
        current: whether ``contents`` is the whole wallet as it stood when the flight ended.
    """

    subject: str
    who: Who
    issuers: IssuerSet
    systems: Sequence[str]
    trace: str
    contents: Contents = field(default_factory=Contents)
    task: "asyncio.Task[None] | None" = None
    keep_so_far: Callable[[], Awaitable[None]] | None = None
    current: bool = False

    def learn(self, tag: str, parts: Mapping[str, Part]) -> None:
        """Take in what is kept, for those who look before the flight has ended."""
        self.contents = merged(self.contents, tag, parts)


class Asker:
    """Starts flights, lets others join them, and ends them when the process does."""

    def __init__(
        self,
        exchange: Exchange,
        store: WalletStore,
        blobs: Blobs,
        index: BlindIndex,
        clock: Callable[[], float],
    ) -> None:
        self._exchange, self._store, self._blobs, self._index = exchange, store, blobs, index
        self._clock = clock
        self._keeper = Keeper(store, blobs)
        self._flights: dict[str, list[Flight]] = {}
        self.heard: Heard | None = None

    def flights(
        self, subject: str, who: Who, issuers: IssuerSet, systems: Iterable[str], trace: str
    ) -> list[Flight]:
        """The flights that ask these systems; started for those that no flight asks already."""
        wanted = set(systems)
        joined = [f for f in self._flights.get(subject, ()) if wanted & set(f.systems)]
        missing = wanted.difference(*(f.systems for f in joined))
        if missing:
            joined.append(self._start(Flight(subject, who, issuers, sorted(missing), trace)))
        return joined

    async def landed(
        self, flights: Sequence[Flight], contents: Contents, deadline: Deadline
    ) -> Contents:
        """Wait for flights, not beyond the deadline, and put together what is known by then."""
        tasks = [flight.task for flight in flights if flight.task is not None]
        if not tasks:
            return contents
        done, _ = await asyncio.wait(tasks, timeout=max(deadline.remaining(), 0))
        for task in done:
            task.result()
        for flight in flights:
            if flight.keep_so_far is not None:
                await flight.keep_so_far()
            if flight.contents.holder_tag:
                contents = merged(contents, flight.contents.holder_tag, flight.contents.parts)
        if len(flights) == 1 and flights[0].current and done:
            return contents
        # One issuer's answer waited for another's: a notice may have overtaken it meanwhile.
        subject = flights[0].subject
        stored = self._blobs.read(subject, await self._store.get(subject))
        if stored.holder_tag in ("", contents.holder_tag):
            contents = merged(contents, contents.holder_tag, stored.parts)
        return contents

    def _start(self, flight: Flight) -> Flight:
        flight.task = asyncio.create_task(self._fly(flight))
        self._flights.setdefault(flight.subject, []).append(flight)
        flight.task.add_done_callback(lambda task: self._landed(flight, task))
        return flight

    def _landed(self, flight: Flight, task: "asyncio.Task[None]") -> None:
        aloft = self._flights[flight.subject]
        aloft.remove(flight)
        if not aloft:
            del self._flights[flight.subject]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("wallet.flight_failed", error=type(error).__name__)

    async def close(self) -> None:
        """Let what is under way end, for at most ``CLOSE_S`` seconds; then stop it."""
        tasks = [f.task for aloft in self._flights.values() for f in aloft if f.task]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=CLOSE_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _fly(self, flight: Flight) -> None:
        deadline = Deadline.after(FLIGHT_S)
        systems = flight.systems
        for _ in range(_ROUNDS):
            systems = await self._round(flight, systems, deadline)
            if not systems:
                return

    async def _round(
        self, flight: Flight, systems: Sequence[str], deadline: Deadline
    ) -> Sequence[str]:
        """Ask those that nobody else asks, wait for the others; gives those left unanswered."""
        longest_ms = max(self._timeout_ms(flight.issuers.by_code[code]) for code in systems)
        taken = await self._store.take(flight.subject, systems, longest_ms)
        # After the leases: whoever gives the account another holder takes them away again.
        holder = await self._holder(flight, taken)
        tag = holder_tag(holder, self._index)
        self._learn_stored(flight, tag, taken.blob)
        lost, orphans = await asyncio.gather(
            self._ask_all(flight, holder, taken, deadline),
            self._wait_for(flight, tag, taken.others, deadline.within(longest_ms / 1000 + 1)),
        )
        return [*lost, *orphans]

    async def _holder(self, flight: Flight, taken: Taken) -> Holder:
        try:
            return await flight.who()
        except BaseException:
            uses = dict.fromkeys(taken.mine, LeaseUse.GIVEN_BACK)
            await self._store.put(flight.subject, None, None, 0, Leases(taken.token, uses))
            raise

    async def _ask_all(
        self, flight: Flight, holder: Holder, taken: Taken, deadline: Deadline
    ) -> frozenset[str]:
        """Ask, and keep the answers; gives those whose lease was lost meanwhile."""
        if not taken.mine:
            return frozenset()
        tag = holder_tag(holder, self._index)
        parts: dict[str, Part] = {}
        # Somebody may have asked between our look at the wallet and the lease.
        systems = [code for code in taken.mine if self._is_missing(flight, code)]

        async def ask(code: str) -> None:
            part = await self.ask(flight.issuers.by_code[code], holder, deadline, flight.trace)
            if part is not None:
                parts[code] = part

        async def keep(ended: bool) -> Kept:
            kept = await self._keeper.keep(
                flight.subject, taken.blob, tag, parts, flight.issuers, self._now(),
                taken.token, frozenset(taken.mine), ended=ended,
            )  # fmt: skip
            if kept.written:
                flight.learn(tag, kept.contents.parts)
            return kept

        async def keep_so_far() -> None:
            if parts:
                await keep(ended=False)

        flight.keep_so_far = keep_so_far
        try:
            await asyncio.gather(*(ask(code) for code in systems))
        finally:
            # Also when the process ends in the middle: others must not wait for our leases.
            kept = await keep(ended=True)
            flight.keep_so_far = None
            flight.current = kept.written and bool(kept.newer) and not taken.others
            self._tell(holder, {c: part for c, part in parts.items() if c not in kept.lost})
        return kept.lost

    def _tell(self, holder: Holder, parts: Mapping[str, Part]) -> None:
        if self.heard is not None and parts:
            self.heard(holder, parts)

    async def ask(
        self, system: ProviderSystem, holder: Holder, deadline: Deadline, trace: str
    ) -> Part | None:
        """One issuer's word; None when it gives none that can be used."""
        payload = {"holder": holder.as_payload(), "types": None}
        try:
            answer = await self._exchange.call(system, OPERATION, payload, deadline, trace)
            return read_answer(answer, system, holder, self._index, self._now())
        except (UpstreamError, AnswerRefused) as error:
            log.warning(
                "wallet.issuer_unavailable",
                system=system.code,
                error=type(error).__name__,
                reason=error.reason,
            )
            return None

    async def _wait_for(
        self, flight: Flight, tag: str, systems: Sequence[str], deadline: Deadline
    ) -> Sequence[str]:
        """Wait for what other workers are asking; gives those whose asker went without a word."""
        waiting, orphans = list(systems), []
        pause = _FIRST_PAUSE_S
        while waiting and deadline.remaining() > 0:
            await asyncio.sleep(min(pause, deadline.remaining()))
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)
            blob, leases = await self._store.watch(flight.subject, waiting)
            self._learn_stored(flight, tag, blob)
            ended = [code for code in waiting if leases[code] in (None, FAILED)]
            orphans += [c for c in ended if leases[c] is None and self._is_missing(flight, c)]
            waiting = [code for code in waiting if code not in ended]
        return orphans

    def _is_missing(self, flight: Flight, code: str) -> bool:
        return self._age(flight, code) is not Age.FRESH

    def _learn_stored(self, flight: Flight, tag: str, blob: bytes | None) -> None:
        stored = self._blobs.read(flight.subject, blob)
        flight.learn(tag, stored.parts if stored.holder_tag == tag else {})

    def _age(self, flight: Flight, code: str) -> Age:
        return age_of(flight.contents.parts.get(code), flight.issuers.by_code[code], self._now())

    def _timeout_ms(self, system: ProviderSystem) -> int:
        return system.manifest.operations[OPERATION].timeout_ms

    def _now(self) -> int:
        return int(self._clock())

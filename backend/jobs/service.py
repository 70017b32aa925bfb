"""What the worker does behind: when each job ended last, and what still waits.

The only module of the package that others import. The worker serves nothing: what it has to say
lies in Redis, and every gateway tells it to Prometheus and to the console. Two keys: a hash with
two fields for each job, and the queues as they were measured last.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from tortoise.functions import Count, Min
from tortoise.queryset import QuerySet

from backend.store.redis import HotLink, Redis

RUNS, QUEUES = "jobs", "queues"
# A job that was silent for two of its periods and a minute is late.
_GRACE_S = 60.0
_FAILURES = "!"


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that waits for the worker.

    Attributes:
        name: ``<package>.<what>``.
        waiting: entries not yet carried out; oldest_s: how long the oldest of them has waited.
        dead: entries that were given up: a person has to look.
    """

    name: str
    waiting: int
    oldest_s: float
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """How a job ended last.

    Attributes:
        every_s: its period; ended_at: Unix time; took_s: seconds.
        failures: how often it failed since it last succeeded; error: the kind of the last failure.
    """

    name: str
    every_s: int
    ended_at: float
    took_s: float
    failures: int = 0
    error: str = ""

    def is_late(self, now: float) -> bool:
        """Whether it should have ended again by now (Unix time)."""
        return now - self.ended_at > 2 * self.every_s + _GRACE_S


class Jobs:
    """Keeps what the worker says and reads it again.

    Args:
        clock: gives Unix time.
    """

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis, self._clock = redis, clock

    async def ended(self, name: str, every_s: int, took_s: float, error: str = "") -> None:
        """Note that a job ended; ``error`` is the kind of its failure, empty where it succeeded."""
        said = orjson.dumps((every_s, self._clock(), took_s, error))
        if error:
            await self._answer(self._redis.hincrby(RUNS, name + _FAILURES, 1))
            await self._answer(self._redis.hset(RUNS, name, said))
            return
        fresh: dict[str, bytes] = {name: said, name + _FAILURES: b"0"}
        await self._answer(self._redis.hset(RUNS, mapping=cast(Any, fresh)))

    async def runs(self) -> list[Run]:
        """Every job that ever ended, by name."""
        held: dict[bytes, bytes] = await self._answer(self._redis.hgetall(RUNS))
        fields = {name.decode(): value for name, value in held.items()}
        return [
            _run(name, value, int(fields.get(name + _FAILURES, b"0")))
            for name, value in sorted(fields.items())
            if not name.endswith(_FAILURES)
        ]

    async def note(self, queues: Sequence[Queue]) -> None:
        """Keep how long the queues are."""
        said = orjson.dumps([self._clock(), [asdict(queue) for queue in queues]])
        await self._redis.set(QUEUES, said)

    async def queues(self) -> tuple[float, list[Queue]]:
        """When they were measured last (Unix time; 0: never), and how long they were then."""
        said = await self._redis.get(QUEUES)
        if said is None:
            return 0.0, []
        measured_at, queues = orjson.loads(said)
        return measured_at, [Queue(**queue) for queue in queues]

    @staticmethod
    async def _answer(asked: Any) -> Any:
        return await cast("Awaitable[Any]", asked)


def _run(name: str, said: bytes, failures: int) -> Run:
    every_s, ended_at, took_s, error = orjson.loads(said)
    return Run(name, every_s, ended_at, took_s, failures, error)


async def queue_of_rows(
    name: str, rows: QuerySet[Any], since: str, now: datetime, dead: int = 0
) -> Queue:
    """The rows that wait, as a queue.

    Args:
        since: the column that says from when on a row waits.
    """
    (found,) = await rows.annotate(many=Count("id"), oldest=Min(since)).values("many", "oldest")
    oldest = found["oldest"]
    if isinstance(oldest, str):  # SQLite has no type of its own for a time
        oldest = datetime.fromisoformat(oldest)
    waited = (now - oldest).total_seconds() if oldest else 0.0
    return Queue(name, found["many"], max(waited, 0.0), dead)


async def queue_of_streams(name: str, hot: HotLink, streams: Sequence[str], now: float) -> Queue:
    """What lies in streams of Redis, as a queue.

    Args:
        now: Unix time; an entry's id begins with the time when it was added.
    """
    found = await asyncio.gather(
        *(hot.ask(("XLEN", key), ("XRANGE", key, "-", "+", "COUNT", "1")) for key in streams)
    )
    firsts = [first[0][0] for _, first in found if first]
    oldest = min((int(entry.partition(b"-")[0]) / 1000 for entry in firsts), default=now)
    return Queue(name, sum(length for length, _ in found), max(now - oldest, 0.0))

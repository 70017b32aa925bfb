"""How systems stand in the eyes of each worker, shared through Redis for the console to show."""

import os
import socket
import time
from collections.abc import Awaitable, Sequence
from dataclasses import asdict, replace
from typing import cast

import orjson

from backend.store.redis import Redis
from backend.upstream.connector import LineState

# One hash, a field for each worker: to find keys by a pattern would mean to walk through all of
# Redis. A worker that ended is forgotten when its word is older than this.
KEY = "breakers"
LIFE_S = 10.0


class States:
    """Reads and writes what workers say of the systems that they call."""

    def __init__(self, redis: Redis, worker: str = "") -> None:
        self._redis = redis
        self._worker = worker or f"{socket.gethostname()}-{os.getpid()}"

    async def share(self, states: Sequence[LineState]) -> None:
        """Say how the systems stand in this worker; it is believed for ten seconds."""
        said = orjson.dumps({"at": time.time(), "lines": [asdict(state) for state in states]})
        await self._redis.hset(KEY, self._worker, said)
        await self._redis.expire(KEY, 60)

    async def read(self) -> list[LineState]:
        """What all workers say, ordered by system, operation and worker."""
        found = await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(KEY))
        states, silent = [], []
        for worker, raw in found.items():
            said = orjson.loads(raw)
            if time.time() - said["at"] > LIFE_S:
                silent.append(worker)
                continue
            lines = [LineState(**line) for line in said["lines"]]
            states += [replace(line, worker=worker.decode()) for line in lines]
        if silent:
            await self._redis.hdel(KEY, *silent)
        return sorted(states, key=lambda each: (each.system, each.operation, each.worker))

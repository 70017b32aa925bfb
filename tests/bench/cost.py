"""CPU of one step by itself, in this process."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_REPEATS = 2000


def each(work: Callable[[], object]) -> float:
    """CPU µs of one."""
    work()
    started = time.process_time()
    for _ in range(_REPEATS):
        work()
    return (time.process_time() - started) / _REPEATS * 1e6


async def each_async(work: Callable[[], Awaitable[object]], at_once: int) -> float:
    """CPU µs of one, while so many are under way, as under a load of as many connections."""
    rounds = _REPEATS // at_once

    async def several() -> None:
        for _ in range(rounds):
            await work()

    await asyncio.gather(*(work() for _ in range(at_once)))
    started = time.process_time()
    await asyncio.gather(*(several() for _ in range(at_once)))
    return (time.process_time() - started) / (rounds * at_once) * 1e6


def most_calls(at_once: int) -> int:
    """How often ``each_async`` calls its work at most."""
    return _REPEATS + at_once

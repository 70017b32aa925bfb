"""Answers that wait for something to happen (long polling), without keeping anything busy."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 0.5

T = TypeVar("T")


async def until_there(look: Callable[[], Awaitable[T]], wait_s: float) -> T:
    """Look again and again until there is something, or the time is over; gives the last look."""
    until, pause = time.monotonic() + wait_s, FIRST_PAUSE_S
    while not (found := await look()) and (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE_S)
    return found

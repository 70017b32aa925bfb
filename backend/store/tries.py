"""Counting tries for all workers together: so many in a window, by whoever or whatever is tried.

A try takes its place before it is made and gives it back when it succeeded, so that a thousand
tries at once cannot slip through between a look at the counter and its next step. A counter's
window begins with its first try and does not move; when it is full, the answer says when it ends.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

from backend.store.redis import Redis, run_script

# KEYS[1] counter; ARGV limit, window in ms. -1: taken; otherwise the ms until the window ends.
_TAKE = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then return math.max(redis.call('PTTL', KEYS[1]), 1) end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return -1
"""
_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``limit`` tries in ``window_s`` seconds."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A rule applied to one person, phone, address or device, given by id or blind index."""

    rule: Rule
    whose: str

    @property
    def key(self) -> str:
        """The Redis key of the counter; the hash tag keeps one owner's keys in one slot."""
        return f"limit:{{{self.whose}}}:{self.rule.name}"


class Tries:
    """Counts tries."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def take(self, marks: Sequence[Mark]) -> int:
        """Take one place under every mark, or none at all.

        Returns:
            0 when they were taken, else the seconds until the last full window ends.
        """
        waits = await asyncio.gather(*(self._take(mark) for mark in marks))
        if max(waits) < 0:
            return 0
        await self.give_back([mark for mark, wait in zip(marks, waits, strict=True) if wait < 0])
        return math.ceil(max(waits) / 1000)

    async def give_back(self, marks: Sequence[Mark]) -> None:
        """Return the places of a try that was not a failure."""
        await asyncio.gather(
            *(run_script(self._redis, _GIVE_BACK, [mark.key], []) for mark in marks)
        )

    async def forget(self, marks: Sequence[Mark]) -> None:
        """Begin anew under every mark."""
        await asyncio.gather(*(self._redis.delete(mark.key) for mark in marks))

    async def _take(self, mark: Mark) -> int:
        args = [mark.rule.limit, mark.rule.window_s * 1000]
        return int(await run_script(self._redis, _TAKE, [mark.key], args))

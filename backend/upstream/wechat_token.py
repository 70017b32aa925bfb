"""WeChat's access token: one for the whole platform, shared by all workers, renewed by one of them.

WeChat voids the former token when a new one is fetched, so a worker that fetched on its own would
disturb all others. The token lies sealed in Redis; who wants to renew it takes a short lock.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import Redis, run_script

# Renewed a little before WeChat's end, so that a call under way still finds it good.
SPARE_S = 300
LOCK_S = 10
POLL_S = 0.05

Fetch = Callable[[], Awaitable[tuple[str, int]]]

_UNLOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""


class AccessTokens:
    """Keeps the token of one mini-program.

    Args:
        app_id: of the mini-program; part of the key and of the seal.
    """

    def __init__(self, redis: Redis, keyring: KeyRing, app_id: str) -> None:
        self._redis, self._keyring = redis, keyring
        self._key, self._context = f"wechat:{{{app_id}}}:token", f"wechat-token:{app_id}"

    async def current(self, fetch: Fetch) -> str:
        """The token that is good now, fetched when there is none."""
        return await self._read() or await self._renew(None, fetch)

    async def replace(self, spent: str, fetch: Fetch) -> str:
        """Another token than ``spent``, which WeChat refused."""
        known = await self._read()
        if known is not None and known != spent:
            return known
        return await self._renew(spent, fetch)

    async def _read(self) -> str | None:
        sealed: Any = await self._redis.get(self._key)
        try:
            return self._keyring.open_text(sealed, self._context) if sealed else None
        except SealBroken:
            return None  # its key has left the ring: fetch a new one

    async def _renew(self, spent: str | None, fetch: Fetch) -> str:
        """Fetch under the lock, or wait for who holds it; a lock that was left behind runs out."""
        mine, lock = os.urandom(16), self._key + ":lock"
        give_up = time.monotonic() + 2 * LOCK_S
        while not await self._redis.set(lock, mine, nx=True, ex=LOCK_S):
            await asyncio.sleep(POLL_S)
            known = await self._read()
            if known is not None and known != spent:
                return known
            if time.monotonic() > give_up:
                break
        try:
            known = await self._read()
            if known is not None and known != spent:
                return known
            token, life_s = await fetch()
            sealed = self._keyring.seal_text(token, self._context)
            await self._redis.set(self._key, sealed, ex=max(life_s - SPARE_S, 1))
            return token
        finally:
            await run_script(self._redis, _UNLOCK, [lock], [mine])

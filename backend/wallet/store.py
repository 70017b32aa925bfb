"""Wallets in Redis: compare-and-set writes, and leases so that one worker asks an issuer.

A wallet's key and its lease keys carry the same hash tag. A lease holds the token of the worker
that asks; for a moment after a failed call it holds ``!`` instead, so that a crowd at the door of a
broken system does not knock one after the other.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from backend.store.redis import Redis, run_script
from backend.wallet.blobs import wallet_key, write_tag

LEASE_MARGIN_MS = 1000
FAILURE_MS = 2000
FAILED = b"!"

# KEYS: wallet, leases… ARGV: token, milliseconds.
# Gives the wallet and, per lease: 1 taken, 0 somebody else's, 2 failed a moment ago.
_TAKE = """
local found = {}
for i = 2, #KEYS do
  if redis.call('SET', KEYS[i], ARGV[1], 'NX', 'PX', ARGV[2]) then found[i - 1] = 1
  elseif redis.call('GET', KEYS[i]) == '!' then found[i - 1] = 2
  else found[i - 1] = 0 end
end
return {redis.call('GET', KEYS[1]), found}
"""

# KEYS: wallet, leases to give back… ARGV: tag of the value that the new one was made from (empty:
# there was none), new value (empty: leave it), its life in ms, token, life of a failure in ms, then
# per lease 1 if its call failed. Nothing happens if the wallet was written in between.
_PUT = """
if ARGV[2] ~= '' then
  if redis.call('GETRANGE', KEYS[1], -16, -1) ~= ARGV[1] then
    return {0, redis.call('GET', KEYS[1])}
  end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[4] then
    if ARGV[4 + i] == '1' then redis.call('SET', KEYS[i], '!', 'PX', ARGV[5])
    else redis.call('DEL', KEYS[i]) end
  end
end
return {1, false}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking leases gave.

    Attributes:
        blob: the wallet at that moment.
        mine: systems that this worker may ask now.
        others: systems that another worker is asking.
        failed: systems whose call failed a moment ago.
    """

    blob: bytes | None
    mine: Sequence[str]
    others: Sequence[str]
    failed: Sequence[str]


class WalletStore:
    """Reads and writes the values; knows nothing of what is in them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        # Tells this worker's leases from all others'.
        self._token = secrets.token_bytes(9)

    async def get(self, subject: str) -> bytes | None:
        """The wallet's value."""
        return cast(bytes | None, await self._redis.get(wallet_key(subject)))

    async def delete(self, subject: str) -> None:
        """Forget the wallet."""
        await self._redis.delete(wallet_key(subject))

    async def take(self, subject: str, systems: Sequence[str], longest_ms: int) -> Taken:
        """Read the wallet and take the leases of these systems, in one round trip.

        Args:
            longest_ms: how long a call of any of them may take.
        """
        keys = [wallet_key(subject), *(_lease(subject, code) for code in systems)]
        life = longest_ms + LEASE_MARGIN_MS
        blob, marks = await run_script(self._redis, _TAKE, keys, [self._token, life])
        found: tuple[list[str], list[str], list[str]] = ([], [], [])
        for code, mark in zip(systems, marks, strict=True):
            found[mark].append(code)
        others, mine, failed = found
        return Taken(blob, mine, others, failed)

    async def put(
        self,
        subject: str,
        before: bytes | None,
        after: bytes | None,
        life_ms: int,
        leases: Mapping[str, bool],
    ) -> tuple[bool, bytes | None]:
        """Replace the wallet if it is still as it was, and give leases back.

        Args:
            before: the value from which the new one was made; after: the new one, None to leave
                the wallet alone.
            life_ms: of the new value.
            leases: system → whether its call failed.

        Returns:
            True, or False with the value that stands there now; then no lease was given back.
        """
        keys = [wallet_key(subject), *(_lease(subject, code) for code in leases)]
        flags = ["1" if failed else "0" for failed in leases.values()]
        args: list[Any] = [write_tag(before), after or b"", life_ms, self._token, FAILURE_MS]
        done, now = await run_script(self._redis, _PUT, keys, args + flags)
        return bool(done), now

    async def watch(
        self, subject: str, systems: Sequence[str]
    ) -> tuple[bytes | None, Mapping[str, bytes | None]]:
        """The wallet, and what stands in the leases of these systems."""
        keys = [wallet_key(subject), *(_lease(subject, code) for code in systems)]
        blob, *leases = await cast(Any, self._redis).mget(*keys)
        return blob, dict(zip(systems, leases, strict=True))


def _lease(subject: str, system: str) -> str:
    return f"wl:{{{subject}}}:{system}"

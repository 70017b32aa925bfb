"""Wallets in Redis: compare-and-set writes, and leases so that one worker asks an issuer.

A wallet's key and its lease keys carry the same hash tag. A lease holds the token of the round of
asking that it was taken for; for a moment after a failed call it holds ``!`` instead, so that a
crowd at the door of a broken system does not knock one after the other.

An answer counts only while its lease is held. A notice is kept for whoever is asking; if the lease
is gone by the time the answer comes (its worker stood still, or the wallet was forgotten), nobody
kept the notices in between, and the answer may be older than one of them.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from backend.store.redis import Redis, run_script
from backend.wallet.blobs import wallet_key, write_tag

LEASE_MARGIN_MS = 1000
FAILURE_MS = 2000
FAILED = b"!"
_TOKEN_BYTES = 9

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

# KEYS: wallet, leases on which the new value stands… ARGV: tag of the value that it was made from
# (empty: there was none), new value (empty: leave it), its life in ms, token, life of a failure in
# ms, then per lease what becomes of it: 0 given back, 1 its call failed, 2 still needed.
# Gives 1 when done; 0 and the wallet if that was written in between; 2, the wallet and the numbers
# of the leases that are not held any more. Then nothing happens.
_PUT = """
local lost = {}
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[4] then lost[#lost + 1] = i - 2 end
end
if ARGV[2] ~= '' then
  if #lost > 0 then return {2, redis.call('GET', KEYS[1]), lost} end
  if redis.call('GETRANGE', KEYS[1], -16, -1) ~= ARGV[1] then
    return {0, redis.call('GET', KEYS[1])}
  end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[4] then
    if ARGV[4 + i] == '1' then redis.call('SET', KEYS[i], '!', 'PX', ARGV[5])
    elseif ARGV[4 + i] == '0' then redis.call('DEL', KEYS[i]) end
  end
end
return {1, false}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking leases gave.

    Attributes:
        token: what stands in the leases that are mine.
        blob: the wallet at that moment.
        mine: systems that this worker may ask now.
        others: systems that another worker is asking.
        failed: systems whose call failed a moment ago.
    """

    token: bytes
    blob: bytes | None
    mine: Sequence[str]
    others: Sequence[str]
    failed: Sequence[str]


class LeaseUse(StrEnum):
    """What becomes of a lease with a write that stands on it."""

    GIVEN_BACK = "0"
    FAILED = "1"
    NEEDED = "2"


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases on which a write stands, by system, all of one round of asking."""

    token: bytes = b""
    uses: Mapping[str, LeaseUse] = field(default_factory=dict)

    def without(self, lost: Iterable[str]) -> "Leases":
        """Those that are left."""
        return Leases(self.token, {c: use for c, use in self.uses.items() if c not in lost})


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write.

    Attributes:
        blob: the wallet as it stands, when nothing was written.
        lost: systems whose lease is not held any more, when that is why.
    """

    done: bool
    blob: bytes | None
    lost: frozenset[str] = frozenset()


class WalletStore:
    """Reads and writes the values; knows nothing of what is in them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, subject: str) -> bytes | None:
        """The wallet's value."""
        return cast(bytes | None, await self._redis.get(wallet_key(subject)))

    async def delete(self, subject: str, systems: Sequence[str]) -> None:
        """Forget the wallet, and what these systems are being asked for it."""
        await self._redis.delete(wallet_key(subject), *(_lease(subject, code) for code in systems))

    async def drop_lease(self, subject: str, system: str) -> None:
        """Let nothing count any more of what this system is being asked."""
        await self._redis.delete(_lease(subject, system))

    async def take(self, subject: str, systems: Sequence[str], longest_ms: int) -> Taken:
        """Read the wallet and take the leases of these systems, in one round trip.

        Args:
            longest_ms: how long a call of any of them may take.
        """
        keys = [wallet_key(subject), *(_lease(subject, code) for code in systems)]
        life, token = longest_ms + LEASE_MARGIN_MS, secrets.token_bytes(_TOKEN_BYTES)
        blob, marks = await run_script(self._redis, _TAKE, keys, [token, life])
        found: tuple[list[str], list[str], list[str]] = ([], [], [])
        for code, mark in zip(systems, marks, strict=True):
            found[mark].append(code)
        others, mine, failed = found
        return Taken(token, blob, mine, others, failed)

    async def put(
        self, subject: str, before: bytes | None, after: bytes | None, life_ms: int, leases: Leases
    ) -> Written:
        """Replace the wallet if it is still as it was and the leases are held; use the leases.

        Args:
            before: the value from which the new one was made; after: the new one, None to leave
                the wallet alone.
            life_ms: of the new value.
        """
        keys = [wallet_key(subject), *(_lease(subject, code) for code in leases.uses)]
        args: list[Any] = [write_tag(before), after or b"", life_ms, leases.token, FAILURE_MS]
        args += [use.value for use in leases.uses.values()]
        done, now, *lost = await run_script(self._redis, _PUT, keys, args)
        codes = list(leases.uses)
        return Written(done == 1, now, frozenset(codes[i] for i in (lost[0] if lost else ())))

    async def watch(
        self, subject: str, systems: Sequence[str]
    ) -> tuple[bytes | None, Mapping[str, bytes | None]]:
        """The wallet, and what stands in the leases of these systems."""
        keys = [wallet_key(subject), *(_lease(subject, code) for code in systems)]
        blob, *leases = await cast(Any, self._redis).mget(*keys)
        return blob, dict(zip(systems, leases, strict=True))


def _lease(subject: str, system: str) -> str:
    return f"wl:{{{subject}}}:{system}"

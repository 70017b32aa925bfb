"""SMS codes: six digits, five minutes, one use, five tries.

Redis holds the keyed fingerprint of phone and code, never the code. One script compares, counts and
deletes, so of ten thousand log-ins with the right code exactly one gets through.
"""

import secrets
from enum import Enum

from backend.identity.errors import SmsTooSoon
from backend.store.keyring import BlindIndex
from backend.store.redis import Redis, run_script

DIGITS = 6
LIFE_S = 300
PAUSE_S = 60
TRIES = 5

# KEYS: code, pause; ARGV: fingerprint, life in s, pause in s. 0: kept; else seconds to wait.
_KEEP = """
local wait = redis.call('PTTL', KEYS[2])
if wait > 0 then return math.ceil(wait / 1000) end
redis.call('SET', KEYS[2], '', 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'is', ARGV[1], 'tries', 0)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 0
"""
# KEYS: code; ARGV: fingerprint, tries allowed. 1: right, and used up; 0: wrong; -1: none is open.
_USE = """
local open = redis.call('HGET', KEYS[1], 'is')
if not open then return -1 end
if open == ARGV[1] then redis.call('DEL', KEYS[1]) return 1 end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) >= tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
end
return 0
"""


class Outcome(Enum):
    """What became of a code that somebody typed."""

    RIGHT = 1
    WRONG = 0
    NONE_OPEN = -1


class SmsCodes:
    """Makes codes and takes them back.

    Args:
        index: fingerprints phones and codes.
    """

    def __init__(self, redis: Redis, index: BlindIndex) -> None:
        self._redis, self._index = redis, index

    async def make(self, phone: str) -> str:
        """A new code for a phone (E.164); an older one is void.

        Raises:
            SmsTooSoon: the last was made less than a minute ago.
        """
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        keys = [self._key(phone), self._key(phone) + ":pause"]
        wait = await run_script(
            self._redis, _KEEP, keys, [self._fingerprint(phone, code), LIFE_S, PAUSE_S]
        )
        if wait:
            raise SmsTooSoon(int(wait))
        return code

    async def use(self, phone: str, code: str) -> Outcome:
        """Compare and use up a code, in one step."""
        args = [self._fingerprint(phone, code), TRIES]
        return Outcome(int(await run_script(self._redis, _USE, [self._key(phone)], args)))

    def _key(self, phone: str) -> str:
        return f"sms:{{{self._index.of('sms', phone)[:32]}}}"

    def _fingerprint(self, phone: str, code: str) -> str:
        return self._index.of("sms-code", f"{phone}:{code}")

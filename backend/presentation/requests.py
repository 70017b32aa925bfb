"""Requests that wait for the holder's word: a minute long, answered once, collected once.

They lie in one hash per person who shows, ``pq:{subject}``. A value is ``state (1) | until
(13 digits, ms) | sealed``; scripts look at the first two alone. What the verifier gets in hand is
sealed too, and bound to who they are: it names the holder's key and is of no use to anybody else.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

import orjson

from backend.presentation.codes import Shown
from backend.presentation.errors import RequestAnswered, RequestDeclined, RequestUnknown
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import Redis, run_script

WAIT_S = 60
# After the holder's word the verifier has as long again to collect.
_KEPT_MS = 3 * WAIT_S * 1000
_ID_BYTES = 16
_STATE, _UNTIL = 1, 14
MOST_WAITING = 10

VerifierKind = Literal["system", "person", "public"]

# KEYS: the holder's hash. ARGV: id, value, life of the hash in ms, most. 0 when there are too many.
_ADD = """
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  local now = tonumber(string.sub(ARGV[2], 2, 14)) - tonumber(ARGV[5])
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if tonumber(string.sub(all[i + 1], 2, 14)) < now then redis.call('HDEL', KEYS[1], all[i]) end
  end
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
# KEYS: the holder's hash. ARGV: id, now in ms, new value. 0 unknown, 1 done, 2 answered already.
_ANSWER = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held or tonumber(string.sub(held, 2, 14)) < tonumber(ARGV[2]) then return 0 end
if string.sub(held, 1, 1) ~= 'P' then return 2 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""
# KEYS: the holder's hash. ARGV: id. Gives the value, and removes it when it was answered.
_COLLECT = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.sub(held, 1, 1) ~= 'P' then redis.call('HDEL', KEYS[1], ARGV[1]) end
return held
"""


class Verifier(NamedTuple):
    """Who looks.

    Attributes:
        id: code of the system or id of the person; empty for the public.
        name: as the holder is told.
    """

    kind: VerifierKind
    id: str
    name: str

    @property
    def tag(self) -> bytes:
        """Tells this verifier from any other."""
        return f"{self.kind}:{self.id}".encode()


@dataclass(frozen=True, slots=True)
class Pending:
    """A request as the holder sees it; ``until`` in Unix ms."""

    id: str
    until: int
    shown: Shown
    verifier: Verifier
    purpose: str


class Requests:
    """Keeps requests, takes the holder's word and gives it to the verifier."""

    def __init__(self, redis: Redis, keyring: KeyRing) -> None:
        self._redis, self._keyring = redis, keyring

    async def add(self, shown: Shown, verifier: Verifier, purpose: str, now_ms: int) -> str | None:
        """Ask the holder; gives what the verifier collects with, None when too many wait."""
        request_id, until = secrets.token_urlsafe(_ID_BYTES), now_ms + WAIT_S * 1000
        value = self._value(b"P", until, request_id, Pending(request_id, until, shown, verifier,
                                                             purpose))  # fmt: skip
        args = [request_id, value, _KEPT_MS, MOST_WAITING, WAIT_S * 1000]
        if not await run_script(self._redis, _ADD, [_key(shown.shower)], args):
            return None
        hint = f"{request_id}{shown.shower}".encode()
        sealed = self._keyring.seal(hint, b"presentation-request:" + verifier.tag)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    async def waiting(self, subject: str, now_ms: int) -> list[Pending]:
        """What waits for somebody's word, the oldest first."""
        held = await cast(Any, self._redis).hgetall(_key(subject))
        found = [
            self._opened(request_id.decode(), value)
            for request_id, value in held.items()
            if value[:_STATE] == b"P" and int(value[_STATE:_UNTIL]) >= now_ms
        ]
        return sorted(found, key=lambda each: each.until)

    async def answer(
        self, subject: str, request_id: str, names: Sequence[str] | None, now_ms: int
    ) -> Pending:
        """Take the holder's word.

        Args:
            names: the facts that they agree to show; None when they decline.

        Raises:
            RequestUnknown: nothing of that id waits (any more); RequestAnswered.
        """
        held = await cast(Any, self._redis).hget(_key(subject), request_id)
        if held is None:
            raise RequestUnknown
        pending = self._opened(request_id, held)
        state = b"D" if names is None else b"C"
        agreed = pending.shown.only(names or [])
        done = Pending(
            pending.id, now_ms + WAIT_S * 1000, agreed, pending.verifier, pending.purpose
        )
        value = self._value(state, done.until, request_id, done)
        answered = await run_script(
            self._redis, _ANSWER, [_key(subject)], [request_id, now_ms, value]
        )
        if answered == 1:
            return done
        raise RequestAnswered if answered else RequestUnknown

    async def collect(self, token: str, verifier: Verifier, now_ms: int) -> Pending | None:
        """What the holder agreed to, once; None while they have said nothing.

        Raises:
            RequestUnknown: it is over, was collected, or is another verifier's; RequestDeclined.
        """
        request_id, subject = self._hinted(token, verifier)
        held = await run_script(self._redis, _COLLECT, [_key(subject)], [request_id])
        if held is None or int(held[_STATE:_UNTIL]) < now_ms:
            raise RequestUnknown
        if held[:_STATE] == b"D":
            raise RequestDeclined
        return self._opened(request_id, held) if held[:_STATE] == b"C" else None

    def _hinted(self, token: str, verifier: Verifier) -> tuple[str, str]:
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            hint = self._keyring.open(sealed, b"presentation-request:" + verifier.tag).decode()
        except (binascii.Error, ValueError, SealBroken):
            raise RequestUnknown from None
        length = len(secrets.token_urlsafe(_ID_BYTES))
        return hint[:length], hint[length:]

    def _value(self, state: bytes, until: int, request_id: str, pending: Pending) -> bytes:
        verifier = pending.verifier
        plain = orjson.dumps(
            [
                pending.shown.pack().decode(), verifier.kind, verifier.id, verifier.name,
                pending.purpose,
            ]
        )  # fmt: skip
        return b"%b%013d%b" % (state, until, self._keyring.seal(plain, request_id.encode()))

    def _opened(self, request_id: str, value: bytes) -> Pending:
        plain = self._keyring.open(value[_UNTIL:], request_id.encode())
        shown, kind, verifier_id, name, purpose = orjson.loads(plain)
        return Pending(
            request_id, int(value[_STATE:_UNTIL]), Shown.unpack(shown.encode()),
            Verifier(kind, verifier_id, name), purpose,
        )  # fmt: skip


def _key(subject: str) -> str:
    return f"pq:{{{subject}}}"

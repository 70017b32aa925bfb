"""Sessions of the console: one hash in Redis per account, a few fields per login.

A token is ``base64url(account id (16) | secret (32))``. The hash ``os:{account}`` holds, by the
SHA-256 of the secret, the sealed officer and when the session was opened (``…:who``, ``…:at``) and
seen last (``…:seen``). Deleting the hash logs every session of the account out on every worker at
once; one look-up checks a session and notes that it was used, so that nothing written late can
bring an ended one back.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from backend.operators.errors import SessionExpired, SessionMissing, SessionUnknown
from backend.operators.roles import Officer, Role
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import Redis, run_script

IDLE_SECONDS = 15 * 60
ABSOLUTE_SECONDS = 8 * 3600
_ACCOUNT, _SECRET = 16, 32
_TOKEN_CHARS = 64
_ID_CHARS = 16

# KEYS[1] the account's hash; ARGV session, now, idle, absolute (seconds).
# Looks a session up, ends it when it is too old, notes otherwise that it was used.
_USE = """
local session, now = ARGV[1], tonumber(ARGV[2])
local found = redis.call('HMGET', KEYS[1], session .. ':who', session .. ':at', session .. ':seen')
if not found[1] or not found[2] or not found[3] then return false end
if now - tonumber(found[3]) >= tonumber(ARGV[3]) or now - tonumber(found[2]) >= tonumber(ARGV[4])
then
  redis.call('HDEL', KEYS[1], session .. ':who', session .. ':at', session .. ':seen',
    session .. ':from')
  return false
end
if now > tonumber(found[3]) then redis.call('HSET', KEYS[1], session .. ':seen', ARGV[2]) end
return found[1]
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart; not yet looked up."""

    account_id: UUID
    session_id: str

    @property
    def key(self) -> str:
        """The Redis key of the account's sessions."""
        return sessions_key(self.account_id)


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One login of an account.

    Attributes:
        address: that it came from.
        own: the one that asks.
    """

    id: str
    opened_at: datetime
    seen_at: datetime
    address: str
    own: bool


def sessions_key(account_id: UUID) -> str:
    """The Redis key of all sessions of an account; tagged by it."""
    return f"os:{{{account_id.hex}}}"


def parse(token: str) -> Token:
    """Take a token apart.

    Raises:
        SessionMissing: it has not the shape of one of ours.
    """
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SessionMissing from None
    if len(token) != _TOKEN_CHARS or len(raw) != _ACCOUNT + _SECRET:
        raise SessionMissing
    return Token(UUID(bytes=raw[:_ACCOUNT]), _session_id(raw[_ACCOUNT:]))


def _session_id(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


class Sessions:
    """Opens, checks and ends sessions.

    Args:
        clock: the present moment.
    """

    def __init__(self, redis: Redis, keyring: KeyRing, clock: Callable[[], datetime]) -> None:
        self._redis, self._keyring, self._clock = redis, keyring, clock

    async def open(self, officer: Officer, address: str) -> str:
        """Open a session; returns its token."""
        secret = os.urandom(_SECRET)
        session, now = _session_id(secret), str(self._now())
        key = sessions_key(officer.account_id)
        fields = {
            f"{session}:who": self._keyring.seal(_packed(officer), key.encode()),
            f"{session}:at": now,
            f"{session}:seen": now,
            f"{session}:from": self._keyring.seal_text(address, key),
        }
        redis = cast(Any, self._redis)
        await redis.hset(key, mapping=fields)
        await redis.expire(key, ABSOLUTE_SECONDS)
        return base64.urlsafe_b64encode(officer.account_id.bytes + secret).decode()

    async def use(self, token: Token) -> Officer:
        """Whose session it is; from now it is idle anew.

        Raises:
            SessionExpired: idle for 15 minutes, older than 8 hours, ended, or its key has left the
                ring.
        """
        arguments = [token.session_id, self._now(), IDLE_SECONDS, ABSOLUTE_SECONDS]
        found = await run_script(self._redis, _USE, [token.key], arguments)
        if not found:
            raise SessionExpired
        try:
            return _unpacked(token.account_id, self._keyring.open(found, token.key.encode()))
        except SealBroken:
            raise SessionExpired from None

    async def list(self, token: Token) -> Sequence[SessionInfo]:
        """The living sessions of the account that asks, newest first."""
        found = [one for one in await self._all(token.account_id) if self._lives(one)]
        own = token.session_id[:_ID_CHARS]
        infos = [
            SessionInfo(
                session[:_ID_CHARS],
                _moment(fields["at"]),
                _moment(fields["seen"]),
                self._keyring.open_text(fields["from"], token.key),
                session[:_ID_CHARS] == own,
            )
            for session, fields in found
        ]
        return sorted(infos, key=lambda info: info.opened_at, reverse=True)

    async def end(self, token: Token, session_id: str | None = None) -> None:
        """End one session of the account: its own, or another by its id.

        Raises:
            SessionUnknown: there is none of that id.
        """
        if session_id is None:
            await self._forget(token.account_id, [token.session_id])
            return
        known = [session for session, _ in await self._all(token.account_id)]
        meant = [session for session in known if session[:_ID_CHARS] == session_id]
        if not meant:
            raise SessionUnknown
        await self._forget(token.account_id, meant)

    async def end_others(self, token: Token) -> None:
        """End every session of the account but this one."""
        known = [session for session, _ in await self._all(token.account_id)]
        others = [session for session in known if session != token.session_id]
        await self._forget(token.account_id, others)

    async def end_all(self, account_id: UUID) -> None:
        """End every session of an account, on every worker at once."""
        await self._redis.delete(sessions_key(account_id))

    async def _all(self, account_id: UUID) -> Sequence[tuple[str, dict[str, bytes]]]:
        stored = await cast(Any, self._redis).hgetall(sessions_key(account_id))
        found: dict[str, dict[str, bytes]] = {}
        for name, value in stored.items():
            session, _, field = name.decode().partition(":")
            found.setdefault(session, {})[field] = value
        return [(session, fields) for session, fields in found.items() if len(fields) == 4]

    def _lives(self, one: tuple[str, dict[str, bytes]]) -> bool:
        fields, now = one[1], self._now()
        idle, age = now - float(fields["seen"]), now - float(fields["at"])
        opens = self._keyring.key_of(fields["from"]) is not None
        return opens and idle < IDLE_SECONDS and age < ABSOLUTE_SECONDS

    async def _forget(self, account_id: UUID, sessions: Sequence[str]) -> None:
        names = [f"{one}:{field}" for one in sessions for field in ("who", "at", "seen", "from")]
        if names:
            await cast(Any, self._redis).hdel(sessions_key(account_id), *names)

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _moment(seconds: bytes) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _packed(officer: Officer) -> bytes:
    fields = [officer.username, officer.name, officer.role.value, officer.department_uscc]
    return json.dumps(fields).encode()


def _unpacked(account_id: UUID, packed: bytes) -> Officer:
    username, name, role, department = json.loads(packed)
    return Officer(account_id, username, name, Role(role), department)

"""Logins on devices, their refresh tokens, and their end on every worker at once.

A refresh token is ``base64url(session id (8) | generation (4) | secret (16) | proof (16))``; the
proof is keyed, so a token that we never gave is told from one that was used before. Each exchange
gives the next generation. The one just exchanged is answered again, with the very same new tokens,
for ``GRACE_S`` seconds: a phone that lost the answer in a tunnel is not logged out, and there is
never a second branch of valid tokens. Anything older ends the family (RFC 9700, section 4.14.2).
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from backend.identity import sessions
from backend.identity.errors import (
    RefreshReused,
    SessionExpired,
    SessionMissing,
    SessionUnknown,
)
from backend.identity.levels import Level
from backend.identity.models import SessionFamily, TrustedDevice, family_context
from backend.identity.sessions import ACCESS_SECONDS, Session
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis, run_script

REFRESH_SECONDS = 30 * 86400
GRACE_S = 10
TRUST_DAYS = 180
KEEP_ENDED_DAYS = 90
_SECRET, _PROOF = 16, 16
_TOKEN_BYTES = 8 + 4 + _SECRET + _PROOF
_TOKEN_CHARS = 59

# KEYS: record; ARGV: record, seconds. Keeps a level that was raised while the token was made.
_STORE = """
local old = redis.call('GETRANGE', KEYS[1], 0, 0)
local new = ARGV[1]
if old ~= '' and string.byte(old) > string.byte(new) then new = old .. string.sub(new, 2) end
redis.call('SET', KEYS[1], new, 'EX', ARGV[2])
return string.byte(new)
"""
# KEYS: record; ARGV: level. Leaves the time that the record has left.
_RAISE = """
local old = redis.call('GETRANGE', KEYS[1], 0, 0)
if old ~= '' and string.byte(old) < tonumber(ARGV[1]) then
  redis.call('SETRANGE', KEYS[1], 0, string.char(tonumber(ARGV[1])))
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Device:
    """What a client says of the device that it runs on.

    Attributes:
        key: random, made once by the client; known to us only by its blind index.
    """

    key: str
    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a login has shown to own."""

    phone: bool = False
    openid: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """An access and a refresh token; both work from now on."""

    person_id: UUID
    session_id: str
    level: Level
    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A login as its owner sees it in the list of devices."""

    id: str
    device_name: str
    platform: str
    created_at: datetime
    last_seen_at: datetime


class Families:
    """Begins, carries on, lists and ends logins."""

    def __init__(self, redis: Redis, keyring: KeyRing, index: BlindIndex) -> None:
        self._redis, self._keyring, self._index = redis, keyring, index

    def device_index(self, device: Device) -> str:
        """The blind index of a device."""
        return self._index.of("device", device.key)

    async def begin(self, person_id: UUID, device: Device, level: Level, proof: Proof) -> Pair:
        """Open a session; an earlier one of the same person on the same device ends."""
        device_index = self.device_index(device)
        return await self._open(person_id, device_index, device.name, device.platform, level, proof)

    async def begin_again(
        self, old: SessionFamily, person_id: UUID, level: Level, proof: Proof
    ) -> Pair:
        """Go on with another account on the device of a session, which ends."""
        await self._end(Q(id=old.id), "moved")
        name = self._keyring.open_text(old.device_name, family_context(old.id, "device"))
        return await self._open(person_id, old.device_index, name, old.platform, level, proof)

    async def _open(
        self, person_id: UUID, device_index: str, name: str, platform: str, level: Level,
        proof: Proof,
    ) -> Pair:  # fmt: skip
        await self._end(Q(person_id=person_id, device_index=device_index), "replaced")
        family_id, session_id, now = uuid7(), sessions.new_session_id(), datetime.now(UTC)
        refresh = self._refresh_token(session_id, 0)
        family = await SessionFamily.create(
            id=family_id,
            session_id=session_id,
            person_id=person_id,
            level=level,
            device_index=device_index,
            device_name=self._keyring.seal_text(name, family_context(family_id, "device")),
            platform=platform,
            phone_proved=proof.phone,
            openid=self._sealed_openid(family_id, proof.openid),
            refresh_hash=_hash(refresh),
            rotated_at=now,
            expires_at=now + timedelta(seconds=REFRESH_SECONDS),
        )
        access, record = sessions.issue(person_id, session_id, level)
        return await self._activate(family, access, record, refresh)

    async def refresh(self, token: str) -> Pair:
        """Exchange a refresh token for the next pair.

        Raises:
            SessionMissing: it is not one of ours.
            SessionExpired: its family has ended or run out.
            RefreshReused: it was exchanged before; the family ends now.
        """
        session_id = self._session_of(token)
        given = _hash(token)
        family = await self._going_on(session_id)
        if given == family.refresh_hash:
            pair = await self._rotate(family, given)
            if pair is not None:
                return pair
            family = await self._going_on(session_id)
        if given == family.previous_hash and family.replay is not None and _in_grace(family):
            return await self._answer_again(family, family.replay)
        await self._end(Q(id=family.id), "reused")
        raise RefreshReused(family.person_id)

    async def _going_on(self, session_id: str) -> SessionFamily:
        family = await SessionFamily.get_or_none(
            session_id=session_id, ended_at__isnull=True, expires_at__gt=datetime.now(UTC)
        )
        if family is None:
            raise SessionExpired
        return family

    async def _rotate(self, family: SessionFamily, given: str) -> Pair | None:
        """Take the next step of the chain, unless another request took it in this moment."""
        generation, now = family.generation + 1, datetime.now(UTC)
        refresh = self._refresh_token(family.session_id, generation)
        access, record = sessions.issue(family.person_id, family.session_id, Level(family.level))
        answer = self._keyring.seal_text(f"{access} {refresh}", family_context(family.id, "replay"))
        taken = await SessionFamily.filter(
            id=family.id, refresh_hash=given, ended_at__isnull=True
        ).update(
            generation=generation,
            refresh_hash=_hash(refresh),
            previous_hash=given,
            replay=answer,
            rotated_at=now,
            expires_at=now + timedelta(seconds=REFRESH_SECONDS),
        )
        return await self._activate(family, access, record, refresh) if taken else None

    async def _answer_again(self, family: SessionFamily, replay: bytes) -> Pair:
        answer = self._keyring.open_text(replay, family_context(family.id, "replay"))
        access, _, refresh = answer.partition(" ")
        record = sessions.record(Level(family.level), sessions.parse(access).secret)
        return await self._activate(family, access, record, refresh)

    async def _activate(
        self, family: SessionFamily, access: str, record: bytes, refresh: str
    ) -> Pair:
        """Let an access token in; looks once more whether the family was ended meanwhile.

        A log-out writes the row before it deletes the record. Whichever of the two writers comes
        second sees the other, so no record outlives a log-out.
        """
        key = sessions.session_key(sessions.subject_of(family.person_id), family.session_id)
        level = await run_script(self._redis, _STORE, [key], [record, ACCESS_SECONDS])
        if not await SessionFamily.exists(id=family.id, ended_at__isnull=True):
            await self._redis.delete(key)
            raise SessionExpired
        return Pair(family.person_id, family.session_id, Level(int(level)), access, refresh)

    async def current(self, session: Session) -> SessionFamily:
        """The family of a checked session.

        Raises:
            SessionExpired: it was ended in this moment.
        """
        return await self._going_on(session.session_id)

    def proof_of(self, family: SessionFamily) -> Proof:
        """What the login of a family has shown to own."""
        sealed = family.openid
        openid = (
            self._keyring.open_text(sealed, family_context(family.id, "openid")) if sealed else None
        )
        return Proof(family.phone_proved, openid)

    async def raise_level(self, family: SessionFamily, level: Level) -> None:
        """Let a session and what is refreshed from it do more from now on."""
        await SessionFamily.filter(id=family.id, level__lt=level).update(level=level)
        if level >= Level.REAL_NAME:
            await self.trust(family.person_id, family.device_index)
        key = sessions.session_key(sessions.subject_of(family.person_id), family.session_id)
        await run_script(self._redis, _RAISE, [key], [int(level)])

    async def list(self, person_id: UUID) -> Sequence[SessionInfo]:
        """The sessions of a person that go on, last seen first."""
        rows = await SessionFamily.filter(
            person_id=person_id, ended_at__isnull=True, expires_at__gt=datetime.now(UTC)
        ).order_by("-rotated_at")
        return [
            SessionInfo(
                row.session_id,
                self._keyring.open_text(row.device_name, family_context(row.id, "device")),
                row.platform,
                row.created_at,
                row.rotated_at,
            )
            for row in rows
        ]

    async def end(self, person_id: UUID, session_id: str, distrust: bool) -> None:
        """Log one session of a person out.

        Args:
            distrust: forget the device too: it is not the one in the person's hand.

        Raises:
            SessionUnknown: they have no such session.
        """
        if not sessions.is_session_id(session_id):
            raise SessionUnknown
        mine = Q(person_id=person_id, session_id=session_id)
        family = await SessionFamily.get_or_none(mine)
        if family is None or not await self._end(mine, "logged_out"):
            raise SessionUnknown
        if distrust:
            await TrustedDevice.filter(
                person_id=person_id, device_index=family.device_index
            ).delete()

    async def end_all(self, person_id: UUID, reason: str, distrust: bool = False) -> None:
        """Log a person out everywhere."""
        await self._end(Q(person_id=person_id), reason)
        if distrust:
            await TrustedDevice.filter(person_id=person_id).delete()

    async def _end(self, which: Q, reason: str) -> int:
        """End families of one person; says how many were going on.

        Those that ended within the life of an access token are deleted from Redis again: the
        first time may have failed half-way.
        """
        now = datetime.now(UTC)
        recent = Q(ended_at__isnull=True) | Q(ended_at__gt=now - timedelta(seconds=ACCESS_SECONDS))
        rows = await SessionFamily.filter(which, recent)
        if not rows:
            return 0
        ended = await SessionFamily.filter(
            id__in=[row.id for row in rows], ended_at__isnull=True
        ).update(ended_at=now, ended_reason=reason, replay=None)
        keys = [
            sessions.session_key(sessions.subject_of(row.person_id), row.session_id) for row in rows
        ]
        await self._redis.delete(*keys)
        return ended

    async def seen(self, person_id: UUID, device_index: str) -> bool:
        """Whether a person has logged in on this device before."""
        return await SessionFamily.exists(person_id=person_id, device_index=device_index)

    async def any(self, person_id: UUID) -> bool:
        """Whether a person has ever logged in."""
        return await SessionFamily.exists(person_id=person_id)

    async def trust(self, person_id: UUID, device_index: str) -> None:
        """Remember that a person reached level 3 on a device."""
        now = datetime.now(UTC)
        mine = TrustedDevice.filter(person_id=person_id, device_index=device_index)
        if not await mine.update(last_used_at=now):
            with contextlib.suppress(IntegrityError):  # another request of theirs was faster
                await TrustedDevice.create(
                    person_id=person_id, device_index=device_index, last_used_at=now
                )

    async def trusted(self, person_id: UUID, device_index: str) -> bool:
        """Whether a person reached level 3 on a device and has used it since."""
        oldest = datetime.now(UTC) - timedelta(days=TRUST_DAYS)
        mine = TrustedDevice.filter(
            person_id=person_id, device_index=device_index, last_used_at__gt=oldest
        )
        return bool(await mine.update(last_used_at=datetime.now(UTC)))

    async def purge(self) -> int:
        """Forget what has served its time (PIPL art. 19): says how many rows went."""
        now = datetime.now(UTC)
        await SessionFamily.filter(expires_at__lt=now, ended_at__isnull=True).update(
            ended_at=now, ended_reason="expired"
        )
        grace_over = now - timedelta(seconds=GRACE_S)
        await SessionFamily.filter(rotated_at__lt=grace_over, replay__isnull=False).update(
            replay=None
        )
        old_enough = now - timedelta(days=KEEP_ENDED_DAYS)
        gone = await SessionFamily.filter(ended_at__lt=old_enough).delete()
        untrusted = now - timedelta(days=TRUST_DAYS)
        return gone + await TrustedDevice.filter(last_used_at__lt=untrusted).delete()

    def _sealed_openid(self, family_id: UUID, openid: str | None) -> bytes | None:
        return (
            None
            if openid is None
            else self._keyring.seal_text(openid, family_context(family_id, "openid"))
        )

    def _refresh_token(self, session_id: str, generation: int) -> str:
        body = base64.urlsafe_b64decode(session_id + "=") + generation.to_bytes(4, "big")
        body += os.urandom(_SECRET)
        return base64.urlsafe_b64encode(body + self._proof(body)).rstrip(b"=").decode()

    def _session_of(self, token: str) -> str:
        if len(token) != _TOKEN_CHARS:
            raise SessionMissing
        try:
            raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise SessionMissing from None
        body, proof = raw[:-_PROOF], raw[-_PROOF:]
        if len(raw) != _TOKEN_BYTES or not hmac.compare_digest(proof, self._proof(body)):
            raise SessionMissing
        return base64.urlsafe_b64encode(body[:8]).rstrip(b"=").decode()

    def _proof(self, body: bytes) -> bytes:
        return bytes.fromhex(self._index.of("refresh", body.hex()))[:_PROOF]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _in_grace(family: SessionFamily) -> bool:
    return datetime.now(UTC) - family.rotated_at <= timedelta(seconds=GRACE_S)

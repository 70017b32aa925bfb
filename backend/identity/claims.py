"""A claim to an account that waits for the face: kept sealed for a quarter of an hour."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from backend.identity.sessions import Session
from backend.store.keyring import KeyRing
from backend.store.redis import Redis

LIFE_S = 900


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose face has to pass, and what then happens.

    Attributes:
        target: the account to which the session then goes over; None: it stays where it is.
    """

    name: str
    id_number: str
    target: UUID | None


class Claims:
    """Remembers claims by session."""

    def __init__(self, redis: Redis, keyring: KeyRing) -> None:
        self._redis, self._keyring = redis, keyring

    async def remember(self, session: Session, claim: Claim) -> None:
        """Keep a claim, in place of an earlier one of the session."""
        sealed = self._keyring.seal(dump(claim), _context(session))
        await self._redis.set(_key(session), sealed, ex=LIFE_S)

    async def of(self, session: Session) -> Claim | None:
        """The claim of a session, if one waits."""
        sealed: Any = await self._redis.get(_key(session))
        return load(self._keyring.open(sealed, _context(session))) if sealed else None

    async def forget(self, session: Session) -> None:
        """Drop the claim of a session."""
        await self._redis.delete(_key(session))


def dump(claim: Claim) -> bytes:
    """A claim as bytes, to be sealed."""
    # As text: asyncpg gives UUIDs of a class of its own, which orjson does not take.
    target = str(claim.target) if claim.target else None
    return orjson.dumps({"name": claim.name, "id_number": claim.id_number, "target": target})


def load(raw: bytes) -> Claim:
    """Back from ``dump``."""
    data = orjson.loads(raw)
    target = data["target"]
    return Claim(data["name"], data["id_number"], UUID(target) if target else None)


def _key(session: Session) -> str:
    return f"claim:{{{session.subject}}}:{session.session_id}"


def _context(session: Session) -> bytes:
    return _key(session).encode()

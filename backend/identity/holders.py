"""The verified person of an account, kept sealed beside their session for as long as a token lives.

Every page of a person's own data asks provincial systems about them by name and number. From here
that costs no database query: the edge fetches it in the round trip that checks the session.
"""

from uuid import UUID

import orjson

from backend.identity.sessions import ACCESS_SECONDS, subject_of
from backend.numbers.service import Holder
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import Redis


def holder_key(subject: str) -> str:
    """The Redis key under which a person's sealed name and number are kept."""
    return f"i:{{{subject}}}"


class Holders:
    """Keeps, opens and forgets."""

    def __init__(self, redis: Redis, keyring: KeyRing) -> None:
        self._redis, self._keyring = redis, keyring

    def opened(self, subject: str, stored: bytes | None) -> Holder | None:
        """What was kept, or None."""
        if stored is None:
            return None
        try:
            return Holder(*orjson.loads(self._keyring.open(stored, _context(subject))))
        except SealBroken:
            return None

    async def keep(self, subject: str, holder: Holder) -> None:
        """Keep it for the life of an access token."""
        plain = orjson.dumps([holder.code_type, holder.code, holder.name])
        sealed = self._keyring.seal(plain, _context(subject))
        await self._redis.set(holder_key(subject), sealed, ex=ACCESS_SECONDS)

    async def forget(self, person_id: UUID) -> None:
        """Forget it: the person's name or number was written anew."""
        await self._redis.delete(holder_key(subject_of(person_id)))


def _context(subject: str) -> bytes:
    return f"holder:{subject}".encode()

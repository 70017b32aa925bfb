"""Who signed a request: registered systems prove themselves by RFC 9421, once per nonce."""

import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from backend.exchange.errors import SIGNATURE_ERRORS, SignatureInvalid
from backend.store.redis import Redis
from backend.upstream.metrics import DOOR
from backend.upstream.signing import PublicKey, SignatureRefused, Verified, verify_request

Ask = Callable[..., Awaitable[list[Any]]]
KeyOwner = Callable[[str], tuple[str, PublicKey] | None]

# Until a signature expires by the clock of whichever worker sees it; their clocks may differ.
_CLOCKS_DIFFER_S = 30
_REVOKED_IDS = "revoked-keys"


class Doorkeeper:
    """Checks signed requests of registered systems, and remembers which keys were revoked.

    A nonce and the revocation of its key lie in one slot of a cluster and are asked for in one
    round trip, so that a key that was revoked a moment ago opens nothing on any worker.

    Args:
        ask: the answers to commands whose keys lie in one slot, in one round trip.
        owner: gives, for a key id, the code of the system whose key it is, and the key.

    Attributes:
        known_revoked: keys that the database knows as revoked, whatever Redis has forgotten.
    """

    def __init__(self, redis: Redis, ask: Ask, owner: KeyOwner) -> None:
        self._redis, self._ask, self._owner = redis, ask, owner
        self.known_revoked: frozenset[str] = frozenset()
        # They have to be different, not secret.
        self._marks = random.Random(os.urandom(16))

    async def admit(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> str:
        """The code of the registered system that signed a request.

        Raises:
            SignatureInvalid: it is not let in; each reason has a class of its own.
        """
        try:
            signed = verify_request(self._key, method, path, query, headers, body)
            if signed.key_id in self.known_revoked:
                raise SignatureRefused("revoked_key")
            await self._first_use(signed)
            owner = self._owner(signed.key_id)
            if owner is None:
                raise SignatureRefused("unknown_key")
        except SignatureRefused as refused:
            raise _counted(refused.reason) from None
        DOOR.admitted(owner[0])
        return owner[0]

    async def _first_use(self, signed: Verified) -> None:
        nonce = f"nonce:{{{signed.key_id}}}:{signed.nonce}"
        seconds = max(signed.expires - int(time.time()), 0) + _CLOCKS_DIFFER_S
        # A value of our own: should the link break after the question, it is asked again, and the
        # answer must not take our own first question for somebody else's.
        mine = self._marks.getrandbits(64).to_bytes(8)
        seen, revoked = await self._ask(
            ("SET", nonce, mine, "NX", "GET", "EX", str(seconds)),
            ("EXISTS", _revoked(signed.key_id)),
        )
        if revoked:
            raise SignatureRefused("revoked_key")
        if seen is not None and seen != mine:
            raise SignatureRefused("replayed")

    async def revoke(self, key_id: str) -> None:
        """Let a key open nothing from now on; its owner's answers count no more within seconds."""
        await self._redis.set(_revoked(key_id), b"")
        await self._redis.sadd(_REVOKED_IDS, key_id)

    async def revoked(self) -> frozenset[str]:
        """The ids of all keys that were revoked."""
        found = await cast("Awaitable[set[bytes]]", self._redis.smembers(_REVOKED_IDS))
        return frozenset(key_id.decode() for key_id in found)

    def _key(self, key_id: str) -> PublicKey | None:
        known = self._owner(key_id)
        return known[1] if known else None


def _revoked(key_id: str) -> str:
    return f"revoked:{{{key_id}}}"


def _counted(reason: str) -> SignatureInvalid:
    DOOR.refused(reason)
    return SIGNATURE_ERRORS[reason]()

"""Who signed a request: registered systems prove themselves by RFC 9421, once per nonce."""

from collections.abc import Callable, Mapping

from nacl.signing import VerifyKey

from backend.exchange.errors import SignatureInvalid, SignatureMissing, SignatureReplayed
from backend.store.redis import Redis
from backend.upstream.signing import MAX_SKEW_S, SignatureRefused, verify_request

KeyOwner = Callable[[str], tuple[str, VerifyKey] | None]


class Doorkeeper:
    """Checks signed requests of registered systems.

    Args:
        owner: gives, for a key id, the code of the system whose key it is, and the key.
    """

    def __init__(self, redis: Redis, owner: KeyOwner) -> None:
        self._redis, self._owner = redis, owner

    async def admit(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> str:
        """The code of the registered system that signed a request.

        Raises:
            SignatureMissing, SignatureInvalid, SignatureReplayed: it is not let in.
        """
        try:
            signed = verify_request(self._key, method, path, query, headers, body)
        except SignatureRefused as refused:
            if refused.reason == "missing":
                raise SignatureMissing from None
            raise SignatureInvalid(refused.reason) from None
        nonce = f"nonce:{{{signed.key_id}}}:{signed.nonce}"
        if not await self._redis.set(nonce, b"", nx=True, ex=2 * MAX_SKEW_S):
            raise SignatureReplayed
        owner = self._owner(signed.key_id)
        if owner is None:
            raise SignatureInvalid("unknown_key")
        return owner[0]

    def _key(self, key_id: str) -> VerifyKey | None:
        known = self._owner(key_id)
        return known[1] if known else None

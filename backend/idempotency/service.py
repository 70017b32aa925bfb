"""Once and only once: a request that is sent again gets the answer of the first time.

A phone that lost the network does not know whether its request arrived, and sends it again with
the same ``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header). The first one claims the
key by inserting a row; who comes while it works is told to wait, who comes later gets its answer.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.exceptions import IntegrityError

from backend.idempotency.errors import KeyMalformed, KeyReused, StillWorking
from backend.idempotency.models import KeyedAnswer, context
from backend.store.keyring import KeyRing

# Longer than any request works: who claimed a key that long ago has died.
ABANDONED = timedelta(seconds=60)
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given before.

    Attributes:
        status: of HTTP; media_type: empty where there is no body.
    """

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry a request out; it must be ended by ``keep`` or ``release``."""

    id: str
    claimed_at: datetime


class Idempotency:
    """Keeps the answers of keyed requests for a day."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def claim(self, scope: str, key: str, request: bytes) -> Claim | Given:
        """Claim a key, or find out what was answered to it.

        Args:
            scope: who asks and what for; another's key is another key.
            key: the header's value.
            request: everything in which a repeated request equals the first.

        Raises:
            KeyMalformed: not 8 to 128 visible ASCII characters.
            KeyReused: the key belongs to another request.
            StillWorking: the first request has not ended.
        """
        if _KEY.fullmatch(key) is None:
            raise KeyMalformed
        row_id = hashlib.sha256(f"{scope}\0{key}".encode()).hexdigest()
        digest = hashlib.sha256(request).hexdigest()
        claim = Claim(row_id, datetime.now(UTC))
        try:
            await KeyedAnswer.create(id=row_id, request_digest=digest, claimed_at=claim.claimed_at)
        except IntegrityError:
            return await self._known(claim, digest)
        return claim

    async def _known(self, claim: Claim, digest: str) -> Claim | Given:
        row = await KeyedAnswer.get_or_none(id=claim.id)
        if row is None:  # released in between
            raise StillWorking
        if row.request_digest != digest:
            raise KeyReused
        if row.status is not None:
            body = self._keyring.open(row.answer, context(row.id).encode()) if row.answer else b""
            return Given(row.status, row.media_type, body)
        if claim.claimed_at - row.claimed_at < ABANDONED:
            raise StillWorking
        # Of several who find an abandoned claim, the one whose update hits takes it over.
        found = KeyedAnswer.filter(id=claim.id, status=None, claimed_at=row.claimed_at)
        if not await found.update(claimed_at=claim.claimed_at):
            raise StillWorking
        return claim

    async def keep(self, claim: Claim, given: Given) -> None:
        """Keep the answer for whoever sends the request again."""
        sealed = self._keyring.seal(given.body, context(claim.id).encode()) if given.body else None
        await KeyedAnswer.filter(id=claim.id, claimed_at=claim.claimed_at).update(
            status=given.status, media_type=given.media_type, answer=sealed
        )

    async def release(self, claim: Claim) -> None:
        """Give the key back: nothing was carried out, the next request may try."""
        await KeyedAnswer.filter(id=claim.id, claimed_at=claim.claimed_at, status=None).delete()

    async def purge(self) -> int:
        """Forget answers that are older than a day; says how many."""
        return await KeyedAnswer.filter(claimed_at__lt=datetime.now(UTC) - KEPT).delete()

"""The page of an enterprise as it was last shown to whoever represents it.

It is kept no longer than the register's word on who represents it holds, and is shown again only
while what it was made of (the person's number, that word, sections and licences in the cache) is
still the same: a licence that was lost a moment ago is not shown as valid.
"""

import hashlib
import time
from collections.abc import Callable

from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import HotLink

_DIGEST = 16
_UNTIL = 8
_HEAD = _DIGEST + _UNTIL

Parts = tuple[bytes | None, ...]


def page_key(subject: str) -> str:
    """The Redis key of the page that a person was shown last."""
    return f"e:{{{subject}}}:page"


class Pages:
    """Keeps whole pages, sealed.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, hot: HotLink, keyring: KeyRing, clock: Callable[[], float] = time.time
    ) -> None:
        self._hot, self._keyring, self._clock = hot, keyring, clock

    def shown(self, subject: str, kept: bytes | None, uscc: str, made_of: Parts) -> bytes | None:
        """The page that was kept, if it is of this enterprise and still what it would be."""
        if kept is None:
            return None
        try:
            plain = self._keyring.open(kept, _context(subject, uscc))
        except SealBroken:
            # Of another enterprise, or of a key that is gone.
            return None
        until = int.from_bytes(plain[_DIGEST:_HEAD], "big")
        if until <= self._clock() or plain[:_DIGEST] != _digest(made_of):
            return None
        return plain[_HEAD:]

    async def keep(
        self, subject: str, uscc: str, made_of: Parts, page: bytes, seconds: int
    ) -> None:
        """Keep a page for the next time, for so many seconds."""
        until = (int(self._clock()) + seconds).to_bytes(_UNTIL, "big")
        sealed = self._keyring.seal(_digest(made_of) + until + page, _context(subject, uscc))
        await self._hot.set(page_key(subject), sealed, seconds)


def _digest(made_of: Parts) -> bytes:
    found = hashlib.blake2b(digest_size=_DIGEST)
    for part in made_of:
        held = part or b""
        found.update(len(held).to_bytes(4, "big"))
        found.update(held)
    return found.digest()


def _context(subject: str, uscc: str) -> bytes:
    return f"enterprise-page:{subject}:{uscc}".encode()

"""Taking what issuers say into the stored wallet, whoever else writes at the same time."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from backend.wallet.blobs import Blobs
from backend.wallet.entries import Age, Contents, Part, age_of
from backend.wallet.issuers import IssuerSet
from backend.wallet.merge import last_use, merged, pruned
from backend.wallet.store import WalletStore

log = structlog.get_logger("wallet")

# How long a wallet outlives the last moment at which something of it may be shown. Its revisions
# turn away answers that are older; a call lasts seconds, so an hour is plenty.
TOMBSTONE_S = 3600
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of new parts.

    Attributes:
        contents: the wallet as it stands now.
        newer: systems whose part was newer than the one known.
    """

    contents: Contents
    newer: frozenset[str]


class Keeper:
    """Merges and writes; every write goes through here."""

    def __init__(self, store: WalletStore, blobs: Blobs) -> None:
        self._store, self._blobs = store, blobs

    async def keep(
        self,
        subject: str,
        before: bytes | None,
        holder_tag: str,
        parts: Mapping[str, Part],
        issuers: IssuerSet,
        now: int,
        leases: frozenset[str] = frozenset(),
    ) -> Kept:
        """Take new parts into a wallet and give leases back, in one round trip if undisturbed.

        Args:
            before: the wallet's value as last seen.
            leases: systems whose leases this worker holds; those that brought nothing that is
                fresh now are marked as failed.
        """
        for _ in range(_ATTEMPTS):
            kept = _take_in(self._blobs.read(subject, before), holder_tag, parts, issuers, now)
            after = self._value(subject, kept, issuers, now)
            life_ms = max(last_use(kept.contents, issuers.by_code) - now, 0) + TOMBSTONE_S
            failures = {code: _failed(code, kept.contents, issuers, now) for code in leases}
            done, before = await self._store.put(subject, before, after, life_ms * 1000, failures)
            if done:
                return kept
        log.warning("wallet.contended", attempts=_ATTEMPTS)
        await self._store.put(subject, before, None, 0, dict.fromkeys(leases, False))
        return kept

    def _value(self, subject: str, kept: Kept, issuers: IssuerSet, now: int) -> bytes | None:
        if not kept.newer:
            return None
        return self._blobs.write(subject, kept.contents, issuers.systems, issuers.tag, now)


def _take_in(
    known: Contents, holder_tag: str, parts: Mapping[str, Part], issuers: IssuerSet, now: int
) -> Kept:
    contents = merged(known, holder_tag, parts)
    newer = frozenset(code for code, part in parts.items() if contents.parts[code] is part)
    return Kept(pruned(contents, issuers.by_code, now), newer)


def _failed(code: str, contents: Contents, issuers: IssuerSet, now: int) -> bool:
    system, part = issuers.by_code.get(code), contents.parts.get(code)
    return system is None or age_of(part, system, now) is not Age.FRESH

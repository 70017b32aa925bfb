"""Taking what issuers say into the stored wallet, whoever else writes at the same time."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from backend.wallet.blobs import Blobs
from backend.wallet.entries import Age, Contents, Part, age_of
from backend.wallet.issuers import IssuerSet
from backend.wallet.merge import last_use, merged, pruned
from backend.wallet.store import Leases, LeaseUse, WalletStore

log = structlog.get_logger("wallet")

# How long a wallet outlives the last moment at which something of it may be shown. Its revisions
# turn away answers that are older; a call lasts seconds, so an hour is plenty.
TOMBSTONE_S = 3600
_ATTEMPTS = 40
# From the third attempt on, writers go apart by up to so much for each attempt.
_PAUSE_S = 0.002


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of new parts.

    Attributes:
        contents: the wallet as it stands now.
        newer: systems whose part was newer than the one known.
        lost: systems whose part is not in it, since its lease was not held any more.
        written: whether it stands in the store.
    """

    contents: Contents
    newer: frozenset[str]
    lost: frozenset[str] = frozenset()
    written: bool = True


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
        token: bytes = b"",
        leases: frozenset[str] = frozenset(),
        *,
        ended: bool = True,
        only_known: bool = False,
    ) -> Kept:
        """Take new parts into a wallet and give leases back, in one round trip if undisturbed.

        Args:
            before: the wallet's value as last seen.
            token, leases: of the round of asking that brought the parts, and systems whose leases
                it took; those that brought nothing that is fresh now are marked as failed. Without
                them the parts are an issuer's own words, which need no lease.
            ended: whether the leases are given back.
            only_known: take in nothing from issuers of which the wallet has not heard before.
        """
        lost: frozenset[str] = frozenset()
        for attempt in range(_ATTEMPTS):
            parts = {code: part for code, part in parts.items() if code not in lost}
            known = self._blobs.read(subject, before)
            if only_known:
                parts = _of_known(parts, known, holder_tag)
            kept = replace(_take_in(known, holder_tag, parts, issuers, now), lost=lost)
            after = self._value(subject, kept, issuers, now)
            life_ms = max(last_use(kept.contents, issuers.by_code) - now, 0) + TOMBSTONE_S
            held = leases - lost
            uses = {code: _use(code, kept.contents, issuers, now, ended) for code in held}
            written = await self._store.put(
                subject, before, after, life_ms * 1000, Leases(token, uses)
            )
            if written.done:
                return kept
            before, lost = written.blob, lost | written.lost
            if attempt > 1:
                await asyncio.sleep(random.random() * _PAUSE_S * attempt)
        log.warning("wallet.contended", attempts=_ATTEMPTS)
        if ended:
            uses = dict.fromkeys(leases - lost, LeaseUse.GIVEN_BACK)
            await self._store.put(subject, before, None, 0, Leases(token, uses))
        return replace(kept, written=False)

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


def _of_known(parts: Mapping[str, Part], known: Contents, holder_tag: str) -> Mapping[str, Part]:
    heard = known.parts if known.holder_tag == holder_tag else {}
    return {code: part for code, part in parts.items() if code in heard}


def _use(code: str, contents: Contents, issuers: IssuerSet, now: int, ended: bool) -> LeaseUse:
    if not ended:
        return LeaseUse.NEEDED
    system, part = issuers.by_code.get(code), contents.parts.get(code)
    fresh = system is not None and age_of(part, system, now) is Age.FRESH
    return LeaseUse.GIVEN_BACK if fresh else LeaseUse.FAILED

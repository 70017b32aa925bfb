"""A licence by its 电子证照标识: its issuer alone can say whose it is.

What it answers is used as it came, and kept in no wallet: its holder did not open one. Only where
the holder's wallet knows of a later state (a notice that overtook the answer), that one counts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from backend.exchange.service import Exchange, ProviderSystem
from backend.numbers.service import Holder, LicenceIdentifier
from backend.store.keyring import BlindIndex
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError
from backend.wallet.blobs import Blobs
from backend.wallet.entries import Contents, Part
from backend.wallet.errors import IdentifierNotOffered, IssuersSilent
from backend.wallet.records import AnswerRefused, holder_tag, read_identified
from backend.wallet.store import WalletStore
from backend.wallet.view import Card, view_of

log = structlog.get_logger("wallet")

OPERATION = "licences.get"
LONGEST_S = 3.0

SubjectOf = Callable[[Holder], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Identified:
    """A licence that was found by its identifier.

    Attributes:
        holders: all of them, in the issuer's order; ``card`` is that of the first.
    """

    card: Card
    holders: Sequence[Holder]


class ByIdentifier:
    """Asks the issuers of a type for one licence.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self,
        exchange: Exchange,
        store: WalletStore,
        blobs: Blobs,
        index: BlindIndex,
        clock: Callable[[], float],
    ) -> None:
        self._exchange, self._store, self._blobs = exchange, store, blobs
        self._index, self._clock = index, clock

    async def find(
        self, identifier: LicenceIdentifier, subject_of: SubjectOf, trace: str
    ) -> Identified | None:
        """The licence of an identifier; None when its issuer has none. See ``Wallet``."""
        systems = self._issuers(identifier)
        said = await asyncio.gather(*(self._ask(each, identifier, trace) for each in systems))
        for system, answer in zip(systems, said, strict=True):
            if answer is not None and answer[1]:
                return await self._newest(system, identifier, *answer, subject_of)
        silent = [s.short_name for s, answer in zip(systems, said, strict=True) if answer is None]
        if silent:
            raise IssuersSilent(silent)
        return None

    def _issuers(self, identifier: LicenceIdentifier) -> list[ProviderSystem]:
        """Those who can tell: the system of the very issuer, else all that give the type."""
        found = [
            system
            for system in self._exchange.with_operation(OPERATION)
            if system.manifest.licence_type(identifier.type_code) is not None
        ]
        if not found:
            raise IdentifierNotOffered
        issuer = identifier.issuer_code
        return [s for s in found if s.manifest.system.department.uscc == issuer] or found

    async def _ask(
        self, system: ProviderSystem, identifier: LicenceIdentifier, trace: str
    ) -> tuple[Part, Sequence[Holder]] | None:
        """An issuer's word, without holders when it has no such licence; None: it gives none."""
        payload, deadline = {"licence_identifier": str(identifier)}, Deadline.after(LONGEST_S)
        try:
            answer = await self._exchange.call(system, OPERATION, payload, deadline, trace)
            return read_identified(answer, system, identifier, self._index, self._now())
        except (UpstreamError, AnswerRefused) as error:
            log.warning(
                "wallet.issuer_unavailable",
                system=system.code,
                error=type(error).__name__,
                reason=error.reason,
            )
            return None

    async def _newest(
        self,
        system: ProviderSystem,
        identifier: LicenceIdentifier,
        part: Part,
        holders: Sequence[Holder],
        subject_of: SubjectOf,
    ) -> Identified | None:
        subject, tag = await subject_of(holders[0]), holder_tag(holders[0], self._index)
        stored = self._blobs.read(subject, await self._store.get(subject))
        known = stored.parts.get(system.code) if stored.holder_tag == tag else None
        if known is not None and known.revision > part.revision:
            part = known
        view = view_of(Contents(tag, {system.code: part}), [system], self._now())
        mine = (c for c in view.cards if c.licence.identifier == str(identifier))
        card = next(mine, None)
        return None if card is None else Identified(card, holders)

    def _now(self) -> int:
        return int(self._clock())

"""The wallet's use cases: open it, look at a licence, reveal a field, draw a face, take a notice.

The only module of the package that others import. ``who`` is the holder in full, or a function that
finds them, which is called only when an issuer has to be asked; ``subject`` is the short tag of the
holder's Redis keys.
"""

import base64
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import EllipsisType
from uuid import UUID

from backend.audit.service import Audit
from backend.exchange.service import Audience, Exchange, ProviderSystem
from backend.messages.service import Messages
from backend.numbers.service import Holder, LicenceIdentifier
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.deadline import Deadline
from backend.wallet.arranging import MOST_PLACES, Arrangement, arrange, arrangement_of
from backend.wallet.asking import Asker, Flight, Who
from backend.wallet.blobs import TAG_BYTES, Blobs, Prepared, wallet_key, write_tag
from backend.wallet.entries import (
    STATUS_LABELS,
    Age,
    Contents,
    Licence,
    LicenceStatus,
    Part,
    age_of,
    china_day,
    china_time,
)
from backend.wallet.errors import (
    FaceUnavailable,
    FieldUnknown,
    IdentifierNotOffered,
    IssuersSilent,
    LicenceNotFound,
    NoticeRefused,
    WalletContended,
    WalletError,
)
from backend.wallet.faces.stamp import Stamp
from backend.wallet.faces.studio import FaceRequest, Studio
from backend.wallet.faces.typeface import Typeface
from backend.wallet.hearing import Hearing, Watcher
from backend.wallet.identified import ByIdentifier, Identified, SubjectOf
from backend.wallet.issuers import Issuers, IssuerSet
from backend.wallet.obtaining import Obtainable, obtainable
from backend.wallet.records import (
    LicenceRecord,
    LicencesAnswer,
    audience_of,
)
from backend.wallet.showing import Showing
from backend.wallet.store import WalletStore
from backend.wallet.view import Card, Source, WalletView, card_of, view_of

__all__ = [
    "MOST_PLACES",
    "STATUS_LABELS",
    "TAG_BYTES",
    "Arrangement",
    "Card",
    "FaceUnavailable",
    "FieldUnknown",
    "Identified",
    "IdentifierNotOffered",
    "IssuersSilent",
    "Licence",
    "LicenceNotFound",
    "LicenceRecord",
    "LicenceStatus",
    "LicencesAnswer",
    "NoticeRefused",
    "Obtainable",
    "Part",
    "Prepared",
    "Source",
    "Stamp",
    "Typeface",
    "Wallet",
    "WalletContended",
    "WalletError",
    "WalletView",
    "Watcher",
    "Who",
    "arrange",
    "arrangement_of",
    "china_day",
    "china_time",
    "wallet_key",
    "write_tag",
]

OPEN_S = 3.0
_SUBJECT_BYTES = 16


class Wallet:
    """Everyone's licences, as their issuers last gave them.

    Args:
        fonts: folder of the typeface for face pictures.
        clock: gives Unix time.
        messages: by which holders are told what becomes of their licences.
    """

    def __init__(
        self,
        redis: Redis,
        keyring: KeyRing,
        index: BlindIndex,
        exchange: Exchange,
        audit: Audit,
        fonts: Path = Path("miniprogram/dist/fonts"),
        clock: Callable[[], float] = time.time,
        messages: Messages | None = None,
    ) -> None:
        self._store, self._blobs = WalletStore(redis), Blobs(keyring)
        self._index, self._clock = index, clock
        self._issuers = Issuers(exchange)
        self._hearing = Hearing(self._store, self._blobs, index, messages, clock)
        self._asker = Asker(exchange, self._store, self._blobs, index, clock)
        self._by_identifier = ByIdentifier(exchange, self._store, self._blobs, index, clock)
        self._showing = Showing(Studio(fonts), audit)

    def watch(self, watcher: Watcher) -> None:
        """Tell somebody of everything that issuers say from now on."""
        self._hearing.watcher, self._asker.heard = watcher, watcher.heard

    def enterprise_subject(self, uscc: str) -> str:
        """The tag of an enterprise's Redis keys; tells nothing about it, meets no person's tag."""
        digest = bytes.fromhex(self._index.of("enterprise", uscc))[:_SUBJECT_BYTES]
        return "e" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def prepared(
        self, subject: str, blob: bytes | None, audience: Audience = "citizen"
    ) -> Prepared | None:
        """The list as it can be sent at once; None when any part of it has to be looked at.

        Args:
            blob: the value of ``wallet_key(subject)``.
        """
        if blob is None:
            return None
        return self._blobs.prepared(subject, blob, self._issuers.of(audience).tag, self._clock())

    def prepared_etag(self, blob: bytes | None, audience: Audience = "citizen") -> str | None:
        """The ``ETag`` that ``prepared`` would give, without opening anything."""
        if blob is None:
            return None
        return self._blobs.etag(blob, self._issuers.of(audience).tag, self._clock())

    async def open(
        self,
        subject: str,
        who: Holder | Who,
        audience: Audience = "citizen",
        *,
        deadline: Deadline | None = None,
        trace: str = "",
        blob: bytes | EllipsisType | None = ...,
    ) -> WalletView:
        """Open a wallet: what is fresh from the store, the rest from its issuers, all at once.

        What may still be shown without waiting is served labelled stale, and renewed behind. An
        issuer that does not answer gives its last known licences, labelled; if it never gave any,
        its source is ``unavailable``.

        Args:
            deadline: for the whole; what has not come by then is missing, but kept when it comes.
            trace: a W3C ``traceparent`` for the issuers.
            blob: the value of ``wallet_key(subject)`` where the caller has read it.

        Raises:
            DomainError: whatever ``who`` raises.
        """
        issuers = self._issuers.of(audience)
        contents = await self._read(subject, blob)
        flights = self._ask(subject, _asker(who), issuers, contents, trace)
        contents = await self._asker.landed(flights, contents, deadline or Deadline.after(OPEN_S))
        return view_of(contents, issuers.systems, self._now())

    async def licence(
        self,
        subject: str,
        who: Holder | Who,
        licence_id: str,
        audience: Audience = "citizen",
        *,
        trace: str = "",
        blob: bytes | EllipsisType | None = ...,
    ) -> Card:
        """One licence; no other issuer than its own is waited for if it is known.

        The caller has to check ``card.kind.min_level``.

        Raises:
            LicenceNotFound: this holder has none of that id.
            IssuersSilent: the same, but not every issuer could be asked.
        """
        blob = await self._store.get(subject) if blob is ... else blob
        card = self._kept(subject, blob, licence_id, audience)
        if card is not None:
            return card
        view = await self.open(subject, who, audience, trace=trace, blob=blob)
        card = view.card(licence_id)
        if card is not None:
            return card
        raise IssuersSilent(view.silent) if view.silent else LicenceNotFound

    async def obtainable(
        self, subject: str, who: Who, audience: Audience = "citizen", *, trace: str = ""
    ) -> list[Obtainable]:
        """Types of licences that somebody could have but does not hold (添加证照).

        A licence that is not valid any more counts as not held.
        """
        holder = await who()
        view = await self.open(subject, holder, audience, trace=trace)
        return obtainable(view, holder, audience, self._issuers.of(audience).systems)

    async def of_type(
        self,
        subject: str,
        who: Holder | Who,
        type_code: str,
        audience: Audience = "citizen",
        *,
        trace: str = "",
    ) -> tuple[list[Card], list[str]]:
        """Somebody's licences of a type, and the names of its issuers that do not answer.

        Nobody but the issuers of that type is asked.
        """
        issuers = self._issuers.of(audience)
        systems = [s for s in issuers.systems if s.manifest.licence_type(type_code) is not None]
        contents = await self._read(subject, ...)
        codes = frozenset(system.code for system in systems)
        flights = self._ask(subject, _asker(who), issuers, contents, trace, codes)
        contents = await self._asker.landed(flights, contents, Deadline.after(OPEN_S))
        view = view_of(contents, systems, self._now())
        return [card for card in view.cards if card.licence.type_code == type_code], view.silent

    async def identified(
        self, identifier: LicenceIdentifier, subject_of: SubjectOf, *, trace: str = ""
    ) -> Identified | None:
        """The licence of a 电子证照标识, whoever holds it; None when there is none.

        Args:
            subject_of: the tag of a holder's wallet, which may know of a later state.

        Raises:
            IdentifierNotOffered: no issuer of that type can be asked so.
            IssuersSilent: whoever could know it does not answer.
        """
        return await self._by_identifier.find(identifier, subject_of, trace)

    async def known(
        self,
        subject: str,
        licence_id: str,
        audience: Audience = "citizen",
        *,
        blob: bytes | EllipsisType | None = ...,
    ) -> Card | None:
        """One licence as it is kept; no issuer is asked. None when it is not, or is too old.

        Args:
            blob: the value of ``wallet_key(subject)`` where the caller has read it.
        """
        blob = await self._store.get(subject) if blob is ... else blob
        return self._kept(subject, blob, licence_id, audience)

    async def reveal(self, card: Card, field: str, actor: str, about: str) -> str:
        """The full value of a masked field; written to the audit. See ``Showing``."""
        return await self._showing.reveal(card, field, actor, about)

    async def face(
        self,
        card: Card,
        actor: str,
        about: str,
        *,
        purpose: str,
        viewer: str,
        thumbnail: bool = False,
        full: bool = False,
    ) -> bytes:
        """A picture of the licence as PNG, with a watermark. See ``Showing``."""
        request = FaceRequest(card, purpose, viewer, thumbnail, full, self._now())
        return await self._showing.face(request, actor, about)

    async def copy(self, card: Card, stamp: Stamp, pdf: bool) -> bytes:
        """A copy of a licence in full, stamped with what it is for. See ``Showing``."""
        return await self._showing.copy(card, stamp, pdf)

    async def apply_notice(
        self,
        system: ProviderSystem,
        subject: str | None,
        holder: Holder,
        notice: LicencesAnswer,
        tell: Sequence[UUID] = (),
    ) -> bool:
        """Take in what an issuer says unasked about a holder. See ``Hearing``."""
        issuers = self._issuers.of(audience_of(holder))
        return await self._hearing.notice(subject, holder, system, notice, issuers, tell)

    async def ask_again(
        self,
        system: ProviderSystem,
        subject: str,
        holder: Holder,
        *,
        tell: Sequence[UUID] = (),
        trace: str = "",
    ) -> bool:
        """Ask an issuer at once, however fresh its last word is: it has just issued something.

        To the same effect as a notice of it; for instance when a case was approved there.

        Raises:
            IssuersSilent: it gives no answer; what it issued comes with the next opening.
            WalletContended.
        """
        issuers = self._issuers.of(audience_of(holder))
        deadline = Deadline.after(OPEN_S)
        part = await self._asker.ask(system, holder, deadline, trace)
        if part is None:
            raise IssuersSilent([system.short_name])
        return await self._hearing.take(subject, holder, system, part, issuers, tell)

    async def forget(self, subject: str) -> None:
        """Drop a wallet, and what is on its way into it: the account got another holder."""
        await self._store.delete(subject, list(self._issuers.of("citizen").by_code))

    async def close(self) -> None:
        """Finish what runs in the background."""
        await self._asker.close()
        await self._showing.close()

    async def _read(self, subject: str, blob: bytes | EllipsisType | None) -> Contents:
        return self._blobs.read(subject, await self._store.get(subject) if blob is ... else blob)

    def _ask(
        self,
        subject: str,
        who: Who,
        issuers: IssuerSet,
        contents: Contents,
        trace: str,
        only: frozenset[str] | None = None,
    ) -> list[Flight]:
        """Start asking whoever has to be; gives the flights that have to be waited for."""
        now = self._now()
        ages = {s.code: age_of(contents.parts.get(s.code), s, now) for s in issuers.systems}
        if only is not None:
            ages = {code: age for code, age in ages.items() if code in only}
        stale = [code for code, age in ages.items() if age is Age.STALE]
        old = [code for code, age in ages.items() if age is Age.OLD]
        if stale:
            self._asker.flights(subject, who, issuers, stale, trace)
        return self._asker.flights(subject, who, issuers, old, trace) if old else []

    def _kept(
        self, subject: str, blob: bytes | None, licence_id: str, audience: Audience
    ) -> Card | None:
        """One licence as it is kept; None when it is not, or is too old."""
        issuers, now = self._issuers.of(audience).by_code, self._now()
        for code, part in self._blobs.part_with(subject, blob, licence_id).items():
            system = issuers.get(code)
            card = card_of(part, system, licence_id, now) if system is not None else None
            if system is not None and card is not None and age_of(part, system, now) is not Age.OLD:
                return card
        return None

    def _now(self) -> int:
        return int(self._clock())


def _asker(who: Holder | Who) -> Who:
    if not isinstance(who, Holder):
        return who

    async def known() -> Holder:
        return who

    return known

"""Taking in what issuers say unasked: into wallets, to whoever shows licences, to the holder."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from tortoise.transactions import in_transaction

from backend.exchange.service import ProviderSystem
from backend.messages.service import Messages
from backend.numbers.service import Holder
from backend.store.keyring import BlindIndex
from backend.wallet.blobs import Blobs
from backend.wallet.entries import Contents, Part
from backend.wallet.errors import NoticeRefused, WalletContended
from backend.wallet.issuers import IssuerSet
from backend.wallet.keeping import Keeper
from backend.wallet.news import news_of
from backend.wallet.records import AnswerRefused, LicencesAnswer, holder_tag, part_of
from backend.wallet.store import FAILED, WalletStore


class Watcher(Protocol):
    """Somebody who has to know what becomes of licences, for instance of those shown to others."""

    def heard(self, holder: Holder, parts: Mapping[str, Part]) -> None:
        """Issuers answered about a holder, by system code; must not wait for anything."""

    async def noticed(self, holder: Holder, system: str, part: Part) -> None:
        """An issuer told of a change; it is acknowledged when this returns."""


class Hearing:
    """Takes in words of issuers.

    Attributes:
        watcher: is told of each.
    """

    def __init__(
        self,
        store: WalletStore,
        blobs: Blobs,
        index: BlindIndex,
        messages: Messages | None,
        clock: Callable[[], float],
    ) -> None:
        self._store, self._blobs, self._index = store, blobs, index
        self._messages, self._clock = messages, clock
        self._keeper = Keeper(store, blobs)
        self.watcher: Watcher | None = None

    async def notice(
        self,
        subject: str | None,
        holder: Holder,
        system: ProviderSystem,
        notice: LicencesAnswer,
        issuers: IssuerSet,
        tell: Sequence[UUID],
    ) -> bool:
        """Take in what an issuer says unasked about a holder: all their licences there (核发).

        A licence that was issued, renewed, withdrawn or given back is shown so from now on, on
        every worker, and the holder has a message.

        Only a wallet that is kept is changed: of people who never opened theirs nothing is stored.
        If the issuer is being asked at this moment, it is asked once more.

        Args:
            subject: the tag of the account that bears the holder's number; None without one.
            tell: persons who are told what it brings.

        Returns:
            False when it changed nothing: no wallet, a newer revision is known, or the wallet is
            that of another holder by now.

        Raises:
            NoticeRefused: the system issues nothing to this holder, or names another one.
            WalletContended: it could not be written; the sender has to repeat it.
        """
        if system.code not in issuers.by_code:
            raise NoticeRefused
        try:
            part = part_of(notice, system, holder, self._index, self._now())
        except AnswerRefused:
            raise NoticeRefused from None
        return await self.take(subject, holder, system, part, issuers, tell)

    async def take(
        self,
        subject: str | None,
        holder: Holder,
        system: ProviderSystem,
        part: Part,
        issuers: IssuerSet,
        tell: Sequence[UUID],
    ) -> bool:
        """Take in an issuer's word wherever it matters, and tell of it.

        Args:
            subject: the tag of the account that bears the holder's number; None without one.
            tell: persons who are told what it brings.

        Returns:
            Whether the wallet was changed.

        Raises:
            WalletContended: it could not be written.
        """
        # Before the wallet has it: if telling fails, the word comes again and is still news.
        await self._tell(subject, holder, system, part, tell)
        applied = subject is not None and await self._kept(subject, holder, system, part, issuers)
        if self.watcher is not None:
            # Also from a wallet that is not kept any more something may have been shown. Last, so
            # that whatever is shown from now on comes from the wallet as it stands now.
            await self.watcher.noticed(holder, system.code, part)
        return applied

    async def _tell(
        self,
        subject: str | None,
        holder: Holder,
        system: ProviderSystem,
        part: Part,
        tell: Sequence[UUID],
    ) -> None:
        if self._messages is None or not tell:
            return
        contents = await self._read(subject) if subject is not None else Contents()
        mine = contents.holder_tag == holder_tag(holder, self._index)
        before = contents.parts.get(system.code) if mine else None
        news = news_of(before, part, system, self._now())
        async with in_transaction():
            for person_id in tell:
                for each in news:
                    await self._messages.tell(
                        person_id, each.kind, each.title, each.text, each.link, dedupe_key=each.key
                    )

    async def _kept(
        self, subject: str, holder: Holder, system: ProviderSystem, part: Part, issuers: IssuerSet
    ) -> bool:
        """Take a notice's part into a wallet that has heard of this issuer before."""
        tag = holder_tag(holder, self._index)
        blob, leases = await self._store.watch(subject, [system.code])
        asked = leases[system.code] not in (None, FAILED)
        if asked and not self._knows(subject, blob, tag, system):
            # The answer that is on its way may be older than the notice: it shall not count. The
            # notice itself may be an old one that comes again; with nothing to hold it against it
            # is not taken for the truth either, the issuer is asked once more.
            await self._store.drop_lease(subject, system.code)
            blob = await self._store.get(subject)
        if not self._knows(subject, blob, tag, system):
            return False
        kept = await self._keeper.keep(
            subject, blob, tag, {system.code: part}, issuers, self._now(), only_known=True
        )
        if not kept.written:
            raise WalletContended
        return bool(kept.newer)

    def _knows(self, subject: str, blob: bytes | None, tag: str, system: ProviderSystem) -> bool:
        """Whether a wallet of this holder has heard of an issuer before."""
        contents = self._blobs.read(subject, blob)
        return contents.holder_tag == tag and system.code in contents.parts

    async def _read(self, subject: str) -> Contents:
        return self._blobs.read(subject, await self._store.get(subject))

    def _now(self) -> int:
        return int(self._clock())

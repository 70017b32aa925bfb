"""Whoever scans: a code is taken, the holder is asked where that is needed, the look is kept.

Nothing is shown before it was written down who looks. What leaves together in one round trip could
as well come one after the other; what has to come first waits for its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import EllipsisType
from typing import NamedTuple, Protocol, cast

import orjson

from backend.exchange.service import Audience
from backend.messages.service import Messages
from backend.presentation.codes import Codes, Shown
from backend.presentation.errors import (
    CodeUnknown,
    FieldsUnknown,
    LicenceWithdrawn,
    OwnCode,
    TooOften,
)
from backend.presentation.facts import VCT, chosen
from backend.presentation.jose import compact
from backend.presentation.keys import IssuerKeys
from backend.presentation.looks import Look, Looks, person_id
from backend.presentation.pace import MINUTE_S, Count
from backend.presentation.requests import WAIT_S, Requests, Verifier
from backend.store.ids import uuid7
from backend.store.redis import HotLink
from backend.wallet.service import Card, LicenceStatus, Wallet, china_day, wallet_key

RECEIPT = "receipt+jwt"
# In a minute, by whom: more than people at a counter do, too little to try codes or to collect.
MOST_SCANS = {"system": 3000, "person": 60, "public": 120}
_A_WRONG_CODE = 10
_TAG_FROM, _TAG_TO = "-16", "-1"


class Seen(NamedTuple):
    """What a verifier gets.

    Attributes:
        receipt_id: by which holder, verifier and log know this look.
        receipt: signed summary (JWS of type ``receipt+jwt``); names what was seen, not its content.
    """

    receipt_id: str
    at: datetime
    receipt: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Waiting:
    """The holder is being asked.

    Attributes:
        token: with which the same verifier asks for the result.
    """

    token: str
    expires_in: int


class Leave(Protocol):
    """Who knows whether somebody may show what is not theirs."""

    async def used(self, grant: str) -> str | None:
        """Use a leave once; gives the tag of who has to be told, None when it holds no more."""


def scans_key(tag: str) -> str:
    """The Redis key of how often somebody has scanned in this minute."""
    return Count(tag, "scan", 0).key


class Scan(NamedTuple):
    """A code that is scanned.

    Attributes:
        text: what was scanned or typed.
        purpose: why, as the holder will read it.
        counted: tag under which the scans of this verifier are counted.
    """

    text: str
    verifier: Verifier
    purpose: str
    counted: str


class Scanning:
    """Takes codes, asks holders, and gives what may be seen.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, hot: HotLink, codes: Codes, requests: Requests, looks: Looks, keys: IssuerKeys,
        wallet: Wallet, messages: Messages, clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._hot, self._codes, self._requests, self._looks = hot, codes, requests, looks
        self._keys, self._wallet, self._messages, self._clock = keys, wallet, messages, clock
        self.leave: Leave | None = None

    async def scan(self, scan: Scan, so_far: bytes | EllipsisType | None) -> Seen | Waiting:
        """Look at a licence by the code on its holder's screen. See ``Presentations.scan``."""
        verifier = scan.verifier
        shown = await self._taken(scan, so_far)
        if verifier.kind == "person" and verifier.id == person_id(shown.shower):
            raise OwnCode
        if not _asks(shown, verifier):
            return await self.seen(shown, verifier, scan.purpose, "code")
        # Nobody is asked about something that is not valid any more.
        shown = await self._current(shown)
        token = await self._requests.add(shown, verifier, scan.purpose, self._now_ms())
        if token is None:
            raise TooOften(WAIT_S)
        await self._tell_asked(shown, verifier, scan.purpose, token)
        return Waiting(token, WAIT_S)

    async def _taken(self, scan: Scan, so_far: bytes | EllipsisType | None) -> Shown:
        """What the code stands for; nobody is given it twice, and nobody tries too often."""
        count = Count(scan.counted, "scan", MOST_SCANS[scan.verifier.kind])
        if so_far is ...:
            (so_far,) = await self._hot.mget([count.key])
        # Looked at first, so that the code of somebody who has come too often is left alone.
        if int(so_far or 0) >= count.most:
            raise TooOften(MINUTE_S)
        try:
            return await self._codes.take(scan.text, count)
        except CodeUnknown:
            wrong = count._replace(weight=_A_WRONG_CODE, most=2 * count.most)
            counted, _ = await self._hot.ask(*wrong.commands)
            if counted > wrong.most:
                raise TooOften(MINUTE_S) from None
            raise

    async def _tell_asked(self, shown: Shown, verifier: Verifier, purpose: str, token: str) -> None:
        """Also whoever has left the page of the code learns that somebody waits for their word."""
        text = (
            f"{verifier.name}想查看您的{shown.type_name}，用途：{purpose}。请在1分钟内到“亮码”页"
            "选择同意或不同意；没有回答，对方什么也看不到。"
        )
        key = f"licence:asked:{sha256(token.encode()).hexdigest()[:32]}"
        await self._messages.tell(
            shown.shower, "licence.asked", f"有人要看您的{shown.type_name}", text,
            "/pages/code/index", dedupe_key=key,
        )  # fmt: skip

    async def result(self, token: str, verifier: Verifier) -> Seen | None:
        """What became of a request; None while the holder has said nothing.

        Raises:
            RequestUnknown, RequestDeclined, LicenceWithdrawn.
        """
        agreed = await self._requests.collect(token, verifier, self._now_ms())
        if agreed is None:
            return None
        return await self.seen(agreed.shown, agreed.verifier, agreed.purpose, "confirmed")

    async def seen(self, shown: Shown, verifier: Verifier, purpose: str, how: str) -> Seen:
        """Write down who looks, then give what there is to see.

        Whether that still stands is asked in the same round trip. Hardly ever it does not, and then
        the look is taken back: a log that says too much for a moment is better than one too late.

        Raises:
            LicenceWithdrawn.
        """
        told = await self._use_leave(shown)
        look = Look(
            id=str(uuid7()), subject=shown.subject, shower=told,
            licence_id=shown.licence_id, type_code=shown.type_code, type_name=shown.type_name,
            at=self._now_ms(), how=how, verifier_kind=verifier.kind, verifier_id=verifier.id,
            verifier=verifier.name, purpose=purpose, fields=shown.fields, grant=shown.grant,
        )  # fmt: skip
        tag, _ = await self._hot.ask(_writing_of(shown), self._looks.entry(look))
        try:
            shown = await self._as_it_stands(shown, tag)
        except LicenceWithdrawn:
            await self._looks.take_back(look)
            raise
        return Seen(look.id, look.moment, self._receipt(look, shown), shown)

    async def _use_leave(self, shown: Shown) -> str:
        """Who has to be told of a look: whoever showed it, or whose leave it needed.

        Raises:
            LicenceWithdrawn: the leave holds no more; or there is nothing to see, which takes none.
        """
        if not shown.grant:
            return shown.shower
        await self._current(shown)
        told = await self.leave.used(shown.grant) if self.leave is not None else None
        if told is None:
            raise LicenceWithdrawn
        return told

    async def _current(self, shown: Shown) -> Shown:
        """The same as it stands now. See ``_as_it_stands``."""
        (tag,) = await self._hot.ask(_writing_of(shown))
        return await self._as_it_stands(shown, tag)

    async def _as_it_stands(self, shown: Shown, tag: bytes) -> Shown:
        """The same as it stands now.

        Args:
            tag: of the wallet's last writing.

        Raises:
            LicenceWithdrawn: the licence is not valid any more, or is another version.
        """
        day = china_day(int(self._clock()))
        if tag and tag.hex() == shown.written and day.isoformat() == shown.day:
            return shown
        audience = cast(Audience, shown.audience)
        card = await self._wallet.known(shown.subject, shown.licence_id, audience)
        if card is None or not still(card, shown.version):
            raise LicenceWithdrawn
        try:
            facts = chosen(card, [name for name, _, _ in shown.facts], day)
        except FieldsUnknown:
            raise LicenceWithdrawn from None
        return shown._replace(
            facts=[(fact.name, fact.label, fact.value) for fact in facts],
            as_of=card.as_of,
        )

    def _receipt(self, look: Look, shown: Shown) -> str:
        claims = {
            "iss": self._keys.issuer,
            "jti": look.id,
            "iat": look.at // 1000,
            "vct": VCT + look.type_code,
            "verifier": look.verifier,
            "purpose": look.purpose,
            "fields": [name for name, _ in look.fields],
            # Whoever kept what they saw can prove that this was it.
            "facts_digest": sha256(orjson.dumps(shown.facts)).hexdigest(),
        }
        return compact({}, claims, self._keys.signer("ed25519"), RECEIPT)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _writing_of(shown: Shown) -> tuple[str, ...]:
    """The command that gives the tag of a wallet's last writing; empty when there is none."""
    return "GETRANGE", wallet_key(shown.subject), _TAG_FROM, _TAG_TO


def _asks(shown: Shown, verifier: Verifier) -> bool:
    if shown.ask or shown.confirm == "always":
        return True
    return shown.confirm == "strangers" and verifier.kind != "system"


def still(card: Card | None, version: str) -> bool:
    """Whether a licence is valid and of the version that was shown."""
    return (
        card is not None and card.status is LicenceStatus.VALID and card.licence.version == version
    )

"""Showing licences (亮证) and verifying them, on line and off line.

The only module of the package that others import. On line a code lives a minute and is worth one
look; off line a credential bound to the phone's key is checked with published keys and a list.
Whoever looks is written down before anything is shown, and the holder is told.
"""

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, Protocol, cast
from uuid import UUID

import orjson

from backend.audit.service import Audit, person
from backend.exchange.service import Audience
from backend.messages.service import Messages
from backend.presentation.codes import LIFE_S, RENEW_S, Codes, CodeState, Shown
from backend.presentation.credentials import Credentials, Issued
from backend.presentation.errors import (
    CodeUnknown,
    FieldsUnknown,
    LicenceNotValid,
    LicenceWithdrawn,
    OwnCode,
    TooOften,
)
from backend.presentation.facts import VCT, Fact, chosen, facts_of, labels_of
from backend.presentation.jose import compact
from backend.presentation.keys import IssuerKeys
from backend.presentation.looks import Look, Looks, Usage, UsageFilter, UsagePage, person_of
from backend.presentation.requests import WAIT_S, Pending, Requests, Verifier
from backend.settings import Settings
from backend.store.ids import uuid7
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import HotLink, Redis
from backend.wallet.service import (
    STATUS_LABELS,
    Card,
    LicenceStatus,
    Wallet,
    china_day,
    wallet_key,
    write_tag,
)

__all__ = [
    "LIFE_S",
    "RENEW_S",
    "VCT",
    "WAIT_S",
    "CodeState",
    "Fact",
    "Issued",
    "Leave",
    "Look",
    "NewCode",
    "Pending",
    "Presentations",
    "Seen",
    "Stores",
    "Usage",
    "UsageFilter",
    "UsagePage",
    "Verifier",
    "Waiting",
    "facts_of",
    "labels_of",
]

RECEIPT = "receipt+jwt"
# In a minute, by whom: more than people at a counter do, too little to try codes or to collect.
MOST_CODES = 40
MOST_SCANS = {"system": 3000, "person": 60, "public": 120}
_A_WRONG_CODE = 10
_MINUTE_S = 60
_TAG_FROM, _TAG_TO = "-16", "-1"


@dataclass(frozen=True, slots=True)
class Stores:
    """What the package keeps things in."""

    redis: Redis
    hot: HotLink
    keyring: KeyRing
    index: BlindIndex


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code for the screen; seconds."""

    code: str
    expires_in: int
    renew_after: int
    facts: Sequence[Fact]
    confirm: Literal["never", "strangers", "always"]


@dataclass(frozen=True, slots=True)
class Seen:
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


class Presentations:
    """The use cases.

    Args:
        clock: gives Unix time.
    """

    def __init__(
        self, stores: Stores, settings: Settings, wallet: Wallet, audit: Audit,
        messages: Messages, clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self.keys = IssuerKeys(
            settings.signing_key, settings.origin, settings.presentation_generation,
            settings.presentation_retired,
        )  # fmt: skip
        self.credentials = Credentials(
            stores.redis, stores.index, self.keys, settings.origin, settings.signing_key, clock
        )
        self.looks = Looks(stores.hot, stores.redis, stores.keyring, audit, messages)
        self._codes = Codes(stores.hot, stores.keyring)
        self._requests = Requests(stores.redis, stores.keyring)
        self._hot, self._index, self._messages = stores.hot, stores.index, messages
        self._wallet, self._audit, self._clock = wallet, audit, clock
        self._leave: Leave | None = None
        wallet.watch(self.credentials)

    def ask_leave_of(self, leave: Leave) -> None:
        """Ask there before anything is shown under a grant, from now on."""
        self._leave = leave

    # Off line

    async def credential(
        self, card: Card, subject: str, shower: str, holder_key: Mapping[str, Any]
    ) -> Issued:
        """A credential for a phone's key; written to the audit. See ``Credentials.issue``.

        Args:
            subject: whose licence it is; shower: tag of the person on the phone.

        Raises:
            LicenceWithdrawn: it was withdrawn at this very moment.
        """
        issued = await self.credentials.issue(card, holder_key)
        # A notice may have come between our look at the wallet and the credential's own row.
        known = await self._wallet.known(subject, card.licence.id, card.kind.audience)
        if not _still(known, card.licence.version):
            await self.credentials.withdraw(issued.number)
            raise LicenceWithdrawn
        await self._audit.record(
            person(person_of(shower)), "presentation.credential", person(person_of(shower)),
            {"licence": card.licence.id, "licence_type": card.licence.type_code},
        )  # fmt: skip
        return issued

    # The holder's screen

    async def show(
        self, card: Card, subject: str, shower: str, blob: bytes | None, names: Sequence[str],
        purpose: str, ask: bool, grant: str = "",
    ) -> NewCode:  # fmt: skip
        """A code for one look at these facts of a licence.

        Args:
            blob: the wallet's value that the card was read from.
            names: of facts, see ``facts_of``; none of them: only that the licence is valid.
            ask: ask the holder first, whoever scans.
            grant: by whose leave the shower shows what is not theirs; asked again at the look.

        Raises:
            LicenceNotValid, FieldsUnknown, TooOften.
        """
        if card.status is not LicenceStatus.VALID:
            raise LicenceNotValid(card.status.value, STATUS_LABELS[card.status])
        day, licence, spec = china_day(int(self._clock())), card.licence, card.kind.presentation
        facts = chosen(card, names, day)
        await self._count(subject, "show", 1, MOST_CODES)
        shown = Shown(
            subject=subject, audience=card.kind.audience, shower=shower, licence_id=licence.id,
            written=_b64(write_tag(blob)), day=day.isoformat(), system=card.system.code,
            type_code=licence.type_code, type_name=card.kind.name,
            authority=licence.issuer_name, as_of=card.as_of, version=licence.version,
            purpose=purpose, facts=[(fact.name, fact.label, fact.value) for fact in facts],
            confirm=spec.confirm, ask=ask, grant=grant,
        )  # fmt: skip
        code = await self._codes.make(shown)
        return NewCode(code, LIFE_S, RENEW_S, facts, "always" if ask else spec.confirm)

    async def code_state(self, code: str, subject: str) -> CodeState:
        """Whether a code of one's own waits, was scanned, or is over."""
        return await self._codes.state(code, subject)

    async def put_away(self, code: str, subject: str) -> CodeState:
        """Make a code of one's own worthless: the next one is on the screen, or none."""
        return await self._codes.put_away(code, subject)

    async def waiting(self, shower: str) -> list[Pending]:
        """Verifiers who wait for this person's word."""
        return await self._requests.waiting(shower, self._now_ms())

    async def confirm(
        self, shower: str, request_id: str, names: Sequence[str] | None = None
    ) -> None:
        """Agree to show these of the facts that were asked for, or all of them.

        Raises:
            RequestUnknown, RequestAnswered; FieldsUnknown: they were not asked for.
        """
        found = (each for each in await self.waiting(shower) if each.id == request_id)
        pending = next(found, None)
        asked = [str(name) for name, _, _ in pending.shown.facts] if pending else []
        if pending and names is not None and (more := set(names) - set(asked)):
            raise FieldsUnknown(sorted(more))
        agreed = asked if names is None else names
        await self._requests.answer(shower, request_id, agreed, self._now_ms())

    async def decline(self, shower: str, request_id: str) -> None:
        """Refuse to be looked at; written to the audit.

        Raises:
            RequestUnknown, RequestAnswered.
        """
        declined = await self._requests.answer(shower, request_id, None, self._now_ms())
        who = person(person_of(shower))
        detail = {"licence": declined.shown.licence_id, "verifier": declined.verifier.kind}
        await self._audit.record(who, "presentation.declined", who, detail)

    # Whoever scans

    def address_tag(self, address: str) -> str:
        """Under what the scans from an address are counted; tells nothing of it."""
        return self._index.of("scan-address", address)[:32]

    async def scan(
        self, text: str, verifier: Verifier, purpose: str, counted: str
    ) -> Seen | Waiting:
        """Look at a licence by the code on its holder's screen.

        Args:
            text: what was scanned or typed.
            purpose: why, as the holder will read it.
            counted: tag under which the scans of this verifier are counted.

        Raises:
            CodeUnknown, CodeUsed, LicenceWithdrawn, OwnCode, TooOften.
        """
        most = MOST_SCANS[verifier.kind]
        await self._count(counted, "scan", 1, most)
        try:
            shown = await self._codes.take(text)
        except CodeUnknown:
            await self._count(counted, "scan", _A_WRONG_CODE, 2 * most)
            raise
        if verifier.kind == "person" and verifier.id == str(person_of(shown.shower)):
            raise OwnCode
        if not _asks(shown, verifier):
            return await self._seen(shown, verifier, purpose, "code")
        # Nobody is asked about something that is not valid any more.
        shown = await self._current(shown)
        token = await self._requests.add(shown, verifier, purpose, self._now_ms())
        if token is None:
            raise TooOften(WAIT_S)
        await self._tell_asked(shown, verifier, purpose, token)
        return Waiting(token, WAIT_S)

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
        return await self._seen(agreed.shown, agreed.verifier, agreed.purpose, "confirmed")

    async def _seen(self, shown: Shown, verifier: Verifier, purpose: str, how: str) -> Seen:
        shown = await self._current(shown)
        told = await self._use_leave(shown)
        look = Look(
            id=str(uuid7()), subject=shown.subject, shower=told,
            licence_id=shown.licence_id, type_code=shown.type_code, type_name=shown.type_name,
            at=self._now_ms(), how=how, verifier_kind=verifier.kind, verifier_id=verifier.id,
            verifier=verifier.name, purpose=purpose, fields=shown.fields, grant=shown.grant,
        )  # fmt: skip
        receipt = self._receipt(look, shown)
        await self.looks.write(look)
        return Seen(look.id, look.moment, receipt, shown)

    async def _use_leave(self, shown: Shown) -> str:
        """Who has to be told of a look: whoever showed it, or whose leave it needed.

        Raises:
            LicenceWithdrawn: the leave holds no more.
        """
        if not shown.grant:
            return shown.shower
        told = await self._leave.used(shown.grant) if self._leave is not None else None
        if told is None:
            raise LicenceWithdrawn
        return told

    async def _current(self, shown: Shown) -> Shown:
        """The same as it stands now.

        Raises:
            LicenceWithdrawn: the licence is not valid any more, or is another version.
        """
        now = int(self._clock())
        command = ("GETRANGE", wallet_key(shown.subject), _TAG_FROM, _TAG_TO)
        tag = cast(bytes, (await self._hot.ask(command))[0])
        day = china_day(now)
        if tag and _b64(tag) == shown.written and day.isoformat() == shown.day:
            return shown
        audience = cast(Audience, shown.audience)
        card = await self._wallet.known(shown.subject, shown.licence_id, audience)
        if card is None or not _still(card, shown.version):
            raise LicenceWithdrawn
        try:
            facts = chosen(card, [name for name, _, _ in shown.facts], day)
        except FieldsUnknown:
            raise LicenceWithdrawn from None
        return replace(
            shown,
            facts=[(fact.name, fact.label, fact.value) for fact in facts],
            as_of=card.as_of,
        )

    def _receipt(self, look: Look, shown: Shown) -> str:
        claims = {
            "iss": self.keys.issuer,
            "jti": look.id,
            "iat": look.at // 1000,
            "vct": VCT + look.type_code,
            "verifier": look.verifier,
            "purpose": look.purpose,
            "fields": [name for name, _ in look.fields],
            # Whoever kept what they saw can prove that this was it.
            "facts_digest": sha256(orjson.dumps(shown.facts)).hexdigest(),
        }
        return compact({}, claims, self.keys.signer("ed25519"), RECEIPT)

    async def _count(self, tag: str, what: str, weight: int, most: int) -> None:
        """Count within a minute.

        Raises:
            TooOften: it was enough for this minute.
        """
        key = f"limit:{{{tag}}}:{what}"
        count, _ = await self._hot.ask(
            ("INCRBY", key, str(weight)), ("EXPIRE", key, str(_MINUTE_S), "NX")
        )
        if count > most:
            raise TooOften(_MINUTE_S)

    # The log

    async def usages(
        self, subject: str, licence_id: str | None, cursor: str | None,
        wanted: UsageFilter | None = None,
    ) -> UsagePage:  # fmt: skip
        """Who looked at somebody's licences, newest first. See ``Looks.page``."""
        return await self.looks.page(subject, licence_id, cursor, wanted=wanted)

    async def usage(self, subject: str, usage_id: UUID) -> Usage | None:
        """One look at somebody's licences, or None."""
        return await self.looks.one(subject, usage_id)

    async def looked_at(
        self, systems: Sequence[str], type_code: str | None, since: datetime, until: datetime
    ) -> list[tuple[UUID, str]]:
        """Looks of these systems in a time, by id and holder. See ``Looks.looked_at``."""
        return await self.looks.looked_at(systems, type_code, since, until)

    def all_usages(self, subject: str) -> AsyncIterator[Sequence[Usage]]:
        """All of it, newest first."""
        return self.looks.all(subject)

    # The worker

    async def drain(self) -> int | None:
        """Bring the looks of the last moments into the database."""
        return await self.looks.drain() or None

    async def purge(self) -> int | None:
        """Forget what has served its time."""
        return await self.credentials.purge() or None

    async def close(self) -> None:
        """Finish what runs in the background."""
        await self.credentials.close()

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _asks(shown: Shown, verifier: Verifier) -> bool:
    if shown.ask or shown.confirm == "always":
        return True
    return shown.confirm == "strangers" and verifier.kind != "system"


def _still(card: Card | None, version: str) -> bool:
    return (
        card is not None and card.status is LicenceStatus.VALID and card.licence.version == version
    )


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()

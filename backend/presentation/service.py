"""Showing licences (亮证) and verifying them, on line and off line.

The only module of the package that others import. On line a code lives a minute and is worth one
look; off line a credential bound to the phone's key is checked with published keys and a list.
Whoever looks is written down before anything is shown, and the holder is told.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import EllipsisType
from typing import Any, Literal, NamedTuple
from uuid import UUID

from backend.audit.service import Audit, person
from backend.jobs.service import Queue
from backend.messages.service import Messages
from backend.presentation.codes import LIFE_S, RENEW_S, Codes, CodeState, Shown
from backend.presentation.credentials import Credentials, Issued
from backend.presentation.errors import (
    FieldsUnknown,
    LicenceNotValid,
    LicenceWithdrawn,
)
from backend.presentation.facts import VCT, Fact, chosen, facts_of, labels_of
from backend.presentation.keys import IssuerKeys
from backend.presentation.looks import (
    Look,
    Looks,
    Usage,
    UsageFilter,
    UsagePage,
    person_id,
    person_of,
)
from backend.presentation.pace import Count
from backend.presentation.requests import WAIT_S, Pending, Requests, Verifier
from backend.presentation.scanning import (
    MOST_SCANS,
    RECEIPT,
    Leave,
    Scan,
    Scanning,
    Seen,
    Waiting,
    scans_key,
    still,
)
from backend.settings import Settings
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import HotLink, Redis
from backend.wallet.service import (
    STATUS_LABELS,
    Card,
    LicenceStatus,
    Wallet,
    china_day,
    write_tag,
)

__all__ = [
    "LIFE_S",
    "MOST_SCANS",
    "RECEIPT",
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
    "person_id",
    "scans_key",
]

# In a minute.
MOST_CODES = 40


@dataclass(frozen=True, slots=True)
class Stores:
    """What the package keeps things in."""

    redis: Redis
    hot: HotLink
    keyring: KeyRing
    index: BlindIndex


class NewCode(NamedTuple):
    """A code for the screen; seconds."""

    code: str
    expires_in: int
    renew_after: int
    facts: Sequence[Fact]
    confirm: Literal["never", "strangers", "always"]


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
        self._index = stores.index
        self._wallet, self._audit, self._clock = wallet, audit, clock
        self._scanning = Scanning(
            stores.hot, self._codes, self._requests, self.looks, self.keys, wallet, messages, clock
        )
        wallet.watch(self.credentials)

    def ask_leave_of(self, leave: Leave) -> None:
        """Ask there before anything is shown under a grant, from now on."""
        self._scanning.leave = leave

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
        if not still(known, card.licence.version):
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
        shown = Shown(
            subject=subject, audience=card.kind.audience, shower=shower, licence_id=licence.id,
            written=write_tag(blob).hex(), day=day.isoformat(), system=card.system.code,
            type_code=licence.type_code, type_name=card.kind.name,
            authority=licence.issuer_name, as_of=card.as_of, version=licence.version,
            purpose=purpose, facts=[(fact.name, fact.label, fact.value) for fact in facts],
            confirm=spec.confirm, ask=ask, grant=grant,
        )  # fmt: skip
        code = await self._codes.make(shown, Count(subject, "show", MOST_CODES))
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
        self, text: str, verifier: Verifier, purpose: str, counted: str,
        so_far: bytes | EllipsisType | None = ...,
    ) -> Seen | Waiting:  # fmt: skip
        """Look at a licence by the code on its holder's screen.

        Args:
            text: what was scanned or typed.
            purpose: why, as the holder will read it.
            counted: tag under which the scans of this verifier are counted.
            so_far: the value of ``scans_key(counted)`` where the caller has read it.

        Raises:
            CodeUnknown, CodeUsed, LicenceWithdrawn, OwnCode, TooOften.
        """
        return await self._scanning.scan(Scan(text, verifier, purpose, counted), so_far)

    async def result(self, token: str, verifier: Verifier) -> Seen | None:
        """What became of a request; None while the holder has said nothing.

        Raises:
            RequestUnknown, RequestDeclined, LicenceWithdrawn.
        """
        return await self._scanning.result(token, verifier)

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

    async def backlog(self) -> list[Queue]:
        """Looks on their way into the database."""
        return [await self.looks.backlog()]

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

"""Two verified people, one scripted issuer and lending between them, on real stores."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.enterprise.service import Enterprises
from backend.identity.service import Session
from backend.lending.service import Lending, Loan, Services, Stores, Wish
from backend.numbers.service import Holder
from backend.operators.service import Operators
from backend.presentation.service import Presentations
from backend.presentation.service import Stores as PresentationStores
from backend.sharing.service import Sharing
from backend.sharing.service import Stores as SharingStores
from backend.store.redis import HotLink, Redis
from backend.wallet.records import LicencesAnswer
from backend.wallet.service import Card, Wallet, china_day
from tests import identity_world
from tests.identity_world import CHEN, LI, ZHANG, Someone
from tests.wallet_world import Issuer, issuer, record

FONTS = Path(__file__).parents[1] / "miniprogram/dist/fonts"


class Clock:
    """The present, moved on when the test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def on(self, **passed: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**passed).total_seconds()


@dataclass
class LendingWorld:
    """Everything that a test of lending needs.

    Attributes:
        owner, friend, stranger: sessions of ZHANG, LI and CHEN at level 3; the issuer's licence
            is the owner's.
    """

    identity: identity_world.World
    issuer: Issuer
    wallet: Wallet
    presentations: Presentations
    sharing: Sharing
    lending: Lending
    clock: Clock
    owner: Session
    friend: Session
    stranger: Session

    async def card(self, session: Session | None = None) -> Card:
        """The owner's licence."""
        session = session or self.owner
        holder = await self.identity.identity.holder(session)
        view = await self.wallet.open(session.subject, holder)
        return next(card for card in view.cards if card.system.code == "issuer-1")

    def wish(self, **changes: Any) -> Wish:
        """What the owner lends to the friend."""
        plain: dict[str, Any] = {
            "purpose": "代办车辆年检", "facts": ["sex", "holder_name"], "times": 2,
            "until": china_day(int(self.clock())) + timedelta(days=10),
            "phone": LI.phone, "name": LI.name,
        }  # fmt: skip
        return Wish(**{**plain, **changes})

    async def lend(self, **changes: Any) -> Loan:
        """Lend it."""
        return await self.lending.loans.lend(self.owner, await self.card(), self.wish(**changes))

    async def invite(self, **changes: Any) -> Loan:
        """Lend it to whoever accepts."""
        return await self.lend(phone=None, name=None, **changes)

    async def notice(self, **changes: Any) -> None:
        """The issuer tells of a change of the owner's licence."""
        holder = holder_of(ZHANG)
        said = LicencesAnswer.model_validate(self.issuer.change(holder=holder, **changes))
        system = self.identity.exchange.system("issuer-1")
        assert system is not None
        tell = await self.lending.family.told_of(holder.code)
        await self.wallet.apply_notice(system, self.owner.subject, holder, said, tell)

    async def told(self, session: Session) -> list[str]:
        """What somebody was told, newest first."""
        page = await self.identity.messages.list(session.person_id)
        return [note.text for note in page.notes]

    async def audited(self) -> list[str]:
        """What the audit has of lending, oldest first."""
        rows = await AuditEntry.filter(action__startswith="lending.").order_by("id")
        return [row.action for row in rows]


def holder_of(who: Someone) -> Holder:
    """Somebody in full."""
    return Holder("111", who.id_number, who.name)


@asynccontextmanager
async def lending_world(
    folder: Path, database_url: str, redis_url: str, redis: Redis,
    enterprises: Enterprises | None = None,
) -> AsyncIterator[LendingWorld]:  # fmt: skip
    """The world; the database is open already. Without ``enterprises`` no register is known."""
    clock = Clock()
    async with (
        identity_world.world(folder, database_url, redis_url, redis) as here,
        issuer(1, clock) as source,  # type: ignore[arg-type]
    ):
        source.strict = True
        source.licences = [record(source.manifest, holder=holder_of(ZHANG))]
        await here.exchange.register(source.manifest)
        await here.exchange.reload()
        hot = HotLink(redis_url, redis)
        audit, settings = Audit(), here.settings
        operators = Operators(redis, here.keyring, here.index, audit, settings)
        wallet = Wallet(
            redis, here.keyring, here.index, here.exchange, audit, FONTS, clock, here.messages
        )
        presentations = Presentations(
            PresentationStores(redis, hot, here.keyring, here.index), settings, wallet, audit,
            here.messages, clock,
        )  # fmt: skip
        sharing = Sharing(
            SharingStores(redis, hot, here.keyring, here.index), here.exchange, WorkCalendar(),
            operators, audit,
        )  # fmt: skip
        services = Services(
            here.exchange, here.identity, wallet, presentations, here.messages, operators, audit,
            sharing, enterprises or Enterprises(redis, here.keyring, here.exchange, wallet, clock),
        )  # fmt: skip
        lending = Lending(
            Stores(redis, here.keyring, here.index), services, "https://sst.example", clock
        )
        sessions = [
            await here.session(await here.verified(who, f"phone {place}"))
            for place, who in enumerate((ZHANG, LI, CHEN))
        ]
        try:
            yield LendingWorld(
                here, source, wallet, presentations, sharing, lending, clock, *sessions
            )
        finally:
            await wallet.close()
            await presentations.close()
            await hot.close()

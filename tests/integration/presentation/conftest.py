"""Showing on real stores: one scripted issuer, a holder, and three kinds of verifiers."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.exchange.manifest_presentation import PredicateSpec, PresentationSpec
from backend.messages.service import Messages
from backend.presentation.service import (
    NewCode,
    Presentations,
    Seen,
    Stores,
    Verifier,
    Waiting,
)
from backend.settings import Settings
from backend.store.redis import HotLink, Redis
from backend.wallet.records import LicencesAnswer
from backend.wallet.service import Card, Wallet, wallet_key
from tests.servers import Backing
from tests.wallet_world import HOLDER, SUBJECT, World, world

ISSUER = "https://sst.example"
PERSON = UUID(bytes=base64.urlsafe_b64decode(SUBJECT + "=="))
OTHER_ID = UUID(int=7)
SYSTEM = Verifier("system", "gd-hotel", "示范市公安局（住宿登记）")
NEIGHBOUR = Verifier("person", str(OTHER_ID), "李*（个人）")
ANYONE = Verifier("public", "", "示范酒店前台（自称）")
PREDICATES = [
    PredicateSpec(
        name="age_over_18", label="年满18周岁", kind="age_over", field="holder_code", years=18
    ),
    PredicateSpec(
        name="holds_c1", label="持C1及以上", kind="one_of", field="classes", values=["C1", "B2"]
    ),
    PredicateSpec(name="not_over", label="未过期", kind="not_before", field="valid_to"),
]


@dataclass
class Showing:
    """Everything that a test of showing needs."""

    world: World
    wallet: Wallet
    presentations: Presentations
    messages: Messages
    redis: Redis
    settings: Settings

    async def card(self) -> Card:
        """The holder's licence, asked of its issuer if need be."""
        view = await self.wallet.open(SUBJECT, HOLDER)
        return view.cards[0]

    async def show(self, *names: str, purpose: str = "住宿登记", ask: bool = False) -> NewCode:
        """A code on the holder's screen."""
        card = await self.card()
        blob: Any = await self.redis.get(wallet_key(SUBJECT))
        return await self.presentations.show(card, SUBJECT, SUBJECT, blob, names, purpose, ask)

    async def scan(
        self, code: str, verifier: Verifier = SYSTEM, counted: str = "counter"
    ) -> Seen | Waiting:
        """Somebody scans it."""
        return await self.presentations.scan(code, verifier, "登记入住", counted)

    async def seen(self, code: str, verifier: Verifier = SYSTEM) -> Seen:
        """The same, where nobody is asked."""
        found = await self.scan(code, verifier)
        assert isinstance(found, Seen)
        return found

    async def notice(self, subject: str | None = SUBJECT, **changes: Any) -> None:
        """The issuer tells of a change."""
        said = self.world.issuers[0].change(**changes)
        answer = LicencesAnswer.model_validate(said)
        await self.wallet.apply_notice(self.world.system(1), subject, HOLDER, answer)

    async def confirm_rule(self, rule: str, **more: Any) -> None:
        """How the type wants its licences shown from now on."""
        await register(self.world, confirm=rule, **more)

    async def told(self) -> list[str]:
        """What the holder was told, newest first."""
        page = await self.messages.list(PERSON)
        return [note.text for note in page.notes]

    async def audited(self) -> list[str]:
        """What the audit has of showing, oldest first."""
        rows = await AuditEntry.filter(action__startswith="presentation.").order_by("id")
        return [f"{row.actor} {row.action} {row.subject}" for row in rows]


async def register(world: World, **spec: Any) -> None:
    """Register the issuer with this way of showing."""
    made = world.issuers[0].manifest
    shown = PresentationSpec(predicates=PREDICATES, **spec)
    kind = made.licence_types[0].model_copy(update={"presentation": shown})
    world.issuers[0].manifest = made.model_copy(update={"licence_types": [kind]})
    await world.exchange.register(world.issuers[0].manifest)
    await world.exchange.reload()


@pytest.fixture
async def showing(database: str, backing: Backing, redis: Redis) -> AsyncIterator[Showing]:
    """One issuer, whose licence offers three predicates and asks nobody."""
    settings = Settings(
        keyring={"k1": b"k" * 32}, index_key=b"i" * 32, signing_key=b"s" * 32, public_url=ISSUER
    )
    hot = HotLink(backing.redis_url, redis)
    async with world(redis, issuers=1) as made:
        await register(made)
        wallet, messages = made.worker(), Messages(made.keyring)
        stores = Stores(redis, hot, made.keyring, made.index)
        presentations = Presentations(stores, settings, wallet, Audit(), messages, made.clock)
        try:
            yield Showing(made, wallet, presentations, messages, redis, settings)
        finally:
            await wallet.close()
            await presentations.close()
            await hot.close()

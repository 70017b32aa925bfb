"""Members of an enterprise on real stores, with the register of the tiny province."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.enterprise.service import Enterprises
from backend.exchange.manifest import Endpoint, Endpoints, Manifest
from backend.exchange.service import Exchange
from backend.identity.service import Level, Session
from backend.members.service import Acting, Grant, Member, Members, Role, Scope
from backend.numbers.service import Holder
from backend.regions.service import Regions
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.wallet.service import Wallet
from tests.identity_world import Someone, World, world
from tests.lending_world import Clock
from tests.patience import hurried, long_waits, patient
from tests.sandbox_world import GATEWAY_KEY, HUSBAND, USCC, WIFE, Running, running

BOSS = Someone(HUSBAND.name, HUSBAND.id_number, "13900000001")
SUCCESSOR = Someone(WIFE.name, WIFE.id_number, "13900000002")
ALL = (Scope.CASES_APPLY, Scope.LICENCES)


@dataclass
class MembersWorld:
    """The use cases, the register behind them, and the time."""

    here: World
    members: Members
    register: Running
    clock: Clock
    exchange: Exchange
    manifest: Manifest
    sessions: dict[str, Session] = field(default_factory=dict)

    async def hurry(self) -> None:
        """Wait no longer for the register than a test of its silence has to."""
        await self.exchange.register(hurried(self.manifest))
        await self.exchange.reload()

    async def session(self, who: Someone) -> Session:
        """Somebody logged in, verified and proven by face; the same each time."""
        if who.phone not in self.sessions:
            tokens = await self.here.verified(who, where=who.phone)
            session = await self.here.session(tokens)
            self.sessions[who.phone] = session._replace(level=Level.FACE)
        return self.sessions[who.phone]

    async def admit(
        self, who: Someone, scope: Scope = Scope.VIEW, item: str = "", uscc: str = USCC
    ) -> Acting:
        """What the gateway asks with a request of theirs."""
        return await self.members.admit(
            await self.session(who), self.holder(who), uscc, scope, item
        )

    def holder(self, who: Someone) -> Holder:
        """Somebody as a holder."""
        return Holder("111", who.id_number, who.name)

    def grant(self, who: Someone, role: Role = Role.AGENT, **more: Any) -> Grant:
        """What is to be given; an agent may act for a month."""
        agent = {"scopes": ALL, "ends_on": self.today() + timedelta(days=30)}
        given = {**(agent if role is Role.AGENT else {}), **more}
        return Grant(role, who.name, who.phone, **given)

    def today(self) -> date:
        """The day in China."""
        return self.members._parts.today()

    async def invite(self, who: Someone, by: Someone = BOSS, **more: Any) -> Member:
        """An invitation."""
        acting = await self.admit(by, Scope.MEMBERS)
        return await self.members.granting.invite(acting, self.grant(who, **more))

    async def accept(self, who: Someone, row_id: UUID) -> Member:
        """Accept it on their own phone."""
        return await self.members.granting.accept(await self.session(who), self.holder(who), row_id)

    async def appoint(self, who: Someone, **more: Any) -> Member:
        """Invite and accept."""
        return await self.accept(who, (await self.invite(who, **more)).id)

    async def revoke(self, row_id: UUID, by: Someone = BOSS) -> None:
        """Take it back."""
        await self.members.granting.revoke(await self.admit(by, Scope.MEMBERS), row_id)

    async def change(self, uscc: str = USCC, **order: Any) -> None:
        """Change the register; a minute passes, so that it is asked again."""
        done = await self.register.control("POST", "enterprises", {"uscc": uscc, **order})
        assert done.status == 200, done.body
        self.clock.on(minutes=2)
        async for key in self.here.redis.scan_iter("e:*:record"):
            await self.here.redis.delete(key)

    async def actions(self) -> list[str]:
        """What the audit has on the enterprise, oldest first."""
        about = self.members._parts.about(USCC)
        rows = await AuditEntry.filter(subject=about, action__startswith="members.").order_by("id")
        return [row.action for row in rows]


@asynccontextmanager
async def members_world(
    folder: Path, database_url: str, redis_url: str, redis: Redis
) -> AsyncIterator[MembersWorld]:
    """The world; the database is open already."""
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(world(folder, database_url, redis_url, redis))
        for who in (BOSS, SUCCESSOR):
            here.gongan.knows(who)
        register = await stack.enter_async_context(running("shijian", folder))
        connector = Connector(GATEWAY_KEY, addresses=Addresses(allow_private=True))
        exchange = Exchange(connector, Catalogue(Regions()), redis, allow_private=True)
        at = Endpoint(base_url=register.url)
        endpoints = Endpoints(sandbox=at, production=at)
        there = register.manifest.model_copy(update={"endpoints": endpoints})
        await exchange.register(patient(there))
        await exchange.reload()
        clock, audit = Clock(), Audit()
        wallet = Wallet(redis, here.keyring, here.index, exchange, audit)
        enterprises = Enterprises(redis, here.keyring, exchange, wallet, clock)
        members = Members(
            redis, here.keyring, here.index, enterprises, here.identity, here.messages, audit, clock
        )
        stack.enter_context(long_waits())
        yield MembersWorld(here, members, register, clock, exchange, there)
        await wallet.close()
        await connector.close()

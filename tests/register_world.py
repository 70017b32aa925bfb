"""The register of enterprises of the tiny province, and the enterprise door before it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.enterprise.service import Enterprises
from backend.exchange.manifest import Endpoint, Endpoints
from backend.exchange.service import Exchange
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.wallet.service import Wallet
from tests.patience import long_waits, patient
from tests.regions import REGIONS
from tests.sandbox_world import GATEWAY_KEY, Running, running
from tests.wallet_world import Clock


@dataclass(slots=True)
class Door:
    """The use cases, the register behind them, and the time."""

    enterprises: Enterprises
    register: Running
    clock: Clock
    redis: Redis

    async def calls(self) -> int:
        """How often the register was asked whom a person represents."""
        answer = await self.register.control("GET", "calls")
        return int(answer.body["calls"].get("enterprises.represented", 0))

    async def fail(self, operation: str = "enterprises.represented") -> None:
        """Let one operation of the register fail from now on."""
        order = {"kind": "status", "operation": operation}
        assert (await self.register.control("POST", "faults", order)).status == 201


@asynccontextmanager
async def register_world(folder: Path, redis: Redis) -> AsyncIterator[Door]:
    """The register, running; the database is open already."""
    async with AsyncExitStack() as stack:
        register = await stack.enter_async_context(running("shijian", folder))
        connector = Connector(GATEWAY_KEY, addresses=Addresses(allow_private=True))
        exchange = Exchange(connector, Catalogue(REGIONS), redis, allow_private=True)
        here = Endpoint(base_url=register.url)
        endpoints = Endpoints(sandbox=here, production=here)
        there = register.manifest.model_copy(update={"endpoints": endpoints})
        await exchange.register(patient(there))
        await exchange.reload()
        keyring, clock = KeyRing({"k1": token_bytes(32)}), Clock()
        wallet = Wallet(redis, keyring, BlindIndex(token_bytes(32)), exchange, Audit())
        stack.enter_context(long_waits())
        yield Door(Enterprises(redis, keyring, exchange, wallet, clock), register, clock, redis)
        await wallet.close()
        await connector.close()

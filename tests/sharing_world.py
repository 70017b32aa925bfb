"""Two departments of the tiny sandbox province and the sharing between them, on real stores."""

import dataclasses
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.catalogue.service import Catalogue
from backend.exchange.manifest import Endpoint, Endpoints, Manifest
from backend.exchange.service import Exchange, ProviderSystem
from backend.numbers.service import Holder
from backend.operators.service import Officer, Operators, Role
from backend.sandbox.population.people import Person as SandboxPerson
from backend.settings import Settings
from backend.sharing.service import Query, ShareGrant, Sharing, Stores, Wish
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import HotLink, Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.upstream.deadline import Deadline
from tests.patience import patient
from tests.regions import REGIONS
from tests.sandbox_world import GATEWAY_KEY, Running, holder, running

RESOURCE = "301146/0001"  # 住房公积金缴存信息, of gjj
OPEN_RESOURCE = "301146/0002"  # unconditional, of gjj
POPULATION = "101001/0001"  # of gongan
CLOSED_RESOURCE = "301111/0003"  # not shared, of gongan
PURPOSE = "办理社会救助时核对家庭经济状况"
LAW = "《社会救助暂行办法》第五十八条"
ADDRESS = "10.1.2.3"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CASE = "440000202611230001"
LAST_DAY = date(2028, 6, 30)


class Clock:
    """The present moment, as a test sets it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class SharingWorld:
    """Departments, officers and the services between them."""

    sharing: Sharing
    exchange: Exchange
    operators: Operators
    clock: Clock
    gjj: Running
    gongan: Running
    settings: Settings
    officers: dict[str, Officer]

    def system(self, code: str) -> ProviderSystem:
        found = self.exchange.system(code)
        assert found is not None
        return found

    def wish(self, **changes: Any) -> Wish:
        """What gongan asks of gjj."""
        plain = Wish(
            system="gd-gongan", resource=RESOURCE, fields=["employer", "balance", "state"],
            purpose=PURPOSE, legal_basis=LAW, scenario="低保申请核对", mode="interface",
            case_bound=True, daily_quota=1000, addresses=[], valid_until=LAST_DAY,
        )  # fmt: skip
        return dataclasses.replace(plain, **changes)

    async def grant(self, **changes: Any) -> ShareGrant:
        """Take an application all the way to a grant that this process knows."""
        wish = self.wish(**changes)
        side = "gongan" if wish.system == "gd-gongan" else "gjj"
        other = "gjj" if side == "gongan" else "gongan"
        applications = self.sharing.applications
        made = await applications.draft(self.officers[f"{side}-clerk"], wish)
        await applications.submit(self.officers[f"{side}-clerk"], made.row.id)
        await applications.approve(self.officers[f"{side}-head"], made.row.id)
        await applications.approve(self.officers["operator"], made.row.id)
        await applications.consent(self.officers[f"{other}-head"], made.row.id)
        await self.sharing.reload()
        return await ShareGrant.get(application_id=made.row.id)

    async def ask(
        self, *people: SandboxPerson, code: str = RESOURCE, address: str = ADDRESS,
        by: str = "gd-gongan", **changes: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """A call of gongan's system about these people."""
        return await self.sharing.query(
            self.system(by), code, query(*people, **changes), address, TRACE, Deadline.after(20)
        )


def the_holder(person: Any) -> Holder:
    """The person, as the log of readings knows them."""
    return Holder(person.id_type, person.id_number, person.name)


def query(*people: SandboxPerson, **changes: Any) -> Query:
    """A query about people."""
    plain = Query(str(uuid.uuid4()), PURPOSE, CASE, None, [holder(person) for person in people])
    return dataclasses.replace(plain, **changes)


def officer(role: Role, uscc: str | None = None) -> Officer:
    """A console account that exists in a test alone."""
    return Officer(uuid.uuid4(), "tester", "测试员", role, uscc)


def _reachable(department: Running) -> Manifest:
    where = Endpoint(base_url=department.url)
    there = Endpoints(sandbox=where, production=where)
    return patient(department.manifest.model_copy(update={"endpoints": there}))


@asynccontextmanager
async def sharing_world(
    redis_url: str, redis: Redis, database_url: str, folder: Path
) -> AsyncIterator[SharingWorld]:
    """The world, from registered departments on."""
    async with AsyncExitStack() as stack:
        gjj = await stack.enter_async_context(running("gjj", folder))
        gongan = await stack.enter_async_context(running("gongan", folder))
        hot = HotLink(redis_url, redis)
        connector = Connector(GATEWAY_KEY, addresses=Addresses(allow_private=True))
        stack.push_async_callback(hot.close)
        stack.push_async_callback(connector.close)
        settings = Settings(
            keyring={"t": b"k" * 32}, index_key=b"i" * 32, signing_key=b"s" * 32, sandbox=True,
            database_url=database_url, redis_url=redis_url,
        )  # fmt: skip
        keyring, index, audit = KeyRing(settings.keyring), BlindIndex(settings.index_key), Audit()
        exchange = Exchange(connector, Catalogue(REGIONS), redis, True)
        for department in (gjj, gongan):
            await exchange.register(_reachable(department))
        await exchange.reload()
        clock = Clock()
        operators = Operators(redis, keyring, index, audit, settings)
        sharing = Sharing(
            Stores(redis, hot, keyring, index), exchange, WorkCalendar(clock), operators, audit
        )
        yield SharingWorld(
            sharing, exchange, operators, clock, gjj, gongan, settings, _officers(gjj, gongan)
        )


def _officers(*departments: Running) -> dict[str, Officer]:
    found = {
        "operator": officer(Role.OPERATOR),
        "security": officer(Role.SECURITY_ADMIN),
        "auditor": officer(Role.AUDIT_ADMIN),
    }
    for department in departments:
        code, uscc = department.department.code, department.manifest.system.department.uscc
        found[f"{code}-clerk"] = officer(Role.CLERK, uscc)
        found[f"{code}-head"] = officer(Role.HEAD, uscc)
    return found

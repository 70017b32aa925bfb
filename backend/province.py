"""The domain put together: every service with what it stands on, for the gateway and the worker."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from backend.appointments.service import Appointments
from backend.appointments.service import Services as AppointmentServices
from backend.assistant.service import Assistant, Library
from backend.audit.service import Audit, AuditChain
from backend.calendar.service import WorkCalendar
from backend.cases.service import Cases, Clamd, Places
from backend.cases.service import Services as CaseServices
from backend.catalogue.service import Catalogue
from backend.consultation.service import Consultations
from backend.consultation.service import Parts as ConsultationParts
from backend.contacts.service import Contacts
from backend.divisions.service import Divisions
from backend.enterprise.service import Enterprises, Pages
from backend.evaluation.service import (
    CasesEnded,
    ConsultationsAnswered,
    Evaluations,
    LicenceLooks,
    OneThingsEnded,
)
from backend.exchange.service import Exchange, Manifest
from backend.home.service import Home
from backend.idempotency.service import Idempotency
from backend.identity.service import Identity
from backend.jobs.service import Jobs
from backend.lending.service import Lending
from backend.lending.service import Services as LendingServices
from backend.lending.service import Stores as LendingStores
from backend.machines.service import Machines
from backend.members.service import Members, Pace
from backend.messages.service import (
    Messages,
    Outside,
    Pushes,
    PushTrouble,
    Subscriptions,
    read_templates,
)
from backend.onboarding.service import Onboarding
from backend.one_thing.service import OneThings
from backend.one_thing.service import Services as OneThingServices
from backend.operators.service import Operators
from backend.policies.service import Parts as PolicyParts
from backend.policies.service import Policies
from backend.presentation.service import Presentations
from backend.presentation.service import Stores as PresentationStores
from backend.regions.service import Regions
from backend.settings import Settings
from backend.sharing.service import Sharing, Stores
from backend.store.database import STATEMENT_S, close_database, open_database
from backend.store.explaining import explained
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import HotLink, Redis, open_redis
from backend.upstream.addresses import Addresses, AddressForbidden
from backend.upstream.connector import Connector
from backend.upstream.model import Model
from backend.upstream.objects import Bucket
from backend.upstream.signing import SigningKey, gateway_keys
from backend.upstream.sms import Sms
from backend.upstream.wechat import WeChat
from backend.wallet.service import Wallet

if TYPE_CHECKING:
    from backend.conformance.service import Report


@dataclass(slots=True)
class Province:
    """Everything that a channel may call, and the wiring below it."""

    settings: Settings
    redis: Redis
    hot: HotLink
    connector: Connector
    wechat: WeChat
    sms: Sms
    regions: Regions
    catalogue: Catalogue
    exchange: Exchange
    audit: Audit
    chain: AuditChain
    operators: Operators
    onboarding: Onboarding
    jobs: Jobs
    idempotency: Idempotency
    messages: Messages
    subscriptions: Subscriptions
    pushes: Pushes
    push_trouble: PushTrouble
    identity: Identity
    wallet: Wallet
    presentations: Presentations
    enterprises: Enterprises
    members: Members
    enterprise_pace: Pace
    enterprise_pages: Pages
    home: Home
    calendar: WorkCalendar
    sharing: Sharing
    lending: Lending
    evaluations: Evaluations
    consultations: Consultations
    divisions: Divisions
    cases: Cases
    machines: Machines
    contacts: Contacts
    one_things: OneThings
    appointments: Appointments
    policies: Policies
    assistant: Assistant

    async def close(self) -> None:
        """Finish what runs in the background and close every connection."""
        await self.assistant.close()
        await self.cases.close()
        await self.onboarding.close()
        await self.wallet.close()
        await self.presentations.close()
        await self.catalogue.close()
        await self.hot.close()
        await self.wechat.close()
        await self.sms.close()
        await self.connector.close()
        await self.redis.aclose()
        await close_database()


async def open_province(settings: Settings, statement_s: float = STATEMENT_S) -> Province:
    """Open the stores and put the services together; systems registered so far are known.

    Args:
        statement_s: how long the database may take for a statement, in seconds.

    Raises:
        StoresUnusable: the database or Redis is not there, or not prepared.
    """
    with explained():
        return await _opened(settings, statement_s)


async def _opened(settings: Settings, statement_s: float) -> Province:
    await open_database(settings.database_url, statement_s=statement_s)
    redis = open_redis(settings.redis_url)
    hot = HotLink(settings.redis_url, redis)
    keyring = KeyRing(settings.keyring, settings.cipher)
    index = BlindIndex(settings.index_key)
    regions = await asyncio.to_thread(Regions)
    signing_keys = gateway_keys(settings.signing_key_id, settings.signing_key)
    networks = settings.private_networks
    addresses = Addresses(allow_private=settings.sandbox, networks=networks)
    connector = Connector(*signing_keys, addresses=addresses)
    wechat, sms = WeChat(settings, redis, keyring), Sms(settings)
    catalogue = Catalogue(regions, settings.data_dir / "catalogue", settings.database_url)
    exchange = Exchange(connector, catalogue, redis, settings.sandbox, hot, networks)
    audit, chain = Audit(), AuditChain(signing_keys[0])
    operators = Operators(redis, keyring, index, audit, settings)
    examine = partial(_examine, signing_keys, addresses)
    onboarding = Onboarding(exchange, catalogue, operators, audit, examine)
    messages = Messages(keyring)
    identity = Identity(settings, redis, keyring, index, exchange, wechat, messages, audit)
    subscriptions = Subscriptions(keyring, index, read_templates(settings.wechat_templates))
    pushes = Pushes(Outside(wechat, sms, identity.reach), subscriptions, _now)
    wallet = Wallet(redis, keyring, index, exchange, audit, settings.fonts_dir, messages=messages)
    presentations = Presentations(
        PresentationStores(redis, hot, keyring, index), settings, wallet, audit, messages, time.time
    )
    enterprises = Enterprises(redis, keyring, exchange, wallet)
    members = Members(redis, keyring, index, enterprises, identity, messages, audit, time.time)
    home = Home(exchange, hot, keyring, wallet, messages)
    calendar = WorkCalendar()
    stores = Stores(redis, hot, keyring, index)
    sharing = Sharing(stores, exchange, calendar, operators, audit)
    lending = Lending(
        LendingStores(redis, keyring, index),
        LendingServices(
            exchange, identity, wallet, presentations, messages, operators, audit, sharing,
            enterprises,
        ),
        settings.origin, time.time,
    )  # fmt: skip
    appointments = Appointments(
        keyring, index,
        AppointmentServices(
            regions, calendar, catalogue, identity, lending, messages, audit
        ),
        time.time,
    )  # fmt: skip
    divisions = Divisions(exchange, catalogue, operators, audit, time.time)
    cases = Cases(
        CaseServices(
            catalogue, exchange, identity, wallet, presentations, lending, enterprises, members,
            sharing, messages, operators, audit, calendar, divisions,
        ),
        keyring, index,
        Places(
            settings.data_dir / "cases", settings.fonts_dir, settings.origin,
            Bucket(*settings.s3) if settings.s3 else None,
        ),
        time.time,
        Clamd(*settings.clamd) if settings.clamd else None,
    )  # fmt: skip
    machines = Machines(redis, hot.ask, identity, members, cases, audit, time.time)
    one_things = OneThings(
        OneThingServices(cases, catalogue, exchange, wallet, enterprises, messages, audit),
        keyring, time.time,
    )  # fmt: skip
    consultations = Consultations(
        ConsultationParts(
            keyring, calendar, regions, exchange, operators, messages, audit, identity.named, _now
        )
    )
    evaluations = Evaluations(
        keyring, index, (calendar, operators, messages, audit),
        [
            LicenceLooks(presentations, exchange), CasesEnded(cases),
            OneThingsEnded(one_things, exchange), appointments.visits,
            ConsultationsAnswered(consultations),
        ],
        settings.evaluation_sla_days,
    )  # fmt: skip
    evaluations.giving.follow("consultation", consultations.answered.judged)
    policies = Policies(
        PolicyParts(
            keyring, index, exchange, sharing, identity, messages, operators, audit, calendar, _now
        ),
        regions,
    )  # fmt: skip
    assistant = Assistant(
        Library(settings.data_dir / "assistant", catalogue, policies.book, regions, calendar.today),
        redis, keyring, Model(settings), identity, consultations,
    )  # fmt: skip
    try:
        await exchange.reload()
        await sharing.reload()
    except BaseException:
        # The thread of an open SQLite database would keep the process from ending.
        await close_database()
        raise
    return Province(
        settings=settings, redis=redis, hot=hot,
        connector=connector, wechat=wechat, sms=sms, regions=regions, catalogue=catalogue,
        exchange=exchange, audit=audit, chain=chain, operators=operators,
        onboarding=onboarding, jobs=Jobs(redis),
        idempotency=Idempotency(keyring), messages=messages, identity=identity, wallet=wallet,
        subscriptions=subscriptions, pushes=pushes,
        push_trouble=PushTrouble(audit, _now),
        presentations=presentations,
        enterprises=enterprises, members=members, enterprise_pages=Pages(hot, keyring),
        enterprise_pace=Pace(hot, settings.enterprise_per_minute),
        home=home, calendar=calendar, sharing=sharing,
        lending=lending, evaluations=evaluations,
        consultations=consultations, divisions=divisions, cases=cases,
        machines=machines, one_things=one_things,
        contacts=Contacts(keyring, regions, exchange, audit, time.time),
        appointments=appointments, policies=policies, assistant=assistant,
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


async def _examine(
    keys: Sequence[SigningKey], addresses: Addresses, manifest: Manifest
) -> "Report":
    """Run the conformance kit against a system's sandbox, signing with the kind of its own key."""
    # Read when it is wanted: it brings much that a gateway which serves phones never needs.
    from backend.conformance.service import Options, run_conformance

    key = next((key for key in keys if key.alg == manifest.keys[0].alg), keys[0])

    async def resolve(host: str, port: int) -> str:
        try:
            return (await addresses.resolve(host, port))[0]
        except AddressForbidden:
            raise PermissionError from None

    return await run_conformance(manifest, "sandbox", key, Options(resolve=resolve))

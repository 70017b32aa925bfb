"""Identity on real stores, with an authority and a WeChat server of its own, and invented people.

The servers are the sandbox's reference systems, run in the test's event loop; the authority keeps
only the people that are named here, so that a test says on its own page who lives or has died.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web

from backend.audit.models import AuditEntry
from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.exchange.service import Exchange
from backend.identity import real_name, sessions
from backend.identity.service import Device, Identity, Session, Tokens
from backend.messages.service import Messages
from backend.numbers.service import Holder, make_id_number
from backend.sandbox.departments.registry import department
from backend.sandbox.departments.server import DepartmentServer
from backend.sandbox.departments.store import INDEXES, SCHEMA, Store
from backend.sandbox.wechat.control import create_app
from backend.sandbox.wechat.server import Login, Phone, WechatServer, WechatState
from backend.settings import Settings
from backend.store.embedded import LOOPBACK, free_port
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.upstream.signing import SigningKey
from backend.upstream.wechat import WeChat
from tests.patience import patient
from tests.regions import REGIONS

PRIVACY = FACE = "2026-11-01"
ADDRESS = "203.0.113.7"
APP_ID, APP_SECRET = "wx-test", "wx-test-secret"
REGION = "440106"


@dataclass(frozen=True, slots=True)
class Someone:
    """An invented person."""

    name: str
    id_number: str
    phone: str


def someone(name: str, born: date, sequence: int, phone: str) -> Someone:
    """Invent a person; the number obeys GB 11643."""
    return Someone(name, make_id_number(REGION, born, sequence), phone)


ZHANG = someone("张建国", date(1958, 3, 2), 17, "13800138001")
LI = someone("李晓雯", date(1995, 7, 14), 28, "13800138002")
CHEN = someone("陈志强", date(1982, 11, 30), 33, "13800138003")
RARE = someone("欧阳𬭚䶮", date(1990, 1, 1), 45, "13800138004")
DEAD = someone("周福来", date(1940, 5, 5), 51, "13800138005")
UNSEEN = someone("吴看不清", date(1988, 8, 8), 62, "13800138006")
CHILD = someone("小豆子", date(2020, 6, 1), 74, "13800138007")
NOBODY = someone("郑无名", date(1979, 9, 9), 81, "13800138008")
# Her number was replaced: she bears both, and the authority knows the old one as replaced.
WANG_OLD = someone("王秀英", date(1970, 2, 2), 92, "13800138009")
WANG = someone("王秀英", date(1970, 2, 2), 94, "13800138009")

EVERYBODY = (ZHANG, LI, CHEN, RARE, DEAD, UNSEEN, CHILD, NOBODY, WANG_OLD, WANG)


def device(word: str = "first") -> Device:
    """A device of its own by a word."""
    return Device(f"{word}-device-key-0123456789", f"{word} device", "h5")


@dataclass(slots=True)
class World:
    """Everything that a test of identity needs.

    Attributes:
        identity: the use cases on test.
        authority: the state of 公安厅's server; ``wechat`` that of WeChat's.
    """

    settings: Settings
    redis: Redis
    index: BlindIndex
    keyring: KeyRing
    exchange: Exchange
    identity: Identity
    messages: Messages
    gongan: "Gongan"
    wechat_state: WechatState
    wechat_server: WechatServer
    wechat: WeChat

    async def code(self, phone: str) -> str:
        """A fresh SMS code, whatever was sent a moment ago."""
        e164 = f"+86{phone}" if not phone.startswith("+") else phone
        await self.redis.delete(f"sms:{{{self.index.of('sms', e164)[:32]}}}:pause")
        code = await self.identity.send_code(phone, ADDRESS)
        assert code is not None
        return code

    async def login(self, who: Someone | str, where: str = "first") -> Tokens:
        """Log in by phone on a device."""
        phone = who if isinstance(who, str) else who.phone
        code = await self.code(phone)
        return await self.identity.login_by_phone(phone, code, device(where), PRIVACY, ADDRESS)

    async def session(self, tokens: Tokens) -> Session:
        """What the gateway makes of an access token.

        Raises:
            SessionExpired: it has ended.
        """
        token = sessions.parse(tokens.access_token)
        stored: Any = await self.redis.get(token.key)
        return sessions.check(token, stored)

    async def verified(self, who: Someone, where: str = "first") -> Tokens:
        """Log in and verify name and number."""
        tokens = await self.login(who, where)
        done = await self.identity.verify_name(
            await self.session(tokens), who.name, who.id_number, ADDRESS
        )
        return done.tokens or tokens

    async def wechat_login(self, openid: str, where: str = "phone") -> Tokens:
        """Log in by WeChat."""
        code = self.wechat_state.logins.mint(Login(openid))
        return await self.identity.login_by_wechat(code, device(where), PRIVACY, ADDRESS)

    def phone_code(self, phone: str, openid: str | None = None) -> str:
        """What ``getPhoneNumber`` would give."""
        return self.wechat_state.phones.mint(Phone(phone, openid=openid))

    async def titles(self, tokens: Tokens) -> list[str]:
        """Titles in the inbox of an account, newest first."""
        page = await self.messages.list(UUID(tokens.person.id))
        return [note.title for note in page.notes]

    async def actions(self, person_id: str) -> list[str]:
        """What the audit has on a person, oldest first."""
        rows = await AuditEntry.filter(subject=f"person:{person_id}").order_by("id")
        return [row.action for row in rows]


@dataclass(slots=True)
class Gongan:
    """公安厅: its register and its server."""

    store: Store
    server: DepartmentServer
    base_url: str

    def knows(self, who: Someone, **facts: object) -> None:
        """Put a person on file."""
        stored = self.store.add_holder(Holder("111", who.id_number, who.name))
        if facts:
            self.store.put_fact(stored.id, "identity", facts)

    def forgets(self, who: Someone) -> None:
        """Take what is said of a person's identity off the file: alive, number good."""
        stored = self.store.holder(who.id_number)
        assert stored is not None
        self.store.put_fact(stored.id, "identity", None)

    async def fault(self, kind: str, operation: str, **more: object) -> None:
        """Switch a fault on, by the server's control interface."""
        order = {"kind": kind, "operation": operation, **more}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.base_url}/_control/faults", json=order) as answer,
        ):
            assert answer.status == 201, await answer.text()


@asynccontextmanager
async def gongan(directory: Path, gateway: SigningKey) -> AsyncIterator[Gongan]:
    """Run 公安厅's server with the people of this module."""
    path = directory / "gongan.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.executescript(SCHEMA + INDEXES)
        db.execute("INSERT INTO meta VALUES ('base_revision', '1')")
    db.close()
    store, port = Store(path), free_port()
    base_url = f"http://{LOOPBACK}:{port}"
    key = SigningKey.from_seed("gd-gongan-1", token_bytes(32))
    manifest = department("gongan").checked_manifest(base_url, key.public_base64)
    keys = {gateway.key_id: gateway.public}
    server = DepartmentServer(manifest, store, key, keys)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, port).start()
    made = Gongan(store, server, base_url)
    _fill(made)
    try:
        yield made
    finally:
        await runner.cleanup()
        store.close()


def _fill(register: Gongan) -> None:
    for who in (ZHANG, LI, CHEN, RARE, CHILD):
        register.knows(who)
    register.knows(DEAD, status="deceased")
    register.knows(UNSEEN, face_ok=False)
    register.knows(WANG_OLD, status="replaced")
    register.knows(WANG, previous_numbers=[WANG_OLD.id_number])


@asynccontextmanager
async def world(
    directory: Path, database_url: str, redis_url: str, redis: Redis
) -> AsyncIterator[World]:
    """Identity with everything below it; the database is open already."""
    gateway = SigningKey.from_seed("gateway-1", token_bytes(32))
    state, port = WechatState(APP_ID, APP_SECRET), free_port()
    wechat_server = WechatServer(state)
    runner = web.AppRunner(create_app(wechat_server), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, port).start()
    settings = Settings(
        keyring={"k1": token_bytes(32)},
        index_key=token_bytes(32),
        signing_key=token_bytes(32),
        sandbox=True,
        database_url=database_url,
        redis_url=redis_url,
        wechat_app_id=APP_ID,
        wechat_secret=APP_SECRET,
        wechat_base_url=f"http://{LOOPBACK}:{port}",
    )
    keyring, index = KeyRing(settings.keyring), BlindIndex(settings.index_key)
    connector, wechat = (
        Connector(gateway, addresses=Addresses(allow_private=True)),
        WeChat(settings, redis, keyring),
    )
    exchange = Exchange(connector, Catalogue(REGIONS), redis, allow_private=True)
    messages = Messages(keyring)
    identity = Identity(settings, redis, keyring, index, exchange, wechat, messages, Audit())
    async with gongan(directory, gateway) as register:
        patch = pytest.MonkeyPatch()
        # The wait after a mismatch, which hides the register's own time, has a test of its own; the
        # others try wrong names by the dozen.
        patch.setattr(real_name, "ANSWER_STEP_S", 0.005)
        await exchange.register(patient(register.server.manifest))
        await exchange.reload()
        try:
            yield World(
                settings, redis, index, keyring, exchange, identity, messages, register, state,
                wechat_server, wechat,
            )  # fmt: skip
        finally:
            patch.undo()
            await wechat.close()
            await connector.close()
            await runner.cleanup()

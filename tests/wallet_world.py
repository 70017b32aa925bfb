"""Issuers that a test scripts, real servers all the same, and wallets on real stores.

Each issuer keeps licences and a revision, counts what it is asked, and can be held at a gate, made
to fail or to answer late with what was true before. Time is the test's own.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from secrets import token_bytes
from typing import Any

import orjson
from aiohttp import web

from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.exchange.manifest import Manifest, parse_manifest
from backend.exchange.service import Exchange, ProviderSystem
from backend.numbers.service import Holder, make_id_number, make_identifier, make_uscc
from backend.store.embedded import LOOPBACK
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector, Target
from backend.upstream.signing import SigningKey, sign_answer
from backend.wallet.entries import Licence, LicenceStatus, china_time
from backend.wallet.service import Wallet
from tests.patience import PATIENT_MS, hurried, long_waits
from tests.regions import REGIONS

START = 1_790_000_000
FRESH_S, STALE_S, HARD_S, NEGATIVE_S = 100, 1000, 10_000, 50
ADDRESS = "广东省广州市天河区示范路1号"
HOLDER = Holder("111", make_id_number("440106", date(1990, 2, 3), 17), "张建国")
OTHER = Holder("111", make_id_number("440106", date(1991, 2, 3), 18), "李晓雯")
SUBJECT = base64.urlsafe_b64encode(b"0123456789abcdef").rstrip(b"=").decode()


def manifest(number: int, base_url: str, public: str, audience: str = "citizen") -> Manifest:
    """What issuer number ``number`` registers: one type of licence with three fields."""
    uscc = make_uscc("1", "1", "440000", f"MB9X{number:04d}")
    return parse_manifest(
        {
            "manifest_version": 2,
            "system": {
                "code": f"issuer-{number}", "name": f"第{number}系统", "short_name": f"{number}厅",
                "department": {"code": f"d{number}", "name": f"第{number}厅", "uscc": uscc},
                "region_code": "440000", "level": 2, "hotline": "020-12345",
            },
            "endpoints": {"sandbox": {"base_url": base_url}, "production": {"base_url": base_url}},
            "keys": [{"id": f"issuer-{number}-1", "alg": "ed25519", "public": public}],
            "operations": {
                "licences.query": {"path": "/v1/licences/query", "timeout_ms": PATIENT_MS},
                "licences.get": {"path": "/v1/licences/get", "timeout_ms": PATIENT_MS},
            },
            "time_outs": {"connect_ms": PATIENT_MS, "answer_ms": PATIENT_MS},
            "negative_s": NEGATIVE_S,
            "licence_types": [
                {
                    "code": f"{uscc}001", "name": f"第{number}证", "audience": audience,
                    "holder_code_type": "001" if audience == "enterprise" else "111",
                    "definer": {"name": "定义机构", "code": uscc}, "min_level": 3, "hue": "blue",
                    "trust_grade": "A", "number_label": "编号",
                    "freshness": {"fresh_s": FRESH_S, "stale_s": STALE_S, "hard_s": HARD_S},
                    "fields": [
                        {"name": "sex", "label": "性别"},
                        {"name": "address", "label": "住址", "sensitive": True},
                        {"name": "classes", "label": "类别"},
                    ],
                }
            ],
        }
    )  # fmt: skip


def record(kind: Manifest, holder: Holder = HOLDER, **changes: Any) -> dict[str, Any]:
    """A LicenceRecord of this issuer's type."""
    uscc, type_code = kind.system.department.uscc, kind.licence_types[0].code
    serial, version = changes.pop("serial", "20260000000001"), changes.pop("version", "001")
    return {
        "licence_identifier": make_identifier(type_code, uscc, serial, version),
        "licence_type_code": type_code,
        "licence_name": kind.licence_types[0].name,
        "licence_number": "粤20260001234567",
        "licence_version": version,
        "issuer_name": kind.system.department.name,
        "issuer_code": uscc,
        "issue_date": "2020-01-01",
        "valid_from": "2020-01-01",
        "valid_to": "2036-01-01",
        "region_code": "440106",
        "holder_name": holder.name,
        "holder_code": holder.code,
        "holder_code_type": holder.code_type,
        "status": "VALID",
        "extend_info": {"sex": "男", "address": ADDRESS, "classes": "C1"},
        **changes,
    }


SYSTEM = ProviderSystem(
    manifest(1, "http://h", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
    Target("issuer-1", "http://h", {}, {}, 1.0, 1),
)


def licence(name: str) -> Licence:
    """A licence of ``SYSTEM`` as the wallet holds it; ``name`` is its id, too."""
    return Licence(
        id=name, type_code=SYSTEM.manifest.licence_types[0].code, name=name, issuer_name="第1厅",
        issuer_code="11440000MB9X00111Q", region_code="440106", holder_name="张三",
        holder_code="440106199002030017", holder_code_type="111", status=LicenceStatus.VALID,
        version="001", identifier="1.2.156.3005.2.1", number="粤20260001234567",
        issue_date="2020-01-01", valid_from="2020-01-01", valid_to=None,
        fields={"sex": "男", "address": ADDRESS},
    )  # fmt: skip


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = float(START)

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Issuer:
    """One issuer and its server.

    Attributes:
        mode: ``ok``, ``fail`` (502), ``hang`` or ``shape`` (an answer of the wrong shape).
        gate: while set and not open, calls wait before they are answered, though what they answer
            was read when they came in.
        strict: say of a holder only what is theirs, as a real issuer does.
        calls: how many queries arrived.
        astray: what ``licences.get`` gives whatever was asked for.
    """

    number: int
    clock: Clock
    audience: str
    key: SigningKey
    mode: str = "ok"
    revision: int = 1
    licences: list[dict[str, Any]] | None = None
    gate: asyncio.Event | None = None
    strict: bool = False
    calls: int = 0
    astray: dict[str, Any] | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    manifest: Manifest = field(init=False)

    def answer(self) -> dict[str, Any]:
        """What it says now."""
        found = [record(self.manifest)] if self.licences is None else self.licences
        return {
            "revision": self.revision, "as_of": china_time(int(self.clock())),
            "licences": list(found),
        }  # fmt: skip

    def change(self, **changes: Any) -> dict[str, Any]:
        """Change its one licence: the revision grows; gives the new answer, as a notice has it."""
        self.revision += 1
        self.licences = [record(self.manifest, **changes)]
        return self.answer()

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one query, signed."""
        self.calls += 1
        self.arrived.set()
        said = self.answer()
        if self.strict:
            asked = str(orjson.loads(await request.read()))
            said["licences"] = [
                each for each in said["licences"]
                if any(code in asked for code in each["holder_code"].split("^"))
            ]  # fmt: skip
        return await self._reply(request, said)

    async def serve_one(self, request: web.Request) -> web.Response:
        """Answer who asks for one licence by its identifier, signed."""
        self.calls += 1
        asked = orjson.loads(await request.read())["licence_identifier"]
        said = self.answer()
        found = [each for each in said.pop("licences") if each["licence_identifier"] == asked]
        said["licence"] = self.astray or next(iter(found), None)
        return await self._reply(request, said)

    async def _reply(self, request: web.Request, said: dict[str, Any]) -> web.Response:
        if self.gate is not None:
            await self.gate.wait()
        if self.mode == "hang":
            await asyncio.Event().wait()
        if self.mode == "fail":
            return web.Response(status=500)
        body = orjson.dumps({"wrong": True} if self.mode == "shape" else said)
        headers = {name.lower(): value for name, value in request.headers.items()}
        return web.Response(
            body=body, headers=sign_answer(self.key, 200, body, headers),
            content_type="application/json",
        )  # fmt: skip


@asynccontextmanager
async def issuer(number: int, clock: Clock, audience: str = "citizen") -> AsyncIterator[Issuer]:
    """Run one issuer."""
    key = SigningKey.from_seed(f"issuer-{number}-1", token_bytes(32))
    made = Issuer(number, clock, audience, key)
    app = web.Application()
    app.router.add_post("/v1/licences/query", made.serve)
    app.router.add_post("/v1/licences/get", made.serve_one)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    made.manifest = manifest(number, url, key.public_base64, audience)
    try:
        with long_waits():
            yield made
    finally:
        await runner.cleanup()


@dataclass(slots=True)
class World:
    """Issuers, the exchange that knows them, and as many workers' wallets as wanted."""

    redis: Redis
    keyring: KeyRing
    index: BlindIndex
    exchange: Exchange
    issuers: list[Issuer]
    clock: Clock
    wallets: list[Wallet] = field(default_factory=list)

    def worker(self) -> Wallet:
        """A wallet service as another worker has it: same stores, nothing else in common."""
        made = Wallet(
            self.redis, self.keyring, self.index, self.exchange, Audit(), clock=self.clock
        )
        self.wallets.append(made)
        return made

    def system(self, number: int) -> ProviderSystem:
        """The registered system of an issuer."""
        found = self.exchange.system(f"issuer-{number}")
        assert found is not None
        return found

    async def silence(self, issuer: Issuer) -> None:
        """Let an issuer answer nothing from now on, which is noticed soon."""
        issuer.mode = "hang"
        await self.exchange.register(hurried(issuer.manifest))
        await self.exchange.reload()

    def calls(self) -> list[int]:
        """How often each issuer was asked."""
        return [each.calls for each in self.issuers]


@asynccontextmanager
async def world(redis: Redis, issuers: int = 3, audience: str = "citizen") -> AsyncIterator[World]:
    """So many issuers, registered; the database is open already."""
    clock = Clock()
    connector = Connector(
        SigningKey.from_seed("gateway-1", token_bytes(32)), addresses=Addresses(allow_private=True)
    )
    exchange = Exchange(connector, Catalogue(REGIONS), redis, allow_private=True)
    async with AsyncExitStack() as stack:
        found = [
            await stack.enter_async_context(issuer(number, clock, audience))
            for number in range(1, issuers + 1)
        ]
        for each in found:
            await exchange.register(each.manifest)
        await exchange.reload()
        keyring, index = KeyRing({"k1": token_bytes(32)}), BlindIndex(token_bytes(32))
        made = World(redis, keyring, index, exchange, found, clock)
        try:
            yield made
        finally:
            for wallet in made.wallets:
                await wallet.close()
            await connector.close()

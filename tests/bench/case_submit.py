"""Submissions at the gateway, and how fast the worker drains them.

200 submissions a second arrive at moments that do not wait for answers (so a slow answer counts
as slow), on SQLite and on PostgreSQL; the value is the worse p99 in ms. Afterwards a worker of its
own empties the outbox to a fast department.
"""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import uvloop
from tortoise.backends.base.executor import EXECUTOR_CACHE

from backend.cases.content import Content
from backend.cases.models import CaseDraft, CaseOutbox
from backend.exchange.manifest import Manifest, parse_manifest
from backend.identity.families import Device, Proof
from backend.identity.levels import Level
from backend.identity.sessions import subject_of
from backend.numbers.service import Holder, make_id_number, parse_id_number
from backend.province import Province
from backend.store.database import migrate
from backend.store.embedded import free_port
from backend.store.ids import uuid7
from tests.bench.departments import KEY
from tests.bench.load import CLIENT_CORE, SERVER_CORE, on_core, process
from tests.bench.report import Report
from tests.bench.stage import Stage, stage
from tests.catalogue_items import full_item
from tests.servers import Postgres

RATE, SECONDS, WARM_UP = 200, 20, 400
# As many as the machine has cores; the stores and the load share them.
WORKERS = 2
TARGET_P99_MS, TARGET_DRAIN = 50.0, 500.0
PEOPLE = 50
USCC = "11440000MB9X00015F"
ITEM = f"{USCC}4440109001000"
FORM = {
    "schema": {
        "type": "object", "additionalProperties": False, "required": ["purpose", "copies"],
        "properties": {
            "purpose": {"title": "用途", "type": "string", "minLength": 2, "maxLength": 100},
            "copies": {"title": "份数", "type": "integer", "minimum": 1, "maximum": 5},
            "address": {"title": "住址", "type": "string", "maxLength": 200},
        },
    },
    "ui": {},
}  # fmt: skip
VALUES = {"purpose": "就业入职", "copies": 2, "address": "广东省广州市天河区示范路1号"}


@dataclass
class Run:
    """What one store showed."""

    p50_ms: float = 0.0
    p99_ms: float = 0.0
    worst_ms: float = 0.0
    refused: int = 0
    drained_per_s: float = 0.0
    details: dict[str, Any] = field(default_factory=dict)


def run() -> Report:
    """Measure both stores."""
    with stage() as here:
        sqlite = _measure(here)
    server = Postgres(durable=True)
    try:
        server.start()
        # Tortoise keeps its statements by connection name, in the dialect of the first database.
        EXECUTOR_CACHE.clear()
        with stage() as here:
            here.database_url = server.url(server.create())
            postgres = _measure(here)
    finally:
        server.stop()
    worst = max(sqlite.p99_ms, postgres.p99_ms)
    drained = min(sqlite.drained_per_s, postgres.drained_per_s)
    met = worst <= TARGET_P99_MS and drained >= TARGET_DRAIN
    met = met and not (sqlite.refused or postgres.refused)
    return Report(
        worst, "ms", met,
        details={
            "rate": RATE, "workers": WORKERS, "drained_per_s": round(drained),
            "sqlite": _shown(sqlite), "postgres": _shown(postgres),
        },
    )  # fmt: skip


def _shown(one: Run) -> dict[str, Any]:
    return {
        "p50_ms": round(one.p50_ms, 1), "p99_ms": round(one.p99_ms, 1),
        "worst_ms": round(one.worst_ms, 1), "refused": one.refused,
        "drained_per_s": round(one.drained_per_s),
    }  # fmt: skip


def _measure(here: Stage) -> Run:
    port = free_port()
    asyncio.run(migrate(here.environ()["DATABASE_URL"]))
    count = RATE * SECONDS + WARM_UP
    tokens, drafts = asyncio.run(_prepared(here, _manifest(port), count))
    found = Run()
    with _department(port), here.gateway(WORKERS), on_core(CLIENT_CORE):
        took, found.refused = asyncio.run(_load(here.url, tokens, drafts))
    took.sort()
    found.p50_ms, found.worst_ms = took[len(took) // 2], took[-1]
    found.p99_ms = took[int(len(took) * 0.99)]
    with _department(port), on_core(SERVER_CORE):
        found.drained_per_s = uvloop.run(_drained(here))
    return found


def _manifest(port: int) -> Manifest:
    names = ("submit", "supplement", "withdraw", "urge", "query")
    address = {"base_url": f"http://127.0.0.1:{port}"}
    return parse_manifest(
        {
            "manifest_version": 2,
            "system": {
                "code": "bench-cases", "name": "压测厅系统", "short_name": "压测厅",
                "department": {"code": "bench", "name": "压测厅", "uscc": USCC},
                "region_code": "440000", "level": 2, "hotline": "020-12345",
            },
            "endpoints": {"sandbox": address, "production": address},
            "keys": [{"id": KEY.key_id, "alg": "ed25519", "public": KEY.public_base64}],
            "operations": {
                f"cases.{name}": {"path": f"/v1/cases/{name}", "timeout_ms": 1500}
                for name in names
            },
            "service_items": [full_item(form=FORM, materials=[])],
        }
    )  # fmt: skip


async def _prepared(
    here: Stage, manifest: Manifest, count: int
) -> tuple[list[str], list[tuple[int, UUID]]]:
    """People who are logged in, and drafts of theirs that are ready."""
    async with here.province() as province:
        await province.exchange.register(manifest)
        await province.exchange.reload()
        # Its files, which the first process that asks makes, are there long before people apply.
        await province.catalogue.look()
        tokens, people = [], []
        for number in range(PEOPLE):
            holder = Holder("111", make_id_number("440106", _BORN, number), "张建国")
            token, person_id = await _logged_in(province, holder, number)
            tokens.append(token)
            people.append((person_id, holder))
        rows, drafts = [], []
        for number in range(count):
            who = number % PEOPLE
            person_id, holder = people[who]
            row = _draft(province, person_id, holder)
            rows.append(row)
            drafts.append((who, row.id))
        await CaseDraft.bulk_create(rows, batch_size=500)
        return tokens, drafts


_BORN = datetime(1990, 2, 3, tzinfo=UTC).date()


async def _logged_in(province: Province, holder: Holder, number: int) -> tuple[str, UUID]:
    parts = province.identity._parts
    account = await parts.accounts.make_for_phone(f"+86139{number:08d}")
    await parts.accounts.claim(account.id, holder.name, parse_id_number(holder.code))
    await parts.accounts.raise_level(account.id, Level.REAL_NAME)
    device = Device(secrets.token_urlsafe(24), "bench", "h5")
    pair = await parts.families.begin(account.id, device, Level.REAL_NAME, Proof(phone=True))
    # Who they are lies beside their session, as it does after the first page that they open.
    await parts.holders.keep(subject_of(account.id), holder)
    return pair.access, account.id


def _draft(province: Province, person_id: UUID, holder: Holder) -> CaseDraft:
    draft_id, now = uuid7(), datetime.now(UTC)
    content = Content(holder, subject_of(person_id), f"person:{person_id}", None, dict(VALUES))
    content.phone = "+8613800138000"
    sealed = province.cases._parts.seal(content.as_json(), draft_id, "draft")
    return CaseDraft(
        id=draft_id, person_id=person_id, kind="application", for_kind="self", item_code=ITEM,
        item_version=1, content=sealed, state="open", created_at=now, updated_at=now,
    )  # fmt: skip


async def _load(
    url: str, tokens: list[str], drafts: list[tuple[int, UUID]]
) -> tuple[list[float], int]:
    """Latencies in ms, and answers other than 201."""
    took: list[float] = []
    refused = 0
    connector = aiohttp.TCPConnector(limit=64)
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(url, connector=connector, timeout=timeout) as session:

        async def one(who: int, draft_id: UUID, due: float, counts: bool) -> None:
            nonlocal refused
            headers = {
                "authorization": f"Bearer {tokens[who]}",
                "idempotency-key": secrets.token_urlsafe(16),
                "content-type": "application/json",
            }
            path = f"/api/v1/citizen/cases/drafts/{draft_id}/submission"
            async with session.post(path, data=b'{"version":1}', headers=headers) as answer:
                await answer.read()
                refused += answer.status != 201
            if counts:
                took.append((time.perf_counter() - due) * 1000)

        began = time.perf_counter() + 0.2
        tasks = []
        for number, (who, draft_id) in enumerate(drafts):
            due = began + number / RATE
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(one(who, draft_id, due, number >= WARM_UP)))
        await asyncio.gather(*tasks)
    return took, refused


@contextmanager
def _department(port: int) -> Iterator[None]:
    command = ["-m", "tests.bench.departments", str(port)]
    with process(command, {}, f"http://127.0.0.1:{port}/", core=CLIENT_CORE):
        yield


async def _drained(here: Stage) -> float:
    """Deliveries a second of a worker on the server's core."""
    async with here.province() as province:
        waiting = await CaseOutbox.filter(state="queued").count()
        began = time.perf_counter()
        while await CaseOutbox.filter(state="queued").exists():
            await province.cases.drain()
        return waiting / (time.perf_counter() - began)

"""People, one department with its own record of cases, and the services between, on real stores.

The department is a real server on the loopback: it keeps what it receives, numbers its events and
can be told to hang, to fail, or to receive and cut the connection.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import orjson
from aiohttp import web

from backend.audit.service import Audit
from backend.calendar.service import BEIJING, WorkCalendar
from backend.cases.models import Case
from backend.cases.service import Cases, Draft, Outcome, Places, Services, told
from backend.catalogue.service import Catalogue
from backend.divisions.service import Divisions
from backend.enterprise.service import Enterprises
from backend.exchange.manifest import Manifest, parse_manifest
from backend.exchange.service import Exchange
from backend.identity.service import Session
from backend.members.service import Members
from backend.numbers.service import make_uscc
from backend.operators.service import Operators
from backend.store.embedded import LOOPBACK
from backend.store.redis import Redis
from backend.upstream.signing import SigningKey, sign_answer
from tests.catalogue_items import full_item
from tests.lending_world import FONTS, Clock, LendingWorld, lending_world
from tests.regions import REGIONS

KEY = SigningKey.from_seed("gd-cases-1", b"c" * 32)
USCC = "11440000MB9X00015F"
COMPANY = make_uscc("9", "1", "440000", "MA5ABCD1")
ITEM, ITEM_WITH_MATERIALS, ENTERPRISE_ITEM = (f"{USCC}4440109{n:03}000" for n in (1, 2, 3))
Fault = Literal["", "status", "hang", "cut_before", "cut_after", "twice"]
FORM = {
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "required": ["purpose", "copies"],
        "properties": {
            "purpose": {"title": "用途", "type": "string", "enum": ["就业", "留学", "其他"]},
            "purpose_text": {"title": "用途说明", "type": "string", "maxLength": 100},
            "copies": {"title": "份数", "type": "integer", "minimum": 1, "maximum": 5},
            "name": {"title": "姓名", "type": "string"},
            "address": {"title": "住址", "type": "string"},
        },
        "if": {"properties": {"purpose": {"const": "其他"}}, "required": ["purpose"]},
        "then": {"required": ["purpose_text"]},
    },
    "ui": {"name": {"prefill": {"identity": "name"}}},
}
COMMITMENT = "本人承诺住所信息真实，愿接受核查；不实的，撤销决定并记入信用记录。"
# ``m1`` is supplied by sharing, ``m2`` by the issuer's licence, an upload, later, or a commitment.
MATERIALS: list[dict[str, Any]] = [
    {"material_name": "户口簿", "exempt_by_share": True},
    {"material_name": "第1证", "licence_type_code": "", "is_need": "必要"},
    {"material_name": "体检表", "is_need": "容缺后补"},
    {"material_name": "住所证明", "commitment": COMMITMENT},
    {"material_name": "推荐信", "is_need": "非必要"},
]
VALUES = {"purpose": "就业", "copies": 2}


@dataclass
class Record:
    """What the department has on file of a case."""

    case_no: str
    department_case_no: str
    received_at: str
    state: str = "submitted"
    before: int = 0
    submissions: list[dict[str, Any]] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)
    supplements: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Department:
    """A department's server: its record is what the platform is held against."""

    code: str = "gd-cases"
    short_name: str = "示范厅"
    uscc: str = USCC
    key: SigningKey = KEY
    base_url: str = ""
    notices: list[dict[str, Any]] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    fault: Fault = ""
    calls: list[str] = field(default_factory=list)
    boss: dict[str, str] | None = None

    def manifest(self, items: list[dict[str, Any]]) -> Manifest:
        """What it registers."""
        names = ("submit", "supplement", "withdraw", "urge", "query")
        return parse_manifest(
            {
                "manifest_version": 2,
                "system": {
                    "code": self.code, "name": f"{self.short_name}审批系统",
                    "short_name": self.short_name,
                    "department": {
                        "code": self.code[3:], "name": self.short_name, "uscc": self.uscc,
                    },
                    "region_code": "440000", "level": 2, "hotline": "020-12345",
                },
                "endpoints": {
                    kind: {"base_url": self.base_url} for kind in ("sandbox", "production")
                },
                "keys": [
                    {"id": self.key.key_id, "alg": "ed25519", "public": self.key.public_base64}
                ],
                "operations": {
                    f"cases.{name}": {"path": f"/v1/cases/{name}", "timeout_ms": 800}
                    for name in names
                }
                | {"supervision.notice": {"path": "/v1/supervision/notice", "timeout_ms": 800}}
                | ({
                    "enterprises.represented": {
                        "path": "/v1/enterprises/represented", "timeout_ms": 800,
                    }
                } if items else {}),
                "service_items": items,
            }
        )  # fmt: skip

    def app(self) -> web.Application:
        """The server."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        for name in ("submit", "supplement", "withdraw", "urge", "query"):
            app.router.add_post(f"/v1/cases/{name}", self._handler(name))
        app.router.add_post("/v1/enterprises/represented", self._represented)
        app.router.add_post("/v1/supervision/notice", self._handler("notice"))
        return app

    def _handler(self, name: str) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = orjson.loads(await request.read())
            self.calls.append(name)
            fault = self.fault if name != "query" else ""
            if fault == "hang":
                await asyncio.sleep(5)
            if fault == "cut_before":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            if fault == "status":
                return self._signed(request, {"title": "ill"}, 500)
            answer = getattr(self, f"_{name}")(body)
            if fault == "cut_after":
                assert request.transport is not None
                request.transport.close()
            return self._signed(request, answer, 200)

        return handle

    async def _represented(self, request: web.Request) -> web.StreamResponse:
        """The register of this department knows one company, of whoever asks first."""
        asked = orjson.loads(await request.read())
        boss = {"name": asked["name"], "id_number": asked["id_number"]}
        self.boss = self.boss or boss
        company = {
            "uscc": COMPANY, "name": "示范贸易有限公司", "kind": "enterprise", "status": "存续",
            "legal_representative": boss, "region_code": "440106", "address": "示范路1号",
            "established_on": "2015-01-05", "registered_capital": 100,
            "industry": {"code": "F5212", "name": "超级市场零售"},
        }  # fmt: skip
        found = [company] if boss == self.boss else []
        return self._signed(request, {"as_of": now_text(), "enterprises": found}, 200)

    def _signed(
        self, request: web.Request, answer: dict[str, Any], status: int
    ) -> web.StreamResponse:
        raw = orjson.dumps(answer)
        headers = {name.lower(): value for name, value in request.headers.items()}
        signed = sign_answer(self.key, status, raw, headers)
        return web.Response(
            status=status, body=raw, headers=signed, content_type="application/json"
        )

    def _notice(self, body: dict[str, Any]) -> dict[str, Any]:
        self.notices.append(body)
        return {"case_no": body["case_no"], "received_at": now_text(), "taken": True}

    def _submit(self, body: dict[str, Any]) -> dict[str, Any]:
        record = self.records.get(body["case_no"])
        if record is None:
            number = f"SF-{len(self.records) + 1:05d}"
            record = Record(body["case_no"], number, now_text())
            self.records[body["case_no"]] = record
            record.submissions.append(body)
            if "handed_over" in body:
                record.state, record.before = (
                    body["handed_over"]["state"],
                    body["handed_over"]["seq"],
                )
        return self._receipt(record, taken=True)

    def _supplement(self, body: dict[str, Any]) -> dict[str, Any]:
        record = self.records[body["case_no"]]
        if body["request_id"] in record.requests:
            return self._receipt(record, taken=True)
        if record.state != "correction":
            return {**self._receipt(record, taken=False), "reason": "不在补正中"}
        record.requests.add(body["request_id"])
        record.supplements.append(body)
        self.event(body["case_no"], "supplemented")
        return self._receipt(record, taken=True)

    def _withdraw(self, body: dict[str, Any]) -> dict[str, Any]:
        record = self.records[body["case_no"]]
        if body["request_id"] in record.requests:
            return self._receipt(record, taken=True)
        if record.state not in ("submitted", "correction"):
            return {**self._receipt(record, taken=False), "reason": "已经受理"}
        record.requests.add(body["request_id"])
        self.event(body["case_no"], "withdrawn")
        return self._receipt(record, taken=True)

    def _urge(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._receipt(self.records[body["case_no"]], taken=True)

    def _query(self, body: dict[str, Any]) -> dict[str, Any]:
        record = self.records.get(body["case_no"])
        if record is None:
            return {
                "case_no": body["case_no"], "known": False, "department_case_no": None,
                "received_at": None, "state": None, "last_seq": 0, "events": [],
            }  # fmt: skip
        events = [one for one in record.events if one["seq"] > body["after_seq"]]
        return {
            "case_no": record.case_no, "known": True,
            "department_case_no": record.department_case_no, "received_at": record.received_at,
            "state": record.state, "last_seq": record.before + len(record.events), "events": events,
        }  # fmt: skip

    @staticmethod
    def _receipt(record: Record, taken: bool) -> dict[str, Any]:
        return {
            "case_no": record.case_no, "department_case_no": record.department_case_no,
            "received_at": record.received_at, "taken": taken,
        }  # fmt: skip

    def event(self, case_no: str, name: str, **detail: Any) -> dict[str, Any]:
        """Number the next event of a case and keep it."""
        record = self.records[case_no]
        made = {
            "event_id": str(uuid.uuid4()), "seq": record.before + len(record.events) + 1,
            "event": name, "at": now_text(), **NEEDED.get(name, {}), **detail,
        }  # fmt: skip
        record.events.append(made)
        record.state = STATES.get(name, record.state)
        return made


# What each event brings in tests that are about something else.
NEEDED: dict[str, dict[str, Any]] = {
    "not_accepted": {"reason": "不属于本机关职权范围", "remedies": "可在六十日内申请行政复议。"},
    "denied": {"reason": "不符合条件", "remedies": "可在六十日内申请行政复议。"},
    "correction_requested": {
        "reason": "材料不齐", "due_on": "2036-12-31",
        "items": [{"material": "m1", "field": None, "what": "请补充户口簿首页"}],
    },
    "transferred": {"to": "示范市局 020-12345"},
    "special_started": {"special": "专家评审", "reason": "需要专家评审"},
    "extended": {"workdays": 10, "reason": "情况复杂，经负责人批准"},
    "approved": {"result": {"kind": "none", "name": "准予决定"}},
    "delivering": {"delivery": {"how": "post", "carrier": "邮政", "tracking_no": "E123"}},
    "terminated": {"reason": "申请人死亡"},
    "correction_timeout": {"reason": "逾期未补正"},
}  # fmt: skip
STATES = {
    "accepted": "accepted", "not_accepted": "not_accepted", "transferred": "transferred",
    "correction_requested": "correction", "supplemented": "submitted",
    "correction_timeout": "correction_timeout", "withdrawn": "withdrawn",
    "review_started": "in_review", "decision_started": "in_decision",
    "special_started": "special_procedure", "special_ended": "in_review", "approved": "approved",
    "denied": "denied", "delivering": "delivering", "result_delivered": "closed",
    "terminated": "terminated",
}  # fmt: skip


def now_text() -> str:
    """The present moment as the interface writes it."""
    return datetime.now(BEIJING).isoformat(timespec="milliseconds")


@asynccontextmanager
async def department(made: Department | None = None) -> AsyncIterator[Department]:
    """A running one."""
    made = made or Department()
    runner = web.AppRunner(made.app(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    made.base_url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


@dataclass
class CasesWorld:
    """Everything that a test of applications needs."""

    people: LendingWorld
    exchange: Exchange
    department: Department
    cases: Cases
    clock: Clock
    calendar: WorkCalendar
    catalogue: Catalogue
    folder: Path
    divisions: Divisions

    @property
    def owner(self) -> Session:
        """ZHANG."""
        return self.people.owner

    @staticmethod
    def uuid4() -> uuid.UUID:
        """A fresh one."""
        return uuid.uuid4()

    @staticmethod
    def uuid(text: str) -> uuid.UUID:
        """An id."""
        return uuid.UUID(text)

    async def draft(self, session: Session | None = None, **changes: Any) -> Draft:
        """A draft that is ready to be submitted."""
        who = session or self.owner
        item_code = changes.pop("item_code", ITEM)
        kind, for_id = changes.pop("kind", "self"), changes.pop("for_id", "")
        made = await self.cases.drafts.open(who, item_code, kind, for_id, "")
        return await self.cases.drafts.save(
            who, made.id, made.version, {**VALUES, **changes}, "+8613800138000", None
        )

    async def submitted(self, session: Session | None = None, **changes: Any) -> str:
        """A case that was submitted; gives its number."""
        who = session or self.owner
        made = await self.draft(who, **changes)
        done = await self.cases.submission.submit(who, made.id, made.version, "")
        return done.case_no

    async def delivered(self, session: Session | None = None, **changes: Any) -> str:
        """A case that the department has."""
        case_no = await self.submitted(session, **changes)
        await self.cases.drain()
        return case_no

    async def tell(self, case_no: str, name: str, **detail: Any) -> Outcome:
        """The department numbers an event and tells of it."""
        return await self.take(case_no, self.department.event(case_no, name, **detail))

    def now(self) -> datetime:
        """The present of the services."""
        return datetime.fromtimestamp(self.clock(), UTC)

    async def take(self, case_no: str, event: dict[str, Any]) -> Outcome:
        """An event reaches the platform."""
        return await self.cases.events.take("gd-cases", case_no, told(event, self.now()))

    async def compare(self, case: Case) -> bool:
        """The two records are held against each other."""
        return await self.cases._reconciling.compare(case)

    async def wait(self, **passed: float) -> None:
        """Let time pass for the services."""
        self.clock.on(**passed)


def items(licence_type: str) -> list[dict[str, Any]]:
    """Items of the department: with a form alone, with materials too, for enterprises."""
    MATERIALS[1]["licence_type_code"] = licence_type
    return [
        full_item(catalog_code="440109001000", form=FORM),
        full_item(catalog_code="440109002000", form=FORM, materials=MATERIALS),
        full_item(
            catalog_code="440109003000", form=FORM, server_type=["2"], themes=["corp-social"]
        ),
    ]


@asynccontextmanager
async def cases_world(
    folder: Path, database_url: str, redis_url: str, redis: Redis
) -> AsyncIterator[CasesWorld]:
    """The world; the database is open already."""
    async with (
        lending_world(folder, database_url, redis_url, redis) as people,
        department() as place,
    ):
        here, clock = people.identity, people.clock

        def now() -> datetime:
            return datetime.fromtimestamp(clock(), UTC)

        calendar = WorkCalendar(now)
        licence_type = people.issuer.manifest.licence_types[0].code
        await here.exchange.register(place.manifest(items(licence_type)))
        await here.exchange.reload()
        audit = Audit()
        catalogue = Catalogue(REGIONS)
        operators = Operators(redis, here.keyring, here.index, audit, here.settings)
        enterprises = Enterprises(redis, here.keyring, here.exchange, people.wallet, clock)
        members = Members(
            redis, here.keyring, here.index, enterprises, here.identity, here.messages, audit, clock
        )
        services = Services(
            catalogue, here.exchange, here.identity, people.wallet, people.presentations,
            people.lending, enterprises, members, people.sharing, here.messages,
            operators, audit, calendar,
            Divisions(here.exchange, catalogue, operators, audit, clock),
        )  # fmt: skip
        places = Places(folder / "cases", FONTS, "https://sst.example")
        cases = Cases(services, here.keyring, here.index, places, clock)
        try:
            yield CasesWorld(
                people,
                here.exchange,
                place,
                cases,
                clock,
                calendar,
                catalogue,
                folder,
                services.divisions,
            )
        finally:
            await cases.close()


A_DAY = timedelta(days=1)

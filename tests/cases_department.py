"""A department that takes cases: a real server on the loopback with a record of its own.

It keeps what it receives, numbers its events and can be told to hang, to fail, or to receive and
cut the connection.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson
from aiohttp import web

from backend.calendar.service import BEIJING
from backend.exchange.manifest import Manifest, parse_manifest
from backend.numbers.service import make_uscc
from backend.store.embedded import LOOPBACK
from backend.upstream.signing import SigningKey, sign_answer
from tests.patience import PATIENT_MS

KEY = SigningKey.from_seed("gd-cases-1", b"c" * 32)
USCC = "11440000MB9X00015F"
COMPANY = make_uscc("9", "1", "440000", "MA5ABCD1")
Fault = Literal["", "status", "hang", "cut_before", "cut_after", "twice"]


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
                    name: {"path": f"/v1/{name.replace('.', '/')}", "timeout_ms": PATIENT_MS}
                    for name in (*(f"cases.{name}" for name in names), "supervision.notice")
                }
                | ({
                    "enterprises.represented": {
                        "path": "/v1/enterprises/represented", "timeout_ms": PATIENT_MS,
                    }
                } if items else {}),
                "time_outs": {"connect_ms": PATIENT_MS, "answer_ms": PATIENT_MS},
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

"""A tiny sandbox province for tests: people of every kind, departments on free ports, a caller."""

import asyncio
import base64
import contextlib
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from PIL import Image

from backend.exchange.manifest import Manifest
from backend.numbers.citizen_id import make_id_number
from backend.numbers.uscc import make_uscc
from backend.sandbox.departments.loader import Loader
from backend.sandbox.departments.operations import now
from backend.sandbox.departments.registry import Department, department
from backend.sandbox.departments.server import DepartmentServer
from backend.sandbox.departments.store import Store
from backend.sandbox.population.people import (
    Car,
    Driver,
    Enterprise,
    Household,
    Job,
    Person,
    Property,
)
from backend.upstream.signing import (
    SignatureRefused,
    SigningKey,
    sign_request,
    verify_answer,
)

TODAY = now().date()
STREET = "440106009"
ADDRESS = "广东省广州市天河区石牌街示范路1号"
GATEWAY_KEY = SigningKey.from_seed("gateway-1", b"g" * 32)
STRANGER_KEY = SigningKey.from_seed("gateway-1", b"s" * 32)


def _number(year: int, sequence: int, prefix: str = "440106") -> str:
    return make_id_number(prefix, date(year, 2, 28), sequence)


def _person(index: int, name: str, birth_year: int, sequence: int, **more: Any) -> Person:
    prefix = more.pop("prefix", "440106")
    return Person(
        index=index,
        name=name,
        id_number=_number(birth_year, sequence, prefix),
        id_type=more.pop("id_type", "111"),
        sex="男" if sequence % 2 else "女",
        birth=date(birth_year, 2, 28),
        ethnicity=more.pop("ethnicity", "汉"),
        phone=None,
        region_code=STREET,
        address=ADDRESS,
        **more,
    )


USCC = make_uscc("9", "1", "440106", "MA5TXTX1")
CLOSED_USCC = make_uscc("9", "2", "440106", "MA5TXTX2")
JOB = Job(0, "广州示范贸易有限公司", USCC, date(TODAY.year - 4, 3, 1), 9000)
HUSBAND = _person(
    0,
    "王伟",
    1984,
    11,
    spouse_index=1,
    marriage=date(2012, 5, 20),
    job=JOB,
    car=Car(
        "粤A12345", "LSSX0000000000001", "E100", "穗星牌A6", "小型轿车", False, date(2020, 1, 6)
    ),
    driver=Driver(
        "C1", date(2008, 1, 1), date(2016, 1, 1), TODAY + timedelta(days=20), "440100000001"
    ),
    home=Property(
        "粤(2018)广州市不动产权第0000001号",
        "440106001001GB00001F00010001",
        STREET,
        ADDRESS,
        88.5,
        "住宅",
        date(2018, 6, 1),
    ),
)
WIFE = _person(1, "李娜", 1986, 22, spouse_index=0, marriage=date(2012, 5, 20))
CHILD = _person(2, "王小明", TODAY.year - 5, 33, parent_indexes=(0, 1))
DECEASED = _person(3, "孙伯", 1930, 45, status="deceased")
RENUMBERED = _person(4, "周敏", 1990, 52, previous_numbers=(_number(1991, 52),))
HONG_KONG = _person(5, "陳大文", 1988, 61, prefix="810000")
FOREIGNER = _person(6, "JOHN SMITH", 1990, 71, prefix="944840", id_type="553", ethnicity="美国")
WITHOUT = _person(7, "吴无证", 1995, 81, licence_load="none")
MANY = _person(8, "郑多证", 1975, 91, licence_load="many", job=JOB)
FACELESS = _person(9, "冯面生", 1993, 101, face_ok=False)
MOVED = _person(10, "褚迁", 1992, 113, residence_permit=True, prefix="430104")
PEOPLE = (
    HUSBAND,
    WIFE,
    CHILD,
    DECEASED,
    RENUMBERED,
    HONG_KONG,
    FOREIGNER,
    WITHOUT,
    MANY,
    FACELESS,
    MOVED,
)


def _enterprise(index: int, uscc: str, **more: Any) -> Enterprise:
    return Enterprise(
        index=index,
        uscc=uscc,
        name=JOB.employer_name if index == 0 else "广州示范小吃店",
        legal_representative=HUSBAND,
        staff_indexes=(0, 8) if index == 0 else (),
        region_code="440106",
        address=ADDRESS,
        established_on=date(2015, 3, 2),
        industry_code="F5212",
        industry_name="超级市场零售",
        **more,
    )


COMPANY = _enterprise(
    0, USCC, kind="enterprise", status="存续", registered_capital=100, food_licence=True
)
CLOSED_SHOP = _enterprise(
    1, CLOSED_USCC, kind="individual", status="注销", registered_capital=None, food_licence=True
)
HOUSEHOLD = Household(0, STREET, ADDRESS, PEOPLE, (COMPANY, CLOSED_SHOP))


def holder(person: Person) -> dict[str, str]:
    """A person as the interface names holders."""
    return {"code_type": person.id_type, "code": person.id_number, "name": person.name}


def company_holder(enterprise: Enterprise) -> dict[str, str]:
    """An enterprise as the interface names holders."""
    return {"code_type": "001", "code": enterprise.uscc, "name": enterprise.name}


def picture(side: int = 80, kind: str = "PNG") -> str:
    """A grey square in base64; ``side`` in pixels."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "gray").save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


def load(code: str, path: Path, *households: Household, today: date = TODAY) -> None:
    """Fill a department's file with these households; with the tiny province by default."""
    found = department(code)
    loader = Loader(path, found.records(), found.type_codes(), today, {"seed": "0"})
    loader.begin()
    for household in households or (HOUSEHOLD,):
        loader.add(household)
    loader.finish()


@dataclass(slots=True)
class Answer:
    """What came back; ``signed`` tells whether the signature held for this very call."""

    status: int
    body: Any
    signed: bool
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Running:
    """A department on a free port."""

    department: Department
    manifest: Manifest
    key: SigningKey
    url: str
    session: aiohttp.ClientSession

    async def call(self, operation: str, payload: Any, **more: Any) -> Answer:
        """Make a signed call of an operation."""
        path = self.manifest.operations[operation].path  # type: ignore[index]
        return await self.post(path, json.dumps(payload).encode(), **more)

    async def post(
        self,
        path: str,
        body: bytes,
        key: SigningKey | None = GATEWAY_KEY,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """Post a body; ``key`` None leaves it unsigned, ``headers`` replace the signature."""
        sent = dict(headers or (sign_request(key, "POST", path, "", body) if key else {}))
        sent["content-type"] = content_type
        async with self.session.post(
            self.url + path, data=io.BytesIO(body), headers=sent
        ) as response:
            raw = await response.read()
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Answer(
                response.status, _json(raw), self._signed(response.status, lower, raw, sent), lower
            )

    def _signed(
        self, status: int, headers: Mapping[str, str], body: bytes, sent: Mapping[str, str]
    ) -> bool:
        public = self.key.public
        try:
            verify_answer(
                lambda key_id: public if key_id == self.key.key_id else None,
                status,
                headers,
                body,
                sent,
            )
        except SignatureRefused:
            return False
        return True

    async def control(self, method: str, path: str, order: Any = None) -> Answer:
        """Call the control interface."""
        async with self.session.request(
            method, f"{self.url}/_control/{path}", json=order
        ) as response:
            return Answer(response.status, _json(await response.read()), False)

    async def licences(self, person: Person, **more: Any) -> list[dict[str, Any]]:
        """The licences of a person."""
        answer = await self.call("licences.query", {"holder": holder(person), **more})
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.body["licences"]
        return found


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


@contextlib.asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port of the loopback; yields its address."""
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def running(
    code: str, folder: Path, gateway_url: str | None = None
) -> AsyncIterator[Running]:
    """One department with the tiny province on file, without waiting times."""
    found = department(code)
    path = folder / f"{code}.db"
    if not path.exists():
        await asyncio.to_thread(load, code, path)
    key = SigningKey.from_seed(found.key_id, code.encode().ljust(32, b"."), found.key_alg)
    store = Store(path)
    server = DepartmentServer(
        manifest=found.checked_manifest("http://127.0.0.1", key.public_base64),
        store=store,
        key=key,
        gateway_keys={GATEWAY_KEY.key_id: GATEWAY_KEY.public},
        gateway_url=gateway_url,
    )
    async with serving(server.app()) as url, aiohttp.ClientSession() as session:
        yield Running(found, server.manifest, key, url, session)
    store.close()

"""People, one department with its own record of cases, and the services between, on real stores."""

import io
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from backend.audit.service import Audit
from backend.calendar.service import WorkCalendar
from backend.cases.models import Case
from backend.cases.service import Cases, Draft, Outcome, Places, Services, Supply, digest_of, told
from backend.catalogue.service import Catalogue
from backend.divisions.service import Divisions
from backend.enterprise.service import Enterprises
from backend.exchange.service import Exchange
from backend.identity.service import Session
from backend.members.service import Members
from backend.operators.service import Operators
from backend.store.redis import Redis
from tests.cases_department import USCC, Department, department
from tests.catalogue_items import full_item
from tests.lending_world import FONTS, Clock, LendingWorld, lending_world
from tests.regions import REGIONS

ITEM, ITEM_WITH_MATERIALS, ENTERPRISE_ITEM = (f"{USCC}4440109{n:03}000" for n in (1, 2, 3))
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


def picture(side: int = 40, exif: bytes = b"") -> bytes:
    """A picture as a camera makes it."""
    out = io.BytesIO()
    Image.new("RGB", (side, side * 2), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def with_materials(here: CasesWorld) -> Draft:
    """A draft with everything: a licence, an upload, a promise, a commitment."""
    who = here.owner
    made = await here.draft(item_code=ITEM_WITH_MATERIALS)
    assert {one["pointer"] for one in made.lacking} == {f"/materials/m{n}" for n in (2, 3, 4)}
    card = await here.people.card()
    made = await here.cases.supplying.supply(
        who, made.id, made.version, "m2", Supply("licence", licence_id=card.licence.id), ""
    )
    due = here.calendar.today() + timedelta(days=10)
    made = await here.cases.supplying.supply(
        who, made.id, made.version, "m3", Supply("promised", due_on=due), ""
    )
    return await here.cases.supplying.supply(
        who, made.id, made.version, "m4", Supply("commitment", agreed=digest_of(COMMITMENT)), ""
    )

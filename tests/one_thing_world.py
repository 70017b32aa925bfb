"""A world of applications with a 一件事 in it: four items, one of which issues the licence that
two others take from; on real stores.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from backend.audit.service import Audit
from backend.cases.models import Case
from backend.cases.service import Draft
from backend.enterprise.service import Enterprises
from backend.identity.service import Session
from backend.one_thing.service import Handed, OneThings, RunView, Services
from backend.operators.service import Officer, Role
from backend.store.redis import Redis
from tests.cases_department import USCC
from tests.cases_world import CasesWorld, cases_world
from tests.catalogue_items import full_item
from tests.identity_world import ZHANG
from tests.lending_world import holder_of
from tests.wallet_world import record

BIRTH, HOME, CARE, GIFT = (f"{USCC}4440109{n:03}000" for n in (11, 12, 13, 14))
OFFICER = Officer(uuid4(), "operator", "运营员", Role.OPERATOR)
VALUES: dict[str, Any] = {
    "child": "张小安", "birth_hospital": "示范市妇幼保健院", "home_address": "示范路 1 号 101",
    "bank": "6222020200112233445", "care_has_number": False,
}  # fmt: skip


def form(required: list[str], ui: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A form of an item."""
    schema = {
        "type": "object", "additionalProperties": False, "required": required,
        "properties": fields,
    }  # fmt: skip
    return {"schema": schema, "ui": ui or {}}


def text(title: str, **more: Any) -> dict[str, Any]:
    """A field of text."""
    return {"title": title, "type": "string", **more}


ID_CARD = {"material_name": "身份证", "is_need": "必要"}


def items(licence: str) -> list[dict[str, Any]]:
    """The items: ``BIRTH`` results in the licence."""
    care = form(
        ["child", "bank", "has_number"],
        {
            "number": {"when": {"properties": {"has_number": {"const": True}}}},
            # Mostly applied for oneself; the whole says that here it is the child.
            "child": {"prefill": {"identity": "name"}},
        },
        child=text("孩子姓名", maxLength=30), bank=text("银行卡", pattern="^[0-9]{12,19}$"),
        has_number={"title": "有号码", "type": "boolean"}, number=text("孩子号码"),
    )  # fmt: skip
    care["schema"] |= {
        "if": {"properties": {"has_number": {"const": True}}, "required": ["has_number"]},
        "then": {"required": ["number"]},
    }
    return [
        full_item(
            catalog_code="440109011000", plain_name="办出生证", licence_type_results=[licence],
            form=form(
                ["child", "hospital"], child=text("新生儿姓名", minLength=2),
                hospital=text("医院"),
            ),
            materials=[ID_CARD],
        ),
        full_item(
            catalog_code="440109012000", plain_name="上户口",
            form=form(
                ["child", "certificate_no", "address"],
                {"certificate_no": {"prefill": {"licence": licence, "field": "number"}}},
                child=text("孩子姓名", minLength=2, maxLength=40),
                certificate_no=text("出生证编号"), address=text("落户地址"),
            ),
            materials=[
                {"material_name": "出生证", "licence_type_code": licence}, ID_CARD,
                {"material_name": "说明", "is_need": "非必要"},
            ],
        ),
        full_item(catalog_code="440109013000", plain_name="上医保", form=care),
        full_item(
            catalog_code="440109014000", plain_name="领津贴",
            form=form(["bank"], bank=text("收款卡号", pattern="^[0-9]{12,19}$")),
        ),
    ]  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    """A definition that holds."""
    return {
        "code": "newborn", "name": "新生儿出生一件事", "plain_name": "孩子出生后要办的事",
        "summary": "一次填表，几个部门一起办。", "lead": "示范厅", "basis": "国办发〔2022〕32号",
        "for": ["self", "child"],
        "steps": [
            {"code": "birth", "item": BIRTH, "title": "出生证"},
            {"code": "home", "item": HOME, "title": "户口", "after": ["birth"]},
            {
                "code": "care", "item": CARE, "title": "医保", "need": "default",
                "after": ["home"],
            },
            {"code": "gift", "item": GIFT, "title": "津贴", "need": "optional"},
        ],
        "fields": [
            {
                "name": "child", "title": "孩子姓名", "prefill": False,
                "to": [{"step": one, "pointer": "/child"} for one in ("birth", "home", "care")],
            },
            {
                "name": "bank",
                "to": [{"step": one, "pointer": "/bank"} for one in ("care", "gift")],
            },
        ],
        "materials": [
            {
                "code": "idcard", "name": "身份证",
                "to": [{"step": one, "material": "身份证"} for one in ("birth", "home")],
            },
        ],
        **changes,
    }  # fmt: skip


@dataclass
class OneThingWorld:
    """What a test of 一件事 needs."""

    cases: CasesWorld
    things: OneThings

    @property
    def owner(self) -> Session:
        """ZHANG."""
        return self.cases.owner

    async def draft(self, chosen: list[str] | None = None, **values: Any) -> Draft:
        """A draft that is ready to be submitted."""
        drafts = self.cases.cases.drafts
        made = await self.things.opening.open(self.owner, "newborn", "self", "", chosen, "")
        fields = made.offer.form.fields if made.offer.form else {}
        filled = {name: one for name, one in {**VALUES, **values}.items() if name in fields}
        made = await drafts.save(self.owner, made.id, made.version, filled, "+8613800138000", None)
        made, _ = await self.cases.cases.supplying.upload(
            self.owner, made.id, "idcard", "身份证.pdf", PDF
        )
        return made

    async def handed(self, chosen: list[str] | None = None) -> Handed:
        """One that was submitted."""
        draft = await self.draft(chosen)
        return await self.things.submission.submit(self.owner, draft.id, draft.version, "")

    async def view(self, run_id: UUID) -> RunView:
        """How it stands."""
        return await self.things.progress.get(self.owner, run_id)

    async def case_of(self, run_id: UUID, code: str) -> Case | None:
        """The case of a step."""
        view = await self.view(run_id)
        found = next(one.case for one in view.steps if one.code == code)
        return await Case.get(case_no=found.card.case_no) if found else None

    async def states(self, run_id: UUID) -> dict[str, str]:
        """Of each step."""
        return {one.code: one.state for one in (await self.view(run_id)).steps}

    async def grant(self, case_no: str, licence: bool = False) -> None:
        """The department takes the case, and grants it; with the licence where it is one."""
        await self.cases.cases.drain()
        result: dict[str, Any] = {"kind": "none", "name": "准予决定"}
        if licence:
            result = self.issue()
        await self.cases.tell(case_no, "accepted")
        await self.cases.tell(case_no, "approved", result=result)

    async def republish_home_with_more(self) -> None:
        """The department of the second step asks for one more thing from now on."""
        made = items(self.licence)
        schema = made[1]["form"]["schema"]
        schema["properties"]["ethnicity"] = text("民族")
        schema["required"] = [*schema["required"], "ethnicity"]
        await self._republish(made)

    async def republish_home_without_child(self) -> None:
        """The department of the second step calls the child something else from now on."""
        made = items(self.licence)
        schema = made[1]["form"]["schema"]
        schema["properties"]["baby"] = schema["properties"].pop("child")
        schema["required"] = ["baby", "certificate_no", "address"]
        await self._republish(made)

    async def _republish(self, made: list[dict[str, Any]]) -> None:
        before = await self._form_of_home()
        await self.cases.exchange.register(self.cases.department.manifest(made))
        await self.cases.exchange.reload()
        # The catalogue of this process sees it within a second.
        for _ in range(600):
            if await self._form_of_home() != before:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the catalogue still has the former form")

    async def _form_of_home(self) -> Mapping[str, Any]:
        offer = await self.cases.catalogue.offer(HOME)
        return offer.form.fields if offer.form else {}

    @property
    def licence(self) -> str:
        """Code of the licence type in which the first step results."""
        return self.cases.people.issuer.manifest.licence_types[0].code

    def issue(self) -> dict[str, Any]:
        """The issuer has a licence of the owner on file from now on."""
        issuer = self.cases.people.issuer
        found = record(issuer.manifest, holder=holder_of(ZHANG))
        issuer.licences, issuer.revision = [found], issuer.revision + 1
        return {
            "kind": "licence", "name": "出生证",
            "licence_type_code": issuer.manifest.licence_types[0].code,
            "licence_identifier": found["licence_identifier"],
        }  # fmt: skip


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@asynccontextmanager
async def one_thing_world(
    folder: Path, database_url: str, redis_url: str, redis: Redis
) -> AsyncIterator[OneThingWorld]:
    """The world; the database is open already."""
    async with cases_world(folder, database_url, redis_url, redis) as here:
        people = here.people
        people.issuer.licences = []
        licence = people.issuer.manifest.licence_types[0].code
        await here.exchange.register(here.department.manifest(items(licence)))
        await here.exchange.reload()
        enterprises = Enterprises(
            redis, people.identity.keyring, here.exchange, people.wallet, here.clock
        )
        services = Services(
            here.cases, here.catalogue, here.exchange, people.wallet, enterprises,
            people.identity.messages, Audit(),
        )  # fmt: skip
        things = OneThings(services, people.identity.keyring, here.clock)
        await things.register.publish(OFFICER, document())
        yield OneThingWorld(here, things)

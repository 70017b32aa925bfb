"""一件事: which there are, what each consists of; for anybody."""

from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.one_thing import errors
from backend.one_thing.service import Guide
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, Out, endpoint

bp = Blueprint("public_one_things", url_prefix="/api/v1/public/one-things")


class OneThingCardOut(Out):
    """A 一件事 in the list."""

    code: str = Field(examples=["newborn"])
    name: str
    plain_name: str
    summary: str
    icon: str
    lead: str
    departments: list[str]
    steps: int
    paused: bool = Field(description="one of its items changed; it cannot be begun at present")


class OneThingsOut(Out):
    """All of them."""

    items: list[OneThingCardOut]


class GuideMaterialOut(Out):
    """A material of a step."""

    name: str
    need: str
    by_sharing: bool


class GuideStepOut(Out):
    """An item of one department, in its place."""

    code: str
    title: str
    item_code: str
    item_name: str
    department_name: str
    need: Literal["always", "default", "optional"]
    after: list[str] = Field(description="codes of the steps that are granted before")
    promise_days: int
    promise_unit: Literal["workday", "day", "month"]
    min_level: int
    result: str
    materials: list[GuideMaterialOut]
    hotline: str


class OneThingOut(OneThingCardOut):
    """A 一件事 in full."""

    basis: str
    for_: list[Literal["self", "child", "relative", "enterprise"]] = Field(alias="for")
    min_level: int
    parts: list[GuideStepOut]


@endpoint(bp, "GET", "", access=PUBLIC, summary="All 一件事", answer=OneThingsOut)
async def list_one_things(call: Call[None, None]) -> OneThingsOut:
    """Several items of several departments, done as one."""
    guides = await call.province.one_things.register.guides()
    return OneThingsOut(items=[OneThingCardOut.model_validate(_card(one)) for one in guides])


@endpoint(
    bp, "GET", "/<code:str>", access=PUBLIC, summary="One 一件事", answer=OneThingOut,
    errors=(errors.OneThingUnknown,),
)  # fmt: skip
async def get_one_thing(call: Call[None, None], code: str) -> OneThingOut:
    """Its steps, which waits for which, what is needed and what comes out."""
    guide = await call.province.one_things.register.guide(code)
    parts = _parts(guide)
    return OneThingOut.model_validate(
        {
            **_card(guide), "basis": guide.thing.basis, "for": list(guide.thing.for_),
            "min_level": max((one.min_level for one in parts), default=3), "parts": parts,
        }
    )  # fmt: skip


def _card(guide: Guide) -> dict[str, object]:
    thing = guide.thing
    departments = [
        guide.offers[one.code].department_name for one in thing.steps if one.code in guide.offers
    ]
    return {
        "code": thing.code, "name": thing.name, "plain_name": thing.plain_name,
        "summary": thing.summary, "icon": thing.icon, "lead": thing.lead,
        "departments": list(dict.fromkeys(departments)), "steps": len(thing.steps),
        "paused": guide.paused,
    }  # fmt: skip


def _parts(guide: Guide) -> list[GuideStepOut]:
    found = []
    for step in guide.thing.steps:
        offer = guide.offers.get(step.code)
        if offer is None:
            continue
        elements = offer.elements
        after = [*step.after, *([step.founded_by] if step.founded_by else [])]
        materials = [
            GuideMaterialOut(
                name=one["material_name"], need=one["is_need"], by_sharing=one["exempt_by_share"]
            )
            for one in elements["materials"]
        ]
        found.append(
            GuideStepOut(
                code=step.code, title=step.title, item_code=offer.task_code, item_name=offer.name,
                department_name=offer.department_name, need=step.need,
                after=list(dict.fromkeys(after)), promise_days=int(elements["promise_day"]),
                promise_unit=elements["promise_type"], min_level=max(offer.min_level, 3),
                result=elements["result_name"], materials=materials,
                hotline=elements["link_way"],
            )
        )  # fmt: skip
    return found

"""The home page of a citizen."""

from typing import Any, Literal

from pydantic import Field
from sanic import Blueprint

from backend.home.errors import SectionNotFound
from backend.home.service import WHOLE_S, Visitor, home_key
from backend.identity.service import Level, holder_key
from backend.wallet.service import wallet_key
from gateway.edge.access import Person
from gateway.edge.answers import JsonAnswer, json_answer
from gateway.edge.endpoint import Call, Out, endpoint

bp = Blueprint("citizen_home", url_prefix="/api/v1/citizen/home")


class SourceOut(Out):
    """The system that a section comes from."""

    code: str = Field(examples=["gd-renshe"])
    name: str = Field(examples=["人社厅"])


class Figure(Out):
    """A labelled value; ``unit`` may be empty."""

    label: str = Field(examples=["累计缴费"])
    value: str = Field(examples=["128"])
    unit: str = Field(examples=["个月"])


class LineOut(Out):
    """A labelled value below the headline."""

    label: str
    value: str


class SectionOut(Out):
    """A section with a state of its own; one that fails never fails the page."""

    code: str = Field(examples=["social_security"])
    kind: Literal["account", "licences", "messages"]
    title: str = Field(examples=["社会保险"])
    status: Literal["fresh", "stale", "unavailable", "locked", "none"]
    as_of: str | None = Field(description="RFC 3339; when its source says that it was true")
    source: SourceOut | None
    reason: str | None = Field(description="for the person, when it is not fresh")
    note: str | None = Field(None, description="what is going on at its source, for the person")
    required_level: int | None = Field(description="what unlocks it, when it is locked")
    headline: Figure | None
    lines: list[LineOut]
    count: int | None = Field(description="licences, or unread messages")
    items: list[dict[str, Any]]


class Link(Out):
    """Where a to-do leads."""

    page: Literal["licence"]
    id: str


class Todo(Out):
    """Something that is due."""

    kind: Literal["licence_expiring"]
    title: str
    text: str
    due: str | None
    link: Link


class HomeOut(Out):
    """The home page."""

    as_of: str
    greeting: str = Field(examples=["张*，下午好"])
    todo: list[Todo]
    sections: list[SectionOut]


HOME = Person(Level.WECHAT, also_read=(home_key, wallet_key, holder_key))


@endpoint(bp, "GET", "", access=HOME, summary="What is mine, from many systems", answer=HomeOut)
async def home(call: Call[None, None]) -> JsonAnswer:
    """Answers within 1.5 s; each section says how it stands."""
    return json_answer(await call.province.home.open(await _visitor(call)))


@endpoint(
    bp,
    "GET",
    "/sections/<code:str>",
    access=HOME,
    summary="One section again",
    answer=SectionOut,
    errors=(SectionNotFound,),
)
async def section(call: Call[None, None], code: str) -> JsonAnswer:
    """What “再试一次” asks for."""
    return json_answer(await call.province.home.section(code, await _visitor(call)))


async def _visitor(call: Call[None, None]) -> Visitor:
    sections, wallet, known = call.also_read
    identity = call.province.identity
    verified = call.session.level >= Level.REAL_NAME
    return Visitor(
        session=call.session,
        holder=await identity.holder(call.session, known) if verified else None,
        since=None if verified else await identity.own_since(call.session),
        sections=sections,
        wallet=wallet,
        trace=call.trace,
        deadline=call.deadline(WHOLE_S),
    )

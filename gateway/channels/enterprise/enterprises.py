"""The enterprise door: a person's enterprises, and the page and wallet of one of them."""

import asyncio
from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.audit.service import person
from backend.enterprise.service import (
    ASK_S,
    Enterprise,
    NotRepresentative,
    RegisterUnavailable,
)
from backend.home.service import WHOLE_S, Visitor, home_key
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, Session
from backend.numbers.service import Holder, mask_name
from backend.wallet.service import Card, FieldUnknown, IssuersSilent, LicenceNotFound, wallet_key
from gateway.channels import licences
from gateway.channels.citizen.home import SectionOut
from gateway.channels.licences import (
    ArrangementIn,
    ArrangementOut,
    FaceQuery,
    LicenceOut,
    ObtainablesOut,
    RevealIn,
    RevealOut,
    WalletOut,
)
from gateway.edge.access import Person
from gateway.edge.answers import JsonAnswer, json_answer
from gateway.edge.endpoint import Call, Out, endpoint

bp = Blueprint("enterprise_enterprises", url_prefix="/api/v1/enterprise/enterprises")

FACE = Person(Level.FACE)
_MINE = (NotRepresentative, RegisterUnavailable)
_ONE = (*_MINE, LevelTooLow, LicenceNotFound, IssuersSilent)
Kind = Literal["enterprise", "individual", "cooperative"]


class EnterpriseCard(Out):
    """An enterprise that the person represents."""

    uscc: str = Field(description="统一社会信用代码", examples=["91440300MA5ABCD19W"])
    name: str
    kind: Kind
    status: str = Field(examples=["存续"])
    role: Literal["LEGAL_REP"]


class EnterprisesOut(Out):
    """Those of all registers; ``source_status`` says whether the registers answered."""

    items: list[EnterpriseCard]
    source_status: Literal["fresh", "stale", "unavailable"]


class IndustryOut(Out):
    """行业, GB/T 4754."""

    code: str
    name: str


class EnterpriseOut(Out):
    """The page of an enterprise; ``registered_capital`` in 万元."""

    uscc: str
    name: str
    kind: Kind
    status: str
    legal_representative: str = Field(examples=["张*"])
    region_code: str
    address: str
    established_on: str
    registered_capital: float | None
    industry: IndustryOut | None
    sections: list[SectionOut]
    wallet: WalletOut


@endpoint(bp, "GET", "", access=FACE, summary="My enterprises", answer=EnterprisesOut)
async def list_enterprises(call: Call[None, None]) -> EnterprisesOut:
    """Those that a register says the person legally represents."""
    found = await call.province.enterprises.represented(
        call.session.subject, await _person(call), call.trace, call.deadline(ASK_S)
    )
    cards = [
        EnterpriseCard(uscc=e.uscc, name=e.name, kind=e.kind, status=e.status, role="LEGAL_REP")
        for e in found.enterprises
    ]
    return EnterprisesOut(items=cards, source_status=found.status)


@endpoint(
    bp, "GET", "/<uscc:str>",
    access=FACE, summary="The page of an enterprise", answer=EnterpriseOut, errors=_MINE,
)  # fmt: skip
async def read_enterprise(call: Call[None, None], uscc: str) -> JsonAnswer:
    """Facts, sections and wallet; each part says how it stands."""
    province, deadline = call.province, call.deadline(WHOLE_S)
    enterprise = await province.enterprises.page(
        call.session.subject, await _person(call), uscc, call.trace, deadline
    )
    subject = province.enterprises.wallet_subject(uscc)
    stored, blob = await province.hot.mget([home_key(subject), wallet_key(subject)])
    # The enterprise's sections are kept under its own tag, seen with the level of the person.
    visitor = Visitor(
        session=Session(subject, call.session.session_id, call.session.level),
        holder=enterprise.holder,
        since=None,
        sections=stored,
        wallet=blob,
        trace=call.trace,
        deadline=deadline,
    )
    view, sections = await asyncio.gather(
        province.wallet.open(
            subject,
            enterprise.holder,
            "enterprise",
            deadline=deadline,
            trace=call.trace,
            blob=blob,
        ),
        province.home.accounts(visitor, "enterprise"),
    )
    return json_answer(
        {
            **_facts(enterprise),
            "sections": [asdict(section) for section in sections],
            "wallet": view.as_dict(),
        }
    )


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/arrangement",
    access=FACE, summary="How I have laid its wallet out", answer=ArrangementOut, errors=_MINE,
)  # fmt: skip
async def read_arrangement(call: Call[None, None], uscc: str) -> ArrangementOut:
    """Order and favourites, of this person for this enterprise."""
    await _enterprise(call, uscc)
    return await licences.layout(call, call.province.enterprises.wallet_subject(uscc))


@endpoint(
    bp, "PUT", "/<uscc:str>/wallet/arrangement",
    access=FACE, summary="Lay its wallet out", body=ArrangementIn, answer=ArrangementOut,
    errors=_MINE,
)  # fmt: skip
async def set_arrangement(call: Call[ArrangementIn, None], uscc: str) -> ArrangementOut:
    """Of two devices the later one counts."""
    await _enterprise(call, uscc)
    return await licences.laid_out(call, call.province.enterprises.wallet_subject(uscc))


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/obtainable",
    access=FACE, summary="Licences that it could have", answer=ObtainablesOut, errors=_MINE,
)  # fmt: skip
async def read_obtainable(call: Call[None, None], uscc: str) -> ObtainablesOut:
    """With words on how to get each, and the service item by which it is applied for."""
    enterprise = await _enterprise(call, uscc)

    async def who() -> Holder:
        return enterprise.holder

    subject = call.province.enterprises.wallet_subject(uscc)
    found = await call.province.wallet.obtainable(subject, who, "enterprise", trace=call.trace)
    return await licences.obtainables(call, found)


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/<licence_id:str>",
    access=FACE, summary="One licence of an enterprise", answer=LicenceOut, errors=_ONE,
)  # fmt: skip
async def read_licence(call: Call[None, None], uscc: str, licence_id: str) -> JsonAnswer:
    """All that is on it, sensitive values masked."""
    return licences.licence_answer(call, await _card(call, uscc, licence_id))


@endpoint(
    bp, "POST", "/<uscc:str>/wallet/<licence_id:str>/reveal",
    access=FACE, summary="One value in full", body=RevealIn, answer=RevealOut,
    errors=(*_ONE, FieldUnknown),
)  # fmt: skip
async def reveal(call: Call[RevealIn, None], uscc: str, licence_id: str) -> RevealOut:
    """Every look is written to the audit."""
    card = await _card(call, uscc, licence_id)
    return await licences.revealed(call, card, *_actor_and_subject(call, uscc))


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/<licence_id:str>/face.png",
    access=FACE, summary="The face as a picture", query=FaceQuery, media_type="image/png",
    errors=(*_ONE, *licences.FACE_ERRORS),
)  # fmt: skip
async def face(call: Call[None, FaceQuery], uscc: str, licence_id: str) -> HTTPResponse:
    """With a watermark of purpose, time and viewer."""
    card = await _card(call, uscc, licence_id)

    async def viewer() -> Holder:
        return await _person(call)

    return await licences.pictured(call, card, viewer, *_actor_and_subject(call, uscc))


async def _person(call: Call[Any, Any]) -> Holder:
    return await call.province.identity.holder(call.session)


async def _enterprise(call: Call[Any, Any], uscc: str) -> Enterprise:
    return await call.province.enterprises.require(
        call.session.subject, await _person(call), uscc, call.trace
    )


async def _card(call: Call[Any, Any], uscc: str, licence_id: str) -> Card:
    enterprise = await _enterprise(call, uscc)
    subject = call.province.enterprises.wallet_subject(uscc)
    return await call.province.wallet.licence(
        subject, enterprise.holder, licence_id, "enterprise", trace=call.trace
    )


def _actor_and_subject(call: Call[Any, Any], uscc: str) -> tuple[str, str]:
    subject = call.province.enterprises.wallet_subject(uscc)
    return person(call.session.person_id), f"enterprise:{subject}"


def _facts(enterprise: Enterprise) -> dict[str, Any]:
    facts = enterprise.model_dump(mode="json", exclude={"legal_representative"})
    return {**facts, "legal_representative": mask_name(enterprise.legal_representative.name)}

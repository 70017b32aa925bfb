"""The enterprise door: a person's enterprises, and the page and wallet of one of them."""

import asyncio
from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.audit.service import person
from backend.enterprise.service import ASK_S, Enterprise, page_key
from backend.home.service import WHOLE_S, Visitor, home_key
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, Session
from backend.members.service import Acting, Held, Role, Scope
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
from gateway.edge.access import Member, Person
from gateway.edge.answers import JsonAnswer, json_answer
from gateway.edge.endpoint import Call, Out, endpoint
from gateway.edge.moments import Moment, in_beijing
from gateway.edge.ready import Asked

bp = Blueprint("enterprise_enterprises", url_prefix="/api/v1/enterprise/enterprises")

LICENCES = Member(scope=Scope.LICENCES)
_ONE = (LevelTooLow, LicenceNotFound, IssuersSilent)
Kind = Literal["enterprise", "individual", "cooperative"]
# By the first two characters of the USCC (GB 32100).
_KINDS: dict[str, Kind] = {"92": "individual", "93": "cooperative"}
# What is shown of the wallet to whom it is not for.
_NO_WALLET = {"as_of": "1970-01-01T00:00:00Z", "items": [], "sources": []}


class ActingOut(Out):
    """As what the person acts for an enterprise, and in what."""

    role: Role
    scopes: list[Scope]
    items: list[str] = Field(description="codes of the only service items; none for all")
    ends_on: str | None = Field(description="the last day; null for none")
    ends_at: Moment | None = Field(
        description="when it ends at the latest, of whoever showed the electronic business licence"
    )
    cases_left: int | None = Field(
        description="how many applications the person may still file; null for any number"
    )


class EnterpriseCard(ActingOut):
    """An enterprise that the person may act for."""

    uscc: str = Field(description="统一社会信用代码", examples=["91440300MA5ABCD19W"])
    name: str
    kind: Kind
    status: str | None = Field(examples=["存续"], description="null: the register is silent now")


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
    acting: ActingOut


@endpoint(
    bp, "GET", "",
    access=Person(Level.REAL_NAME), summary="For whom I may act", answer=EnterprisesOut,
)  # fmt: skip
async def list_enterprises(call: Call[None, None]) -> EnterprisesOut:
    """Those that a register says the person represents, then those that gave them leave.

    Below level 4 only those whose electronic business licence was shown in this session.
    """
    province, deadline = call.province, call.deadline(ASK_S)
    if call.session.level < Level.FACE:
        shown = await province.members.held(call.session, call.trace, deadline)
        if not shown:
            raise LevelTooLow(Level.FACE)
        return EnterprisesOut(items=[held_card(each) for each in shown], source_status="fresh")
    holder = await province.identity.holder(call.session)
    found, held = await asyncio.gather(
        province.enterprises.represented(call.session.subject, holder, call.trace, deadline),
        province.members.held(call.session, call.trace, deadline),
    )
    cards = [
        EnterpriseCard(
            uscc=e.uscc, name=e.name, kind=e.kind, status=e.status, role=Role.LEGAL_REP,
            scopes=sorted(Scope), items=[], ends_on=None, ends_at=None,
            cases_left=None,
        )
        for e in found.enterprises
    ]  # fmt: skip
    mine = {card.uscc for card in cards}
    cards += [held_card(each) for each in held if each.grant.uscc not in mine]
    return EnterprisesOut(items=cards, source_status=found.status)


def held_card(held: Held) -> EnterpriseCard:
    """An enterprise that somebody may act for without being its representative by the register."""
    known, grant = held.enterprise, held.grant
    return EnterpriseCard(
        uscc=grant.uscc, name=grant.enterprise_name,
        kind=_KINDS.get(grant.uscc[:2], "enterprise") if known == "silent" else known.kind,
        status=None if known == "silent" else known.status, role=grant.role,
        scopes=sorted({Scope.VIEW, *grant.scopes}), items=list(grant.items),
        ends_on=grant.ends_on.isoformat() if grant.ends_on else None, ends_at=grant.ends_at,
        cases_left=grant.cases_left,
    )  # fmt: skip


async def _ready(asked: Asked) -> JsonAnswer | None:
    """The page that this person was shown last, while all that it was made of is the same.

    It was kept for nobody but the representative, and holds no longer than the register's word that
    they are: what others may see can be taken back at any moment.
    """
    province, (kept, person, represented) = asked.province, asked.read
    if kept is None or asked.session.level < Level.FACE:
        return None
    subject = province.enterprises.wallet_subject(asked.last)
    stored, blob = await province.hot.mget([home_key(subject), wallet_key(subject)])
    made_of = (person, represented, stored, blob)
    shown = province.enterprise_pages.shown(asked.session.subject, kept, asked.last, made_of)
    return None if shown is None else JsonAnswer(shown)


@endpoint(
    bp, "GET", "/<uscc:str>", access=Member(also_read=(page_key,), scope=Scope.VIEW),
    summary="The page of an enterprise", answer=EnterpriseOut, ready=_ready,
)  # fmt: skip
async def read_enterprise(call: Call[None, None], uscc: str) -> JsonAnswer:
    """Facts, sections and wallet as far as the caller may see them; each says how it stands."""
    province, acting = call.province, call.acting
    if not acting.may(Scope.LICENCES):
        return _page(acting, acting.enterprise, [], _NO_WALLET)
    subject = province.enterprises.wallet_subject(uscc)
    stored, blob = await province.hot.mget([home_key(subject), wallet_key(subject)])
    deadline = call.deadline(WHOLE_S)
    # The enterprise's sections are kept under its own tag, seen with the level of the person.
    visitor = Visitor(
        session=Session(subject, call.session.session_id, call.session.level),
        holder=acting.enterprise.holder, since=None, sections=stored, wallet=blob,
        trace=call.trace, deadline=deadline,
    )  # fmt: skip
    enterprise, view, found = await asyncio.gather(
        _latest(call, acting),
        province.wallet.open(
            subject, acting.enterprise.holder, "enterprise",
            deadline=deadline, trace=call.trace, blob=blob,
        ),
        province.home.accounts(visitor, "enterprise"),
    )  # fmt: skip
    wallet, sections = view.as_dict(), [asdict(section) for section in found]
    answer = _page(acting, enterprise, sections, wallet)
    states = {one["status"] for one in (*sections, *wallet["sources"])}
    # Nor for whom the electronic licence let in below level 4, who sees less of it.
    owner = acting.role is Role.LEGAL_REP and call.session.level >= Level.FACE
    if owner and states <= {"fresh", "none"}:
        await _keep(call, uscc, (stored, blob), answer)
    return answer


async def _keep(
    call: Call[Any, Any], uscc: str, made_of: tuple[bytes | None, ...], page: JsonAnswer
) -> None:
    """Keep a page for the next time, where all that it was made of was there already."""
    province, (_, known, represented) = call.province, call.also_read
    if known is None or represented is None or None in made_of:
        return
    subject = call.session.subject
    person = await province.identity.holder(call.session, known)
    seconds = province.enterprises.holds_s(subject, person, represented)
    if seconds > 0:
        await province.enterprise_pages.keep(
            subject, uscc, (known, represented, *made_of), page.body or b"", seconds
        )


async def _latest(call: Call[Any, Any], acting: Acting) -> Enterprise:
    """What the register says now; whether its owner is still its owner."""
    if acting.role is not Role.LEGAL_REP:
        return acting.enterprise
    session, province = call.session, call.province
    # From what was read already: to seal it anew would make every kept page an old one.
    holder = await province.identity.holder(session, call.also_read[1])
    return await province.enterprises.latest(
        acting.enterprise, session.subject, holder, call.trace, call.deadline(WHOLE_S)
    )


def _page(
    acting: Acting, enterprise: Enterprise, sections: list[dict[str, Any]], wallet: dict[str, Any]
) -> JsonAnswer:
    said = {"sections": sections, "wallet": wallet, "acting": _acting(acting)}
    return json_answer({**_facts(enterprise), **said})


def _acting(acting: Acting) -> dict[str, Any]:
    return {
        "role": acting.role, "scopes": sorted(acting.scopes), "items": sorted(acting.items),
        "ends_on": acting.ends_on.isoformat() if acting.ends_on else None,
        "ends_at": in_beijing(acting.ends_at).isoformat() if acting.ends_at else None,
        "cases_left": acting.cases_left,
    }  # fmt: skip


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/arrangement",
    access=LICENCES, summary="How I have laid its wallet out", answer=ArrangementOut,
)  # fmt: skip
async def read_arrangement(call: Call[None, None], uscc: str) -> ArrangementOut:
    """Order and favourites, of this person for this enterprise."""
    return await licences.layout(call, call.province.enterprises.wallet_subject(uscc))


@endpoint(
    bp, "PUT", "/<uscc:str>/wallet/arrangement",
    access=LICENCES, summary="Lay its wallet out", body=ArrangementIn, answer=ArrangementOut,
)  # fmt: skip
async def set_arrangement(call: Call[ArrangementIn, None], uscc: str) -> ArrangementOut:
    """Of two devices the later one counts."""
    return await licences.laid_out(call, call.province.enterprises.wallet_subject(uscc))


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/obtainable",
    access=LICENCES, summary="Licences that it could have", answer=ObtainablesOut,
)  # fmt: skip
async def read_obtainable(call: Call[None, None], uscc: str) -> ObtainablesOut:
    """With words on how to get each, and the service item by which it is applied for."""
    enterprise = call.acting.enterprise

    async def who() -> Holder:
        return enterprise.holder

    subject = call.province.enterprises.wallet_subject(uscc)
    found = await call.province.wallet.obtainable(subject, who, "enterprise", trace=call.trace)
    return await licences.obtainables(call, found)


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/<licence_id:str>",
    access=LICENCES, summary="One licence of an enterprise", answer=LicenceOut, errors=_ONE,
)  # fmt: skip
async def read_licence(call: Call[None, None], uscc: str, licence_id: str) -> JsonAnswer:
    """All that is on it, sensitive values masked."""
    return licences.licence_answer(call, await _card(call, uscc, licence_id))


@endpoint(
    bp, "POST", "/<uscc:str>/wallet/<licence_id:str>/reveal",
    access=LICENCES, summary="One value in full", body=RevealIn, answer=RevealOut,
    errors=(*_ONE, FieldUnknown),
)  # fmt: skip
async def reveal(call: Call[RevealIn, None], uscc: str, licence_id: str) -> RevealOut:
    """Every look is written to the audit."""
    card = await _card(call, uscc, licence_id)
    return await licences.revealed(call, card, *_actor_and_subject(call, uscc))


@endpoint(
    bp, "GET", "/<uscc:str>/wallet/<licence_id:str>/face.png",
    access=LICENCES, summary="The face as a picture", query=FaceQuery, media_type="image/png",
    errors=(*_ONE, *licences.FACE_ERRORS),
)  # fmt: skip
async def face(call: Call[None, FaceQuery], uscc: str, licence_id: str) -> HTTPResponse:
    """With a watermark of purpose, time and viewer."""
    card = await _card(call, uscc, licence_id)

    async def viewer() -> Holder:
        return await call.province.identity.holder(call.session)

    return await licences.pictured(call, card, viewer, *_actor_and_subject(call, uscc))


async def _card(call: Call[Any, Any], uscc: str, licence_id: str) -> Card:
    enterprise = call.acting.enterprise
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

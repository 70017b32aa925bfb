"""家庭: whose licences a citizen carries, and who carries theirs."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.audit.service import person
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level
from backend.lending import errors
from backend.lending.service import Carried, Member
from backend.numbers.service import Holder
from backend.presentation.errors import (
    CursorRefused,
    FieldsUnknown,
    LicenceNotValid,
    TooOften,
)
from backend.wallet.service import (
    OPEN_S,
    Card,
    IssuersSilent,
    LicenceNotFound,
    wallet_key,
)
from gateway.channels import licences
from gateway.channels.citizen.licence_usages import UsageList, UsageQuery, usage_list
from gateway.channels.citizen.loans import InvitationIn
from gateway.channels.citizen.presentations import (
    CodeIn,
    CodeOut,
    OfferOut,
    OfferQuery,
    coded,
    offered,
)
from gateway.channels.licences import FaceQuery, LicenceOut, WalletOut
from gateway.edge.access import Person
from gateway.edge.answers import JsonAnswer
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_family", url_prefix="/api/v1/citizen/family")

SELF = Person(Level.REAL_NAME)
OWN = Person(Level.REAL_NAME, also_read=(wallet_key,))
_ONE = (errors.MemberUnknown, LevelTooLow, LicenceNotFound, IssuersSilent)


class MemberOut(Out):
    """``carried``: the caller carries theirs. ``carrier``: they carry the caller's."""

    id: UUID
    kind: Literal["child", "relative"]
    role: Literal["carried", "carrier"]
    name: str = Field(description="masked; empty while nobody has accepted")
    state: Literal["invited", "active"]
    since: Moment
    ends_on: date = Field(description="the first day on which it holds no more")
    invitation: str | None = Field(description="the code to hand over; given once, lives 3 days")


class FamilyOut(Out):
    """What holds now, the oldest first."""

    items: list[MemberOut]


class ChildIn(In):
    """By which of the caller's licences, and the child's identity number."""

    licence_id: str = Field(min_length=1, max_length=40, examples=["Xu0rxnPFeh9L"])
    id_number: str = Field(min_length=15, max_length=24)


class InviteIn(In):
    """Until which day, at most a year from now."""

    until: date


@endpoint(bp, "GET", "", access=SELF, summary="My family", answer=FamilyOut)
async def list_family(call: Call[None, None]) -> FamilyOut:
    """Whom I carry, and who carries mine."""
    found = await call.province.lending.family.members(call.session)
    return FamilyOut(items=[_member(each) for each in found])


@endpoint(
    bp, "POST", "/children",
    access=OWN, summary="Carry the licences of my child", body=ChildIn, answer=MemberOut,
    status=201,
    errors=(
        LevelTooLow, LicenceNotFound, IssuersSilent, errors.NotACertificate, errors.NotAParent,
        errors.ChildGrownUp, errors.SourceSilent, errors.TooManyTries, errors.TooManyOpen,
    ),
)  # fmt: skip
async def add_child(call: Call[ChildIn, None]) -> MemberOut:
    """Under 14; the birth certificate in my wallet proves it."""

    async def who() -> Holder:
        return await call.province.identity.holder(call.session)

    body, province = call.body, call.province
    certificate = await province.wallet.licence(
        call.session.subject, who, body.licence_id, trace=call.trace, blob=call.also_read[0]
    )
    return _member(
        await province.lending.family.add_child(
            call.session, certificate, body.id_number, call.trace
        )
    )


@endpoint(
    bp, "POST", "/invitations",
    access=SELF, summary="Let a relative carry my licences", body=InviteIn, answer=MemberOut,
    status=201, errors=(errors.EndInvalid, errors.TooManyOpen),
)  # fmt: skip
async def invite(call: Call[InviteIn, None]) -> MemberOut:
    """Gives a code, which I hand over myself."""
    return _member(await call.province.lending.family.invite(call.session, call.body.until))


@endpoint(
    bp, "POST", "",
    access=SELF, summary="Carry the licences of a relative", body=InvitationIn,
    answer=MemberOut, status=201,
    errors=(
        LevelTooLow, errors.InvitationUnknown, errors.OwnInvitation, errors.TooManyTries,
        errors.TooManyOpen,
    ),
)  # fmt: skip
async def accept(call: Call[InvitationIn, None]) -> MemberOut:
    """By the code that they handed over."""
    return _member(await call.province.lending.family.accept(call.session, call.body.code))


@endpoint(
    bp, "DELETE", "/<member_id:str>",
    access=SELF, summary="End it, from either side", errors=(errors.MemberUnknown,),
)  # fmt: skip
async def end(call: Call[None, None], member_id: str) -> None:
    """Holds at once, everywhere."""
    await call.province.lending.family.end(call.session, _id(member_id))


@endpoint(
    bp, "GET", "/<member_id:str>/wallet",
    access=SELF, summary="The wallet of a member", answer=WalletOut,
    errors=(errors.MemberUnknown,),
)  # fmt: skip
async def wallet(call: Call[None, None], member_id: str) -> JsonAnswer:
    """As the member would see it; the look is written down."""
    carried = await _carried(call, member_id, "wallet")
    view = await call.province.lending.family.wallet(carried, call.trace, call.deadline(OPEN_S))
    return licences.listed(call, view.as_json())


@endpoint(
    bp, "GET", "/<member_id:str>/wallet/<licence_id:str>",
    access=SELF, summary="A licence of a member", answer=LicenceOut, errors=_ONE,
)  # fmt: skip
async def licence(call: Call[None, None], member_id: str, licence_id: str) -> JsonAnswer:
    """All that is on it, sensitive values masked."""
    _, card = await _card(call, member_id, licence_id, "licence")
    return licences.licence_answer(call, card)


@endpoint(
    bp, "GET", "/<member_id:str>/wallet/<licence_id:str>/face.png",
    access=SELF, summary="The face of a member's licence", query=FaceQuery,
    media_type="image/png", errors=(*_ONE, *licences.FACE_ERRORS),
)  # fmt: skip
async def face(call: Call[None, FaceQuery], member_id: str, licence_id: str) -> HTTPResponse:
    """With a watermark that names whoever looks."""

    async def who() -> Holder:
        return await call.province.identity.holder(call.session)

    carried, card = await _card(call, member_id, licence_id, "face")
    actor = person(call.session.person_id)
    return await licences.pictured(call, card, who, actor, carried.about)


@endpoint(
    bp, "GET", "/<member_id:str>/presentations/offer",
    access=SELF, summary="What can be shown of a member's licence", query=OfferQuery,
    answer=OfferOut, errors=_ONE,
)  # fmt: skip
async def offer(call: Call[None, OfferQuery], member_id: str) -> OfferOut:
    """Facts and predicates, without their values."""
    _, card = await _card(call, member_id, call.query.licence_id, "offer")
    call.require(card.kind.min_level)
    return offered(card)


@endpoint(
    bp, "POST", "/<member_id:str>/presentations/codes",
    access=SELF, summary="A code for one look at a member's licence", body=CodeIn,
    answer=CodeOut, status=201, errors=(*_ONE, LicenceNotValid, FieldsUnknown, TooOften),
)  # fmt: skip
async def make_code(call: Call[CodeIn, None], member_id: str) -> HTTPResponse:
    """Whether it still holds is asked again when somebody looks."""
    carried, card = await _card(call, member_id, call.body.licence_id, "show")
    return await coded(call, card, carried.subject, None, str(carried.id))


@endpoint(
    bp, "GET", "/<member_id:str>/licence-usages",
    access=SELF, summary="Who looked at a member's licences", query=UsageQuery,
    answer=UsageList, errors=(errors.MemberUnknown, CursorRefused),
)  # fmt: skip
async def usages(call: Call[None, UsageQuery], member_id: str) -> UsageList:
    """Newest first."""
    carried = await _carried(call, member_id, "usages")
    return await usage_list(call, carried.subject)


async def _carried(call: Call[Any, Any], member_id: str, what: str) -> Carried:
    return await call.province.lending.family.carried(call.session, _id(member_id), what)


async def _card(
    call: Call[Any, Any], member_id: str, licence_id: str, what: str
) -> tuple[Carried, Card]:
    carried = await _carried(call, member_id, what)
    return carried, await call.province.lending.family.card(carried, licence_id, call.trace)


def _member(member: Member) -> MemberOut:
    return MemberOut.model_validate(member, from_attributes=True)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.MemberUnknown from None

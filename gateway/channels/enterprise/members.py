"""成员与授权: administrators and agents of an enterprise, by whoever may appoint them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.enterprise.service import RegisterUnavailable
from backend.errors import DomainError
from backend.identity.service import Level
from backend.members import errors
from backend.members.service import MOST_CASES, Grant, Member, Role, Scope
from gateway.edge.access import Member as MemberAccess
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("enterprise_members", url_prefix="/api/v1/enterprise")

_ONE = "/enterprises/<uscc:str>"
_MANAGE = MemberAccess(scope=Scope.MEMBERS)
_SELF = Person(Level.FACE)
Grantable = Literal["cases.read", "cases.apply", "licences", "policies"]


class InvitationIn(In):
    """Whom to invite, as what, and in what they may act."""

    role: Literal["ADMINISTRATOR", "AGENT"]
    name: str = Field(min_length=1, max_length=50, examples=["张三"])
    phone: str = Field(max_length=32, examples=["13800138000"])
    scopes: list[Grantable] = Field(default=[], max_length=8, description="of an agent")
    items: list[str] = Field(
        default=[], max_length=50, description="codes of the only service items; none for all"
    )
    ends_on: date | None = Field(
        None, description="the last day, within a year; an agent must have one"
    )
    most_cases: int | None = Field(
        None, ge=1, le=MOST_CASES,
        description="how many applications an agent may file in all; null for any number",
    )  # fmt: skip


class LimitIn(In):
    """How many applications an agent may file from the beginning on; null for any number."""

    most_cases: int | None = Field(ge=1, le=MOST_CASES, examples=[20])


class ItemName(Out):
    """A service item."""

    code: str
    name: str


class MemberOut(Out):
    """A member or an open invitation, masked."""

    id: UUID
    uscc: str
    enterprise_name: str
    role: Literal["ADMINISTRATOR", "AGENT"]
    state: Literal["invited", "active"]
    name: str = Field(examples=["张*"])
    phone: str = Field(examples=["138****8000"])
    scopes: list[Scope]
    items: list[ItemName]
    ends_on: date | None
    expired: bool
    created_at: Moment
    accepted_at: Moment | None
    expires_at: Moment | None = Field(description="of an invitation")
    by_licence: bool = Field(description="they showed the electronic business licence")
    ends_at: Moment | None = Field(description="of what was shown: when it ends at the latest")
    most_cases: int | None = Field(description="how many applications they may file; null for any")
    cases_filed: int = Field(description="how many they have filed")


class MembersOut(Out):
    """Administrators first."""

    items: list[MemberOut]


@endpoint(
    bp, "GET", f"{_ONE}/members",
    access=_MANAGE, summary="Members and invitations", answer=MembersOut,
)  # fmt: skip
async def list_members(call: Call[None, None], uscc: str) -> MembersOut:
    """Who may act for it now, and who has not answered yet."""
    return await _all(call, await call.province.members.granting.members(call.acting))


@endpoint(
    bp, "POST", f"{_ONE}/members",
    access=_MANAGE, summary="Invite an administrator or an agent", body=InvitationIn,
    answer=MemberOut, status=201,
    errors=(
        errors.GrantInvalid,
        errors.PhoneInvalid, errors.EnterpriseClosed, errors.TooManyAdministrators,
        errors.TooManyMembers, errors.TooManyInvitations,
    ),
)  # fmt: skip
async def invite(call: Call[InvitationIn, None], uscc: str) -> MemberOut:
    """Administrators are the representative's to appoint; who is invited accepts on their phone."""
    body = call.body
    names = await call.province.catalogue.names(body.items)
    if set(body.items) - set(names):
        raise errors.GrantInvalid
    made = await call.province.members.granting.invite(
        call.acting,
        Grant(
            Role(body.role), body.name, body.phone,
            [Scope(each) for each in body.scopes], body.items, body.ends_on, body.most_cases,
        ),
    )  # fmt: skip
    return (await _all(call, [made])).items[0]


@endpoint(
    bp, "PATCH", f"{_ONE}/members/<member_id:str>",
    access=_MANAGE, summary="Limit how many applications an agent may file", body=LimitIn,
    answer=MemberOut, errors=(errors.MemberUnknown, errors.GrantInvalid),
)  # fmt: skip
async def limit(call: Call[LimitIn, None], uscc: str, member_id: str) -> MemberOut:
    """Counted with each submission; what they have filed already is part of it."""
    found = await call.province.members.granting.limit(
        call.acting, _uuid(member_id, errors.MemberUnknown), call.body.most_cases
    )
    return (await _all(call, [found])).items[0]


@endpoint(
    bp, "DELETE", f"{_ONE}/members/<member_id:str>",
    access=_MANAGE, summary="Take an authorisation or an invitation back",
    errors=(errors.MemberUnknown,),
)  # fmt: skip
async def revoke(call: Call[None, None], uscc: str, member_id: str) -> None:
    """It ends with their next request, wherever that arrives."""
    await call.province.members.granting.revoke(call.acting, _uuid(member_id, errors.MemberUnknown))


class BarOut(Out):
    """Somebody who was taken out and may not come in by electronic business licence; masked."""

    id: UUID
    name: str = Field(examples=["张*"])
    phone: str = Field(examples=["138****8000"])
    barred_at: Moment


class BarsOut(Out):
    """The latest first."""

    items: list[BarOut]


@endpoint(
    bp, "GET", f"{_ONE}/licence-bars",
    access=_MANAGE, summary="Who may not come in by electronic licence", answer=BarsOut,
)  # fmt: skip
async def list_bars(call: Call[None, None], uscc: str) -> BarsOut:
    """Those from whom an authorisation was taken back."""
    found = await call.province.members.barring.bars(call.acting)
    return BarsOut(items=[BarOut.model_validate(asdict(each)) for each in found])


@endpoint(
    bp, "DELETE", f"{_ONE}/licence-bars/<bar_id:str>",
    access=_MANAGE, summary="Let somebody come in by electronic licence again",
    errors=(errors.BarUnknown,),
)  # fmt: skip
async def lift_bar(call: Call[None, None], uscc: str, bar_id: str) -> None:
    """If the licence still names them; nothing that was taken back comes back by itself."""
    await call.province.members.barring.lift(call.acting, _uuid(bar_id, errors.BarUnknown))


@endpoint(
    bp, "DELETE", f"{_ONE}/membership",
    access=MemberAccess(scope=Scope.VIEW), summary="Give back what I was given",
    errors=(errors.MemberUnknown,),
)  # fmt: skip
async def resign(call: Call[None, None], uscc: str) -> None:
    """The representative by the register has nothing to give back."""
    await call.province.members.resign(call.acting)


@endpoint(bp, "GET", "/invitations", access=_SELF, summary="Invitations for me", answer=MembersOut)
async def list_invitations(call: Call[None, None]) -> MembersOut:
    """Those for my phone and my verified name."""
    person = await call.province.identity.holder(call.session)
    return await _all(call, await call.province.members.granting.invitations(call.session, person))


@endpoint(
    bp, "POST", "/invitations/<invitation_id:str>/acceptance",
    access=_SELF, summary="Accept an invitation", answer=MemberOut,
    errors=(
        errors.InvitationUnknown, errors.OwnInvitation, errors.TooManyAdministrators,
        RegisterUnavailable,
    ),
)  # fmt: skip
async def accept(call: Call[None, None], invitation_id: str) -> MemberOut:
    """What I had of the same enterprise before is replaced."""
    person = await call.province.identity.holder(call.session)
    found = await call.province.members.granting.accept(
        call.session, person, _uuid(invitation_id, errors.InvitationUnknown)
    )
    return (await _all(call, [found])).items[0]


@endpoint(
    bp, "POST", "/invitations/<invitation_id:str>/refusal",
    access=_SELF, summary="Decline an invitation", errors=(errors.InvitationUnknown,),
)  # fmt: skip
async def decline(call: Call[None, None], invitation_id: str) -> None:
    """It can be given anew."""
    person = await call.province.identity.holder(call.session)
    await call.province.members.granting.decline(
        call.session, person, _uuid(invitation_id, errors.InvitationUnknown)
    )


async def _all(call: Call[Any, Any], found: Sequence[Member]) -> MembersOut:
    wanted = sorted({code for each in found for code in each.items})
    names = await call.province.catalogue.names(wanted) if wanted else {}
    return MembersOut(items=[_shown(each, names) for each in found])


def _shown(found: Member, names: Mapping[str, str]) -> MemberOut:
    items = [{"code": code, "name": names.get(code, code)} for code in found.items]
    return MemberOut.model_validate({**asdict(found), "items": items})


def _uuid(text: str, unknown: type[DomainError]) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise unknown from None

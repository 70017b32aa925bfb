"""服务专员: whom enterprises may call; appointed, changed and ended by departments and platform."""

from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.contacts.errors import ContactUnknown
from backend.contacts.service import MOST_LISTED, Wish
from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import PageCall, page

bp = Blueprint("console_contacts", url_prefix="/console/contacts")

SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
APPOINTS = (Role.HEAD, Role.OPERATOR)


class WishForm(FormIn):
    """What is to be appointed, and for whom."""

    name: str = Field(min_length=2, max_length=50)
    title: str = Field(min_length=2, max_length=60)
    helps_with: str = Field(min_length=2, max_length=200)
    phone: str = Field(pattern=r"^[0-9+][0-9 -]{4,28}$")
    hours: str = Field(min_length=2, max_length=100)
    region_code: str = Field(default="", pattern=r"^([0-9]{6}|[0-9]{9})?$")
    industry: str = Field(default="", max_length=10)
    usccs: str = Field(default="", max_length=MOST_LISTED * 20)


@page(bp, "GET", "", roles=SEES, title="企业服务专员", menu="企业服务专员", order=23)
async def overview(call: PageCall) -> HTTPResponse:
    """Those of one's department, or all; and a form for one more."""
    found = await call.province.contacts.all(call.officer)
    may = call.officer.role in APPOINTS
    return call.render("contacts/list.html", found=found, may_appoint=may, one=None, usccs=())


@page(bp, "POST", "", roles=APPOINTS, title="设置企业服务专员", again=overview)
async def appoint(call: PageCall) -> HTTPResponse:
    """Enterprises see them at once."""
    await call.province.contacts.appoint(call.officer, _wish(call))
    return call.go("/console/contacts", "已设置，企业现在就能看到")


@page(bp, "GET", "/<contact_id:str>", roles=APPOINTS, title="修改企业服务专员")
async def one(call: PageCall, contact_id: str) -> HTTPResponse:
    """The form again, as it was filled in."""
    found, usccs = await call.province.contacts.get(call.officer, _id(contact_id))
    crumbs = (("企业服务专员", "/console/contacts"),)
    return call.render("contacts/one.html", crumbs=crumbs, one=found, usccs=usccs)


@page(bp, "POST", "/<contact_id:str>", roles=APPOINTS, title="修改企业服务专员", again=one)
async def change(call: PageCall, contact_id: str) -> HTTPResponse:
    """Enterprises see the new words at once."""
    await call.province.contacts.change(call.officer, _id(contact_id), _wish(call))
    return call.go("/console/contacts", "已修改，企业现在就能看到")


@page(bp, "POST", "/<contact_id:str>/end", roles=APPOINTS, title="停用企业服务专员", again=overview)
async def end(call: PageCall, contact_id: str) -> HTTPResponse:
    """Enterprises see them no more."""
    await call.province.contacts.end(call.officer, _id(contact_id))
    return call.go("/console/contacts", "已停用")


def _wish(call: PageCall) -> Wish:
    given = call.form.read(WishForm)
    return Wish(
        given.name, given.title, given.phone, given.helps_with, given.hours, given.region_code,
        given.industry, given.usccs.split(),
    )  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ContactUnknown from None

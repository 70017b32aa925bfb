"""服务专员: whom enterprises may call, appointed and ended by departments and the platform."""

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


@page(bp, "GET", "", roles=SEES, title="企业服务专员", menu="企业服务专员", order=27)
async def overview(call: PageCall) -> HTTPResponse:
    """Those of one's department, or all; and a form for one more."""
    found = await call.province.contacts.all(call.officer)
    return call.render("contacts/list.html", found=found, may_appoint=call.officer.role in APPOINTS)


@page(bp, "POST", "", roles=APPOINTS, title="设置企业服务专员", again=overview)
async def appoint(call: PageCall) -> HTTPResponse:
    """Enterprises see them at once."""
    given = call.form.read(WishForm)
    wish = Wish(
        given.name, given.title, given.phone, given.helps_with, given.hours, given.region_code,
        given.industry, given.usccs.split(),
    )  # fmt: skip
    await call.province.contacts.appoint(call.officer, wish)
    return call.go("/console/contacts", "已设置，企业现在就能看到")


@page(bp, "POST", "/<contact_id:str>/end", roles=APPOINTS, title="停用企业服务专员", again=overview)
async def end(call: PageCall, contact_id: str) -> HTTPResponse:
    """Enterprises see them no more."""
    try:
        found = UUID(contact_id)
    except ValueError:
        raise ContactUnknown from None
    await call.province.contacts.end(call.officer, found)
    return call.go("/console/contacts", "已停用")

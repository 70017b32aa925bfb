"""用证投诉: what holders say of looks at their licences, and the platform's answers."""

from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.lending.errors import ComplaintUnknown
from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_licence_complaints", url_prefix="/console/licence-complaints")

ROLES = (Role.OPERATOR, Role.SECURITY_ADMIN)
LIST = "/console/licence-complaints"
STATES = {"open": "待答复", "answered": "已答复"}


class AnswerIn(FormIn):
    """What the holder will read."""

    text: str = Field(min_length=2, max_length=1000)


@page(bp, "GET", "", roles=ROLES, title="用证投诉", menu="用证投诉", order=52)
async def complaints(call: PageCall) -> HTTPResponse:
    """Newest first; those that wait are shown unless all are asked for."""
    asked = call.query("state")
    state = asked if asked in STATES else "open"
    found = await call.province.lending.complaints.all(call.officer, state)
    return call.render("licence_complaints/list.html", found=found, state=state, states=STATES)


@page(
    bp, "POST", "/<complaint_id:str>/answer", roles=ROLES, title="答复用证投诉", again=complaints
)  # fmt: skip
async def answer(call: PageCall, complaint_id: str) -> HTTPResponse:
    """Once; the holder is told."""
    given = call.form.read(AnswerIn)
    try:
        found = UUID(complaint_id)
    except ValueError:
        raise ComplaintUnknown from None
    await call.province.lending.complaints.answer(call.officer, found, given.text)
    return call.go(LIST, "已答复，系统会通知投诉人。")


@waits(*ROLES)
async def waiting(call: PageCall) -> list[Waiting]:
    """Complaints that nobody has answered."""
    found = await call.province.lending.complaints.all(call.officer, "open")
    return [Waiting("待答复的用证投诉", count=len(found), href=LIST)] if found else []

"""一枚印章管到底: which department accepts, decides and supervises, proposed and agreed."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field
from sanic import Blueprint, HTTPResponse

from backend.divisions.errors import DivisionUnknown
from backend.divisions.service import Wish
from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_divisions", url_prefix="/console/divisions")

SEES = (Role.CLERK, Role.HEAD, Role.OPERATOR)
PROPOSES = (Role.HEAD, Role.OPERATOR)
HERE: tuple[Crumb, ...] = (("职责分工", "/console/divisions"),)
STATES = {
    "proposed": "征求同意中",
    "agreed": "已商定",
    "refused": "未达成一致",
    "withdrawn": "已撤回",
}
TONES = {"proposed": "warning", "agreed": "success", "refused": "danger", "withdrawn": "plain"}
Day = Annotated[date | None, BeforeValidator(lambda text: text or None)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]


class WishForm(FormIn):
    """What is proposed."""

    item_code: str = Field(pattern=r"^[0-9A-Z]{19}[0-9]{12}$")
    accepting: Code
    deciding: Code
    supervising: Code
    legal_basis: str = Field(min_length=4, max_length=500)
    valid_from: date
    valid_to: Day = None


class ReasonForm(FormIn):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


@page(bp, "GET", "", roles=SEES, title="职责分工", menu="职责分工", order=14)
async def overview(call: PageCall) -> HTTPResponse:
    """Those of one's department, or all."""
    found = await call.province.divisions.all(call.officer)
    return call.render(
        "divisions/list.html", found=found, states=STATES, tones=TONES,
        may_propose=call.officer.role in PROPOSES,
    )  # fmt: skip


@page(bp, "GET", "/new", roles=PROPOSES, title="提出职责分工方案")
async def new(call: PageCall) -> HTTPResponse:
    """The form."""
    systems = call.province.exchange.systems()
    return call.render(
        "divisions/new.html", crumbs=HERE,
        handling={one.code: one.name for one in systems if one.offers("cases.submit")},
        supervising={one.code: one.name for one in systems},
    )  # fmt: skip


@page(bp, "POST", "/new", roles=PROPOSES, title="提出职责分工方案", again=new)
async def propose(call: PageCall) -> HTTPResponse:
    """It goes to the heads of the departments concerned."""
    wish = Wish(**call.form.read(WishForm).model_dump())
    row = await call.province.divisions.propose(call.officer, wish)
    return call.go(f"/console/divisions/{row.id}", "方案已提出，等待各当事部门负责人同意")


@page(bp, "GET", "/<division_id:str>", roles=SEES, title="职责分工")
async def show(call: PageCall, division_id: str) -> HTTPResponse:
    """One record, and what the officer may say to it."""
    found = await call.province.divisions.show(call.officer, _id(division_id))
    return call.render(
        "divisions/show.html", title=found.row.item_name, crumbs=HERE, one=found, row=found.row,
        states=STATES, tones=TONES,
    )  # fmt: skip


@page(
    bp, "POST", "/<division_id:str>/consent", roles=(Role.HEAD,), title="同意职责分工方案",
    again=show,
)  # fmt: skip
async def consent(call: PageCall, division_id: str) -> HTTPResponse:
    """For one's department."""
    row = await call.province.divisions.consent(call.officer, _id(division_id))
    words = "各方均已同意，分工按生效日期执行" if row.state == "agreed" else "已代表本部门同意"
    return call.go(f"/console/divisions/{row.id}", words)


@page(
    bp, "POST", "/<division_id:str>/refusal", roles=(Role.HEAD,), title="不同意职责分工方案",
    again=show,
)  # fmt: skip
async def refuse(call: PageCall, division_id: str) -> HTTPResponse:
    """For one's department."""
    reason = call.form.read(ReasonForm).reason
    row = await call.province.divisions.refuse(call.officer, _id(division_id), reason)
    return call.go(f"/console/divisions/{row.id}", "已表示不同意，提出方会收到通知")


@page(
    bp, "POST", "/<division_id:str>/withdrawal", roles=PROPOSES, title="撤回职责分工方案",
    again=show,
)  # fmt: skip
async def withdraw(call: PageCall, division_id: str) -> HTTPResponse:
    """By whoever proposed it."""
    reason = call.form.read(ReasonForm).reason
    row = await call.province.divisions.withdraw(call.officer, _id(division_id), reason)
    return call.go(f"/console/divisions/{row.id}", "方案已撤回")


@waits(Role.HEAD)
async def waiting(call: PageCall) -> Sequence[Waiting]:
    """Proposals that wait for this department's consent."""
    found = await call.province.divisions.all(call.officer)
    count = sum(one.may_decide for one in found)
    return [Waiting("待本部门同意的职责分工", count, "/console/divisions")]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise DivisionUnknown from None

"""咨询投诉: ask, follow, have it looked at again (GB/T 39046); an answer is judged by 好差评."""

from dataclasses import replace
from datetime import date
from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.consultation import errors
from backend.consultation.service import ACT_NAMES, KINDS, STATE_NAMES, Question, Ticket
from backend.identity.service import Level
from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from gateway.edge.access import PUBLIC, Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_consultations", url_prefix="/api/v1/citizen/consultations")

_CODE = r"^[A-Za-z0-9.-]*$"
_MINE = Person(Level.REAL_NAME)


class KindOut(Out):
    """A kind of ticket."""

    code: str = Field(examples=["complaint"])
    name: str = Field(examples=["投诉"])
    about: str
    workdays: int = Field(ge=1, description="promised term in working days")


class DepartmentOut(Out):
    """A department that can be asked."""

    uscc: str
    name: str


class OptionsOut(Out):
    """What can be chosen."""

    kinds: list[KindOut]
    departments: list[DepartmentOut]


class QuestionIn(In):
    """What I want."""

    kind: str = Field(min_length=1, max_length=16)
    title: str = Field(min_length=2, max_length=100)
    content: str = Field(min_length=5, max_length=2000)
    region_code: str = Field(max_length=12, examples=["440106"])
    department_uscc: str = Field(default="", max_length=18, description="if I know it")
    item_code: str = Field(default="", max_length=36, pattern=_CODE)
    case_no: str = Field(default="", max_length=50, pattern=_CODE)
    secret: bool = Field(default=False, description="the department is not to learn who I am")


class ReopenIn(In):
    """Why it has to be looked at again."""

    reason: str = Field(min_length=2, max_length=500)


class StepOut(Out):
    """What was done."""

    at: Moment
    act: str
    name: str = Field(examples=["派单"])
    reason: str


class TicketOut(Out):
    """A ticket of mine."""

    ticket_no: str
    kind: str
    kind_name: str
    title: str
    content: str
    region_code: str
    region: str
    item_code: str
    case_no: str
    secret: bool
    department: str
    state: Literal["submitted", "assigned", "answered", "closed", "withdrawn"]
    state_name: str
    reopened: int
    workdays: int
    due_on: date
    provisional: bool
    left: int | None
    extended_workdays: int
    extension_reason: str
    overdue_workdays: int
    answer: str
    answered_at: Moment | None
    event_id: str | None = Field(description="of the answer, while I may judge it")
    satisfaction: int | None
    opinion: str
    created_at: Moment
    steps: list[StepOut]


class TicketsOut(Out):
    """Newest first."""

    items: list[TicketOut]


@endpoint(bp, "GET", "/options", access=PUBLIC, summary="Whom I may ask what", answer=OptionsOut)
async def options(call: Call[None, None]) -> OptionsOut:
    """Kinds with their terms, and departments."""
    departments = call.province.consultations.departments()
    return OptionsOut(
        kinds=[
            KindOut(code=kind.code, name=kind.name, about=kind.about, workdays=kind.workdays)
            for kind in KINDS.values()
        ],
        departments=[DepartmentOut(uscc=uscc, name=name) for uscc, name in departments.items()],
    )


@endpoint(
    bp, "POST", "",
    access=_MINE, summary="Ask or complain", body=QuestionIn, answer=TicketOut, status=201,
    errors=(
        errors.KindUnknown, errors.DepartmentUnknown, errors.TooManyOpen, RegionCodeInvalid,
        RegionUnknown,
    ),
)  # fmt: skip
async def ask(call: Call[QuestionIn, None]) -> TicketOut:
    """Goes to the department at once where I named it."""
    question = Question(**call.body.model_dump())
    return _ticket(await call.province.consultations.asking.ask(call.session, question))


@endpoint(bp, "GET", "", access=_MINE, summary="My tickets", answer=TicketsOut)
async def mine(call: Call[None, None]) -> TicketsOut:
    """At most fifty, without their steps and without what may be judged."""
    found = await call.province.consultations.asking.mine(call.session)
    return TicketsOut(items=[_ticket(replace(each, event_id=None)) for each in found])


@endpoint(
    bp, "GET", "/<ticket_no:str>",
    access=_MINE, summary="One ticket of mine", answer=TicketOut, errors=(errors.TicketUnknown,),
)  # fmt: skip
async def one(call: Call[None, None], ticket_no: str) -> TicketOut:
    """With everything that was done to it, and whether its answer waits to be judged."""
    ticket = await call.province.consultations.asking.one(call.session, ticket_no)
    giving, event = call.province.evaluations.giving, ticket.event_id
    judged = event is None or not await giving.may_judge(call.session, "consultation", event)
    return _ticket(replace(ticket, event_id=None) if judged else ticket)


@endpoint(
    bp, "POST", "/<ticket_no:str>/withdrawal",
    access=_MINE, summary="Take a ticket back", answer=TicketOut,
    errors=(errors.TicketUnknown, errors.ActNotPossible),
)  # fmt: skip
async def withdraw(call: Call[None, None], ticket_no: str) -> TicketOut:
    """Before it is answered."""
    return _ticket(await call.province.consultations.asking.withdraw(call.session, ticket_no))


@endpoint(
    bp, "POST", "/<ticket_no:str>/reopening",
    access=_MINE, summary="Have a ticket looked at again", body=ReopenIn, answer=TicketOut,
    errors=(
        errors.TicketUnknown, errors.ActNotPossible, errors.ReopenedTooOften, errors.ReopenTooLate,
    ),
)  # fmt: skip
async def reopen(call: Call[ReopenIn, None], ticket_no: str) -> TicketOut:
    """Twice at most, within thirty days of the answer."""
    asking = call.province.consultations.asking
    return _ticket(await asking.reopen(call.session, ticket_no, call.body.reason))


def _ticket(ticket: Ticket) -> TicketOut:
    steps = [
        StepOut(at=step.at, act=step.act, name=ACT_NAMES[step.act], reason=step.reason)
        for step in ticket.steps
    ]
    names = set(TicketOut.model_fields) - {"steps", "state", "state_name"}
    same = {name: getattr(ticket, name) for name in names}
    return TicketOut(
        **same, state=ticket.state.value, state_name=STATE_NAMES[ticket.state], steps=steps
    )

"""Applications for data by staff: prepared, approved, reviewed, answered."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend.operators.service import Role
from backend.sharing.errors import (
    ActNotPossible,
    ApplicationInvalid,
    ApplicationUnknown,
    CursorRefused,
    ExtendedBefore,
    OwnWork,
    ReasonMissing,
    ResourceNotShared,
    ResourceUnknown,
    ReturnedBefore,
    StateChanged,
)
from backend.sharing.service import Application, Due, History, ShareStep, Stage, Wish
from gateway.channels.exchange.blueprint import identifier, make_blueprint
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = make_blueprint("exchange_applications", "/applications")

BUSINESS = Staff(Role.CLERK, Role.HEAD, Role.OPERATOR)
# Whoever suspends a grant on misuse sees grants and what is done under them, and no business.
WATCH = Staff(*BUSINESS.roles, Role.SECURITY_ADMIN)
_DECIDING = Staff(Role.HEAD, Role.OPERATOR)
_MOVED = (ApplicationUnknown, ActNotPossible, StateChanged)


class WishIn(In):
    """What is asked for (令809号 art. 20)."""

    system: str = Field(max_length=64, examples=["gd-minzheng"])
    resource: str = Field(max_length=32, examples=["301146/0001"])
    fields: list[Annotated[str, Field(max_length=64)]] = Field(max_length=100)
    purpose: str = Field(min_length=1, max_length=500)
    legal_basis: str = Field(min_length=1, max_length=500)
    scenario: str = Field(min_length=1, max_length=500)
    mode: Literal["interface", "batch", "file"] = "interface"
    case_bound: bool = True
    daily_quota: int = Field(ge=1, description="subjects a day")
    addresses: list[Annotated[str, Field(max_length=64)]] = Field(
        default_factory=list, max_length=50, description="IP addresses or networks of the caller"
    )
    valid_until: date


class ReasonIn(In):
    """Why; for a return, everything that is missing, at once."""

    reason: str = Field(min_length=1, max_length=500)


class ListIn(In):
    """Which applications."""

    state: Stage | None = None
    inbox: bool = Field(False, description="only those that wait for my decision")
    cursor: Annotated[str, Field(max_length=64)] | None = None


class DueOut(Out):
    """A running clock; ``left`` working days, negative when overdue."""

    kind: str
    words: str
    due_on: date
    left: int
    provisional: bool = Field(description="the calendar of a year on the way is not known yet")


class StepOut(Out):
    """Something that was done."""

    at: Moment
    role: str
    department_uscc: str | None
    act: str
    state: str
    reason: str


class ApplicationOut(Out):
    """An application."""

    id: str
    system: str
    requester_uscc: str
    resource: str
    provider_system: str
    provider_uscc: str
    share_type: int
    fields: list[str]
    purpose: str
    legal_basis: str
    scenario: str
    mode: str
    case_bound: bool
    daily_quota: int
    addresses: list[str]
    valid_until: date
    state: Stage
    extension_asked: str | None
    extended: bool
    due: DueOut | None
    grant: str | None
    created_at: Moment


class HistoryOut(ApplicationOut):
    """An application with everything that was done to it."""

    steps: list[StepOut]


class ApplicationList(Out):
    """A page of them, newest first."""

    items: list[ApplicationOut]
    next_cursor: str | None


@endpoint(
    bp, "GET", "",
    access=BUSINESS, summary="Applications for data that concern my department",
    query=ListIn, answer=ApplicationList, errors=(CursorRefused,),
)  # fmt: skip
async def list_applications(call: Call[None, ListIn]) -> ApplicationList:
    """Newest first; ``inbox`` shows what waits for this account's own decision."""
    asked = call.query
    page = await call.province.sharing.applications.page(
        call.officer, asked.state, asked.inbox, asked.cursor
    )
    items = [application_out(each) for each in page.applications]
    return ApplicationList(items=items, next_cursor=page.next_cursor)


@endpoint(
    bp, "POST", "",
    access=Staff(Role.CLERK), summary="Begin an application for data",
    body=WishIn, answer=ApplicationOut, status=201,
    errors=(ResourceUnknown, ResourceNotShared, ApplicationInvalid),
)  # fmt: skip
async def draft(call: Call[WishIn, None]) -> ApplicationOut:
    """For a system of the clerk's own department."""
    made = await call.province.sharing.applications.draft(call.officer, wish_of(call.body))
    return application_out(made)


@endpoint(
    bp, "GET", "/<application_id:str>",
    access=BUSINESS, summary="One application with its history",
    answer=HistoryOut, errors=(ApplicationUnknown,),
)  # fmt: skip
async def get(call: Call[None, None], application_id: str) -> HistoryOut:
    """With every step, its role and its reason."""
    found = await call.province.sharing.applications.get(call.officer, _id(application_id))
    return _history(found)


@endpoint(
    bp, "PATCH", "/<application_id:str>",
    access=Staff(Role.CLERK), summary="Change a draft, or what came back for correction",
    body=WishIn, answer=ApplicationOut,
    errors=(*_MOVED, ResourceUnknown, ResourceNotShared, ApplicationInvalid),
)  # fmt: skip
async def edit(call: Call[WishIn, None], application_id: str) -> ApplicationOut:
    """System and resource stay."""
    wish = wish_of(call.body)
    return application_out(
        await call.province.sharing.applications.edit(call.officer, _id(application_id), wish)
    )


@endpoint(
    bp, "POST", "/<application_id:str>/submit",
    access=Staff(Role.CLERK), summary="Hand an application to the own head",
    answer=ApplicationOut, errors=_MOVED,
)  # fmt: skip
async def submit(call: Call[None, None], application_id: str) -> ApplicationOut:
    """Of a draft, or of what was corrected."""
    return application_out(
        await call.province.sharing.applications.submit(call.officer, _id(application_id))
    )


@endpoint(
    bp, "POST", "/<application_id:str>/withdraw",
    access=Staff(Role.CLERK, Role.HEAD), summary="Take an application back",
    answer=ApplicationOut, errors=_MOVED,
)  # fmt: skip
async def withdraw(call: Call[None, None], application_id: str) -> ApplicationOut:
    """As long as it has not been answered."""
    return application_out(
        await call.province.sharing.applications.withdraw(call.officer, _id(application_id))
    )


@endpoint(
    bp, "POST", "/<application_id:str>/approve",
    access=_DECIDING, summary="Approve as own head, or find conforming as the platform",
    answer=ApplicationOut, errors=(*_MOVED, OwnWork),
)  # fmt: skip
async def approve(call: Call[None, None], application_id: str) -> ApplicationOut:
    """Whose turn it is follows from the state."""
    return application_out(
        await call.province.sharing.applications.approve(call.officer, _id(application_id))
    )


@endpoint(
    bp, "POST", "/<application_id:str>/return",
    access=_DECIDING, summary="Send an application back, naming at once what is missing",
    body=ReasonIn, answer=ApplicationOut,
    errors=(*_MOVED, OwnWork, ReturnedBefore, ReasonMissing),
)  # fmt: skip
async def send_back(call: Call[ReasonIn, None], application_id: str) -> ApplicationOut:
    """Each stage may do so once (一次性告知)."""
    return application_out(
        await call.province.sharing.applications.send_back(
            call.officer, _id(application_id), call.body.reason
        )
    )


@endpoint(
    bp, "POST", "/<application_id:str>/consent",
    access=Staff(Role.HEAD), summary="Agree as the provider: the grant holds from now on",
    answer=ApplicationOut, errors=(*_MOVED, OwnWork),
)  # fmt: skip
async def consent(call: Call[None, None], application_id: str) -> ApplicationOut:
    """The delivery clock of twenty working days begins."""
    return application_out(
        await call.province.sharing.applications.consent(call.officer, _id(application_id))
    )


@endpoint(
    bp, "POST", "/<application_id:str>/refuse",
    access=Staff(Role.HEAD), summary="Do not agree as the provider, and say why",
    body=ReasonIn, answer=ApplicationOut, errors=(*_MOVED, OwnWork, ReasonMissing),
)  # fmt: skip
async def refuse(call: Call[ReasonIn, None], application_id: str) -> ApplicationOut:
    """Against it the other department may raise a dispute."""
    return application_out(
        await call.province.sharing.applications.refuse(
            call.officer, _id(application_id), call.body.reason
        )
    )


@endpoint(
    bp, "POST", "/<application_id:str>/ask-extension",
    access=Staff(Role.HEAD), summary="Ask for ten working days more to answer",
    body=ReasonIn, answer=ApplicationOut,
    errors=(*_MOVED, OwnWork, ExtendedBefore, ReasonMissing),
)  # fmt: skip
async def ask_extension(call: Call[ReasonIn, None], application_id: str) -> ApplicationOut:
    """Once, and only of conditional sharing."""
    return application_out(
        await call.province.sharing.applications.ask_extension(
            call.officer, _id(application_id), call.body.reason
        )
    )


@endpoint(
    bp, "POST", "/<application_id:str>/extend",
    access=Staff(Role.OPERATOR), summary="Agree to an extension",
    answer=ApplicationOut, errors=(*_MOVED, ExtendedBefore),
)  # fmt: skip
async def extend(call: Call[None, None], application_id: str) -> ApplicationOut:
    """That the provider asked for."""
    return application_out(
        await call.province.sharing.applications.extend(call.officer, _id(application_id))
    )


def _id(text: str) -> UUID:
    return identifier(text, ApplicationUnknown)


def wish_of(body: WishIn) -> Wish:
    """What a body asks for."""
    return Wish(**body.model_dump())


def application_out(application: Application) -> ApplicationOut:
    """An application for an answer."""
    return ApplicationOut.model_validate(_plain(application))


def _history(found: History) -> HistoryOut:
    steps = [step_out(step).model_dump() for step in found.steps]
    return HistoryOut.model_validate({**_plain(found.application), "steps": steps})


def step_out(step: ShareStep) -> StepOut:
    """A step for an answer."""
    return StepOut(
        at=step.at,
        role=step.role,
        department_uscc=step.department_uscc,
        act=step.act,
        state=step.state,
        reason=step.reason,
    )


def due_out(due: Due | None) -> DueOut | None:
    """A clock for an answer."""
    if due is None:
        return None
    return DueOut(
        kind=due.kind,
        words=due.words,
        due_on=due.due_on,
        left=due.left,
        provisional=due.provisional,
    )


def _plain(application: Application) -> dict[str, object]:
    row, due = application.row, due_out(application.due)
    return {
        "id": str(row.id),
        "system": row.system_code,
        "requester_uscc": row.requester_uscc,
        "resource": row.resource_code,
        "provider_system": row.provider_system,
        "provider_uscc": row.provider_uscc,
        "share_type": row.share_type,
        "fields": row.fields_asked,
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "scenario": row.scenario,
        "mode": row.share_mode,
        "case_bound": row.case_bound,
        "daily_quota": row.daily_quota,
        "addresses": row.addresses,
        "valid_until": row.valid_until,
        "state": row.state,
        "extension_asked": row.extension_asked,
        "extended": row.extended,
        "due": due.model_dump() if due is not None else None,
        "grant": str(application.grant_id) if application.grant_id else None,
        "created_at": row.created_at,
    }

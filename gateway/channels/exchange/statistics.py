"""Usage, the call log and what is overdue, for staff."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.operators.service import Role
from backend.sharing.errors import CursorRefused, DutyUnknown, ReasonMissing, ResourceUnknown
from backend.sharing.service import Due, month_until
from gateway.channels.exchange.applications import BUSINESS, WATCH, ReasonIn
from gateway.channels.exchange.blueprint import identifier, make_blueprint
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = make_blueprint("exchange_statistics", "")


class UsageIn(In):
    """From one day to another; the last thirty days by default."""

    first: date | None = None
    last: date | None = None
    by: Literal["day", "system", "resource"] = "day"
    of: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="only this system or resource"
    )


class UsageOut(Out):
    """Figures; quantiles are upper bounds of latency buckets in ms."""

    name: str
    calls: int
    succeeded: int
    refused: int
    failed: int
    subjects: int
    found: int
    success_rate: float | None
    mean_ms: float | None
    p50_ms: int | None
    p99_ms: int | None


class UsageList(Out):
    """Usage by day, or by name with the most used first."""

    items: list[UsageOut]


class CallsIn(In):
    """Which calls."""

    system: Annotated[str, Field(max_length=64)] | None = None
    resource: Annotated[str, Field(max_length=32)] | None = None
    refused: bool = Field(False, description="only those that were not answered")
    cursor: Annotated[str, Field(max_length=64)] | None = None


class CallOut(Out):
    """A call; it names nobody."""

    id: str
    at: Moment
    system: str
    resource: str
    request_id: str
    case_no: str | None
    fields: list[str]
    subjects: int
    found: int
    result: str = Field(description="ok, or the code of the refusal or failure")
    ms: int
    trace_id: str


class CallList(Out):
    """A page of calls, newest first."""

    items: list[CallOut]
    next_cursor: str | None


class OverdueOut(Out):
    """Something that was due; ``left`` is negative: working days since."""

    kind: str
    words: str
    subject: str = Field(description="the resource and who asks, or why a catalogue is updated")
    about: str
    department_uscc: str | None
    started_on: date
    due_on: date
    left: int
    provisional: bool
    link: str


class OverdueList(Out):
    """The longest overdue first, then what comes next."""

    overdue: list[OverdueOut]
    upcoming: list[OverdueOut]


class DutyIn(In):
    """A change after which a department updates its catalogue within ten working days."""

    system: str = Field(max_length=64)
    changed_on: date
    reason: str = Field(min_length=1, max_length=500)


class DutyOut(Out):
    """A catalogue update that is owed."""

    id: str
    system: str
    changed_on: date


@endpoint(
    bp, "GET", "/statistics",
    access=WATCH, summary="Usage by day, system or resource", query=UsageIn, answer=UsageList,
)  # fmt: skip
async def usage(call: Call[None, UsageIn]) -> UsageList:
    """Of what concerns the own department; of everything for the platform."""
    asked, today = call.query, call.province.calendar.today()
    last = asked.last or today
    found = await call.province.sharing.statistics.usage(
        call.officer, asked.first or month_until(last), last, asked.by, asked.of
    )
    return UsageList(items=[UsageOut.model_validate(each, from_attributes=True) for each in found])


@endpoint(
    bp, "GET", "/calls",
    access=WATCH, summary="The call log: no person is named in it",
    query=CallsIn, answer=CallList, errors=(CursorRefused,),
)  # fmt: skip
async def calls(call: Call[None, CallsIn]) -> CallList:
    """Newest first, a hundred to a page."""
    asked = call.query
    page = await call.province.sharing.readings.calls(
        call.officer, asked.system, asked.resource, asked.refused, asked.cursor
    )
    items = [
        CallOut(
            id=str(row.id), at=row.at, system=row.system_code, resource=row.resource_code,
            request_id=row.request_id, case_no=row.case_no, fields=row.fields_read,
            subjects=row.subjects, found=row.found, result=row.result, ms=row.ms,
            trace_id=row.trace_id,
        )
        for row in page.calls
    ]  # fmt: skip
    return CallList(items=items, next_cursor=page.next_cursor)


@endpoint(
    bp, "GET", "/overdue",
    access=BUSINESS, summary="What is overdue, and what comes next", answer=OverdueList,
)  # fmt: skip
async def overdue(call: Call[None, None]) -> OverdueList:
    """The statutory clocks of the own department; all of them for the platform."""
    clocks = call.province.sharing.clocks
    return OverdueList(
        overdue=[_due(each) for each in await clocks.overdue(call.officer)],
        upcoming=[_due(each) for each in await clocks.upcoming(call.officer)],
    )


@endpoint(
    bp, "POST", "/catalogue-updates",
    access=Staff(Role.OPERATOR), summary="Ask a department to update its catalogue",
    body=DutyIn, answer=DutyOut, status=201, errors=(ResourceUnknown, ReasonMissing),
)  # fmt: skip
async def ask_update(call: Call[DutyIn, None]) -> DutyOut:
    """A new publication of the system's resources stops the clock."""
    body = call.body
    made = await call.province.sharing.duties.ask(
        call.officer, body.system, body.changed_on, body.reason
    )
    return DutyOut(id=str(made.id), system=made.system_code, changed_on=made.changed_on)


@endpoint(
    bp, "POST", "/catalogue-updates/<duty_id:str>/close",
    access=Staff(Role.OPERATOR), summary="Nothing has to be updated",
    body=ReasonIn, errors=(DutyUnknown, ReasonMissing),
)  # fmt: skip
async def close_update(call: Call[ReasonIn, None], duty_id: str) -> None:
    """With the reason."""
    found = identifier(duty_id, DutyUnknown)
    await call.province.sharing.duties.close(call.officer, found, call.body.reason)


def _due(due: Due) -> OverdueOut:
    return OverdueOut(
        kind=due.kind, words=due.words, about=str(due.about), department_uscc=due.department_uscc,
        started_on=due.started_on, due_on=due.due_on, left=due.left, provisional=due.provisional,
        link=due.link, subject=due.subject,
    )  # fmt: skip

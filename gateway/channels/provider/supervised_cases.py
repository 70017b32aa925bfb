"""Cases that a department supervises while others accept and decide them (一枚印章管到底)."""

from typing import Any

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.cases import errors
from backend.cases.service import STATE_LABELS, Step
from gateway.channels.applications.case_shapes import DivisionOut, ResultOut, division_out, result
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("provider_supervised_cases", url_prefix="/api/v1/provider/supervised-cases")

_ONE = (errors.CaseUnknown,)


class PageQuery(In):
    """Where to go on."""

    cursor: str | None = Field(None, max_length=40)


class SupervisedCardOut(Out):
    """A case in the list; nobody is named in it."""

    case_no: str
    item_code: str
    item_name: str
    state: str
    state_label: str
    handled_by: str
    submitted_at: Moment
    updated_at: Moment
    ended: bool


class SupervisedCasesOut(Out):
    """Newest first, fifty to a page."""

    items: list[SupervisedCardOut]
    next_cursor: str | None


class SupervisedHolderOut(Out):
    """Who applied."""

    code_type: str
    code: str
    name: str


class SupervisedStepOut(Out):
    """A line of the history."""

    event: str
    label: str
    state: str
    at: Moment
    words: dict[str, Any]


class SupervisedCaseOut(Out):
    """Who applied, what happened, what was decided by whom; without form and materials."""

    case_no: str
    item_code: str
    item_name: str
    state: str
    applicant: SupervisedHolderOut
    division: DivisionOut
    steps: list[SupervisedStepOut]
    result: ResultOut | None


@endpoint(
    bp, "GET", "", access=SYSTEM, summary="Cases that the department supervises", query=PageQuery,
    answer=SupervisedCasesOut, errors=(errors.CursorRefused,),
)  # fmt: skip
async def list_supervised(call: Call[None, PageQuery]) -> SupervisedCasesOut:
    """From their submission on."""
    cards, cursor = await call.province.cases.supervision.page(call.system, call.query.cursor)
    return SupervisedCasesOut(
        items=[
            SupervisedCardOut(
                case_no=one.case_no, item_code=one.item_code, item_name=one.item_name,
                state=one.state, state_label=STATE_LABELS[one.state], handled_by=one.handled_by,
                submitted_at=one.submitted_at, updated_at=one.updated_at, ended=one.ended,
            )
            for one in cards
        ],
        next_cursor=cursor,
    )  # fmt: skip


@endpoint(
    bp, "GET", "/<case_no:str>", access=SYSTEM, summary="One case that the department supervises",
    answer=SupervisedCaseOut, errors=_ONE,
)  # fmt: skip
async def get_supervised(call: Call[None, None], case_no: str) -> SupervisedCaseOut:
    """Every look is written to the audit."""
    found = await call.province.cases.supervision.get(call.system, case_no)
    card, who = found.view.card, found.view.content.applicant
    return SupervisedCaseOut(
        case_no=card.case_no, item_code=card.item_code, item_name=card.item_name, state=card.state,
        applicant=SupervisedHolderOut(code_type=who.code_type, code=who.code, name=who.name),
        division=DivisionOut.model_validate(division_out(found.division)),
        steps=[_step(one) for one in found.view.steps],
        result=ResultOut.model_validate(result(found.result)) if found.result else None,
    )  # fmt: skip


@endpoint(
    bp, "GET", "/<case_no:str>/result.pdf", access=SYSTEM, summary="The document of the decision",
    media_type="application/pdf",
    errors=(*_ONE, errors.ResultMissing, errors.FileUnknown, errors.StorageSilent),
)  # fmt: skip
async def get_document(call: Call[None, None], case_no: str) -> HTTPResponse:
    """Under the seal of whoever decided."""
    kept, content = await call.province.cases.supervision.document(call.system, case_no)
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return HTTPResponse(content, headers=headers, content_type=kept.media_type)


def _step(step: Step) -> SupervisedStepOut:
    return SupervisedStepOut(
        event=step.event, label=step.label, state=step.state, at=step.at, words=dict(step.words)
    )

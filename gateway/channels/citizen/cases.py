"""Applications of a citizen: where they stand, what can be done now."""

from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.cases import errors
from backend.cases.service import (
    KIND_LABELS,
    LIGHT_LABELS,
    RELATIONS,
    STATE_LABELS,
    CaseCard,
    CaseView,
    Running,
    Step,
)
from backend.identity.service import Level
from backend.numbers.service import mask_name
from backend.wallet.service import FaceUnavailable, IssuersSilent
from gateway.channels.citizen.cases_drafts import (
    AskedOut,
    DraftOut,
    SubmitIn,
    draft_out,
    draft_uuid,
    file_answer,
)
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_cases", url_prefix="/api/v1/citizen/cases")

SELF = Person(Level.REAL_NAME)
_ONE = (errors.CaseUnknown,)


class ListQuery(In):
    """Which of them."""

    cursor: str | None = Field(None, max_length=40)
    state: Literal["all", "open", "ended"] = "all"


class ReasonIn(In):
    """Why, in the person's words."""

    reason: str = Field(default="", max_length=500)


class SupplementIn(SubmitIn):
    """The draft that is handed in."""

    draft_id: UUID


class MandateIn(In):
    """Who may apply in one's name: whoever carries one's licences under a family link."""

    link_id: UUID
    item_code: str = Field(default="", pattern=r"^([0-9A-Z]{19}[0-9]{12})?$")
    ends_on: date


class MandateOut(Out):
    """办事授权."""

    id: UUID
    link_id: UUID
    item_code: str = Field(description="of the only item; empty for any")
    ends_on: date


class MandatesOut(Out):
    """Those that hold."""

    items: list[MandateOut]


class ClockOut(Out):
    """The period that runs; ``light`` is amber or red (黄牌, 红牌) when it is nearly over or is."""

    kind: Literal["accept", "decide", "deliver"]
    label: str
    due_on: date
    provisional: bool = Field(description="a year on the way has no announced calendar yet")
    paused: bool
    left: int | None = Field(description="working days; negative when overdue, null while stopped")
    light: Literal["green", "amber", "red"]
    light_label: str


class CaseCardOut(Out):
    """A case in a list."""

    id: UUID
    case_no: str
    item_code: str
    item_name: str
    department_name: str
    for_kind: Literal["self", "child", "relative", "enterprise"]
    applicant: str
    state: str
    state_label: str
    delivered: bool
    ended: bool
    submitted_at: Moment
    updated_at: Moment
    clock: ClockOut | None


class CasesOut(Out):
    """Newest first."""

    items: list[CaseCardOut]
    next_cursor: str | None


class StepOut(Out):
    """A line of the timeline."""

    event: str
    label: str
    state: str
    at: Moment
    by: Literal["person", "system", "platform"]
    words: dict[str, Any] = Field(description="officer, reason, remedies, items, due_on…")


class ContactOut(Out):
    """Whom to call."""

    department: str
    hotline: str
    complaints: str


class ResultOut(Out):
    """What was decided, and how it reaches the applicant."""

    decision: str | None
    decided_at: str | None
    reason: str
    remedies: str
    document_no: str
    kind: str | None = Field(description="licence, document or none")
    name: str | None
    licence_type_code: str | None
    licence_identifier: str | None
    has_file: bool
    delivery: dict[str, Any] | None


class LateOut(Out):
    """A material that was promised by a day (容缺后补)."""

    material: str
    name: str
    due_on: date
    overdue: bool


class WaitingOut(Out):
    """A case in which the next step is the person's."""

    case_no: str
    item_name: str
    text: str
    due_on: date | None


class WaitingsOut(Out):
    """The soonest first; ``open`` counts all that are under way."""

    items: list[WaitingOut]
    open: int


class CaseOut(CaseCardOut):
    """A case: what happened, what comes, until when, whom to call."""

    department_case_no: str | None
    relation: str | None
    steps: list[StepOut]
    next: str
    actions: list[Literal["supplement", "withdraw", "urge", "evaluate"]]
    on_its_way: list[str]
    asked: list[AskedOut]
    late: list[LateOut] = Field(description="promised materials that have not come yet")
    deemed_accepted: bool
    result: ResultOut | None
    contact: ContactOut


@endpoint(
    bp, "GET", "", access=SELF, summary="My applications", query=ListQuery, answer=CasesOut,
    errors=(errors.CursorRefused,),
)  # fmt: skip
async def list_cases(call: Call[None, ListQuery]) -> CasesOut:
    """Those that I submitted, and those that others submitted in my name."""
    ended = {"all": None, "open": False, "ended": True}[call.query.state]
    page = await call.province.cases.views.page(call.session, call.query.cursor, ended)
    return CasesOut(
        items=[CaseCardOut.model_validate(_card(one)) for one in page.cards],
        next_cursor=page.next_cursor,
    )


@endpoint(bp, "GET", "/waiting", access=SELF, summary="What waits for me", answer=WaitingsOut)
async def waiting(call: Call[None, None]) -> WaitingsOut:
    """Notices to be answered, promised materials that are due; for home page and badge."""
    found = await call.province.cases.waits.of(call.session)
    return WaitingsOut(
        items=[WaitingOut.model_validate(asdict(one)) for one in found.items], open=found.open
    )


@endpoint(
    bp, "GET", "/mandates", access=SELF, summary="Who may apply in my name", answer=MandatesOut
)
async def list_mandates(call: Call[None, None]) -> MandatesOut:
    """Those that hold."""
    found = await call.province.cases.actors.mandates(call.session)
    return MandatesOut(items=[_mandate(one) for one in found])


@endpoint(
    bp, "POST", "/mandates", access=SELF, summary="Let a relative apply in my name",
    body=MandateIn, answer=MandateOut, status=201, errors=(errors.MandateUnknown,),
)  # fmt: skip
async def give_mandate(call: Call[MandateIn, None]) -> MandateOut:
    """At most a year; ends with the family link, or when it is taken back."""
    body = call.body
    return _mandate(
        await call.province.cases.actors.grant(
            call.session, body.link_id, body.item_code, body.ends_on
        )
    )


@endpoint(
    bp, "DELETE", "/mandates/<mandate_id:str>", access=SELF, summary="Take a mandate back",
    errors=(errors.MandateUnknown,),
)  # fmt: skip
async def revoke_mandate(call: Call[None, None], mandate_id: str) -> None:
    """At once."""
    try:
        found = UUID(mandate_id)
    except ValueError:
        raise errors.MandateUnknown from None
    await call.province.cases.actors.revoke(call.session, found)


@endpoint(
    bp, "GET", "/<case_no:str>", access=SELF, summary="One application", answer=CaseOut, errors=_ONE
)
async def get_case(call: Call[None, None], case_no: str) -> CaseOut:
    """What happened, what comes, until when, whom to call."""
    return case_out(await call.province.cases.views.get(call.session, case_no))


@endpoint(
    bp, "POST", "/<case_no:str>/supplement/draft", access=SELF,
    summary="Begin to answer a notice of correction", answer=DraftOut,
    errors=(*_ONE, errors.ActNotPossible),
)  # fmt: skip
async def begin_supplement(call: Call[None, None], case_no: str) -> DraftOut:
    """The draft that was begun, or a new one; it has the items of the notice in ``asked``."""
    return draft_out(await call.province.cases.acts.begin_supplement(call.session, case_no))


@endpoint(
    bp, "POST", "/<case_no:str>/supplement", access=SELF, summary="Hand in what was asked for",
    body=SupplementIn, answer=CaseOut,
    errors=(
        *_ONE, errors.ActNotPossible, errors.DraftUnknown, errors.DraftChanged,
        errors.DraftIncomplete, errors.LicenceUnfit, errors.CommitmentChanged, IssuersSilent,
    ),
)  # fmt: skip
async def supplement(call: Call[SupplementIn, None], case_no: str) -> CaseOut:
    """The state follows when the department confirms it."""
    body = call.body
    case = await call.province.cases.acts.supplement(
        call.session, case_no, draft_uuid(str(body.draft_id)), body.version, call.trace
    )
    return case_out(await call.province.cases.views.get(call.session, case.case_no))


@endpoint(
    bp, "POST", "/<case_no:str>/withdrawal", access=SELF, summary="Take an application back",
    body=ReasonIn, answer=CaseOut, errors=(*_ONE, errors.ActNotPossible),
)  # fmt: skip
async def withdraw(call: Call[ReasonIn, None], case_no: str) -> CaseOut:
    """Before it is accepted; the state follows when the department confirms it."""
    await call.province.cases.acts.withdraw(call.session, case_no, call.body.reason)
    return case_out(await call.province.cases.views.get(call.session, case_no))


@endpoint(
    bp, "POST", "/<case_no:str>/urge", access=SELF, summary="Ask the department to hurry",
    body=ReasonIn, answer=CaseOut, errors=(*_ONE, errors.ActNotPossible, errors.UrgedBefore),
)  # fmt: skip
async def urge(call: Call[ReasonIn, None], case_no: str) -> CaseOut:
    """Once a day."""
    await call.province.cases.acts.urge(call.session, case_no, call.body.reason)
    return case_out(await call.province.cases.views.get(call.session, case_no))


@endpoint(
    bp, "GET", "/<case_no:str>/receipt.pdf", access=SELF, summary="The receipt",
    media_type="application/pdf", errors=(*_ONE, FaceUnavailable),
)  # fmt: skip
async def receipt(call: Call[None, None], case_no: str) -> HTTPResponse:
    """Stamped; anybody can check it by its code."""
    drawn = await call.province.cases.receipts.pdf(call.session, case_no)
    return file_answer(drawn, "application/pdf", f"{case_no}.pdf")


@endpoint(
    bp, "GET", "/<case_no:str>/result.pdf", access=SELF, summary="The result document",
    media_type="application/pdf", errors=(*_ONE, errors.ResultMissing, errors.FileUnknown),
)  # fmt: skip
async def result(call: Call[None, None], case_no: str) -> HTTPResponse:
    """As the department issued it."""
    kept, content = await call.province.cases.views.result_file(call.session, case_no)
    return file_answer(content, kept.media_type, f"{case_no}-result.pdf")


def case_out(view: CaseView) -> CaseOut:
    """A case as the phone gets it."""
    agent = view.content.agent
    return CaseOut.model_validate(
        {
            **_card(view.card), "department_case_no": view.department_case_no,
            "relation": RELATIONS[agent.relation] if agent else None,
            "steps": [_step(one) for one in view.steps], "next": view.following,
            "actions": list(view.actions), "on_its_way": list(view.on_its_way),
            "asked": list(view.asked), "late": [asdict(one) for one in view.late],
            "deemed_accepted": view.deemed,
            "result": _result(view.result) if view.result else None,
            "contact": {
                "department": view.card.department_name, "hotline": view.hotline,
                "complaints": view.complaints,
            },
        }
    )  # fmt: skip


def _card(card: CaseCard) -> dict[str, Any]:
    applicant = card.applicant if card.for_kind == "enterprise" else mask_name(card.applicant)
    return {
        "id": card.id, "case_no": card.case_no, "item_code": card.item_code,
        "item_name": card.item_name, "department_name": card.department_name,
        "for_kind": card.for_kind, "applicant": applicant, "state": card.state,
        "state_label": STATE_LABELS[card.state], "delivered": card.delivered,
        "ended": card.ended, "submitted_at": card.submitted_at, "updated_at": card.updated_at,
        "clock": _clock(card.clock) if card.clock else None,
    }  # fmt: skip


def _clock(clock: Running) -> dict[str, Any]:
    return {
        "kind": clock.kind, "label": KIND_LABELS[clock.kind], "due_on": clock.due_on,
        "provisional": clock.provisional, "paused": clock.paused, "left": clock.left,
        "light": clock.light, "light_label": LIGHT_LABELS[clock.light],
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return {
        "event": step.event, "label": step.label, "state": step.state, "at": step.at,
        "by": step.by, "words": dict(step.words),
    }  # fmt: skip


def _result(kept: Any) -> dict[str, Any]:
    named = kept.get("result", {})
    return {
        "decision": kept.get("decision"), "decided_at": kept.get("decided_at"),
        "reason": kept.get("reason", ""), "remedies": kept.get("remedies", ""),
        "document_no": kept.get("document_no", ""), "kind": named.get("kind"),
        "name": named.get("name"), "licence_type_code": named.get("licence_type_code"),
        "licence_identifier": named.get("licence_identifier"), "has_file": "file" in kept,
        "delivery": kept.get("delivery"),
    }  # fmt: skip


def _mandate(one: Any) -> MandateOut:
    return MandateOut(id=one.id, link_id=one.link_id, item_code=one.item_code, ends_on=one.ends_on)

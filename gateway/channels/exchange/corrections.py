"""Corrections (数据校核) and disputes (争议) by staff."""

from pydantic import Field

from backend.numbers.service import Holder
from backend.operators.service import Role
from backend.sharing.errors import (
    ActNotPossible,
    ApplicationUnknown,
    CorrectionUnknown,
    DisputeUnknown,
    FieldNotGranted,
    GrantUnknown,
    ReasonMissing,
    StateChanged,
)
from backend.sharing.service import Correction, CorrectionAct, Dispute, DisputeAct
from gateway.channels.exchange.applications import BUSINESS, DueOut, due_out
from gateway.channels.exchange.blueprint import identifier, make_blueprint
from gateway.channels.exchange.resources import SubjectIn
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = make_blueprint("exchange_corrections", "")

_DEPARTMENTS = Staff(Role.CLERK, Role.HEAD)


class CorrectionIn(In):
    """Which field of whose record is doubted, and why."""

    grant: str = Field(max_length=40)
    subject: SubjectIn
    field: str = Field(max_length=64)
    claim: str = Field(min_length=1, max_length=500)


class AnswerIn(In):
    """``correct``: it was wrong and is corrected; ``uphold``: it is right as it is."""

    act: CorrectionAct
    words: str = Field(min_length=1, max_length=500)


class CorrectionOut(Out):
    """A correction request; what names the person is shown to the two departments alone."""

    id: str
    grant: str
    system: str
    resource: str
    field: str
    subject: SubjectIn | None
    claim: str | None
    answer: str | None
    state: str
    due: DueOut | None
    created_at: Moment


class CorrectionList(Out):
    """Correction requests, newest first."""

    items: list[CorrectionOut]


class DisputeIn(In):
    """Over which application, and on what ground."""

    application: str = Field(max_length=40)
    ground: str = Field(min_length=1, max_length=500)


class DisputeActIn(In):
    """``escalate``: one step higher; ``settle``: with this outcome."""

    act: DisputeAct
    words: str = Field(min_length=1, max_length=500)


class DisputeOut(Out):
    """A dispute: negotiation, authority, government, settled."""

    id: str
    application: str
    raised_by_uscc: str
    ground: str
    state: str
    outcome: str | None
    created_at: Moment


class DisputeList(Out):
    """Disputes, newest first."""

    items: list[DisputeOut]


@endpoint(
    bp, "GET", "/corrections",
    access=BUSINESS, summary="Correction requests that concern my department",
    answer=CorrectionList,
)  # fmt: skip
async def list_corrections(call: Call[None, None]) -> CorrectionList:
    """Newest first."""
    found = await call.province.sharing.corrections.all(call.officer)
    return CorrectionList(items=[_correction(each) for each in found])


@endpoint(
    bp, "POST", "/corrections",
    access=_DEPARTMENTS, summary="Doubt a record; the provider answers in ten working days",
    body=CorrectionIn, answer=CorrectionOut, status=201,
    errors=(GrantUnknown, FieldNotGranted, ReasonMissing),
)  # fmt: skip
async def ask_correction(call: Call[CorrectionIn, None]) -> CorrectionOut:
    """Under a grant of the own department."""
    body = call.body
    holder = Holder(body.subject.code_type, body.subject.code, body.subject.name)
    made = await call.province.sharing.corrections.ask(
        call.officer, identifier(body.grant, GrantUnknown), holder, body.field, body.claim
    )
    return _correction(made)


@endpoint(
    bp, "POST", "/corrections/<correction_id:str>/answer",
    access=_DEPARTMENTS, summary="Say what was found",
    body=AnswerIn, answer=CorrectionOut,
    errors=(CorrectionUnknown, ActNotPossible, ReasonMissing, StateChanged),
)  # fmt: skip
async def answer_correction(call: Call[AnswerIn, None], correction_id: str) -> CorrectionOut:
    """By the providing department."""
    found = identifier(correction_id, CorrectionUnknown)
    return _correction(
        await call.province.sharing.corrections.answer(
            call.officer, found, call.body.act, call.body.words
        )
    )


@endpoint(
    bp, "GET", "/disputes",
    access=BUSINESS, summary="Disputes that concern my department", answer=DisputeList,
)  # fmt: skip
async def list_disputes(call: Call[None, None]) -> DisputeList:
    """Newest first."""
    found = await call.province.sharing.disputes.all(call.officer)
    return DisputeList(items=[_dispute(each) for each in found])


@endpoint(
    bp, "POST", "/disputes",
    access=Staff(Role.HEAD), summary="Raise a dispute over an application",
    body=DisputeIn, answer=DisputeOut, status=201, errors=(ApplicationUnknown, ReasonMissing),
)  # fmt: skip
async def raise_dispute(call: Call[DisputeIn, None]) -> DisputeOut:
    """By a head of either department; it begins with negotiation."""
    found = identifier(call.body.application, ApplicationUnknown)
    return _dispute(
        await call.province.sharing.disputes.raise_(call.officer, found, call.body.ground)
    )


@endpoint(
    bp, "POST", "/disputes/<dispute_id:str>/act",
    access=Staff(Role.HEAD, Role.OPERATOR), summary="Take a dispute higher, or settle it",
    body=DisputeActIn, answer=DisputeOut,
    errors=(DisputeUnknown, ActNotPossible, ReasonMissing, StateChanged),
)  # fmt: skip
async def act_on_dispute(call: Call[DisputeActIn, None], dispute_id: str) -> DisputeOut:
    """协商 → 主管部门 → 本级政府 (令809号 art. 28)."""
    found = identifier(dispute_id, DisputeUnknown)
    return _dispute(
        await call.province.sharing.disputes.act(
            call.officer, found, call.body.act, call.body.words
        )
    )


def _correction(each: Correction) -> CorrectionOut:
    row, subject = each.row, each.subject
    return CorrectionOut(
        id=str(row.id),
        grant=str(row.grant_id),
        system=row.system_code,
        resource=row.resource_code,
        field=row.field,
        subject=SubjectIn(code_type=subject.code_type, code=subject.code, name=subject.name)
        if subject is not None
        else None,
        claim=each.claim,
        answer=each.answer,
        state=row.state,
        due=due_out(each.due),
        created_at=row.created_at,
    )


def _dispute(row: Dispute) -> DisputeOut:
    return DisputeOut(
        id=str(row.id),
        application=str(row.application_id),
        raised_by_uscc=row.raised_by_uscc,
        ground=row.ground,
        state=row.state,
        outcome=row.outcome,
        created_at=row.created_at,
    )

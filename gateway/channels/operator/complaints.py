"""Complaints of holders about looks at their licences, and the platform's answers."""

from typing import Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.lending import errors
from backend.operators.service import Role
from gateway.channels.citizen.complaints import ComplaintOut, ComplaintsOut, complaint_out
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("operator_complaints", url_prefix="/api/v1/operator/licence-complaints")

_ANSWERS = Staff(Role.OPERATOR, Role.SECURITY_ADMIN)


class ComplaintQuery(In):
    """Which."""

    state: Literal["open", "answered"] | None = None


class AnswerIn(In):
    """What the holder will read."""

    text: str = Field(min_length=2, max_length=1000)


@endpoint(
    bp, "GET", "",
    access=_ANSWERS, summary="Complaints about looks at licences", query=ComplaintQuery,
    answer=ComplaintsOut,
)  # fmt: skip
async def list_complaints(call: Call[None, ComplaintQuery]) -> ComplaintsOut:
    """Newest first."""
    found = await call.province.lending.complaints.all(call.officer, call.query.state)
    return ComplaintsOut(items=[complaint_out(each) for each in found])


@endpoint(
    bp, "POST", "/<complaint_id:str>/answer",
    access=_ANSWERS, summary="Answer a complaint", body=AnswerIn, answer=ComplaintOut,
    errors=(errors.ComplaintUnknown, errors.ComplaintAnswered),
)  # fmt: skip
async def answer(call: Call[AnswerIn, None], complaint_id: str) -> ComplaintOut:
    """Once; the holder is told."""
    try:
        found = UUID(complaint_id)
    except ValueError:
        raise errors.ComplaintUnknown from None
    complaints = call.province.lending.complaints
    return complaint_out(await complaints.answer(call.officer, found, call.body.text))

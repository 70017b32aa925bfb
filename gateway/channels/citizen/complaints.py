"""投诉: a citizen finds a look at a licence wrong."""

from typing import Literal
from uuid import UUID

from pydantic import Field
from sanic import Blueprint

from backend.identity.service import Level
from backend.lending import errors
from backend.lending.service import Complaint
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_complaints", url_prefix="/api/v1/citizen/licence-usages")


class ComplaintIn(In):
    """What is wrong with the look."""

    text: str = Field(min_length=2, max_length=1000, examples=["我没有去过这家酒店。"])


class ComplaintOut(Out):
    """A complaint and what became of it."""

    id: UUID
    usage_id: UUID
    text: str
    state: Literal["open", "answered"]
    answer: str | None
    created_at: Moment
    answered_at: Moment | None


class ComplaintsOut(Out):
    """Newest first."""

    items: list[ComplaintOut]


@endpoint(
    bp, "POST", "/<usage_id:str>/complaints",
    access=Person(Level.REAL_NAME), summary="Complain about a look at my licence",
    body=ComplaintIn, answer=ComplaintOut, status=201,
    errors=(errors.UsageUnknown, errors.ComplaintOpen),
)  # fmt: skip
async def complain(call: Call[ComplaintIn, None], usage_id: str) -> ComplaintOut:
    """The platform is told, and answers."""
    return complaint_out(
        await call.province.lending.complaints.complain(call.session, _id(usage_id), call.body.text)
    )


@endpoint(
    bp, "GET", "/<usage_id:str>/complaints",
    access=Person(Level.REAL_NAME), summary="What became of my complaints",
    answer=ComplaintsOut, errors=(errors.UsageUnknown,),
)  # fmt: skip
async def list_complaints(call: Call[None, None], usage_id: str) -> ComplaintsOut:
    """Newest first; empty when I never complained of this look."""
    found = await call.province.lending.complaints.about(call.session, _id(usage_id))
    return ComplaintsOut(items=[complaint_out(each) for each in found])


def complaint_out(complaint: Complaint) -> ComplaintOut:
    """A complaint for an answer."""
    return ComplaintOut.model_validate(complaint, from_attributes=True)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise errors.UsageUnknown from None

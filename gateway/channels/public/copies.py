"""Whether a 加注件 is genuine: for anyone who holds one."""

from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.lending import errors
from backend.lending.service import COPY_LABELS, Checked
from gateway.edge.access import PUBLIC
from gateway.edge.endpoint import Call, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("public_copies", url_prefix="/api/v1/public/copies")


class CopyCheckOut(Out):
    """Enough to compare with what is stamped; names of people are masked."""

    state: Literal["valid", "expired", "withdrawn", "licence_invalid", "unconfirmed"] = Field(
        description="unconfirmed: the issuer does not answer now"
    )
    state_label: str
    type_name: str
    issuer: str
    holder: str = Field(examples=["张*"])
    purpose: str
    user: str
    created_at: Moment
    expires_at: Moment


@endpoint(
    bp, "GET", "/<code:str>",
    access=PUBLIC, summary="Whether a copy is genuine", answer=CopyCheckOut,
    errors=(errors.CopyUnknown,),
)  # fmt: skip
async def check(call: Call[None, None], code: str) -> CopyCheckOut:
    """By the code stamped on it; the licence is looked at now."""
    return check_out(await call.province.lending.copies.check(code))


def check_out(found: Checked) -> CopyCheckOut:
    """What was found, for an answer."""
    return CopyCheckOut(
        state=found.state, state_label=COPY_LABELS[found.state], type_name=found.type_name,
        issuer=found.issuer, holder=found.holder, purpose=found.purpose, user=found.recipient,
        created_at=found.created_at, expires_at=found.expires_at,
    )  # fmt: skip

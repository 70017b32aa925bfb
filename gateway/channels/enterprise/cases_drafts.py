"""Drafts of applications for an enterprise."""

from pydantic import Field
from sanic import Blueprint

from backend.cases import errors
from backend.members.service import Scope
from gateway.channels.applications.cases import ENTERPRISE_ERRORS
from gateway.channels.applications.draft_shapes import ITEM_CODE, DraftOut, draft_out
from gateway.channels.applications.drafts import ACT_ERRORS, DRAFTS
from gateway.edge.access import Member
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("enterprise_cases_drafts", url_prefix="/api/v1/enterprise/enterprises")


class ItemIn(In):
    """Which item; the enterprise stands in the address."""

    item_code: str = Field(pattern=ITEM_CODE, examples=["11440000MB9X00015F2440109001000"])


@endpoint(
    bp, "POST", "/<uscc:str>/cases/drafts", access=Member(scope=Scope.CASES_APPLY),
    summary="Begin an application for an enterprise", body=ItemIn, answer=DraftOut, status=201,
    errors=(*ENTERPRISE_ERRORS, *ACT_ERRORS, errors.TooManyDrafts),
)  # fmt: skip
async def open_draft(call: Call[ItemIn, None], uscc: str) -> DraftOut:
    """Filled in from registers and the enterprise's licences."""
    return draft_out(
        await call.province.cases.drafts.open(
            call.session, call.body.item_code, "enterprise", uscc, call.trace
        )
    )


DRAFTS.declare_for_enterprise(
    bp, "/<uscc:str>/cases/drafts", Scope.CASES_APPLY, Scope.CASES_APPLY, ENTERPRISE_ERRORS
)

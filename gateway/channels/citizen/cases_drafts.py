"""Drafts of a citizen's applications, for oneself and for whom one acts."""

from sanic import Blueprint

from backend.cases import errors
from backend.identity.service import Level
from gateway.channels.applications.draft_shapes import DraftOut, OpenIn, draft_out
from gateway.channels.applications.drafts import ACT_ERRORS, DRAFTS
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, endpoint

bp = Blueprint("citizen_cases_drafts", url_prefix="/api/v1/citizen/cases/drafts")

SELF = Person(Level.REAL_NAME)


@endpoint(
    bp, "POST", "", access=SELF, summary="Begin an application", body=OpenIn, answer=DraftOut,
    status=201, errors=(*ACT_ERRORS, errors.TooManyDrafts),
)  # fmt: skip
async def open_draft(call: Call[OpenIn, None]) -> DraftOut:
    """Filled in from registers and licences, as far as they answer within three seconds."""
    body = call.body
    return draft_out(
        await call.province.cases.drafts.open(
            call.session, body.item_code, body.for_.kind, body.for_.id, call.trace
        )
    )


DRAFTS.declare(bp)

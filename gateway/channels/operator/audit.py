"""The audit: for the audit administrator alone, and every reading of it stands in it too."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, Field
from sanic import Blueprint

from backend.audit.errors import CursorInvalid
from backend.audit.service import Sought
from backend.operators.service import Role
from gateway.edge.access import Staff
from gateway.edge.audit_file import audit_file
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment
from gateway.edge.streams import StreamedAnswer

bp = Blueprint("operator_audit", url_prefix="/api/v1/operator/audit")

_AUDITOR = Staff(Role.AUDIT_ADMIN)


class SoughtIn(In):
    """Which entries; what is left out does not narrow."""

    actor: str = Field(default="", max_length=80, examples=["officer:0193…"])
    subject: str = Field(default="", max_length=80)
    action: str = Field(
        default="", max_length=64, description="whole, or its beginning with a final dot",
        examples=["operators.login", "operators."],
    )  # fmt: skip
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(default=None, description="before, not at")

    def sought(self) -> Sought:
        """For the domain."""
        return Sought(self.actor, self.subject, self.action, self.since, self.until)


class AuditIn(SoughtIn):
    """The same, a page at a time."""

    cursor: str | None = Field(default=None, max_length=64, description="next_cursor of a page")


class EntryOut(Out):
    """An audit entry."""

    id: str
    at: Moment
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class EntryList(Out):
    """A page of them, newest first."""

    items: list[EntryOut]
    next_cursor: str | None


@endpoint(
    bp,
    "GET",
    "",
    access=_AUDITOR,
    summary="Audit entries",
    query=AuditIn,
    answer=EntryList,
    errors=(CursorInvalid,),
)
async def search(call: Call[None, AuditIn]) -> EntryList:
    """Newest first, fifty to a page."""
    found = await call.province.operators.read_audit(
        call.officer, call.query.sought(), call.query.cursor
    )
    items = [
        EntryOut(
            id=str(one.id),
            at=one.at,
            actor=one.actor,
            action=one.action,
            subject=one.subject,
            detail=dict(one.detail),
        )
        for one in found.entries
    ]
    return EntryList(items=items, next_cursor=found.next_cursor)


@endpoint(
    bp,
    "GET",
    "/download",
    access=_AUDITOR,
    summary="Audit entries as a file",
    query=SoughtIn,
    media_type="text/csv",
)
async def download(call: Call[None, SoughtIn]) -> StreamedAnswer:
    """CSV, oldest first, sent piece by piece."""
    pieces = await call.province.operators.export_audit(call.officer, call.query.sought())
    return audit_file(pieces, datetime.now().astimezone())

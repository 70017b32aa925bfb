"""Calls of one department's system for the data of another, under a grant."""

from typing import Annotated, Literal

import orjson
from pydantic import Field
from sanic import HTTPResponse

from backend.exchange.errors import SIGNATURE_ERRORS
from backend.sharing.errors import (
    AddressNotAllowed,
    CaseMissing,
    CursorRefused,
    FieldNotGranted,
    FileExpired,
    FileFailed,
    FileNotReady,
    FileUnknown,
    GrantExpired,
    GrantMissing,
    GrantRevoked,
    GrantSuspended,
    LogUnavailable,
    ModeNotOffered,
    PurposeDiffers,
    QuotaUsedUp,
    RecordRefused,
    RequestReused,
    ResourceNotShared,
    ResourceUnknown,
    SubjectKindWrong,
)
from backend.sharing.service import MOST_FILE_SUBJECTS, MOST_SUBJECTS, Delivery, Query
from backend.upstream.errors import UpstreamError, UpstreamRefused, UpstreamTimeout
from gateway.channels.exchange.blueprint import identifier, make_blueprint
from gateway.edge.access import SYSTEM
from gateway.edge.address import client_address
from gateway.edge.answers import JsonAnswer
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment
from gateway.edge.streams import StreamedAnswer

bp = make_blueprint("exchange_resources", "")

LONGEST_S = 10.0
QUERY_LIMIT = 128 * 1024
FILE_LIMIT = 6 * 1024 * 1024

_GRANT_ERRORS = (
    *SIGNATURE_ERRORS.values(),
    ResourceUnknown, ResourceNotShared, GrantMissing, ModeNotOffered, PurposeDiffers,
    GrantExpired, GrantSuspended, GrantRevoked, AddressNotAllowed, CaseMissing, FieldNotGranted,
    SubjectKindWrong, QuotaUsedUp, RequestReused,
)  # fmt: skip


class SubjectIn(In):
    """Whom is asked about: kind of number (GB/T 36903), number and name."""

    code_type: str = Field(pattern=r"^[0-9]{3}$", examples=["111"])
    code: str = Field(pattern=r"^[0-9A-Z]{5,32}$", examples=["440106200002290032"])
    name: str = Field(min_length=1, max_length=100, examples=["李晓雯"])


RequestId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        description="a UUID; the same again is the same query and is counted once",
    ),
]
CaseNo = Annotated[str, Field(min_length=1, max_length=64)]
Names = Annotated[
    list[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]],
    Field(min_length=1, max_length=100),
]


class FileIn(In):
    """A query of many subjects."""

    request_id: RequestId
    purpose: str = Field(min_length=1, max_length=500, description="that of the grant")
    case_no: CaseNo | None = Field(None, description="needed where the grant is bound to cases")
    fields: Names | None = Field(None, description="fewer than were granted; null for all")
    subjects: list[SubjectIn] = Field(min_length=1, max_length=MOST_FILE_SUBJECTS)


class QueryIn(FileIn):
    """A query of up to 200 subjects."""

    subjects: list[SubjectIn] = Field(min_length=1, max_length=MOST_SUBJECTS)
    cursor: str | None = Field(None, max_length=200, description="next_cursor of a page")
    limit: int = Field(MOST_SUBJECTS, ge=1, le=MOST_SUBJECTS, description="subjects a page")


class RecordOut(Out):
    """The record of a subject; null where the owner has none or the name does not fit."""

    subject: int = Field(description="index in the query's subjects")
    record: dict[str, str | int | float | bool | None] | None


class QueryOut(Out):
    """A page of records: granted fields alone, whatever the owner sent."""

    request_id: str
    resource: str = Field(examples=["301146/0001"])
    as_of: str
    items: list[RecordOut]
    next_cursor: str | None


class DeliveryOut(Out):
    """A delivery; ``done`` of ``subjects`` have been asked about."""

    id: str
    request_id: str
    resource: str
    state: Literal["queued", "ready", "failed"]
    subjects: int
    done: int
    reason: str = Field(description="code of the failure")
    expires_at: Moment


@endpoint(
    bp, "POST", "/resources/<code:str>/query",
    access=SYSTEM, summary="Records of a data resource, under a grant",
    body=QueryIn, answer=QueryOut, body_limit=QUERY_LIMIT, short_way=True,
    errors=(
        *_GRANT_ERRORS, CursorRefused, RecordRefused, LogUnavailable, UpstreamError,
        UpstreamTimeout,
    ),
)  # fmt: skip
async def query(call: Call[QueryIn, None], code: str) -> HTTPResponse:
    """Checked, counted, asked of the owner, cut to the grant, written down; in this order."""
    body = call.body
    asked = _query(body, body.cursor, body.limit)
    try:
        answer = await call.province.sharing.query(
            call.system, code, asked, client_address(call.request), call.trace,
            call.deadline(LONGEST_S),
        )  # fmt: skip
    except UpstreamRefused:
        if body.cursor is None:
            raise
        # Whatever else it is made of we checked; the owner alone knows its cursors.
        raise CursorRefused from None
    return JsonAnswer(orjson.dumps(answer))


@endpoint(
    bp, "POST", "/resources/<code:str>/files",
    access=SYSTEM, summary="Records of many subjects as a file, made behind",
    body=FileIn, answer=DeliveryOut, status=202, body_limit=FILE_LIMIT, errors=_GRANT_ERRORS,
)  # fmt: skip
async def order_file(call: Call[FileIn, None], code: str) -> DeliveryOut:
    """The same request again is the same delivery."""
    asked = _query(call.body, None, MOST_SUBJECTS)
    address = client_address(call.request)
    return _delivery(
        await call.province.sharing.order_file(call.system, code, asked, address, call.trace)
    )


@endpoint(
    bp, "GET", "/files/<delivery_id:str>",
    access=SYSTEM, summary="How far a file is", answer=DeliveryOut, errors=(FileUnknown,),
)  # fmt: skip
async def file(call: Call[None, None], delivery_id: str) -> DeliveryOut:
    """Of this system's own orders."""
    found = identifier(delivery_id, FileUnknown)
    return _delivery(await call.province.sharing.file(call.system, found))


@endpoint(
    bp, "GET", "/files/<delivery_id:str>/content",
    access=SYSTEM, summary="A file that is ready", media_type="application/x-ndjson",
    errors=(
        FileUnknown, FileNotReady, FileFailed, FileExpired, GrantExpired, GrantSuspended,
        GrantRevoked, AddressNotAllowed,
    ),
)  # fmt: skip
async def file_content(call: Call[None, None], delivery_id: str) -> HTTPResponse:
    """A line of JSON a subject, ``{"subject", "record"}``; kept for seven days."""
    found = identifier(delivery_id, FileUnknown)
    address = client_address(call.request)
    pieces = await call.province.sharing.file_content(call.system, found, address)
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{found}.ndjson"',
        "x-content-type-options": "nosniff",
    }
    return StreamedAnswer(pieces, "application/x-ndjson", headers)


def _query(body: FileIn, cursor: str | None, limit: int) -> Query:
    subjects = [
        {"code_type": each.code_type, "code": each.code, "name": each.name}
        for each in body.subjects
    ]
    return Query(body.request_id, body.purpose, body.case_no, body.fields, subjects, cursor, limit)


def _delivery(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut.model_validate(
        {
            "id": str(delivery.id),
            "request_id": delivery.request_id,
            "resource": delivery.resource,
            "state": delivery.state,
            "subjects": delivery.subjects,
            "done": delivery.done,
            "reason": delivery.reason,
            "expires_at": delivery.expires_at,
        }
    )

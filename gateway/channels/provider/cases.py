"""What departments tell of applications, and the files of applications that they fetch."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints
from sanic import Blueprint, HTTPResponse

from backend.cases import errors
from backend.cases.service import State, Taken, told
from gateway.edge.access import SYSTEM
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("provider_cases", url_prefix="/api/v1/provider/cases")

# A document of one megabyte in base64, and the rest of the event.
EVENT_LIMIT = 1536 * 1024
Short = Annotated[str, StringConstraints(max_length=50)]
Told = Annotated[str, StringConstraints(max_length=1000)]


class ItemIn(In):
    """One item of a notice of correction."""

    material: str | None = Field(max_length=32)
    field: str | None = Field(max_length=200)
    what: str = Field(min_length=1, max_length=500)


class DocumentIn(In):
    """A PDF."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content: str = Field(max_length=1_400_000, json_schema_extra={"contentEncoding": "base64"})


class ResultIn(In):
    """What a case results in."""

    kind: Literal["licence", "document", "none"]
    name: str = Field(min_length=1, max_length=100)
    licence_type_code: str | None = Field(None, pattern=r"^[0-9A-Z]{21}$")
    licence_identifier: str | None = Field(None, max_length=128)
    document: DocumentIn | None = None


class DeliveryIn(In):
    """How the result reaches the applicant."""

    how: Literal["electronic", "post", "counter"]
    address: str | None = Field(None, max_length=200)
    recipient: Short | None = None
    phone: str | None = Field(None, max_length=20)
    carrier: Short | None = None
    tracking_no: Short | None = None
    place: str | None = Field(None, max_length=200)


class EventIn(In):
    """An event of a case; what each kind needs is in the provider interface."""

    event_id: UUID
    seq: int = Field(ge=1, le=100_000)
    event: Literal[
        "accepted", "not_accepted", "transferred", "correction_requested", "supplemented",
        "correction_timeout", "withdrawn", "review_started", "decision_started",
        "special_started", "special_ended", "extended", "approved", "denied", "delivering",
        "result_delivered", "terminated",
    ]  # fmt: skip
    at: AwareDatetime
    officer: Short | None = None
    reason: Told | None = None
    remedies: Told | None = None
    document_no: str | None = Field(None, max_length=100)
    items: list[ItemIn] | None = Field(None, min_length=1, max_length=50)
    due_on: date | None = None
    to: str | None = Field(None, min_length=1, max_length=200)
    special: (
        Literal[
            "听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审", "现场核查", "其他",
        ]
        | None
    ) = None  # fmt: skip
    workdays: int | None = Field(None, ge=1, le=15)
    result: ResultIn | None = None
    delivery: DeliveryIn | None = None


class OutcomeOut(Out):
    """How it was taken, and where the case stands afterwards."""

    taken: Taken
    state: State
    seq: int = Field(description="of the last event that was applied")


@endpoint(
    bp, "POST", "/<case_no:str>/events", access=SYSTEM, summary="Something happened to a case",
    body=EventIn, answer=OutcomeOut,
    errors=(
        errors.CaseUnknown, errors.StepNotTheirs, errors.EventInvalid, errors.StorageSilent,
    ),
    body_limit=EVENT_LIMIT,
)  # fmt: skip
async def take_event(call: Call[EventIn, None], case_no: str) -> OutcomeOut:
    """Applied in the order of its number, whenever it comes; sending it again does no harm."""
    raw = call.body.model_dump(mode="json", exclude_none=True)
    if call.body.items is not None:
        raw["items"] = [one.model_dump(mode="json") for one in call.body.items]
    what = told(raw, datetime.now(UTC))
    outcome = await call.province.cases.hear(call.system, case_no, what)
    return OutcomeOut(taken=outcome.taken, state=outcome.state, seq=outcome.seq)


@endpoint(
    bp, "GET", "/<case_no:str>/materials/<file_id:str>", access=SYSTEM,
    summary="An uploaded material", media_type="image/jpeg, application/pdf",
    errors=(errors.CaseUnknown, errors.FileUnknown, errors.StorageSilent),
)  # fmt: skip
async def material(call: Call[None, None], case_no: str, file_id: str) -> HTTPResponse:
    """Only of the department's own cases."""
    try:
        found = UUID(file_id)
    except ValueError:
        raise errors.FileUnknown from None
    kept, content = await call.province.cases.views.material(call.system.code, case_no, found)
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return HTTPResponse(content, headers=headers, content_type=kept.media_type)

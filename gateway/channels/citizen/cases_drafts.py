"""Drafts of applications: filled in by the platform and the person, on any device."""

import base64
import binascii
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AfterValidator, ConfigDict, Field
from sanic import Blueprint, HTTPResponse

from backend.cases import errors
from backend.cases.service import (
    RELATIONS,
    Content,
    Draft,
    ForKind,
    Supply,
    Wanted,
    digest_of,
    is_late,
)
from backend.catalogue.errors import ItemNotFound
from backend.enterprise.service import RegisterUnavailable
from backend.identity.errors import LevelTooLow
from backend.identity.service import Level, holder_key
from backend.numbers.service import mask_name
from backend.wallet.service import IssuersSilent, LicenceNotFound
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment
from gateway.edge.problems import RequestInvalid

bp = Blueprint("citizen_case_drafts", url_prefix="/api/v1/citizen/cases/drafts")

SELF = Person(Level.REAL_NAME)
KNOWN = Person(Level.REAL_NAME, also_read=(holder_key,))
# Eight megabytes in base64, and the rest of the body.
UPLOAD_LIMIT = 11 * 1024 * 1024
_DEEPEST = 12
_PHONE = r"^\+?[0-9]{5,16}$"
_OPEN = (errors.DraftUnknown, ItemNotFound)
_CHANGE = (*_OPEN, errors.DraftChanged)
_ACT = (
    ItemNotFound, errors.NotOnline, errors.WrongApplicant, LevelTooLow, errors.ForWhomUnknown,
    errors.MandateMissing, RegisterUnavailable,
)  # fmt: skip


class ForIn(In):
    """For whom: ``id`` is that of a family link, or the USCC of an enterprise."""

    kind: ForKind = "self"
    id: str = Field(default="", max_length=40)


class OpenIn(In):
    """Which item, for whom."""

    item_code: str = Field(
        pattern=r"^[0-9A-Z]{19}[0-9]{12}$", examples=["11440000MB9X00015F2440109001000"]
    )
    for_: ForIn = Field(default=ForIn(), alias="for")


class DeliveryIn(In):
    """How the result is to reach the applicant."""

    how: Literal["electronic", "post", "counter"]
    address: str | None = Field(default=None, max_length=200)
    recipient: str | None = Field(default=None, max_length=50)
    phone: str | None = Field(default=None, pattern=_PHONE)


def _bounded(values: dict[str, Any]) -> dict[str, Any]:
    """What can be kept: no deeper than a form may be, nothing that JSON does not know."""
    level: list[Any] = [values]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise ValueError("内容嵌套太深")
    try:
        orjson.dumps(values)
    except TypeError:
        raise ValueError("含有不能保存的内容") from None
    return values


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


class SaveIn(In):
    """What was typed: a field that is named replaces the one before, null removes it."""

    version: int = Field(ge=1, description="of the draft that was read")
    values: Annotated[dict[str, Any], AfterValidator(_bounded)] = Field(
        default_factory=dict, max_length=100
    )
    contact_phone: str | None = Field(default=None, pattern=_PHONE)
    result_delivery: DeliveryIn | None = None


class SupplyIn(In):
    """How a material is supplied."""

    version: int = Field(ge=1)
    how: Literal["licence", "upload", "promised", "commitment", "none"]
    licence_id: str = Field(default="", max_length=40)
    due_on: date | None = None
    agreed: str = Field(default="", max_length=64, description="SHA-256 of the text that was shown")


class FileIn(In):
    """A file."""

    name: str = Field(min_length=1, max_length=100)
    content: str = Field(
        min_length=4, max_length=UPLOAD_LIMIT, description="base64 of JPEG, PNG, WebP or PDF",
        json_schema_extra={"contentEncoding": "base64"},
    )  # fmt: skip


class SubmitIn(In):
    """The version that is submitted."""

    version: int = Field(ge=1)


class ProvenanceOut(Out):
    """Where the value of a field comes from; gone once it was edited."""

    source: str
    source_name: str
    licence: str | None
    as_of: str
    grade: Literal["A", "B", "C", "D"]
    signed: bool


class MistakeOut(Out):
    """A place (RFC 6901) and what is wrong there."""

    pointer: str
    detail: str


class FileOut(Out):
    """A file of a material; kept as JPEG or PDF."""

    id: UUID
    name: str
    media_type: str
    bytes: int
    sha256: str


class MaterialOut(Out):
    """A material: how it can be supplied, and how it is."""

    code: str
    name: str
    need: str = Field(description="必要, 非必要 or 容缺后补")
    explain: str
    ways: list[str] = Field(description="shared, licence, upload, promised, commitment")
    licence_type: str | None = Field(description="of the licence that can stand in for it")
    commitment: str = Field(description="the text that may be agreed to in its place")
    commitment_digest: str
    how: str
    licence_id: str | None
    licence_name: str | None
    due_on: date | None
    files: list[FileOut]
    lacking: bool


class AskedOut(Out):
    """One item of a notice of correction."""

    material: str | None
    field: str | None
    what: str
    due_on: date | None = Field(None, description="of a promised material: its day")


class FormOut(Out):
    """The form: JSON Schema 2020-12 and how it is shown (``docs/forms.md``)."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: dict[str, Any] = Field(alias="schema", serialization_alias="schema")
    ui: dict[str, Any]


class DraftOut(Out):
    """A draft."""

    id: UUID
    kind: Literal["application", "supplement"]
    item_code: str
    item_version: int
    item_name: str
    item_changed: bool = Field(description="published anew since it was saved last; save to go on")
    department_name: str
    for_kind: ForKind
    for_id: str
    applicant: str = Field(description="masked")
    relation: str | None = Field(description="in which role the caller acts; null for oneself")
    form: FormOut | None
    values: dict[str, Any]
    provenance: dict[str, ProvenanceOut]
    mistakes: list[MistakeOut]
    materials: list[MaterialOut]
    asked: list[AskedOut]
    late: bool = Field(description="it hands in promised materials (容缺后补), not a correction")
    contact_phone: str | None
    result_delivery: dict[str, Any] | None
    delivery_ways: list[str]
    version: int
    ready: bool
    created_at: Moment
    updated_at: Moment


class DraftCardOut(Out):
    """A draft in the list."""

    id: UUID
    kind: Literal["application", "supplement"]
    item_code: str
    item_name: str
    department_name: str
    for_kind: ForKind
    applicant: str
    ready: bool
    updated_at: Moment


class DraftsOut(Out):
    """Open drafts, the last touched first."""

    items: list[DraftCardOut]


class UploadOut(Out):
    """The file, and the draft with it."""

    file: FileOut
    draft: DraftOut


class SubmittedOut(Out):
    """The application is kept; ``again`` where it was before."""

    case_no: str = Field(description="办件编号")
    submitted_at: Moment
    item_name: str
    department_name: str
    again: bool


@endpoint(
    bp, "POST", "", access=SELF, summary="Begin an application", body=OpenIn, answer=DraftOut,
    status=201, errors=(*_ACT, errors.TooManyDrafts),
)  # fmt: skip
async def open_draft(call: Call[OpenIn, None]) -> DraftOut:
    """Filled in from registers and licences, as far as they answer within three seconds."""
    body = call.body
    return draft_out(
        await call.province.cases.drafts.open(
            call.session, body.item_code, body.for_.kind, body.for_.id, call.trace
        )
    )


@endpoint(bp, "GET", "", access=SELF, summary="Open drafts", answer=DraftsOut)
async def list_drafts(call: Call[None, None]) -> DraftsOut:
    """To go on with, on any device; a draft that nobody touched for 90 days goes."""
    found = await call.province.cases.drafts.list(call.session)
    return DraftsOut(
        items=[
            DraftCardOut.model_validate(
                {
                    "id": one.id, "kind": one.kind, "item_code": one.offer.task_code,
                    "item_name": one.offer.name, "department_name": one.offer.department_name,
                    "for_kind": one.for_kind, "applicant": shown_applicant(one.content),
                    "ready": one.ready, "updated_at": one.updated_at,
                }
            )
            for one in found
        ]
    )  # fmt: skip


@endpoint(
    bp, "GET", "/<draft_id:str>", access=SELF, summary="A draft", answer=DraftOut, errors=_OPEN
)
async def get_draft(call: Call[None, None], draft_id: str) -> DraftOut:
    """As it was saved last, on whatever device."""
    return draft_out(await call.province.cases.drafts.get(call.session, draft_uuid(draft_id)))


@endpoint(
    bp, "PATCH", "/<draft_id:str>", access=SELF, summary="Keep what was typed", body=SaveIn,
    answer=DraftOut, errors=(*_CHANGE, errors.DraftIncomplete),
)  # fmt: skip
async def save_draft(call: Call[SaveIn, None], draft_id: str) -> DraftOut:
    """Whatever is wrong with it is told, and kept all the same."""
    body = call.body
    delivery = body.result_delivery
    return draft_out(
        await call.province.cases.drafts.save(
            call.session, draft_uuid(draft_id), body.version, body.values, body.contact_phone,
            delivery.model_dump(exclude_none=True) if delivery else None,
        )
    )  # fmt: skip


@endpoint(
    bp, "DELETE", "/<draft_id:str>", access=SELF, summary="Forget a draft",
    errors=(errors.DraftUnknown,),
)  # fmt: skip
async def discard_draft(call: Call[None, None], draft_id: str) -> None:
    """With its files."""
    await call.province.cases.drafts.discard(call.session, draft_uuid(draft_id))


@endpoint(
    bp, "PUT", "/<draft_id:str>/materials/<code:str>", access=SELF,
    summary="How a material is supplied", body=SupplyIn, answer=DraftOut,
    errors=(
        *_CHANGE, errors.MaterialUnknown, errors.WayNotOffered, errors.LicenceUnfit,
        errors.CommitmentChanged, errors.PromiseInvalid, LicenceNotFound, IssuersSilent,
    ),
)  # fmt: skip
async def supply(call: Call[SupplyIn, None], draft_id: str, code: str) -> DraftOut:
    """By ``licence`` the person consents that its facts are handed over with the application."""
    body = call.body
    chosen = Supply(body.how, body.licence_id, body.due_on, body.agreed)
    return draft_out(
        await call.province.cases.drafts.supply(
            call.session, draft_uuid(draft_id), body.version, code, chosen, call.trace
        )
    )


@endpoint(
    bp, "POST", "/<draft_id:str>/materials/<code:str>/files", access=SELF,
    summary="Upload a file for a material", body=FileIn, answer=UploadOut, status=201,
    body_limit=UPLOAD_LIMIT,
    errors=(
        *_CHANGE, errors.MaterialUnknown, errors.WayNotOffered, errors.TooManyFiles,
        errors.FileRefused, errors.FileTooLarge, errors.FileInfected, errors.ScannerSilent,
    ),
)  # fmt: skip
async def upload(call: Call[FileIn, None], draft_id: str, code: str) -> UploadOut:
    """What it is, is told by its content; pictures are drawn anew, without what cameras add."""
    try:
        content = base64.b64decode(call.body.content, validate=True)
    except (binascii.Error, ValueError):
        raise RequestInvalid([{"pointer": "/content", "message": "应为 base64"}]) from None
    draft, kept = await call.province.cases.drafts.upload(
        call.session, draft_uuid(draft_id), code, call.body.name, content
    )
    return UploadOut(file=FileOut.model_validate(kept.as_json()), draft=draft_out(draft))


@endpoint(
    bp, "GET", "/<draft_id:str>/files/<file_id:str>", access=SELF, summary="A file of a draft",
    media_type="image/jpeg, application/pdf",
    errors=(errors.DraftUnknown, errors.FileUnknown),
)  # fmt: skip
async def get_file(call: Call[None, None], draft_id: str, file_id: str) -> HTTPResponse:
    """As it is kept."""
    kept, content = await call.province.cases.drafts.file(
        call.session, draft_uuid(draft_id), file_uuid(file_id)
    )
    return file_answer(content, kept.media_type)


@endpoint(
    bp, "DELETE", "/<draft_id:str>/materials/<code:str>/files/<file_id:str>", access=SELF,
    summary="Take a file away", errors=(*_CHANGE, errors.FileUnknown),
)  # fmt: skip
async def remove_file(call: Call[None, None], draft_id: str, code: str, file_id: str) -> None:
    """It is gone from the disk, too."""
    await call.province.cases.drafts.remove_file(
        call.session, draft_uuid(draft_id), code, file_uuid(file_id)
    )


@endpoint(
    bp, "POST", "/<draft_id:str>/submission", access=KNOWN, summary="Submit an application",
    body=SubmitIn, answer=SubmittedOut, status=201,
    errors=(
        errors.DraftUnknown, errors.DraftChanged, errors.DraftIncomplete, errors.ItemChanged,
        *_ACT, errors.LicenceUnfit, errors.CommitmentChanged, IssuersSilent,
    ),
)  # fmt: skip
async def submit(call: Call[SubmitIn, None], draft_id: str) -> SubmittedOut:
    """However often it is sent, one draft becomes one case."""
    done = await call.province.cases.submission.submit(
        call.session, draft_uuid(draft_id), call.body.version, call.trace, call.also_read[0]
    )
    return SubmittedOut(
        case_no=done.case_no, submitted_at=done.submitted_at, item_name=done.item_name,
        department_name=done.department_name, again=done.again,
    )  # fmt: skip


def shown_applicant(content: Content) -> str:
    """The applicant's name; an enterprise's is public."""
    name = content.applicant.name
    return name if content.applicant.code_type == "001" else mask_name(name)


def draft_out(draft: Draft) -> DraftOut:
    """A draft as the phone gets it."""
    content, offer = draft.content, draft.offer
    form = offer.form
    return DraftOut.model_validate(
        {
            "id": draft.id, "kind": draft.kind, "item_code": offer.task_code,
            "item_version": offer.version, "item_name": offer.name,
            "item_changed": draft.item_changed, "department_name": offer.department_name,
            "for_kind": draft.for_kind, "for_id": draft.for_id,
            "applicant": shown_applicant(content),
            "relation": RELATIONS[content.agent.relation] if content.agent else None,
            "form": {"schema": form.fields_schema, "ui": form.ui} if form else None,
            "values": content.values, "provenance": content.provenance,
            "mistakes": [*draft.mistakes, *draft.lacking],
            "materials": [_material(draft, one) for one in draft.wanted],
            "asked": content.asked, "late": is_late(content.asked), "contact_phone": content.phone,
            "result_delivery": content.delivery, "delivery_ways": _ways(offer.elements),
            "version": draft.version, "ready": draft.ready, "created_at": draft.created_at,
            "updated_at": draft.updated_at,
        }
    )  # fmt: skip


def _material(draft: Draft, wanted: Wanted) -> dict[str, Any]:
    supplied = draft.content.materials.get(wanted.code, {})
    shared = "shared" in wanted.ways and not supplied
    return {
        "code": wanted.code, "name": wanted.name, "need": wanted.need,
        "explain": wanted.explain, "ways": list(wanted.ways),
        "licence_type": wanted.licence_type, "commitment": wanted.commitment,
        "commitment_digest": digest_of(wanted.commitment) if wanted.commitment else "",
        "how": "shared" if shared else supplied.get("how", "none"),
        "licence_id": supplied.get("licence_id"), "licence_name": supplied.get("licence_name"),
        "due_on": supplied.get("due_on"), "files": supplied.get("files", []),
        "lacking": any(one["pointer"] == f"/materials/{wanted.code}" for one in draft.lacking),
    }  # fmt: skip


def _ways(elements: Any) -> list[str]:
    ways = ["electronic"]
    if elements["is_express"]:
        ways.append("post")
    return [*ways, "counter"]


def file_answer(content: bytes, media_type: str, name: str = "") -> HTTPResponse:
    """A file for the phone: never kept by a cache in between, never guessed at."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if name:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return HTTPResponse(content, headers=headers, content_type=media_type)


def draft_uuid(text: str) -> UUID:
    """The id of a draft."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.DraftUnknown from None


def file_uuid(text: str) -> UUID:
    """The id of a file."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.FileUnknown from None

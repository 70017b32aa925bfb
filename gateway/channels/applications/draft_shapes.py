"""Drafts as phones send and get them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AfterValidator, ConfigDict, Field

from backend.cases.service import (
    RELATIONS,
    Content,
    Draft,
    ForKind,
    Wanted,
    digest_of,
    is_late,
)
from backend.numbers.service import mask_name
from gateway.edge.endpoint import In, Out
from gateway.edge.moments import Moment

# Eight megabytes in base64, and the rest of the body.
UPLOAD_LIMIT = 11 * 1024 * 1024
ITEM_CODE = r"^[0-9A-Z]{19}[0-9]{12}$"
_DEEPEST = 12
_PHONE = r"^\+?[0-9]{5,16}$"


class ForIn(In):
    """For whom: ``id`` is that of a family link, or the USCC of an enterprise."""

    kind: ForKind = "self"
    id: str = Field(default="", max_length=40)


class OpenIn(In):
    """Which item, for whom."""

    item_code: str = Field(pattern=ITEM_CODE, examples=["11440000MB9X00015F2440109001000"])
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
    ways: list[str] = Field(
        description="shared, licence, upload, promised, commitment; result: an earlier step's"
    )
    from_step: str = Field(description="of a 一件事: name of the step whose result it is")
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
    kind: Literal["application", "supplement", "one_thing"]
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
    steps: list[str] = Field(description="of a 一件事: codes of the chosen steps")
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
    kind: Literal["application", "supplement", "one_thing"]
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
            "asked": content.asked, "late": is_late(content.asked), "steps": content.parts,
            "contact_phone": content.phone,
            "result_delivery": content.delivery, "delivery_ways": _ways(offer.elements),
            "version": draft.version, "ready": draft.ready, "created_at": draft.created_at,
            "updated_at": draft.updated_at,
        }
    )  # fmt: skip


def _material(draft: Draft, wanted: Wanted) -> dict[str, Any]:
    supplied = draft.content.materials.get(wanted.code, {})
    how = supplied.get("how", "none")
    if wanted.from_step:
        how = "result"
    elif "shared" in wanted.ways and not supplied:
        how = "shared"
    return {
        "code": wanted.code, "name": wanted.name, "need": wanted.need,
        "explain": wanted.explain, "ways": list(wanted.ways),
        "licence_type": wanted.licence_type, "commitment": wanted.commitment,
        "commitment_digest": digest_of(wanted.commitment) if wanted.commitment else "",
        "from_step": wanted.from_step, "how": how,
        "licence_id": supplied.get("licence_id"), "licence_name": supplied.get("licence_name"),
        "due_on": supplied.get("due_on"), "files": supplied.get("files", []),
        "lacking": any(one["pointer"] == f"/materials/{wanted.code}" for one in draft.lacking),
    }  # fmt: skip


def _ways(elements: Any) -> list[str]:
    ways = ["electronic"]
    if elements["is_express"]:
        ways.append("post")
    return [*ways, "counter"]

"""What the case operations of the provider interface take, checked before anything is kept."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.sandbox.departments.inputs import HolderInput, Input, RequestId

CaseNo = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{12}\d{8}\d{4,10}$")]
ItemCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{12}$")]
Moment = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"),
]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
MaterialCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Grade = Literal["A", "B", "C", "D"]
Text100 = Annotated[str, StringConstraints(max_length=100)]
Text128 = Annotated[str, StringConstraints(max_length=128)]
Text18 = Annotated[str, StringConstraints(max_length=18)]
Text20 = Annotated[str, StringConstraints(max_length=20)]
Text200 = Annotated[str, StringConstraints(max_length=200)]
Some200 = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text4000 = Annotated[str, StringConstraints(max_length=4000)]
Text50 = Annotated[str, StringConstraints(max_length=50)]
Text500 = Annotated[str, StringConstraints(max_length=500)]
Text64 = Annotated[str, StringConstraints(max_length=64)]


class LicenceInput(Input):
    """A licence of the wallet that stands in for a material."""

    licence_identifier: Text128
    licence_type_code: TypeCode
    name: str
    number: str
    issuer: str
    valid_to: str | None
    trust_grade: Grade
    as_of: Moment
    facts: dict[str, str | int | float | bool | None]


class FileInput(Input):
    """An uploaded file, fetched from the platform by its id."""

    id: RequestId
    name: Some200
    media_type: Text100
    bytes: Annotated[int, Field(ge=1)]
    sha256: Digest


class CommitmentInput(Input):
    """告知承诺: the text that was agreed to."""

    text: Text4000
    sha256: Digest
    agreed_at: Moment
    level: Annotated[int, Field(ge=3, le=5)]


class MaterialInput(Input):
    """A material and how it is supplied."""

    code: MaterialCode
    name: Some200
    how: Literal["licence", "upload", "promised", "commitment", "shared"]
    licence: LicenceInput | None = None
    files: Annotated[list[FileInput], Field(max_length=20)] = Field(default_factory=list)
    due_on: Day | None = None
    commitment: CommitmentInput | None = None


class AgentInput(Input):
    """Who acts for the applicant, and why they may."""

    holder: HolderInput
    relation: Literal["guardian", "relative", "representative", "agent"]
    proof: Text200


class ProvenanceInput(Input):
    """Where the value of a field comes from."""

    source: Text64
    licence: Text128 | None = None
    as_of: Moment
    grade: Grade
    signed: bool


class DeliveryInput(Input):
    """How the result is to reach the applicant."""

    how: Literal["electronic", "post", "counter"]
    address: Text200 | None = None
    recipient: Text50 | None = None
    phone: Text20 | None = None
    carrier: Text50 | None = None
    tracking_no: Text50 | None = None
    place: Text200 | None = None


Materials = Annotated[list[MaterialInput], Field(max_length=100)]
Provenance = dict[str, ProvenanceInput]


class PartyInput(Input):
    """A body with one of the divided duties."""

    system: Text64
    uscc: Text18
    name: Text100


class DivisionInput(Input):
    """职责分工: who accepts, decides, supervises."""

    id: RequestId
    accepting: PartyInput
    deciding: PartyInput
    supervising: PartyInput
    legal_basis: Text500


class HandOverInput(Input):
    """Another body accepted the case; its events so far bear the numbers up to ``seq``."""

    state: Literal["accepted"]
    seq: Annotated[int, Field(ge=1)]
    accepted_at: Moment
    officer: Text50 | None = None
    document_no: Text100 | None = None


class NoticeInput(Input):
    """``supervision.notice``."""

    request_id: RequestId
    case_no: CaseNo
    item_code: ItemCode
    item_name: Text200
    decision: Literal["approved", "denied", "not_accepted", "terminated"]
    decided_at: Moment
    decided_by: PartyInput
    applicant: HolderInput
    document_no: Text100 | None = None
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None
    result: dict[str, Any] | None = None
    division: DivisionInput


class SubmitInput(Input):
    """``cases.submit``."""

    request_id: RequestId
    case_no: CaseNo
    item_code: ItemCode
    item_version: Annotated[int, Field(ge=1)]
    submitted_at: Moment
    applicant: HolderInput
    agent: AgentInput | None
    contact_phone: Text20 | None = None
    form: dict[str, Any]
    provenance: Provenance
    materials: Materials
    result_delivery: DeliveryInput | None = None
    division: DivisionInput | None = None
    handed_over: HandOverInput | None = None


class SupplementInput(Input):
    """``cases.supplement``."""

    request_id: RequestId
    case_no: CaseNo
    at: Moment
    form: dict[str, Any]
    provenance: Provenance
    materials: Materials


class WordInput(Input):
    """``cases.withdraw`` and ``cases.urge``."""

    request_id: RequestId
    case_no: CaseNo
    at: Moment
    reason: Text500


class QueryInput(Input):
    """``cases.query``."""

    case_no: CaseNo
    after_seq: Annotated[int, Field(ge=0)]

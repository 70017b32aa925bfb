"""What each operation of the provider interface takes, checked before anything is looked up."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5,32}$")]
CodeType = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
SectionCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
RequestId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]


class Input(BaseModel):
    """Base: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class HolderInput(Input):
    """持证主体 who is asked about."""

    code_type: CodeType
    code: Number
    name: Name


class MatchInput(Input):
    """``identity.match``."""

    name: Name
    id_type: CodeType
    id_number: Number


class FaceInput(Input):
    """``identity.face``; the picture in base64."""

    name: Name
    id_number: Number
    image: Annotated[str, StringConstraints(min_length=1)]


class LicencesInput(Input):
    """``licences.query``; ``types`` None asks for all."""

    holder: HolderInput
    types: Annotated[list[TypeCode], Field(max_length=500)] | None = None


class IdentifiedInput(Input):
    """``licences.get``."""

    licence_identifier: Annotated[
        str,
        StringConstraints(
            max_length=128,
            pattern=r"^1\.2\.156\.3005\.2\.[0-9A-Z]{21}\.([0-9A-Z]{18}|[0-9]{6})"
            r"\.[0-9A-Z]+\.[0-9]{3}\.[0-9A-Z]$",
        ),
    ]


class SectionInput(Input):
    """``sections.query``."""

    section: SectionCode
    holder: HolderInput


class RepresentedInput(Input):
    """``enterprises.represented``."""

    id_number: Number
    name: Name


class EnterpriseInput(Input):
    """``enterprises.get``."""

    uscc: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


class LicenceCodeInput(Input):
    """``enterprises.licence_code``."""

    request_id: RequestId
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{12,64}$")]


class CallerInput(Input):
    """Which department's system asks for data."""

    system: SectionCode
    uscc: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ItemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class ResourceInput(Input):
    """``resources.query``."""

    resource: Annotated[str, StringConstraints(pattern=r"^[123]\d{5}\d{0,12}/\d{1,10}$")]
    request_id: RequestId
    purpose: Words
    legal_basis: Words
    case_no: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    caller: CallerInput
    fields: Annotated[list[ItemName], Field(min_length=1, max_length=100)]
    subjects: Annotated[list[HolderInput], Field(min_length=1, max_length=200)]
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 200


class AccountInput(Input):
    """Where a benefit is paid to."""

    bank: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{8,30}$")]
    name: Name


class PaymentInput(Input):
    """``payments.submit``; the amount in fen, 0 for a trial."""

    request_id: RequestId
    entitlement_no: RequestId
    policy_code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,47}$")]
    policy_title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    period: Annotated[str, StringConstraints(pattern=r"^(once|[0-9]{4}(-[0-9]{2})?)$")]
    amount_fen: Annotated[int, Field(ge=0, le=10**13)]
    beneficiary: HolderInput
    account: AccountInput

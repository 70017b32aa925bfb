"""What each operation of the provider interface takes, checked before anything is looked up."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5,32}$")]
CodeType = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
SectionCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]


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

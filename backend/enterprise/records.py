"""What a register of enterprises answers, checked (``Enterprise`` of provider interface 1)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from backend.numbers.service import Holder, is_uscc

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


ItemCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{12}$")]
CodeState = Literal["valid", "used", "expired", "unknown"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class LegalRepresentative(_Record):
    """法定代表人; for individual businesses the 经营者."""

    name: Name
    id_number: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Industry(_Record):
    """行业 by GB/T 4754."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    name: Name


class Enterprise(_Record):
    """A market entity as its register has it; ``registered_capital`` in 万元."""

    uscc: Annotated[str, StringConstraints(min_length=18, max_length=18)]
    name: Name
    kind: Literal["enterprise", "individual", "cooperative"]
    status: Literal["存续", "吊销", "注销"]
    legal_representative: LegalRepresentative
    region_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,12}$")]
    address: Annotated[str, StringConstraints(max_length=300)]
    established_on: date
    registered_capital: Annotated[float, Field(ge=0)] | None
    industry: Industry | None

    @field_validator("uscc")
    @classmethod
    def _checked(cls, value: str) -> str:
        if not is_uscc(value):
            raise ValueError("not a USCC")
        return value

    @property
    def holder(self) -> Holder:
        """The enterprise as a holder of licences."""
        return Holder("001", self.uscc, self.name)

    def is_represented_by(self, person: Holder) -> bool:
        """Whether the register names this person, by number or (after a new number) by name."""
        named = self.legal_representative
        return named.id_number == person.code or named.name == person.name


class ShownLicence(_Record):
    """电子营业执照 as somebody showed it a moment ago, and what it makes them.

    Attributes:
        items: codes of the only service items that an agent may apply for; none for all.
        valid_until: when the holder's appointment ends; None for never.
    """

    uscc: Annotated[str, StringConstraints(min_length=18, max_length=18)]
    name: Name
    holder: LegalRepresentative
    role: Literal["representative", "administrator", "agent"]
    items: Annotated[list[ItemCode], Field(max_length=50)]
    valid_until: AwareDatetime | None


class _LicenceCode(_Record):
    as_of: AwareDatetime
    state: CodeState
    licence: ShownLicence | None


class _Represented(_Record):
    as_of: AwareDatetime
    enterprises: Annotated[list[Enterprise], Field(max_length=500)]


class _One(_Record):
    as_of: AwareDatetime
    enterprise: Enterprise | None


class AnswerRefused(Exception):
    """A register's answer is not of the agreed shape, or about somebody else."""

    reason = "shape"


def read_represented(raw: Mapping[str, Any], person: Holder) -> list[Enterprise]:
    """The enterprises in an answer of ``enterprises.represented``.

    Raises:
        AnswerRefused: not of the agreed shape, or one of them is not this person's.
    """
    try:
        found = _Represented.model_validate(raw).enterprises
    except ValidationError:
        raise AnswerRefused from None
    if not all(enterprise.is_represented_by(person) for enterprise in found):
        raise AnswerRefused
    return found


def read_licence_code(raw: Mapping[str, Any]) -> ShownLicence | CodeState:
    """The licence in an answer of ``enterprises.licence_code``, or what became of the code.

    Raises:
        AnswerRefused: not of the agreed shape.
    """
    try:
        found = _LicenceCode.model_validate(raw)
    except ValidationError:
        raise AnswerRefused from None
    if (found.state == "valid") != (found.licence is not None):
        raise AnswerRefused
    if found.licence is not None and not is_uscc(found.licence.uscc):
        raise AnswerRefused
    return found.licence or found.state


def read_one(raw: Mapping[str, Any], uscc: str) -> Enterprise | None:
    """The enterprise in an answer of ``enterprises.get``; None when the register has none.

    Raises:
        AnswerRefused: not of the agreed shape, or another enterprise.
    """
    try:
        found = _One.model_validate(raw).enterprise
    except ValidationError:
        raise AnswerRefused from None
    if found is not None and found.uscc != uscc:
        raise AnswerRefused
    return found

"""The parts of which a manifest is made: codes, words, numbers, a model that takes no more."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.numbers.uscc import UsccRefused, parse_uscc

Audience = Literal["citizen", "enterprise"]
Hue = Literal["blue", "green", "red", "gold", "teal", "purple", "slate"]
ValueFormat = Literal["text", "integer", "money", "date", "month"]


def _valid_uscc(value: str) -> str:
    try:
        written_right = parse_uscc(value).value == value
    except UsccRefused:
        written_right = False
    if not written_right:
        raise ValueError("不是有效的统一社会信用代码（GB 32100）")
    return value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")]
HolderCodeType = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
Uscc = Annotated[str, StringConstraints(min_length=18, max_length=18), AfterValidator(_valid_uscc)]
LicenceTypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
BaseUrl = Annotated[
    str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*$")
]
Milliseconds = Annotated[int, Field(ge=10, le=60_000)]
Seconds = Annotated[int, Field(ge=0, le=31_536_000)]
Level = Annotated[int, Field(ge=0, le=5)]


class Strict(BaseModel):
    """Base of every part: nothing unknown passes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def unique(values: list[str], what: str) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{what} 重复：{'、'.join(repeated)}")

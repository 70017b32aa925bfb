"""The parts of which a manifest is made: codes, words, numbers, a model that takes no more."""

import re
from collections import Counter
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.numbers.uscc import UsccRefused, parse_uscc

Audience = Literal["citizen", "enterprise"]
Hue = Literal["blue", "green", "red", "gold", "teal", "purple", "slate"]
ValueFormat = Literal["text", "integer", "money", "date", "month"]
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _valid_uscc(value: str) -> str:
    try:
        written_right = parse_uscc(value).value == value
    except UsccRefused:
        written_right = False
    if not written_right:
        raise ValueError("不是有效的统一社会信用代码（GB 32100）")
    return value


def _on_one_line(value: str) -> str:
    # People read it in lists and sentences: what breaks a line or turns its direction stays out.
    if not value.replace("\u3000", " ").isprintable():
        raise ValueError("应写在一行里，不能有换行和看不见的控制字符")
    return value


def _callable(value: str) -> str:
    parts = urlsplit(value)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("端口应在 1 到 65535 之间")
    if not all(_LABEL.fullmatch(label) for label in (parts.hostname or "").split(".")):
        raise ValueError("主机名不对：点号之间应为字母、数字或连字符，且不以连字符开头或结尾")
    return value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    AfterValidator(_on_one_line),
]
RegionCode = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")]
HolderCodeType = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
Uscc = Annotated[str, StringConstraints(min_length=18, max_length=18), AfterValidator(_valid_uscc)]
LicenceTypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
BaseUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*$"),
    AfterValidator(_callable),
]
Milliseconds = Annotated[int, Field(ge=10, le=60_000)]
Seconds = Annotated[int, Field(ge=0, le=31_536_000)]
Level = Annotated[int, Field(ge=0, le=5)]


class Strict(BaseModel):
    """Base of every part: nothing unknown passes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def unique(values: list[str], what: str) -> None:
    repeated = sorted(value for value, times in Counter(values).items() if times > 1)
    if repeated:
        raise ValueError(f"{what}重复：{'、'.join(repeated)}")

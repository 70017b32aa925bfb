"""The manifest: one YAML file with which a provincial system tells everything about itself.

It names the system, where it answers, the keys that it signs with, the operations of provider
interface 1 that it implements (``provider_interface.yaml``), and what it brings: licence types,
sections of the home page, service items. The platform knows no system in any other way.

A manifest is read strictly: an unknown field, a wrong type or a contradiction between two parts is
refused with the place and a Chinese sentence, because a person at the department corrects it.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from backend.exchange.errors import ManifestRefused
from backend.exchange.manifest_messages import readable
from backend.numbers.uscc import UsccRefused, parse_uscc
from backend.upstream.signing import public_key

Audience = Literal["citizen", "enterprise"]
Hue = Literal["blue", "green", "red", "gold", "teal", "purple", "slate"]
ValueFormat = Literal["text", "integer", "money", "date", "month"]
OperationName = Literal[
    "identity.match",
    "identity.face",
    "licences.query",
    "sections.query",
    "enterprises.represented",
    "enterprises.get",
]

# Items in full (a list) or in the short form (a mapping) of ``backend/catalogue/compact.py``; the
# catalogue expands and checks them, since what makes an item publishable is its knowledge.
ItemDocument = list[dict[str, Any]] | dict[str, Any]


def _valid_uscc(value: str) -> str:
    try:
        written_right = parse_uscc(value).value == value
    except UsccRefused:
        written_right = False
    if not written_right:
        raise ValueError("不是有效的统一社会信用代码(GB 32100)")
    return value


def _valid_public_key(value: str) -> str:
    try:
        public_key(value)
    except ValueError:
        raise ValueError("应为 32 字节 Ed25519 公钥的 base64 文本") from None
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

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Department(Strict):
    """The body that the system belongs to, with its unified social credit code."""

    code: Slug
    name: Text
    uscc: Uscc


class System(Strict):
    """Who the system is. ``level`` is 行使层级 (GB/T 39046 A.2): 2 province, 3 city, 4 county."""

    code: Slug
    name: Text
    short_name: Text
    department: Department
    region_code: RegionCode
    level: Annotated[int, Field(ge=1, le=7)]
    hotline: Annotated[str, StringConstraints(pattern=r"^(0\d{2,3}-)?\d{5,8}$")]


class Endpoint(Strict):
    """Where the system answers: scheme, host, port and an optional prefix, no final slash."""

    base_url: BaseUrl


class Key(Strict):
    """A public key with which the system signs; more than one while it changes keys."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    alg: Literal["ed25519"]
    public: Annotated[str, AfterValidator(_valid_public_key)]


class TimeOuts(Strict):
    """Upper bounds in milliseconds: to connect, and to the last byte of any answer."""

    connect_ms: Milliseconds = 300
    answer_ms: Milliseconds = 1500


class Limits(Strict):
    """``concurrency``: how many calls at once the system accepts from the platform."""

    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 64


class Operation(Strict):
    """One operation of the provider interface: its path below ``base_url`` and its time-out."""

    path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]+)+$", max_length=200)]
    timeout_ms: Milliseconds


class Definer(Strict):
    """证照定义机构: the authority that defines a licence type (GB/T 36903)."""

    name: Text
    code: Uscc


class Freshness(Strict):
    """Seconds after which a stored licence is no longer fresh, is stale, must not be shown.

    Up to ``fresh_s`` it is served as it is; up to ``stale_s`` it is served and renewed behind;
    up to ``hard_s`` it is served, labelled as old, only while its issuer does not answer.
    """

    fresh_s: Seconds
    stale_s: Seconds
    hard_s: Seconds

    @model_validator(mode="after")
    def _grows(self) -> "Freshness":
        if not 0 < self.fresh_s <= self.stale_s <= self.hard_s:
            raise ValueError("应满足 0 < fresh_s ≤ stale_s ≤ hard_s")
        return self


class LicenceField(Strict):
    """A fact on the face of a licence, kept in ``extend_info`` under ``name``."""

    name: FieldName
    label: Text
    sensitive: bool = False


class LicenceTypeSpec(Strict):
    """证照类型 (GB/T 36902): what the wallet needs to show a licence that it has never seen.

    ``code`` is the definer's 18-character USCC and 3 more (GB/T 36904). ``trust_grade`` is the
    可信等级 A–D.
    """

    code: LicenceTypeCode
    name: Text
    audience: Audience
    holder_code_type: HolderCodeType
    definer: Definer
    min_level: Level
    hue: Hue
    trust_grade: Literal["A", "B", "C", "D"]
    freshness: Freshness
    number_label: Text
    fields: list[LicenceField] = Field(default_factory=list, max_length=50)

    @model_validator(mode="after")
    def _agrees(self) -> "LicenceTypeSpec":
        if not self.code.startswith(self.definer.code):
            raise ValueError("证照类型代码的前 18 位应为定义机构的统一社会信用代码(GB/T 36904)")
        _unique([field.name for field in self.fields], "信息项名称 name")
        if (self.holder_code_type == "001") != (self.audience == "enterprise"):
            raise ValueError("持证主体代码类型 001 只用于 audience: enterprise,其余用于 citizen")
        return self


class Headline(Strict):
    """The one figure of a section; ``field`` is a key of the answer's ``data``."""

    field: FieldName
    label: Text
    unit: str = ""
    format: ValueFormat = "text"


class Line(Strict):
    """A line under the headline of a section."""

    field: FieldName
    label: Text
    format: ValueFormat = "text"


class SectionSpec(Strict):
    """A section that the system answers for on the home page; times in ms and s."""

    code: Slug
    title: Text
    audience: Audience
    min_level: Level
    timeout_ms: Milliseconds
    fresh_s: Seconds
    order: Annotated[int, Field(ge=0, le=1000)]
    headline: Headline | None = None
    lines: list[Line] = Field(default_factory=list, max_length=20)


class Manifest(Strict):
    """Everything about one provincial system, version 1."""

    manifest_version: Literal[1]
    system: System
    endpoint: Endpoint
    keys: list[Key] = Field(min_length=1, max_length=8)
    time_outs: TimeOuts = TimeOuts()
    limits: Limits = Limits()
    operations: dict[OperationName, Operation] = Field(default_factory=dict)
    licence_types: list[LicenceTypeSpec] = Field(default_factory=list)
    negative_s: Seconds = 300
    sections: list[SectionSpec] = Field(default_factory=list)
    service_items: ItemDocument = Field(default_factory=list)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Manifest":
        _unique([key.id for key in self.keys], "密钥 id")
        _unique([kind.code for kind in self.licence_types], "证照类型代码")
        _unique([section.code for section in self.sections], "板块代码")
        if self.licence_types and "licences.query" not in self.operations:
            raise ValueError("登记了证照类型,就必须实现 licences.query")
        if self.sections and "sections.query" not in self.operations:
            raise ValueError("登记了首页板块,就必须实现 sections.query")
        longest = max([op.timeout_ms for op in self.operations.values()], default=0)
        longest = max([longest, *(section.timeout_ms for section in self.sections)])
        if longest > self.time_outs.answer_ms:
            raise ValueError("各接口和板块的 timeout_ms 不得大于 time_outs.answer_ms")
        return self

    def key(self, key_id: str) -> Key | None:
        """The key of that id, or None."""
        return next((key for key in self.keys if key.id == key_id), None)

    def licence_type(self, code: str) -> LicenceTypeSpec | None:
        """The licence type of that code, or None."""
        return next((kind for kind in self.licence_types if kind.code == code), None)


def _unique(values: list[str], what: str) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{what} 重复:{'、'.join(repeated)}")


def parse_manifest(raw: Any, source: str = "manifest") -> Manifest:
    """Check a manifest that has been read already (from a file or from a request).

    Args:
        raw: what the YAML or JSON reader gave; service items inlined.
        source: how to call it in messages (a file name).

    Raises:
        ManifestRefused: with one readable error per place.
    """
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        raise ManifestRefused(source, readable(error)) from None


def load_manifest(path: Path) -> Manifest:
    """Read a manifest file; ``service_items: "@file.yaml"`` is read from beside it.

    Raises:
        ManifestRefused: the file cannot be read, is not YAML, or is not a manifest.
    """
    raw = read_yaml(path)
    if isinstance(raw, dict) and isinstance(raw.get("service_items"), str):
        raw = {**raw, "service_items": _items_beside(path, raw["service_items"])}
    return parse_manifest(raw, path.name)


def _items_beside(path: Path, reference: str) -> Any:
    name = reference.removeprefix("@")
    if name == reference or name != Path(name).name or not name:
        message = f"service_items 应为事项列表,或“@文件名”指向同一目录的文件,不能是 {reference!r}"
        raise ManifestRefused(path.name, [{"pointer": "/service_items", "message": message}])
    return read_yaml(path.with_name(name))


def read_yaml(path: Path) -> Any:
    """Read a YAML file with the safe loader.

    Raises:
        ManifestRefused: it cannot be read or is not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_SafeLoader)  # noqa: S506 (it is a safe one)
    except OSError as error:
        message = f"文件无法读取:{error.strerror}"
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "文件"
        message = f"不是有效的 YAML:{where}有误"
    raise ManifestRefused(path.name, [{"pointer": "", "message": message}])


# libyaml's loader reads the nine manifests in a tenth of the time of the pure Python one.
_SafeLoader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)

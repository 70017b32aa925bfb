"""The manifest: one YAML or JSON file with which a provincial system tells everything about itself.

It names the system, where it answers (in a sandbox and in production), the keys that it signs
with, the operations of provider interface 1 that it implements (``provider_interface.yaml``), and
what it brings: licence types, sections of the home page, service items. The platform knows no
system in any other way. Its JSON Schema, made from the models here by ``manifest_schema``, is
published at ``/manifest-schema.json``. A manifest of version 1 is read as one of version 2.

A manifest is read strictly: an unknown field, a wrong type or a contradiction between two parts is
refused with the place and a Chinese sentence, because a person at the department corrects it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from backend.exchange.documents import read_yaml, text_of, within_depth, yaml_of
from backend.exchange.errors import ManifestRefused
from backend.exchange.manifest_conformance import Subjects
from backend.exchange.manifest_licences import LicenceTypeSpec
from backend.exchange.manifest_resources import DataResourceSpec
from backend.exchange.manifest_types import (
    Audience,
    BaseUrl,
    FieldName,
    Level,
    Milliseconds,
    RegionCode,
    Seconds,
    Slug,
    Strict,
    Text,
    Uscc,
    ValueFormat,
    unique,
)
from backend.mistakes import readable
from backend.upstream.signing import Sm2Unavailable, public_key

OperationName = Literal[
    "identity.match",
    "identity.face",
    "licences.query",
    "licences.get",
    "sections.query",
    "enterprises.represented",
    "enterprises.get",
    "enterprises.licence_code",
    "resources.query",
    "cases.submit",
    "cases.supplement",
    "cases.withdraw",
    "cases.urge",
    "cases.query",
    "supervision.notice",
    "payments.submit",
]

VERSION = 2

OPERATION_NAMES: Mapping[str, str] = {
    "identity.match": "姓名号码核验",
    "identity.face": "人脸核验",
    "licences.query": "证照查询",
    "licences.get": "按证照标识查询",
    "sections.query": "首页板块查询",
    "enterprises.represented": "所代表的企业查询",
    "enterprises.get": "企业信息查询",
    "enterprises.licence_code": "电子营业执照码核验",
    "resources.query": "数据资源查询",
    "cases.submit": "办件提交",
    "cases.supplement": "补正提交",
    "cases.withdraw": "办件撤回",
    "cases.urge": "办件催办",
    "cases.query": "办件对账",
    "supervision.notice": "决定抄告",
    "payments.submit": "政策兑付",
}
# A department that takes applications answers for them to the end.
CASE_OPERATIONS = frozenset(name for name in OPERATION_NAMES if name.startswith("cases."))

# Items in full (a list) or in the short form (a mapping) of ``backend/catalogue/compact.py``; the
# catalogue expands and checks them, since what makes an item publishable is its knowledge.
ItemDocument = Annotated[list[dict[str, Any]] | dict[str, Any], AfterValidator(within_depth)]


class Department(Strict):
    """The body that the system belongs to, with its unified social credit code."""

    code: Slug = Field(title="部门代码")
    name: Text = Field(title="部门名称")
    uscc: Uscc = Field(title="统一社会信用代码")


class System(Strict):
    """Who the system is. ``level`` is 行使层级 (GB/T 39046 A.2): 2 province, 3 city, 4 county."""

    code: Slug = Field(title="系统代码")
    name: Text = Field(title="系统名称")
    short_name: Text = Field(title="简称")
    department: Department = Field(title="所属部门")
    region_code: RegionCode = Field(title="行政区划代码")
    level: Annotated[int, Field(ge=1, le=7)] = Field(title="行使层级")
    hotline: Annotated[str, StringConstraints(pattern=r"^(0\d{2,3}-)?\d{5,8}$")] = Field(
        title="联系电话"
    )


class Endpoint(Strict):
    """Where the system answers: scheme, host, port and an optional prefix, no final slash."""

    base_url: BaseUrl = Field(title="接入地址")


AddressKind = Literal["sandbox", "production"]


class Endpoints(Strict):
    """Where it is tried out with test subjects, and where it serves. They may be the same."""

    sandbox: Endpoint = Field(title="沙箱地址")
    production: Endpoint = Field(title="生产地址")

    def of(self, kind: AddressKind) -> str:
        """The base address of that kind."""
        return (self.sandbox if kind == "sandbox" else self.production).base_url


class Key(Strict):
    """A public key with which the system signs; more than one while it changes keys.

    ``public`` is base64 of 32 bytes (``ed25519``), or of the uncompressed point of 65 bytes
    (``sm2``, GB/T 32918). The platform signs to the system with a key of the kind of the first.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = Field(
        title="密钥编号"
    )
    alg: Literal["ed25519", "sm2"] = Field(title="算法")
    public: Annotated[str, StringConstraints(max_length=100)] = Field(title="公钥")

    @field_validator("public")
    @classmethod
    def _is_a_key(cls, value: str, others: ValidationInfo) -> str:
        alg = others.data.get("alg")
        if alg is None:
            return value  # which has been refused already
        try:
            public_key(alg, value)
        except Sm2Unavailable:
            raise ValueError("本机没有带 SM2 的 OpenSSL 3，不能登记 SM2 密钥") from None
        except ValueError:
            raise ValueError(f"应为 {_KEY_FORMS[alg]}的 base64 文本") from None
        return value


_KEY_FORMS = {"ed25519": "32 字节 Ed25519 公钥", "sm2": "SM2 公钥（04 开头的 65 字节曲线点）"}


class TimeOuts(Strict):
    """Upper bounds in milliseconds: to connect, and to the last byte of any answer."""

    connect_ms: Milliseconds = Field(default=300, title="连接时限（毫秒）")
    answer_ms: Milliseconds = Field(default=1500, title="应答时限（毫秒）")


class Limits(Strict):
    """``concurrency``: how many calls at once the system accepts from the platform."""

    concurrency: Annotated[int, Field(ge=1, le=10_000)] = Field(default=64, title="并发上限")


class Operation(Strict):
    """One operation of the provider interface: its path below ``base_url`` and its time-out.

    ``concurrency`` is how many calls of it at once the system accepts; without it, three quarters
    of ``limits.concurrency``, so that one slow operation never takes every place.
    """

    path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._~-]+)+$", max_length=200)] = (
        Field(title="路径")
    )
    timeout_ms: Milliseconds = Field(title="时限（毫秒）")
    concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = Field(None, title="并发上限")


class Headline(Strict):
    """The one figure of a section; ``field`` is a key of the answer's ``data``."""

    field: FieldName = Field(title="字段")
    label: Text = Field(title="名称")
    unit: str = Field(default="", title="单位")
    format: ValueFormat = Field(default="text", title="格式")


class Line(Strict):
    """A line under the headline of a section."""

    field: FieldName = Field(title="字段")
    label: Text = Field(title="名称")
    format: ValueFormat = Field(default="text", title="格式")


class SectionSpec(Strict):
    """A section that the system answers for on the home page; times in ms and s."""

    code: Slug = Field(title="板块代码")
    title: Text = Field(title="标题")
    audience: Audience = Field(title="服务对象")
    min_level: Level = Field(title="查看所需等级")
    timeout_ms: Milliseconds = Field(title="时限（毫秒）")
    fresh_s: Seconds = Field(title="新鲜期（秒）")
    order: Annotated[int, Field(ge=0, le=1000)] = Field(title="排序")
    headline: Headline | None = Field(default=None, title="主要数字")
    lines: list[Line] = Field(title="各行内容", default_factory=list, max_length=20)


class Manifest(Strict):
    """Everything about one provincial system, version 2."""

    manifest_version: Literal[2] = Field(title="清单版本")
    system: System = Field(title="系统")
    endpoints: Endpoints = Field(title="接入地址")
    keys: list[Key] = Field(title="密钥", min_length=1, max_length=8)
    time_outs: TimeOuts = Field(default=TimeOuts(), title="时限")
    limits: Limits = Field(default=Limits(), title="限额")
    operations: dict[OperationName, Operation] = Field(title="接口", default_factory=dict)
    licence_types: list[LicenceTypeSpec] = Field(
        title="证照类型", default_factory=list, max_length=1000
    )
    negative_s: Seconds = Field(default=300, title="无结果的缓存期（秒）")
    sections: list[SectionSpec] = Field(title="首页板块", default_factory=list, max_length=200)
    service_items: ItemDocument = Field(title="事项", default_factory=list)
    data_resources: list[DataResourceSpec] = Field(
        title="数据资源", default_factory=list, max_length=5000
    )
    conformance: Subjects = Field(default=Subjects(), title="符合性测试对象")

    @model_validator(mode="after")
    def _hangs_together(self) -> "Manifest":
        unique([key.id for key in self.keys], "密钥编号")
        unique([kind.code for kind in self.licence_types], "证照类型代码")
        unique([section.code for section in self.sections], "板块代码")
        unique([resource.code for resource in self.data_resources], "数据资源代码")
        if self.licence_types and "licences.query" not in self.operations:
            raise ValueError("登记了证照类型，就必须实现 licences.query")
        if self.sections and "sections.query" not in self.operations:
            raise ValueError("登记了首页板块，就必须实现 sections.query")
        shared = any(resource.shared for resource in self.data_resources)
        if shared and "resources.query" not in self.operations:
            raise ValueError("登记了共享的数据资源，就必须实现 resources.query")
        cases = CASE_OPERATIONS & set(self.operations)
        if cases and cases != CASE_OPERATIONS:
            missing = "、".join(sorted(CASE_OPERATIONS - cases))
            raise ValueError(f"接收办件的系统应实现全部办件接口，还缺 {missing}")
        unique([operation.path for operation in self.operations.values()], "接口的路径")
        longest = max([op.timeout_ms for op in self.operations.values()], default=0)
        longest = max([longest, *(section.timeout_ms for section in self.sections)])
        if longest > self.time_outs.answer_ms:
            raise ValueError("各接口和板块的 timeout_ms 不得大于 time_outs.answer_ms")
        return self

    def key(self, key_id: str) -> Key | None:
        """The key of that id, or None."""
        return next((key for key in self.keys if key.id == key_id), None)

    def data_resource(self, code: str) -> DataResourceSpec | None:
        """The data resource of that code, or None."""
        return next((resource for resource in self.data_resources if resource.code == code), None)

    def licence_type(self, code: str) -> LicenceTypeSpec | None:
        """The licence type of that code, or None."""
        for kind in self.licence_types:
            if kind.code == code:
                return kind
        return None


def upgraded(raw: Any) -> Any:
    """A manifest of version 1 as one of version 2; anything else as it is.

    Version 1 knew one address, which stood for both.
    """
    if not isinstance(raw, dict) or raw.get("manifest_version") != 1 or "endpoints" in raw:
        return raw
    newer = {**raw, "manifest_version": VERSION}
    if "endpoint" in newer:
        address = newer.pop("endpoint")
        newer["endpoints"] = {"sandbox": address, "production": address}
    return newer


def parse_manifest(raw: Any, source: str = "接入清单") -> Manifest:
    """Check a manifest that has been read already (from a file or from a request).

    Args:
        raw: what the YAML or JSON reader gave, of version 1 or 2; service items inlined.
        source: how to call it in messages (a file name).

    Raises:
        ManifestRefused: with one readable error per place.
    """
    if raw is None:
        raise ManifestRefused(source, [{"pointer": "", "message": "清单是空的，请选择或粘贴内容"}])
    try:
        return Manifest.model_validate(upgraded(raw))
    except ValidationError as error:
        raise ManifestRefused(source, readable(error)) from None


def parse_document(raw: bytes, source: str = "接入清单") -> Manifest:
    """Read a manifest from the bytes of a file, YAML or JSON, service items inlined.

    Raises:
        ManifestRefused: it is neither, or not a manifest.
    """
    return parse_manifest(yaml_of(text_of(raw, source), source), source)


def parse_key(raw: Any) -> Key:
    """Check a key that comes by itself, outside a manifest.

    Raises:
        ManifestRefused: with one readable error per place.
    """
    try:
        return Key.model_validate(raw)
    except ValidationError as error:
        raise ManifestRefused("密钥", readable(error)) from None


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
        message = f"service_items 应为事项列表，或“@文件名”指向同一目录的文件，不能是 {reference!r}"
        raise ManifestRefused(path.name, [{"pointer": "/service_items", "message": message}])
    return read_yaml(path.with_name(name))

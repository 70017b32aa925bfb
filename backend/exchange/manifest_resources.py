"""Data resources in a manifest: what a department shares, by the terms of the state's catalogue.

Metadata and codes follow 政务信息资源目录编制指南(试行) and 政务数据共享条例 (国务院令第809号)
art. 13–16: every resource says what it holds, how fresh it is, how it is shared and on what
condition, or by which law it is not shared at all. Levels follow GB/T 43697-2024.

A resource's code is 类(1)项(2)目(3)细目(any) ``/`` 顺序码: ``301001/0001``. In an address the slash
is written as a hyphen, ``301001-0001``.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Category = Literal["base", "theme", "department"]
ShareType = Literal[1, 2, 3]
ShareMode = Literal["interface", "batch", "file"]
UpdateCycle = Literal["realtime", "daily", "weekly", "monthly", "quarterly", "yearly", "on_demand"]
OpenType = Literal["unconditional", "conditional", "disallowed"]
ItemType = Literal["text", "integer", "number", "money", "date", "month", "datetime", "boolean"]
Classification = Literal["general", "important", "core"]
DataFormat = Literal["database", "spreadsheet", "text", "image", "stream"]

# 类: 1 基础信息资源, 2 主题信息资源, 3 部门信息资源.
CATEGORY_DIGIT: dict[str, str] = {"base": "1", "theme": "2", "department": "3"}
# 项 of 基础信息资源: 人口, 法人, 自然资源和空间地理, 社会信用, 电子证照.
BASE_GROUPS = ("01", "02", "03", "04", "05")
ENTERPRISE_CODE_TYPE = "001"
PERSONAL_LEVEL = 3

Line = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
ResourceCode = Annotated[str, StringConstraints(pattern=r"^[123]\d{5}\d{0,12}/\d{1,10}$")]
ItemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CodeType = Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
Grade = Annotated[int, Field(ge=1, le=4)]


class _Strict(BaseModel):
    """Nothing unknown passes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class DataItem(_Strict):
    """信息项: one field of a record. ``level`` is its 敏感级别, 1 to 4."""

    name: ItemName = Field(title="名称")
    label: Line = Field(title="中文名称")
    type: ItemType = Field(title="数据类型")
    level: Grade = Field(title="敏感级别")
    required: bool = Field(False, title="必有")


class ShareConditions(_Strict):
    """有条件共享: with whom, for what, on what terms (令809号 art. 15)."""

    scope: Paragraph = Field(title="共享范围")
    use: Paragraph = Field(title="使用用途")
    terms: Paragraph = Field(title="共享条件")


class DataResourceSpec(_Strict):
    """数据资源: an entry of the data catalogue; its provider is the system's department."""

    code: ResourceCode = Field(title="资源代码")
    name: Line = Field(title="名称")
    summary: Paragraph = Field(title="摘要")
    category: Category = Field(title="信息资源分类")
    format: DataFormat = Field("database", title="数据格式")
    share_type: ShareType = Field(title="共享属性")
    share_conditions: ShareConditions | None = Field(None, title="共享条件")
    share_ground: Paragraph | None = Field(None, title="不予共享的依据")
    share_modes: list[ShareMode] = Field(title="共享方式", default_factory=list, max_length=3)
    update_cycle: UpdateCycle = Field(title="更新周期")
    open_type: OpenType = Field("disallowed", title="开放属性")
    classification: Classification = Field("general", title="数据分类")
    level: Grade = Field(title="数据分级")
    subject_code_types: list[CodeType] = Field(title="主体代码类型", min_length=1, max_length=10)
    items: list[DataItem] = Field(title="信息项", min_length=1, max_length=100)
    related: list[ResourceCode] = Field(title="关联资源", default_factory=list, max_length=20)
    keywords: list[Line] = Field(title="关键词", default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _agrees(self) -> "DataResourceSpec":
        for rule in (_code_fits, _sharing_is_grounded, _levels_fit, _opening_fits, _no_repeats):
            rule(self)
        return self

    @property
    def address_code(self) -> str:
        """The code as it stands in addresses."""
        return address_code(self.code)

    @property
    def shared(self) -> bool:
        """Whether it can be asked for at all."""
        return self.share_type != 3

    def item(self, name: str) -> DataItem | None:
        """The data item of that name, or None."""
        return next((item for item in self.items if item.name == name), None)


def address_code(code: str) -> str:
    """A resource's code as it stands in addresses: ``301001/0001`` → ``301001-0001``."""
    return code.replace("/", "-")


def _code_fits(spec: DataResourceSpec) -> None:
    digit = CATEGORY_DIGIT[spec.category]
    if spec.code[0] != digit:
        raise ValueError(f"资源代码的“类”应为 {digit}，与信息资源分类 {spec.category} 一致")
    if spec.category == "base" and spec.code[1:3] not in BASE_GROUPS:
        raise ValueError(
            "基础信息资源的“项”应为 01 人口、02 法人、03 自然资源和空间地理、"
            "04 社会信用、05 电子证照"
        )


def _sharing_is_grounded(spec: DataResourceSpec) -> None:
    if (spec.share_type == 2) != (spec.share_conditions is not None):
        raise ValueError(
            "有条件共享（2）应写明 share_conditions：共享范围、使用用途、共享条件；其他共享属性不写"
        )
    if (spec.share_type == 3) != (spec.share_ground is not None):
        raise ValueError(
            "不予共享（3）应在 share_ground 写明法律、行政法规或国务院决定；其他共享属性不写"
        )
    if spec.share_ground is not None and not _cites_law(spec.share_ground):
        raise ValueError(
            "share_ground 应引用法律、行政法规或国务院决定的名称，如《中华人民共和国统计法》"
        )
    if spec.shared != bool(spec.share_modes):
        raise ValueError("共享的资源至少有一种 share_modes，不予共享的资源没有共享方式")


def _cites_law(ground: str) -> bool:
    return re.search(r"《[^》]{2,}》|国务院.{0,20}决定", ground) is not None


def _levels_fit(spec: DataResourceSpec) -> None:
    highest = max(item.level for item in spec.items)
    if spec.level < highest:
        raise ValueError(f"数据分级 level 不得低于信息项中最高的敏感级别 {highest}")
    if spec.classification == "core" and spec.share_type == 1:
        raise ValueError("核心数据不得无条件共享")


def _opening_fits(spec: DataResourceSpec) -> None:
    if spec.open_type != "unconditional":
        return
    if spec.level >= PERSONAL_LEVEL or not spec.shared:
        raise ValueError("含 3 级以上信息项或不予共享的资源不得无条件开放")


def _no_repeats(spec: DataResourceSpec) -> None:
    for values, what in (
        ([item.name for item in spec.items], "信息项名称"),
        (spec.share_modes, "共享方式"),
        (spec.subject_code_types, "主体代码类型"),
    ):
        repeated = sorted({value for value in values if list(values).count(value) > 1})
        if repeated:
            raise ValueError(f"{what}重复：{'、'.join(repeated)}")


# What a value of each type looks like in an answer, for whoever checks records.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
LONGEST_TEXT = 4000


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_integer(value: Any) -> bool:
    return type(value) is int


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _is_boolean(value: Any) -> bool:
    return value is True or value is False


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return fits


FITS: dict[ItemType, Callable[[Any], bool]] = {
    "text": _is_text,
    "integer": _is_integer,
    "number": _is_number,
    "money": _is_number,
    "date": _matches(_DATE),
    "month": _matches(_MONTH),
    "datetime": _matches(_DATETIME),
    "boolean": _is_boolean,
}

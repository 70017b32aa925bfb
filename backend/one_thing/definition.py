"""What a 一件事 is: items of several departments, their order, and what they ask in common.

It is data, registered by an operator of the platform and not by a department's manifest: it
speaks for several departments at once, and none may bind another's item. 国办发〔2022〕32号 has the
coordinating office draw it up together with the department that leads, which is named in ``lead``.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend.exchange.service import readable
from backend.one_thing.errors import DefinitionRefused

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
StepCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,18}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Pointer = Annotated[str, StringConstraints(pattern=r"^(/[^/]+)+$", max_length=120)]
Applicant = Literal["self", "child", "relative", "enterprise"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Step(_Strict):
    """An item of one department.

    Attributes:
        need: ``always``; ``default`` is chosen at first, ``optional`` is not.
        after: steps that have to be granted before this one is handed in.
        founded_by: the applicant is the enterprise to which that step's licence is issued.
        values: fields that are not asked for, since the whole settles them.
    """

    code: StepCode = Field(title="步骤代码")
    item: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{31}$")] = Field(title="事项编码")
    title: Text = Field(title="步骤名称")
    need: Literal["always", "default", "optional"] = Field(default="always", title="是否必办")
    after: tuple[StepCode, ...] = Field(default=(), title="前置步骤", max_length=10)
    founded_by: StepCode | None = Field(default=None, title="由哪一步设立申请人")
    values: Mapping[FieldName, Any] = Field(default_factory=dict, title="既定内容")


class FieldPlace(_Strict):
    """A field of an item's form, by JSON pointer (RFC 6901)."""

    step: StepCode = Field(title="步骤代码")
    pointer: Pointer = Field(title="字段位置")

    @property
    def name(self) -> str:
        """Of the field at the top of the form."""
        return self.pointer[1:].replace("~1", "/").replace("~0", "~")


class SharedField(_Strict):
    """Something that several items ask for, and the person is asked once.

    Attributes:
        prefill: whether a source of one of the items may fill it in. Not where an item that is
            mostly applied for oneself takes the applicant for what here is somebody else's.
    """

    name: FieldName = Field(title="合并字段")
    title: Text | None = Field(default=None, title="字段名称")
    help: Text | None = Field(default=None, title="填写说明")
    prefill: bool = Field(default=True, title="预先填好")
    to: tuple[FieldPlace, ...] = Field(title="对应字段", min_length=2, max_length=20)


class MaterialPlace(_Strict):
    """A material of an item, by its name."""

    step: StepCode = Field(title="步骤代码")
    material: Text = Field(title="材料名称")


class SharedMaterial(_Strict):
    """A material that several items want, under one code; licences are known by their type."""

    code: StepCode = Field(title="材料代码")
    name: Text = Field(title="材料名称")
    to: tuple[MaterialPlace, ...] = Field(title="对应材料", min_length=2, max_length=20)


class Group(_Strict):
    """A section of the merged form: common fields under a heading."""

    title: Text = Field(title="分组标题")
    text: Text | None = Field(default=None, title="分组说明")
    fields: tuple[FieldName, ...] = Field(title="字段", min_length=1)


class OneThing(_Strict):
    """一件事 (国办发〔2022〕32号)."""

    code: Code = Field(title="代码")
    name: Text = Field(title="名称")
    plain_name: Text = Field(title="通俗名称")
    summary: Text = Field(title="简介")
    icon: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,30}$")] = Field(
        default="clipboard-list", title="图标"
    )
    lead: Text = Field(title="牵头部门")
    basis: Text = Field(title="依据")
    for_: tuple[Applicant, ...] = Field(alias="for", title="申请人", min_length=1)
    steps: tuple[Step, ...] = Field(title="步骤", min_length=2, max_length=20)
    fields: tuple[SharedField, ...] = Field(default=(), title="合并字段", max_length=60)
    materials: tuple[SharedMaterial, ...] = Field(default=(), title="合并材料", max_length=40)
    groups: tuple[Group, ...] = Field(default=(), title="表单分组", max_length=10)

    def step(self, code: str) -> Step:
        """One of the steps; KeyError where there is none."""
        for one in self.steps:
            if one.code == code:
                return one
        raise KeyError(code)

    def as_json(self) -> dict[str, Any]:
        """To be kept."""
        return self.model_dump(mode="json", by_alias=True)


def read_definition(document: object) -> OneThing:
    """A definition from what a YAML or JSON reader gave.

    Raises:
        DefinitionRefused: it does not have that shape.
    """
    try:
        return OneThing.model_validate(document)
    except ValidationError as error:
        raise DefinitionRefused(readable(error)) from None

"""Licence types in a manifest: their fields, how fresh they are, how one gets and shows them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from backend.exchange.manifest_faces import ON_EVERY_FACE, FaceLayout
from backend.exchange.manifest_presentation import HOLDER_CODE, VALID_TO, PresentationSpec
from backend.exchange.manifest_types import (
    Audience,
    FieldName,
    HolderCodeType,
    Hue,
    Level,
    LicenceTypeCode,
    Seconds,
    Strict,
    Text,
    Uscc,
    unique,
)
from backend.numbers.service import IdNumberKind


class Definer(Strict):
    """证照定义机构: the authority that defines a licence type (GB/T 36903)."""

    name: Text = Field(title="定义机构名称")
    code: Uscc = Field(title="定义机构代码")


class Freshness(Strict):
    """Seconds after which a stored licence is no longer fresh, is stale, must not be shown.

    Up to ``fresh_s`` it is served as it is; up to ``stale_s`` it is served and renewed behind;
    up to ``hard_s`` it is served, labelled as old, only while its issuer does not answer.
    """

    fresh_s: Seconds = Field(title="新鲜期（秒）")
    stale_s: Seconds = Field(title="可用期（秒）")
    hard_s: Seconds = Field(title="最长展示期（秒）")

    @model_validator(mode="after")
    def _grows(self) -> "Freshness":
        if not 0 < self.fresh_s <= self.stale_s <= self.hard_s:
            raise ValueError("应满足 0 < fresh_s ≤ stale_s ≤ hard_s")
        return self


class LicenceField(Strict):
    """A fact on the face of a licence, kept in ``extend_info`` under ``name``."""

    name: FieldName = Field(title="信息项代码")
    label: Text = Field(title="信息项名称")
    sensitive: bool = Field(default=False, title="是否敏感")


class ParentageSpec(Strict):
    """Which facts of a licence type say whose child somebody is (出生医学证明)."""

    child: FieldName = Field(title="孩子姓名信息项")
    born_on: FieldName = Field(title="出生日期信息项")
    parents: list[FieldName] = Field(title="父母姓名信息项", min_length=1, max_length=4)


class ObtainingSpec(Strict):
    """How somebody who has no such licence gets one (添加证照).

    ``item`` is the 实施编码 of the service item by which it is applied for.
    """

    words: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(title="说明")
    item: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{31}$")] | None = Field(
        default=None, title="事项编码"
    )


class LicenceTypeSpec(Strict):
    """证照类型 (GB/T 36902): what the wallet needs to show a licence that it has never seen.

    ``code`` is the definer's 18-character USCC and 3 more (GB/T 36904). ``trust_grade`` is the
    可信等级 A–D. With ``face`` it is drawn by a layout of its own. With ``parentage`` a licence
    proves whose child somebody is. ``holder_kinds`` says who can get it, where that is not
    everybody with such a number: by the number itself (GB 11643).
    """

    code: LicenceTypeCode = Field(title="证照类型代码")
    name: Text = Field(title="证照名称")
    audience: Audience = Field(title="持证对象")
    holder_code_type: HolderCodeType = Field(title="持证主体代码类型")
    holder_kinds: list[IdNumberKind] = Field(title="可申领的人", default_factory=list, max_length=6)
    definer: Definer = Field(title="证照定义机构")
    min_level: Level = Field(title="查看所需等级")
    hue: Hue = Field(title="卡面颜色")
    trust_grade: Literal["A", "B", "C", "D"] = Field(title="可信等级")
    freshness: Freshness = Field(title="数据时效")
    number_label: Text = Field(title="证照编号名称")
    fields: list[LicenceField] = Field(title="证面信息项", default_factory=list, max_length=50)
    face: FaceLayout | None = Field(default=None, title="证面版式")
    obtaining: ObtainingSpec | None = Field(default=None, title="申领方式")
    presentation: PresentationSpec = Field(default=PresentationSpec(), title="亮证")
    parentage: ParentageSpec | None = Field(default=None, title="亲子关系")

    @model_validator(mode="after")
    def _parentage_stands_on_facts(self) -> "LicenceTypeSpec":
        if self.parentage is not None:
            named = {self.parentage.child, self.parentage.born_on, *self.parentage.parents}
            if unknown := sorted(named - {field.name for field in self.fields}):
                raise ValueError(f"亲子关系所依据的信息项不存在：{'、'.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _agrees(self) -> "LicenceTypeSpec":
        if not self.code.startswith(self.definer.code):
            raise ValueError("证照类型代码的前 18 位应为定义机构的统一社会信用代码（GB/T 36904）")
        unique([field.name for field in self.fields], "信息项名称 name")
        if (self.holder_code_type == "001") != (self.audience == "enterprise"):
            raise ValueError("持证主体代码类型 001 只用于 audience: enterprise，其余用于 citizen")
        return self

    @model_validator(mode="after")
    def _face_shows_facts(self) -> "LicenceTypeSpec":
        if self.face is not None:
            known = {*ON_EVERY_FACE, *(field.name for field in self.fields)}
            if unknown := sorted({each.fact for each in self.face.places} - known):
                raise ValueError(f"证面版式所用的信息项不存在：{'、'.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _predicates_stand_on_facts(self) -> "LicenceTypeSpec":
        known = {HOLDER_CODE, VALID_TO, *(field.name for field in self.fields)}
        predicates = self.presentation.predicates
        if unknown := sorted({each.field for each in predicates} - known):
            raise ValueError(f"断言所依据的信息项不存在：{'、'.join(unknown)}")
        unique([*known, *(each.name for each in predicates)], "断言或信息项代码")
        return self

"""How licences of a type are shown to others (亮证): data of the licence type, like its fields.

A *predicate* is a yes or no made from a fact, so that it can be shown in place of the fact: "over
18" instead of the birth date.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

PredicateKind = Literal["age_over", "one_of", "not_before"]
# Where a predicate looks besides the fields of the type.
HOLDER_CODE, VALID_TO = "holder_code", "valid_to"

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class PredicateSpec(_Strict):
    """One yes or no.

    ``age_over``: the date in ``field`` (or the birth date in ``holder_code``) is ``years`` past.
    ``one_of``: one of ``values`` stands in ``field``, whose parts are separated by 、, blanks or
    commas. ``not_before``: the date in ``field`` is not over yet.
    """

    name: _Name = Field(title="断言代码")
    label: _Text = Field(title="断言名称")
    kind: PredicateKind = Field(title="断言种类")
    field: _Name = Field(title="依据的信息项")
    years: Annotated[int, Field(ge=1, le=130)] | None = Field(default=None, title="周岁")
    values: list[_Text] = Field(default_factory=list, title="取值", max_length=50)

    @model_validator(mode="after")
    def _is_whole(self) -> "PredicateSpec":
        if (self.kind == "age_over") != (self.years is not None):
            raise ValueError("years 只用于 age_over，且不可缺少")
        if (self.kind == "one_of") != bool(self.values):
            raise ValueError("values 只用于 one_of，且不可为空")
        return self


class PresentationSpec(_Strict):
    """亮证 of a licence type.

    ``alg`` signs the off-line credential, which lives ``days``. ``min_level`` is what the holder
    needs to show it, if it is more than what is needed to look at it. ``confirm`` says of whom the
    holder is asked on the phone before anything is shown: of nobody, of all but registered systems
    (``strangers``), or of everybody. Without ``offline`` nothing of it is kept on a phone for the
    time without a network.
    """

    alg: Literal["ed25519", "sm2"] = Field(default="ed25519", title="签名算法")
    days: Annotated[int, Field(ge=1, le=90)] = Field(default=7, title="离线凭证有效天数")
    min_level: Annotated[int, Field(ge=0, le=5)] = Field(default=0, title="亮证所需等级")
    confirm: Literal["never", "strangers", "always"] = Field(default="never", title="亮证前确认")
    offline: bool = Field(default=True, title="可存到手机离线使用")
    predicates: list[PredicateSpec] = Field(default_factory=list, title="断言", max_length=20)

"""The registered shape of a service item (事项): 实施清单 elements with their published names.

Field names follow the national exchange schema of implementation lists (GB/T 39554.2); code sets
follow GB/T 39046-2020 Annex A. What an item must further satisfy to be published stands in
``checks``; the short form in which departments may write items, in ``compact``.
"""

import re
from datetime import date
from functools import cached_property
from typing import Annotated, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from backend.catalogue import themes as theme_data
from backend.catalogue.forms import Form
from backend.catalogue.themes import Audience

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")]
LicenceTypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
Days = Annotated[int, Field(ge=0, le=3650)]
TimeUnit = Literal["workday", "day", "month"]

TASK_TYPES = {
    "01": "行政许可",
    "05": "行政给付",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "20": "公共服务",
}
USE_LEVELS = {
    "1": "国家级",
    "2": "省级",
    "3": "市级",
    "4": "县级",
    "5": "镇（乡、街道）级",
    "6": "村（社区）级",
    "7": "分级管理",
}
DEPT_TYPES = {"1": "法定机关", "2": "授权组织", "3": "受委托组织", "9": "其他"}
SERVER_TYPES = {
    "1": "自然人",
    "2": "企业法人",
    "3": "事业法人",
    "4": "社会组织法人",
    "5": "行政机关",
    "6": "其他组织",
}
HANDLE_TYPES = {"1": "窗口办理", "2": "电脑端网上办理", "3": "手机办理", "4": "快递申请"}
PROJECT_TYPES = {"1": "即办件", "2": "承诺件"}
TIME_UNITS = {"workday": "个工作日", "day": "天", "month": "个月"}
TASK_STATES = {"1": "已审定", "2": "已发布"}


class Shape(BaseModel):
    """Base of every part: nothing unknown passes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Department(Shape):
    """The department that an item belongs to, as its system's manifest gives it."""

    code: Slug
    name: Text
    short_name: Text
    uscc: Uscc


class Material(Shape):
    """申请材料: what has to be handed in, and where it comes from.

    ``licence_type_code`` names the 证照 of the wallet that can stand in for it;
    ``exempt_by_share`` says that nobody has to hand it in, since data sharing supplies it
    (国务院令第716号 art. 12); ``commitment`` is the text that an applicant may agree to in its
    place (告知承诺, 国办发〔2020〕42号), empty where it may not be replaced.
    """

    material_name: Text
    material_type: Literal["原件", "复印件", "原件和复印件"] = "原件"
    material_format: Literal["纸质", "电子", "纸质或电子"] = "纸质或电子"
    source_type: Literal["申请人自备", "政府部门核发", "其他"] = "申请人自备"
    source_explain: str = ""
    page_num: Annotated[int, Field(ge=1, le=20)] = 1
    page_format: str = ""
    is_need: Literal["必要", "非必要", "容缺后补"] = "必要"
    by_law: str = ""
    accept_stand: str = ""
    fill_explain: str = ""
    form_guid: UUID | None = None
    example_guid: UUID | None = None
    licence_type_code: LicenceTypeCode | None = None
    exempt_by_share: bool = False
    commitment: Annotated[str, StringConstraints(max_length=4000)] = ""


class Fee(Shape):
    """收费项目: name, standard in words, its basis, and whether it can be reduced."""

    fee_name: str = ""
    fee_stand: str = ""
    by_law: str = ""
    is_desc: bool = False
    desc_explain: str = ""


class Faq(Shape):
    """常见问题."""

    question: Text
    answer: Text


class FlowStage(Shape):
    """A stage of 办理流程: its name (受理, 审核…) and what happens in it."""

    stage: Text
    explain: Text


class Elements(Shape):
    """The elements of a service item that are written down.

    ``task_code`` (31 characters) is 实施主体 USCC + ``use_level`` + ``catalog_code``;
    ``promise_day`` 0 means 即办; ``anticipate_day`` None means that no statute sets a time, which
    ``anticipate_explain`` then says.
    """

    # Basic elements
    task_name: Text
    plain_name: Text
    catalog_code: Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
    task_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{12}$")]
    task_type: Literal["01", "05", "07", "08", "09", "10", "20"]
    by_law: list[Text] = Field(min_length=1)
    power_source: Literal["1", "2", "3", "4", "5", "6"] = "1"
    use_level: Literal["1", "2", "3", "4", "5", "6", "7"]
    task_state: Literal["1", "2"] = "2"
    task_version: Annotated[int, Field(ge=1)] = 1
    dept_name: Text
    dept_code: Uscc
    dept_type: Literal["1", "2", "3", "9"] = "1"
    entrust_name: str = ""
    anticipate_day: Days | None
    anticipate_type: TimeUnit = "workday"
    anticipate_explain: str = ""
    promise_day: Days
    promise_type: TimeUnit = "workday"
    promise_explain: str = ""
    accept_condition: list[Text] = Field(min_length=1)
    handle_flow: list[FlowStage] = Field(min_length=1)
    special_procedure: str = ""
    is_fee: bool = False
    fee_basis: str = ""
    fees: list[Fee] = Field(default_factory=list)
    server_type: list[Literal["1", "2", "3", "4", "5", "6"]] = Field(min_length=1)
    project_type: Literal["1", "2"]
    handle_type: list[Literal["1", "2", "3", "4"]] = Field(min_length=1)
    limit_scene_num: Annotated[int, Field(ge=0, le=9)]
    limit_scene_explain: str = ""
    transact_addr: str = ""
    transact_time: str = ""
    link_way: Text
    supervise_way: Text
    link_addr: str = ""
    mobile_terminal_url: str = ""
    is_single_login: bool = True
    app_is_single_login: bool = True
    plan_effective_date: date | None = None
    plan_cancel_date: date | None = None
    materials: list[Material] = Field(default_factory=list)
    # Extended elements
    is_entry_center: bool = True
    handle_area: Literal["", "全国通办", "跨省通办", "全省通办", "全市通办"] = ""
    other_dept: str = ""
    service_type: str = ""
    limit_explain: str = ""
    result_type: Literal["出证办结", "出文办结", "审批办结", "其他"] = "其他"
    result_name: str = ""
    result_sample: str = ""
    is_schedule: bool = False
    is_pay_online: bool | None = None
    is_express: bool = False
    is_service_terminals: bool = False
    is_online: bool
    online_handle_depth: Annotated[int, Field(ge=1, le=4)]
    online_handle_url: str = ""
    form: Form | None = None
    faqs: list[Faq] = Field(default_factory=list)
    # The platform's own
    themes: list[Slug] = Field(min_length=1)
    keywords: list[Text] = Field(default_factory=list)
    regions: list[RegionCode] = Field(min_length=1)
    hot: bool = False
    min_level: Annotated[int, Field(ge=0, le=5)] = 3
    licence_type_results: list[LicenceTypeCode] = Field(default_factory=list)


class ServiceItemSpec(Elements):
    """One service item as a system registers it: its elements and whose it is."""

    department: Department

    @model_validator(mode="after")
    def _codes_agree(self) -> "ServiceItemSpec":
        if self.task_code != self.dept_code + self.use_level + self.catalog_code:
            raise ValueError("实施编码 task_code 应为实施主体编码 + 行使层级 + 基本编码")
        if self.catalog_code[2:4] != self.task_type:
            raise ValueError("基本编码 catalog_code 第 3–4 位应等于事项类型 task_type")
        return self

    @cached_property
    def row_guid(self) -> UUID:
        """记录唯一标识: stable for an item and its version."""
        return uuid5(NAMESPACE_URL, f"service-item:{self.task_code}:{self.task_version}")

    @cached_property
    def result_guid(self) -> UUID | None:
        """结果样本标识, None where the item yields no named result."""
        if not self.result_name:
            return None
        return uuid5(self.row_guid, self.result_name)

    @property
    def task_handle_item(self) -> str:
        """业务办理项编码 (33 characters) of the item's first handle item."""
        return self.task_code + "01"

    @property
    def audience(self) -> list[Audience]:
        """Whom the item serves: 服务对象 1 is citizens, 2–6 are organisations."""
        found: list[Audience] = ["citizen"] if "1" in self.server_type else []
        if set(self.server_type) - {"1"}:
            found.append("enterprise")
        return found

    @property
    def user_topic_type(self) -> list[str]:
        """自然人主题分类."""
        return [code for code in self.themes if theme_data.audience_of(code) == "citizen"]

    @property
    def corp_topic_type(self) -> list[str]:
        """法人主题分类."""
        return [code for code in self.themes if theme_data.audience_of(code) == "enterprise"]

    @property
    def promise_text(self) -> str:
        """承诺办结时限 for people: “当场办结” or “3个工作日”."""
        return duration_text(self.promise_day, self.promise_type)

    @property
    def anticipate_text(self) -> str:
        """法定办结时限 for people; the explanation where no statute sets one."""
        if self.anticipate_day is None:
            return self.anticipate_explain or "法律法规未规定"
        return duration_text(self.anticipate_day, self.anticipate_type)


class PublishedElements(Elements):
    """The elements as they are shown: derived codes, and the Chinese name beside every code."""

    row_guid: UUID
    result_guid: UUID | None
    task_handle_item: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{19}\d{14}$")]
    user_topic_type: list[str]
    corp_topic_type: list[str]
    task_type_name: str
    use_level_name: str
    dept_type_name: str
    task_state_name: str
    project_type_name: str
    server_type_names: list[str]
    handle_type_names: list[str]
    theme_names: list[str]
    region_names: list[str] = Field(default_factory=list)
    promise_text: str
    anticipate_text: str


def published(spec: ServiceItemSpec) -> PublishedElements:
    """Everything about an item as the guide page and the download show it."""
    return PublishedElements(
        **{name: getattr(spec, name) for name in Elements.model_fields},
        row_guid=spec.row_guid,
        result_guid=spec.result_guid,
        task_handle_item=spec.task_handle_item,
        user_topic_type=spec.user_topic_type,
        corp_topic_type=spec.corp_topic_type,
        task_type_name=TASK_TYPES[spec.task_type],
        use_level_name=USE_LEVELS[spec.use_level],
        dept_type_name=DEPT_TYPES[spec.dept_type],
        task_state_name=TASK_STATES[spec.task_state],
        project_type_name=PROJECT_TYPES[spec.project_type],
        server_type_names=[SERVER_TYPES[code] for code in spec.server_type],
        handle_type_names=[HANDLE_TYPES[code] for code in spec.handle_type],
        theme_names=[theme_data.BY_CODE[code].name for code in spec.themes],
        promise_text=spec.promise_text,
        anticipate_text=spec.anticipate_text,
    )


def duration_text(amount: int, unit: str) -> str:
    """A duration in words: 0 is “当场办结”."""
    return "当场办结" if amount == 0 else f"{amount}{TIME_UNITS[unit]}"


def catalog_code(province: str, task_type: str, department: str, number: str) -> str:
    """基本编码: 2 of the region + 2 type + 2 department + 3 main + 3 sub item (GB/T 39554.1).

    Raises:
        ValueError: a part has the wrong length.
    """
    code = province + task_type + department + number
    if not re.fullmatch(r"\d{12}", code):
        raise ValueError(f"基本编码应为 12 位数字，得到 {code!r}")
    return code

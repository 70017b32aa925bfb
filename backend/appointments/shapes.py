"""What is registered of a place: where it is, when it is open, which counter does what.

Coordinates are GCJ-02, as maps in China and ``wx.getLocation`` give them.
"""

from datetime import date, time
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Kind = Literal["hall", "branch", "street", "village"]
KIND_NAMES = {
    "hall": "政务服务中心",
    "branch": "部门办事窗口",
    "street": "便民服务中心",
    "village": "便民服务站",
}
Access = Literal[
    "ramp", "lift", "toilet", "low_counter", "elder_first", "sign_language", "wheelchair", "parking"
]
ACCESS_NAMES = {
    "ramp": "无障碍坡道",
    "lift": "无障碍电梯",
    "toilet": "无障碍卫生间",
    "low_counter": "低位服务台",
    "elder_first": "老年人优先",
    "sign_language": "手语服务",
    "wheelchair": "轮椅借用",
    "parking": "无障碍停车位",
}
PointCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{2,46}[a-z0-9]$")]
ItemCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{10,36}$")]
_LINE = r"^[^\x00-\x1f\x7f]*$"
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=_LINE)
]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Shape(BaseModel):
    """Base of every part: nothing unknown passes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Span(Shape):
    """From one time of a day to another, as ``09:00``."""

    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _forward(self) -> "Span":
        if self.opens >= self.closes:
            raise ValueError("结束时间应晚于开始时间")
        return self

    @property
    def start(self) -> time:
        """When it opens."""
        return time.fromisoformat(self.opens)

    @property
    def end(self) -> time:
        """When it closes."""
        return time.fromisoformat(self.closes)


Spans = Annotated[list[Span], Field(max_length=4)]


class Hours(Shape):
    """开放时间: on working days (make-up days too), and on days off that are a weekend.

    Statutory holidays are closed, and so is a weekend that borders on one.
    """

    workdays: Spans = Field(default_factory=list)
    saturday: Spans = Field(default_factory=list)
    sunday: Spans = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        for spans in (self.workdays, self.saturday, self.sunday):
            if any(one.closes > other.opens for one, other in pairwise(spans)):
                raise ValueError("同一天的开放时段应按先后排列且不重叠")
        return self


class Closure(Shape):
    """Closed from one day to another, both included, and why."""

    first: date
    last: date
    why: Text

    @model_validator(mode="after")
    def _forward(self) -> "Closure":
        if not 0 <= (self.last - self.first).days <= 366:
            raise ValueError("停办的最后一天不能早于第一天，且不超过一年")
        return self


class CounterSpec(Shape):
    """窗口: what it does (lists, and further items), for how many people in how many minutes."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,8}$")]
    name: Text
    lists: list[PointCode] = Field(default_factory=list, max_length=20)
    items: list[ItemCode] = Field(default_factory=list, max_length=500)
    capacity: Annotated[int, Field(ge=0, le=200)] = 2
    slot_minutes: Annotated[int, Field(ge=10, le=240)] = 30
    open: bool = True


class PointSpec(Shape):
    """办事地点.

    Attributes:
        days_ahead: up to so many days from today can be booked.
        cancel_minutes: up to so many minutes before its time a booking can be cancelled.
    """

    code: PointCode
    name: Text
    kind: Kind
    region_code: Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")]
    address: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_LINE)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9-]{5,20}$")]
    transport: Annotated[str, StringConstraints(max_length=200, pattern=_LINE)] = ""
    hours: Hours
    closures: list[Closure] = Field(default_factory=list, max_length=50)
    days_ahead: Annotated[int, Field(ge=0, le=30)] = 7
    cancel_minutes: Annotated[int, Field(ge=0, le=10_080)] = 120
    accessibility: list[Access] = Field(default_factory=list, max_length=20)
    counters: list[CounterSpec] = Field(min_length=1, max_length=80)
    open: bool = True

    @model_validator(mode="after")
    def _distinct(self) -> "PointSpec":
        numbers = [counter.number for counter in self.counters]
        if len(set(numbers)) < len(numbers):
            raise ValueError("窗口编号重复")
        return self


class ListSpec(Shape):
    """事项清单: what is done at every place of a kind."""

    code: PointCode
    name: Text
    items: list[ItemCode] = Field(min_length=1, max_length=2000)

"""Enterprises: what kind they are, how they are called and where."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from backend.sandbox.population.draws import between, mixed, pick
from backend.sandbox.population.layout import SMALL_SHARE, Layout
from backend.sandbox.population.people import EnterpriseKind, EnterpriseStatus
from backend.sandbox.population.places import County, Places
from backend.sandbox.population.serials import enterprise_code

_PURPOSE = 41
_FIRST_DAY, _LAST_DAY = date(2004, 1, 5), date(2026, 6, 30)
_WORDS = (
    "恒信", "鸿达", "华晟", "嘉禾", "瑞丰", "明远", "博雅", "天和", "汇通", "永盛", "金穗", "海联",
    "万佳", "同创", "新元", "佳美", "智联", "启航", "远景", "合众", "和信", "聚源", "康宁", "广源",
)  # fmt: skip
_SECOND_WORDS = ("", "", "", "泰", "信", "佳", "达", "源", "盛", "祥", "顺", "兴")


@dataclass(frozen=True, slots=True)
class Industry:
    """A class of GB/T 4754-2017 and how names of its enterprises go on."""

    code: str
    name: str
    company: str
    shop: str
    food: bool = False


_INDUSTRIES = (
    Industry("F5212", "超级市场零售", "商贸", "超市", food=True),
    Industry("H6210", "正餐服务", "餐饮管理", "饭店", food=True),
    Industry("H6220", "快餐服务", "餐饮服务", "快餐店", food=True),
    Industry("I6513", "应用软件开发", "信息科技", "软件工作室"),
    Industry("C2927", "日用塑料制品制造", "塑料制品", "塑料制品厂"),
    Industry("C3921", "通信系统设备制造", "通信设备", "电子加工店"),
    Industry("E5011", "公共建筑装饰和装修", "建筑装饰工程", "装修店"),
    Industry("O8111", "汽车修理与维护", "汽车服务", "汽车修理店"),
    Industry("O8040", "理发及美容服务", "美容美发", "理发店"),
    Industry("G5431", "普通货物道路运输", "物流", "货运部"),
    Industry("F5137", "厨具卫具及日用杂品批发", "日用品", "日杂店"),
)
_FARMING = (
    Industry("A0141", "蔬菜种植", "蔬菜种植", "蔬菜种植"),
    Industry("A0412", "内陆养殖", "水产养殖", "水产养殖"),
    Industry("A0153", "香蕉等亚热带水果种植", "水果种植", "水果种植"),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything about an enterprise except the people."""

    index: int
    uscc: str
    name: str
    kind: EnterpriseKind
    status: EnterpriseStatus
    county: County
    address: str
    established_on: date
    registered_capital: int | None
    industry: Industry
    food_licence: bool


class Enterprises:
    """Makes profiles from an index; the latest are kept, since colleagues stand close together."""

    def __init__(self, seed: int, layout: Layout, places: Places) -> None:
        self._seed, self._layout, self._places = seed, layout, places
        self.profile = lru_cache(maxsize=1024)(self._profile)

    def _profile(self, index: int) -> Profile:
        layout = self._layout
        slot = layout.slot(layout.owner_of(index))
        county = self._places.county_of(self._seed, slot.index, slot.cycle)
        rng = Random(mixed(self._seed, _PURPOSE, index))
        kind = self._kind(index, rng)
        industry = pick(rng, _FARMING if kind == "cooperative" else _INDUSTRIES)
        established = _FIRST_DAY + timedelta(days=between(rng, 0, (_LAST_DAY - _FIRST_DAY).days))
        capital = None if kind == "individual" else pick(rng, (10, 50, 100, 200, 500, 1000, 3000))
        return Profile(
            index=index,
            uscc=enterprise_code(index, kind, county.code),
            name=_name(rng, kind, industry, county),
            kind=kind,
            status=self._status(index, rng),
            county=county,
            address=self._places.shop_address(self._seed, index, county),
            established_on=established,
            registered_capital=capital,
            industry=industry,
            food_licence=industry.food and rng.random() < 0.9,
        )

    def _kind(self, index: int, rng: Random) -> EnterpriseKind:
        if self._layout.share_of(index) <= SMALL_SHARE:
            return "individual"
        return "cooperative" if rng.random() < 0.05 else "enterprise"

    def _status(self, index: int, rng: Random) -> EnterpriseStatus:
        if not self._layout.is_closed(index):
            return "存续"
        return "注销" if rng.random() < 0.6 else "吊销"


def _name(rng: Random, kind: EnterpriseKind, industry: Industry, county: County) -> str:
    word = pick(rng, _WORDS) + pick(rng, _SECOND_WORDS)
    if kind == "individual":
        _, street = pick(rng, county.streets)
        place = street.removesuffix("街道").removesuffix("镇")
        return f"{county.name}{place}{word}{industry.shop}"
    if kind == "cooperative":
        return f"{county.name}{word}{industry.company}专业合作社"
    return f"{county.trade_name}{word}{industry.company}有限公司"

"""Where the people live and where they were registered first."""

from dataclasses import dataclass
from functools import cache

from backend.regions.service import CITY, Region, Regions
from backend.sandbox.population.draws import mixed

HOME_PROVINCE = "44"
_PURPOSE_COUNTY, _PURPOSE_STREET, _PURPOSE_ORIGIN = 21, 22, 23

# Share of each city in a hundred cycles of households (about its share of the people living in
# the province by the census of 2020), and the letter of its number plates.
_CITIES = (
    ("440100", 15, "A"),
    ("440300", 14, "B"),
    ("441900", 8, "S"),
    ("440600", 8, "E"),
    ("440800", 6, "G"),
    ("440900", 5, "K"),
    ("441300", 5, "L"),
    ("445200", 5, "V"),
    ("440500", 4, "D"),
    ("440700", 4, "J"),
    ("442000", 4, "T"),
    ("441200", 3, "H"),
    ("441800", 3, "R"),
    ("441400", 3, "M"),
    ("440200", 2, "F"),
    ("441600", 2, "P"),
    ("441500", 2, "N"),
    ("441700", 2, "Q"),
    ("445100", 2, "U"),
    ("440400", 2, "C"),
    ("445300", 1, "W"),
)
CITY_PERIOD = sum(share for _, share, _ in _CITIES)

# 街道 are numbered below 100, 镇 below 200, 乡 below 300; then come forest farms and parks.
_NOT_FOR_LIVING_FROM = 400
_ROADS = (
    "和平路", "解放路", "中山路", "人民路", "建设路", "文明路", "振兴路", "朝阳路", "东风路",
    "沿江路", "花园街", "学府路", "荔枝街", "榕树街", "桥头街", "新村路", "兴业路", "木棉路",
    "紫荆路", "凤凰路",
)  # fmt: skip
_ESTATES = (
    "翠竹苑", "荔景花园", "江畔雅居", "榕荫小区", "金桂园", "康乐新村", "向阳小区", "海棠湾",
    "幸福里", "锦绣花园", "玉兰苑", "安居苑", "和顺园", "青云小区", "万福花园", "春晖园",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class County:
    """A county (or a city without any) with its streets.

    Attributes:
        code: 6 digits.
        name: its own name.
        trade_name: what enterprises there begin with: a district's city, else the county.
        full_name: province, city and county run together, as addresses begin.
        streets: code and name of each.
    """

    code: str
    name: str
    trade_name: str
    full_name: str
    streets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class City:
    """A city of the province."""

    code: str
    name: str
    plate: str
    counties: tuple[County, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """A place to live: the parts of its address."""

    city: City
    county: County
    street_code: str
    address: str


class Places:
    """The cities, counties and streets that households are spread over. Shared, immutable."""

    def __init__(self, regions: Regions) -> None:
        cities = [_city(regions, code, plate) for code, _, plate in _CITIES]
        # Spaced by the golden ratio, so that even a small population sees most cities early.
        owed = [city for city, (_, share, _) in zip(cities, _CITIES, strict=True)
                for _ in range(share)]  # fmt: skip
        order = sorted(range(CITY_PERIOD), key=lambda turn: turn * 0.6180339887498949 % 1)
        by_turn = sorted(zip(order, owed, strict=True), key=lambda pair: pair[0])
        self.turns: tuple[City, ...] = tuple(city for _, city in by_turn)
        # How often the same city had its turn before, and in a whole period.
        codes = [city.code for city in self.turns]
        self.earlier = tuple(codes[:turn].count(code) for turn, code in enumerate(codes))
        self.share = {code: codes.count(code) for code in codes}
        counties = regions.counties()
        self.province: tuple[str, ...] = tuple(
            region.code for region in counties if region.code.startswith(HOME_PROVINCE)
        )
        self.elsewhere: tuple[str, ...] = tuple(
            region.code for region in counties if not region.code.startswith(HOME_PROVINCE)
        )

    def city_of_cycle(self, seed: int, cycle: int) -> tuple[City, int]:
        """The city where the households of a cycle live, and how often it had its turn before."""
        periods, turn = divmod(cycle + seed % CITY_PERIOD, CITY_PERIOD)
        city = self.turns[turn]
        return city, periods * self.share[city.code] + self.earlier[turn]

    def county_of(self, seed: int, household: int, cycle: int) -> County:
        """The county in which a household lives."""
        city, _ = self.city_of_cycle(seed, cycle)
        return city.counties[mixed(seed, _PURPOSE_COUNTY, household) % len(city.counties)]

    def home_of(self, seed: int, household: int, cycle: int) -> Home:
        """The address of a household."""
        city, _ = self.city_of_cycle(seed, cycle)
        county = self.county_of(seed, household, cycle)
        bits = mixed(seed, _PURPOSE_STREET, household)
        code, street = county.streets[bits % len(county.streets)]
        road = _ROADS[(bits >> 12) % len(_ROADS)]
        estate = _ESTATES[(bits >> 20) % len(_ESTATES)]
        number, building = (bits >> 28) % 388 + 1, (bits >> 38) % 12 + 1
        room = ((bits >> 44) % 28 + 1) * 100 + (bits >> 52) % 6 + 1
        address = f"{county.full_name}{street}{road}{number}号{estate}{building}栋{room}房"
        return Home(city, county, code, address)

    def shop_address(self, seed: int, enterprise: int, county: County) -> str:
        """The address of an enterprise."""
        bits = mixed(seed, _PURPOSE_STREET, -1 - enterprise)
        _, street = county.streets[bits % len(county.streets)]
        road = _ROADS[(bits >> 12) % len(_ROADS)]
        return f"{county.full_name}{street}{road}{(bits >> 28) % 388 + 1}号"


def _city(regions: Regions, code: str, plate: str) -> City:
    city = regions.get(code)
    below = regions.counties(code)
    counties = tuple(_county(regions, region) for region in below)
    return City(code, city.name, plate, counties)


def _county(regions: Regions, region: Region) -> County:
    path = regions.path(region.code)
    name = "".join(above.name for above in path)
    streets = tuple(
        (street.code, street.name)
        for street in regions.streets_of(region.code)
        if int(street.code[6:]) < _NOT_FOR_LIVING_FROM
    )
    district = region.name.endswith("区")
    return County(region.code, region.name, path[1 if district else -1].name, name, streets)


@cache
def _regions() -> Regions:
    return Regions()


@cache
def places() -> Places:
    """The places, read once."""
    return Places(_regions())


@cache
def place(region_code: str) -> Home:
    """A street by its code, for people with a fixed address; the address is that of the street."""
    path = _regions().path(region_code)
    city_code = next(region.code for region in path if region.level == CITY)
    city = next(city for city in places().turns if city.code == city_code)
    county = next(county for county in city.counties if region_code.startswith(county.code))
    return Home(city, county, region_code, county.full_name + path[-1].name)

"""The places of the home province, the same from the same seed: a centre for the province, for each
city, county, street and town, and stations of some villages.

Centres of counties are where the counties are; streets lie around them, villages around their
streets, in places drawn from the seed. Names of villages are invented.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from backend.regions.service import CITY, COUNTY, STREET, Region, Regions
from backend.sandbox.population.draws import between, mixed, pick

FOLDER = Path(__file__).parent
HOME = "440000"
# One street in so many has stations of its villages in the set, two of them.
_VILLAGES_OF_ONE_IN = 6
_PURPOSE = 61
# 街道 are numbered below 100; 镇, 乡 and what comes after them have villages, not communities.
_TOWNS_FROM = 100
_KM_A_DEGREE = 111.2
_GOLDEN_ANGLE = 2.39996

_AREA_CODES = {
    "4400": "020", "4401": "020", "4402": "0751", "4403": "0755", "4404": "0756", "4405": "0754",
    "4406": "0757", "4407": "0750", "4408": "0759", "4409": "0668", "4412": "0758", "4413": "0752",
    "4414": "0753", "4415": "0660", "4416": "0762", "4417": "0662", "4418": "0763", "4419": "0769",
    "4420": "0760", "4451": "0768", "4452": "0663", "4453": "0766",
}  # fmt: skip
_ROADS = (
    "人民路", "中山路", "建设路", "文明路", "沿江路", "东风路", "学府路", "兴业路", "和平路",
    "振兴路",
)  # fmt: skip
_VILLAGES = (
    "上塘", "石桥", "龙潭", "新围", "大岭", "沙溪", "榕树头", "白水", "东安", "南坑", "凤山",
    "梅林", "坪山", "古井", "长塘", "金坑", "竹园", "塘口", "河西", "莲塘",
)  # fmt: skip
_MORNING, _NOON = {"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}
_AFTERNOON = {"opens": "14:30", "closes": "17:30"}
_HALL_HOURS = {"workdays": [_MORNING, _NOON], "saturday": [_MORNING]}
_STREET_HOURS = {"workdays": [_MORNING, {"opens": "14:00", "closes": "17:30"}]}
_VILLAGE_HOURS = {"workdays": [_MORNING, _AFTERNOON]}
_ALL_ACCESS = ["ramp", "lift", "toilet", "low_counter", "elder_first", "sign_language",
               "wheelchair", "parking"]  # fmt: skip

Point = dict[str, Any]


def points(seed: int, home: str = HOME) -> Iterator[Point]:
    """Every place, in the shape in which places are registered.

    Args:
        seed: of the sandbox's population.
        home: the home province.
    """
    regions, centres = Regions(), _centres()
    province = regions.get(home)
    yield _hall(province, "省", centres[province.code], province.name)
    for city in regions.children(province.code):
        if city.level == CITY and city.code in centres:
            yield from _city(regions, city, centres, seed)


def _centres() -> dict[str, tuple[float, float]]:
    lines = (FOLDER / "centres.csv").read_text("utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    return {code: (float(latitude), float(longitude)) for code, latitude, longitude in rows}


def _city(
    regions: Regions, city: Region, centres: dict[str, tuple[float, float]], seed: int
) -> Iterator[Point]:
    yield _hall(city, "市", centres[city.code], city.name)
    below = regions.children(city.code)
    yield from _streets([one for one in below if one.level == STREET], city, city.name,
                        centres[city.code], seed)  # fmt: skip
    for county in below:
        if county.level == COUNTY and county.code in centres:
            where = city.name + county.name
            at = centres[county.code]
            yield _hall(county, "县", at, where)
            yield _police(county, at, where, seed)
            yield from _streets(list(regions.children(county.code)), county, where, at, seed)


def _hall(region: Region, level: str, at: tuple[float, float], where: str) -> Point:
    counters = [
        _counter(str(number), "综合窗口", ["gd-county"], region.code, capacity=4)
        for number in range(1, 3 if level == "县" else 5)
    ]
    social = _counter("8", "社会事务窗口", ["gd-street"], region.code, capacity=3)
    return {
        "code": f"{region.code}-hall", "name": f"{region.name}政务服务中心", "kind": "hall",
        "region_code": region.code, "address": f"{where}行政服务大楼一楼",
        "latitude": at[0], "longitude": at[1], "phone": _phone(region.code),
        "transport": "公交“行政服务中心”站下车", "hours": _HALL_HOURS, "days_ahead": 10,
        "accessibility": _ALL_ACCESS, "counters": [*counters, social],
    }  # fmt: skip


def _police(county: Region, at: tuple[float, float], where: str, seed: int) -> Point:
    rng = Random(mixed(seed, _PURPOSE, int(county.code)))
    latitude, longitude = _moved(at, 0.8 + rng.random(), rng.random() * 2 * math.pi)
    counters = [
        _counter(str(number), name, ["gd-police"], county.code, capacity=3)
        for number, name in enumerate(("户政窗口", "出入境窗口"), 1)
    ]
    return {
        "code": f"{county.code}-police", "name": f"{county.name}公安综合办证中心",
        "kind": "branch", "region_code": county.code,
        "address": f"{where}{pick(rng, _ROADS)}{between(rng, 1, 199)}号",
        "latitude": latitude, "longitude": longitude, "phone": _phone(county.code),
        "hours": _HALL_HOURS, "days_ahead": 10, "accessibility": ["ramp", "elder_first"],
        "counters": counters,
    }  # fmt: skip


def _streets(
    streets: list[Region], above: Region, where: str, at: tuple[float, float], seed: int
) -> Iterator[Point]:
    """Around the centre in a spiral, the further the more there are: no two on one spot."""
    spread = 1.6 if above.name.endswith("区") else 4.5
    for place, street in enumerate(streets):
        rng = Random(mixed(seed, _PURPOSE, int(street.code)))
        far = spread * math.sqrt(place + 0.6) * (0.85 + 0.3 * rng.random())
        here = _moved(at, far, place * _GOLDEN_ANGLE + rng.random())
        yield _centre(street, where, here, rng)
        if int(rng.random() * _VILLAGES_OF_ONE_IN) == 0:
            yield from _villages(street, where, here, rng)


def _centre(street: Region, where: str, at: tuple[float, float], rng: Random) -> Point:
    access = ["ramp", "elder_first", *(["toilet"] if rng.random() < 0.6 else [])]
    counters = [
        _counter(str(number), "综合窗口", ["gd-street"], street.code, capacity=2)
        for number in range(1, 3)
    ]
    return {
        "code": f"{street.code}-centre", "name": f"{street.name}便民服务中心", "kind": "street",
        "region_code": street.code,
        "address": f"{where}{street.name}{pick(rng, _ROADS)}{between(rng, 1, 199)}号",
        "latitude": at[0], "longitude": at[1], "phone": _phone(street.code),
        "hours": _STREET_HOURS, "days_ahead": 10, "accessibility": access, "counters": counters,
    }  # fmt: skip


def _villages(street: Region, where: str, at: tuple[float, float], rng: Random) -> Iterator[Point]:
    is_town = int(street.code[6:]) >= _TOWNS_FROM
    first = between(rng, 0, len(_VILLAGES) - 2)
    for number in range(2):
        code = f"{street.code}{(201 if is_town else 1) + number:03d}"
        name = _VILLAGES[first + number] + ("村" if is_town else "社区")
        latitude, longitude = _moved(at, 0.7 + 1.8 * rng.random(), rng.random() * 2 * math.pi)
        yield {
            "code": f"{code}-station", "name": f"{street.name}{name}便民服务站",
            "kind": "village", "region_code": code,
            "address": f"{where}{street.name}{name}党群服务中心",
            "latitude": latitude, "longitude": longitude, "phone": _phone(street.code),
            "hours": _VILLAGE_HOURS, "days_ahead": 10, "accessibility": ["ramp", "elder_first"],
            "counters": [_counter("1", "便民窗口", ["gd-village"], street.code, capacity=1)],
        }  # fmt: skip


def _counter(number: str, name: str, lists: list[str], region: str, capacity: int) -> Point:
    """A counter; what its city has beyond the province's lists comes from lists of the city."""
    own = [f"{code}-{region[:4]}" for code in lists]
    return {
        "number": number, "name": name, "lists": [*lists, *own], "capacity": capacity,
        "slot_minutes": 30,
    }  # fmt: skip


def _moved(at: tuple[float, float], km: float, angle: float) -> tuple[float, float]:
    """So far from a place in a direction, to about ten metres."""
    latitude = at[0] + km * math.cos(angle) / _KM_A_DEGREE
    longitude = at[1] + km * math.sin(angle) / (_KM_A_DEGREE * math.cos(math.radians(at[0])))
    return round(latitude, 4), round(longitude, 4)


def _phone(code: str) -> str:
    """The hotline with the city's area code: the places' own numbers are nobody's to invent."""
    return f"{_AREA_CODES[code[:4]]}-12345"

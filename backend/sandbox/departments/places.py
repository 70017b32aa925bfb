"""Names of places as they stand on licences: the county of a code, and its local offices."""

from functools import cache

from backend.errors import DomainError
from backend.regions.service import CITY, COUNTY, Regions


@cache
def _regions() -> Regions:
    return Regions()


@cache
def county_code(region_code: str) -> str:
    """The county of a street (the city in 东莞 and 中山, which have none)."""
    path = _regions().path(region_code)
    return max((r for r in path if r.level <= COUNTY), key=lambda r: r.level).code


@cache
def full_name(region_code: str) -> str:
    """Province to county in words, 广东省广州市天河区; the code itself where it is unknown."""
    try:
        path = _regions().path(region_code)
    except DomainError:
        return region_code
    return "".join(region.name for region in path if region.level <= COUNTY)


@cache
def city_name(region_code: str) -> str:
    """The city in words, 广州市."""
    path = _regions().path(region_code)
    return next((region.name for region in path if region.level == CITY), path[0].name)


@cache
def office(region_code: str, body: str) -> str:
    """The local office of a body: 广州市公安局天河分局 for a district, 开平市公安局 for others."""
    path = [region for region in _regions().path(region_code) if region.level <= COUNTY]
    last = path[-1]
    if last.level == COUNTY and last.name.endswith("区"):
        return f"{path[-2].name}{body}{last.name.removesuffix('区')}分局"
    return f"{last.name}{body}"

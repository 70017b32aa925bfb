"""Regions by code."""

import time
from collections import Counter

import pytest

from backend.regions.errors import RegionCodeInvalid, RegionsError, RegionUnknown
from backend.regions.service import DATA, Regions, normalise


@pytest.fixture(scope="module")
def regions() -> Regions:
    return Regions()


def test_the_tables_are_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in DATA.glob("*.csv")) < 300_000


def test_loading_takes_less_than_60_milliseconds() -> None:
    spent = []
    for _ in range(5):
        started = time.process_time()
        Regions()
        spent.append(time.process_time() - started)
    assert min(spent) < 0.060


def test_counts_are_those_of_the_country(regions: Regions) -> None:
    levels = Counter(region.level for region in regions._table.values())
    assert levels == {1: 34, 2: 342, 3: 2851, 4: 1757}
    assert len(regions.children()) == 34
    assert len(regions.children("440000")) == 21
    assert len(regions.counties("440000")) == 122 + 2
    assert len(regions.streets_of("440000")) == 1757


@pytest.mark.parametrize("code", ["440106", "440106000", "440106000000"])
def test_a_county_is_found_by_each_length_of_its_code(regions: Regions, code: str) -> None:
    region = regions.get(code)
    assert (region.code, region.name, region.level, region.parent_code) == (
        "440106", "天河区", 3, "440100",
    )  # fmt: skip


@pytest.mark.parametrize("code", ["440000", "440000000", "440000000000"])
def test_a_province_is_found_by_each_length_of_its_code(regions: Regions, code: str) -> None:
    assert regions.get(code).name == "广东省"
    assert regions.get(code).parent_code is None


@pytest.mark.parametrize("code", ["441900003", "441900003000"])
def test_a_street_is_found_by_nine_and_twelve_digits(regions: Regions, code: str) -> None:
    assert regions.get(code).name == "东城街道"
    assert regions.get(code).level == 4


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330113", "临平区"),
        ("540481", "米林市"),
        ("540581", "错那市"),
        ("653228", "和康县"),
        ("653229", "和安县"),
        ("659011", "新星市"),
        ("659012", "白杨市"),
        ("710000", "台湾省"),
        ("810000", "香港特别行政区"),
        ("820000", "澳门特别行政区"),
    ],
)
def test_recent_and_special_regions_are_known(regions: Regions, code: str, name: str) -> None:
    assert regions.get(code).name == name
    assert regions.get(code).in_force


@pytest.mark.parametrize("code", ["441901", "442001", "460401", "620201", "440890", "130171"])
def test_pseudo_counties_are_not_regions(regions: Regions, code: str) -> None:
    with pytest.raises(RegionUnknown) as refused:
        regions.get(code)
    assert refused.value.kind == "not_found"
    assert refused.value.context() == {"region": code}


@pytest.mark.parametrize(
    ("code", "name", "until"),
    [
        ("440116", "萝岗区", 2013),
        ("440524", "潮阳县", 1992),
        ("110103", "崇文区", 2009),
        ("510212", "沙坪坝区", 1996),
        ("330103", "下城区", None),
        ("320611", "港闸区", 2019),
        ("830000", "台湾省", None),
    ],
)
def test_codes_that_live_on_in_id_numbers_stay_readable(
    regions: Regions, code: str, name: str, until: int | None
) -> None:
    region = regions.get(code)
    assert (region.name, region.in_force, region.until) == (name, False, until)


def test_abolished_regions_are_not_offered_to_choose(regions: Regions) -> None:
    assert "萝岗区" not in [region.name for region in regions.children("440100")]
    assert regions.search("萝岗区") == ()
    assert all(region.in_force for region in regions.counties())
    assert "830000" not in [region.code for region in regions.children()]


@pytest.mark.parametrize(
    "code",
    ["", "44", "4401", "44010", "4401060", "4401060090", "44010A", "４４０１０６", "000000",
     "44010600900000", "440106-09"],
)  # fmt: skip
def test_what_is_not_a_code_is_refused(regions: Regions, code: str) -> None:
    for ask in (regions.get, regions.path, regions.children, regions.has_children):
        with pytest.raises(RegionCodeInvalid) as refused:
            ask(code)
        assert refused.value.kind == "invalid"
        assert isinstance(refused.value, RegionsError)


def test_a_village_is_not_kept_but_is_covered(regions: Regions) -> None:
    with pytest.raises(RegionUnknown):
        regions.get("440106009001")
    assert regions.covers("440106009", "440106009001")
    assert regions.covers("440106", "440106009001")
    assert not regions.covers("440106010", "440106009001")
    assert not regions.covers("440106009001", "440106009")


@pytest.mark.parametrize(
    ("outer", "inner", "within"),
    [
        ("440000", "440106", True),
        ("440000", "440000", True),
        ("440000000000", "440106009", True),
        ("440100", "440106009", True),
        ("441900", "441900003", True),
        ("441900", "442000001", False),
        ("440106", "440100", False),
        ("440106", "440000", False),
        ("440100", "440306", False),
        ("110000", "440106", False),
        ("330000", "330103", True),
        ("440106009", "440106", False),
    ],
)
def test_covers(regions: Regions, outer: str, inner: str, within: bool) -> None:
    assert regions.covers(outer, inner) is within


def test_covers_refuses_what_is_not_a_code(regions: Regions) -> None:
    with pytest.raises(RegionCodeInvalid):
        regions.covers("44", "440106")
    with pytest.raises(RegionCodeInvalid):
        regions.covers("440000", "天河区")


def test_covers_agrees_with_the_path_for_every_region(regions: Regions) -> None:
    for region in regions._table.values():
        path = regions.path(region.code)
        assert path[-1] is region
        assert path[0].level == 1
        assert all(regions.covers(above.code, region.code) for above in path)
        assert [above.level for above in path] == sorted({above.level for above in path})


def test_every_abolished_region_leads_up_to_a_province(regions: Regions) -> None:
    for code in regions._abolished:
        assert regions.path(code)[0].level == 1


def test_path_of_a_street_of_a_city_without_counties(regions: Regions) -> None:
    assert [r.name for r in regions.path("442000001")] == ["广东省", "中山市", "石岐街道"]
    assert [r.name for r in regions.path("440106009")][:3] == ["广东省", "广州市", "天河区"]


def test_children_of_cities_and_counties(regions: Regions) -> None:
    assert "天河区" in [r.name for r in regions.children("440100")]
    assert [r.level for r in regions.children("441900")][:1] == [4]
    assert regions.children("441900003") == ()
    assert regions.children("110101") == ()
    assert not regions.has_children("110101")
    assert regions.has_children("440106")
    assert not regions.has_children("810000")


def test_streets_of(regions: Regions) -> None:
    streets = regions.streets_of("440106")
    assert len(streets) == 21
    assert {street.parent_code for street in streets} == {"440106"}
    assert regions.streets_of("441900")[0].name == "东城街道"
    assert [r.code for r in regions.streets_of("441900003")] == ["441900003"]
    assert regions.streets_of("110101") == ()


def test_counties_include_cities_without_any(regions: Regions) -> None:
    codes = {region.code for region in regions.counties()}
    assert {"441900", "442000", "460400", "620200"} <= codes
    assert not {"440100", "440000", "710000", "441900003"} & codes
    assert {region.code for region in regions.counties("441900")} == {"441900"}


def test_search_puts_the_exact_name_first(regions: Regions) -> None:
    assert regions.search("天河区")[0].code == "440106"
    assert regions.search(" 广州 ")[0].code == "440100"
    assert len(regions.search("区", limit=5)) == 5
    assert regions.search("") == ()
    assert regions.search("没有这个地方") == ()


@pytest.mark.parametrize(
    ("given", "short"),
    [("440106009000", "440106009"), ("440106009001", "440106009001"), ("440106", "440106"),
     ("440100000000", "440100")],
)  # fmt: skip
def test_normalise(given: str, short: str) -> None:
    assert normalise(given) == short

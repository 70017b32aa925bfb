"""Distances, the order by region, and the places of the sandbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.appointments.directory import _by_region, distance_km
from backend.appointments.shapes import PointSpec
from backend.sandbox.points.generator import points
from tests.appointments_world import place
from tests.regions import REGIONS

COORDINATES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def at(latitude: float, longitude: float) -> PointSpec:
    return PointSpec.model_validate(place(latitude=latitude, longitude=longitude))


@pytest.mark.parametrize(
    ("point", "other", "km"),
    [
        ((23.1291, 113.2644), (22.5431, 114.0579), 104.2),  # 广州, 深圳
        ((0.0, 0.0), (0.0, 180.0), 20015.1),  # half around the earth
        ((23.1, 113.3), (23.1, 113.3), 0.0),
    ],
)
def test_great_circle_distances(
    point: tuple[float, float], other: tuple[float, float], km: float
) -> None:
    assert distance_km(point, at(*other)) == pytest.approx(km, rel=0.005, abs=0.001)


@given(one=COORDINATES, other=COORDINATES)
def test_a_distance_is_the_same_from_both_ends_and_never_beyond_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    there, back = distance_km(one, at(*other)), distance_km(other, at(*one))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20016


def test_by_region_the_village_comes_first_then_its_street_county_and_city() -> None:
    codes = ["440300", "440100", "440106", "440106009", "440106009201", "440105"]
    specs = [PointSpec.model_validate(place(code=f"{one}-x", region_code=one)) for one in codes]
    found = sorted(specs, key=lambda spec: _by_region("440106009201", spec))
    assert [one.region_code for one in found] == [
        "440106009201", "440106009", "440106", "440100", "440105", "440300",
    ]  # fmt: skip


def test_the_sandbox_has_places_down_to_the_village_the_same_from_one_seed() -> None:
    found = list(points(44))
    assert found == list(points(44))
    assert found != list(points(45))
    regions = REGIONS
    assert len({one["code"] for one in found}) == len(found)
    streets = {one["region_code"] for one in found if one["kind"] == "street"}
    assert streets == {one.code for one in regions.streets_of("440000")}
    villages = [one for one in found if one["kind"] == "village"]
    assert len(villages) > 300
    assert all(len(one["region_code"]) == 12 for one in villages)
    # Guangdong lies between these; nothing of it lies elsewhere.
    assert all(20 < one["latitude"] < 25.6 for one in found)
    assert all(109.5 < one["longitude"] < 117.4 for one in found)
    for one in found[::50]:
        PointSpec.model_validate(one)

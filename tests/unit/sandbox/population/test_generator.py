"""The stream of households."""

from collections import Counter
from datetime import date
from itertools import islice
from sys import getallocatedblocks

import pytest
from stdnum.iso7064 import mod_11_2

from backend.numbers.service import (
    age_on,
    is_uscc,
    normalise_phone,
    parse_id_number,
    parse_uscc,
)
from backend.regions.service import Regions
from backend.sandbox.population.calendar_days import DRAWN_FOR, years_later
from backend.sandbox.population.cast import cast
from backend.sandbox.population.generator import Population, households
from backend.sandbox.population.people import Enterprise, Household, Person
from backend.sandbox.population.plans import MARRIAGE_AGE
from backend.sandbox.population.unusual import LONG_NAMES, RARE_NAMES

SEED, PEOPLE, ENTERPRISES = 44, 3000, 400
# Long enough for every sort of unusual person to come up in the stream itself.
LONG_STREAM = 30_000


@pytest.fixture(scope="module")
def population() -> list[Household]:
    return list(households(SEED, PEOPLE, ENTERPRISES))


@pytest.fixture(scope="module")
def people(population: list[Household]) -> list[Person]:
    return [person for household in population for person in household.people]


@pytest.fixture(scope="module")
def enterprises(population: list[Household]) -> list[Enterprise]:
    return [one for household in population for one in household.enterprises]


@pytest.fixture(scope="module")
def regions() -> Regions:
    return Regions()


def test_the_same_seed_gives_the_same_stream(population: list[Household]) -> None:
    assert list(households(SEED, PEOPLE, ENTERPRISES)) == population


def test_another_seed_gives_other_people(population: list[Household]) -> None:
    other = list(households(SEED + 1, PEOPLE, ENTERPRISES))
    first = len(cast())
    assert other[:first] == population[:first]
    assert not {one.people[0] for one in other[first:]} & {
        one.people[0] for one in population[first:]
    }


@pytest.mark.parametrize("seed", [0, -7, 2**64 + 3])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    found = [person for one in households(seed, 200, 20) for person in one.people]
    assert len({person.id_number for person in found}) == 200


def test_any_household_can_be_asked_for_alone(population: list[Household]) -> None:
    again = Population(SEED, PEOPLE, ENTERPRISES)
    assert len(again) == len(population)
    for index in (len(population) - 1, 700, 0, 24, 333, 25):
        assert again.household(index) == population[index]
    for index in (-1, len(population)):
        with pytest.raises(IndexError):
            again.household(index)


def test_counts_are_as_asked(people: list[Person], enterprises: list[Enterprise]) -> None:
    assert [person.index for person in people] == list(range(PEOPLE))
    assert sorted(one.index for one in enterprises) == list(range(ENTERPRISES))


def test_households_are_in_order(population: list[Household]) -> None:
    assert [household.index for household in population] == list(range(len(population)))
    for household in population:
        assert household.people
        assert {person.address for person in household.people} == {household.address}
        assert {person.region_code for person in household.people} == {household.region_code}


@pytest.mark.parametrize(("count", "run"), [(26, 5), (0, 0), (1999, 4)])
def test_too_small_a_population_is_refused(count: int, run: int) -> None:
    with pytest.raises(ValueError, match="fixed cast alone"):
        Population(SEED, count, run)


def test_every_identity_number_is_valid_and_tells_the_truth(people: list[Person]) -> None:
    for person in people:
        number = parse_id_number(person.id_number, DRAWN_FOR)
        assert number.value == person.id_number
        assert (number.id_type, number.birth) == (person.id_type, person.birth)
        assert number.sex in (person.sex, None)
        for earlier in person.previous_numbers:
            assert parse_id_number(earlier, DRAWN_FOR).birth == person.birth


def test_identity_numbers_are_unique_former_ones_too() -> None:
    numbers = [
        number
        for household in households(SEED, LONG_STREAM, 3000)
        for person in household.people
        for number in (person.id_number, *person.previous_numbers)
    ]
    assert len(set(numbers)) == len(numbers) > LONG_STREAM


def test_numbers_begin_with_real_counties_mostly_of_the_province(
    people: list[Person], regions: Regions
) -> None:
    prefixes = Counter(person.id_number[:6] for person in people if person.id_type == "111")
    for prefix in prefixes:
        assert regions.get(prefix).level in (1, 2, 3)
    provinces = Counter(person.id_number[:2] for person in people)
    assert 0.6 < provinces["44"] / PEOPLE < 0.9
    assert len(provinces) > 28


def test_phones_are_unique_and_valid(people: list[Person]) -> None:
    phones = [person.phone for person in people if person.phone]
    assert len(set(phones)) == len(phones) > PEOPLE * 0.6
    for phone in phones:
        assert normalise_phone(phone) == f"+86{phone}"
    for person in people:
        assert person.status == "alive" or person.phone is None


def test_plates_and_vehicle_numbers_are_unique(people: list[Person]) -> None:
    cars = [person.car for person in people if person.car]
    assert len({car.plate for car in cars}) == len({car.vin for car in cars}) == len(cars) > 300
    for car in cars:
        assert len(car.plate) == (8 if car.electric else 7)
        assert len(car.vin) == 17


def test_homes_lie_in_real_streets(population: list[Household], regions: Regions) -> None:
    cities = set()
    for household in population:
        street = regions.get(household.region_code)
        assert (street.level, street.in_force) == (4, True)
        path = "".join(region.name for region in regions.path(household.region_code))
        assert household.address.startswith(path)
        cities.add(household.region_code[:4])
    assert len(cities) == 21


def test_spouses_are_married_to_each_other(population: list[Household]) -> None:
    couples = 0
    for household in population:
        by_index = {person.index: person for person in household.people}
        for person in household.people:
            assert (person.spouse_index is None) == (person.marriage is None)
            if person.spouse_index is None or person.marriage is None:
                continue
            spouse = by_index[person.spouse_index]
            couples += 1
            assert spouse.spouse_index == person.index
            assert {spouse.sex, person.sex} == {"男", "女"}
            assert spouse.marriage == person.marriage <= DRAWN_FOR
            assert years_later(person.birth, MARRIAGE_AGE[person.sex]) <= person.marriage
    assert couples > 1000


def test_children_live_with_parents_who_are_older(population: list[Household]) -> None:
    newborn = 0
    for household in population:
        by_index = {person.index: person for person in household.people}
        for child in household.people:
            newborn += age_on(child.birth, DRAWN_FOR) == 0
            parents = [by_index[index] for index in child.parent_indexes]
            for parent in parents:
                assert parent.birth < years_later(child.birth, -18)
                assert parent.marriage is None or parent.marriage < child.birth
            if len(parents) == 2:
                assert [parent.sex for parent in parents] == ["男", "女"]
                assert parents[0].spouse_index == parents[1].index
            if parents and child.ethnicity == parents[0].ethnicity == "汉":
                assert parents[0].name[0] == child.name[0]
    assert newborn > PEOPLE / 100


def test_three_generations_live_together(population: list[Household]) -> None:
    assert any(
        sum(bool(person.parent_indexes) for person in household.people) == 2
        and len(household.people) == 5
        for household in population
    )


def test_jobs_and_staff_agree(people: list[Person], enterprises: list[Enterprise]) -> None:
    by_index = {one.index: one for one in enterprises}
    staff: dict[int, list[int]] = {one.index: [] for one in enterprises}
    employed = 0
    for person in people:
        job = person.job
        if job is None:
            continue
        employed += 1
        assert 18 <= age_on(person.birth, job.since) < 65
        assert job.since <= DRAWN_FOR
        assert person.retired_on is None
        assert is_uscc(job.employer_uscc)
        if job.employer_index is None:
            continue
        employer = by_index[job.employer_index]
        assert (employer.uscc, employer.name) == (job.employer_uscc, job.employer_name)
        assert job.since >= employer.established_on
        assert employer.status == "存续"
        staff[employer.index].append(person.index)
    for one in enterprises:
        assert list(one.staff_indexes) == staff[one.index]
    assert 0.45 < employed / len(people) < 0.7
    public = sum(person.job is not None and person.job.employer_index is None for person in people)
    assert 0 < public < employed / 10


def test_enterprises_are_registered_where_their_owner_lives(
    population: list[Household], regions: Regions
) -> None:
    codes = set()
    for household in population:
        for one in household.enterprises:
            assert one.legal_representative is household.people[0]
            assert one.legal_representative.status == "alive"
            assert age_on(one.legal_representative.birth, DRAWN_FOR) >= 18
            assert regions.covers(one.region_code, household.region_code)
            number = parse_uscc(one.uscc)
            assert number.region_code == one.region_code
            kind = {"enterprise": "1", "individual": "2", "cooperative": "3"}[one.kind]
            assert (number.department, number.kind) == ("9", kind)
            assert number.organisation_checked
            assert (one.registered_capital is None) == (one.kind == "individual")
            codes.add(one.uscc)
    assert len(codes) == ENTERPRISES


def test_enterprises_are_of_every_kind_and_status(enterprises: list[Enterprise]) -> None:
    assert {one.kind for one in enterprises} == {"enterprise", "individual", "cooperative"}
    assert {one.status for one in enterprises} == {"存续", "吊销", "注销"}
    assert any(one.food_licence for one in enterprises)
    assert any(len(one.staff_indexes) > 10 for one in enterprises)


def test_drivers_are_old_enough_and_terms_follow_each_other(people: list[Person]) -> None:
    drivers = [person for person in people if person.driver]
    assert len(drivers) > PEOPLE * 0.3
    for person in drivers:
        driver = person.driver
        assert driver is not None
        assert years_later(person.birth, 18) <= driver.first_issued <= DRAWN_FOR
        assert driver.first_issued <= driver.valid_from <= DRAWN_FOR
        assert driver.valid_to is None or driver.valid_to > DRAWN_FOR
        assert driver.valid_to is not None or years_later(driver.first_issued, 16) <= DRAWN_FOR
    for person in people:
        assert person.car is None or person.driver is not None


def test_pensioners_have_no_job_and_owners_live_at_home(people: list[Person]) -> None:
    assert any(person.retired_on for person in people)
    for person in people:
        assert person.retired_on is None or person.retired_on <= date(2026, 11, 1)
        if person.home is not None:
            assert person.home.region_code == person.region_code
            assert len(person.home.unit_number) == 28
            assert person.home.acquired_on <= DRAWN_FOR


def test_residence_permits_are_for_people_from_elsewhere(people: list[Person]) -> None:
    holders = [person for person in people if person.residence_permit]
    assert len(holders) > PEOPLE * 0.1
    for person in holders:
        assert person.id_number[:4] != person.region_code[:4]
        assert person.status == "alive"


def test_the_dead_have_nothing_that_ends_with_death(people: list[Person]) -> None:
    dead = [person for person in people if person.status == "deceased"]
    assert len(dead) > PEOPLE / 100
    for person in dead:
        assert (person.job, person.phone, person.car, person.driver, person.home) == (None,) * 5
        assert not person.residence_permit
        assert person.retired_on is None


def test_unusual_people_come_up_in_the_stream_itself() -> None:
    stream = islice(households(SEED, LONG_STREAM, 3000), len(cast()), None)
    found = [person for household in stream for person in household.people]
    prefixes = {person.id_number[:6] for person in found}
    assert {"810000", "820000", "830000"} <= prefixes
    assert any(person.id_type == "553" for person in found)
    assert any(person.previous_numbers for person in found)
    assert any(not person.face_ok for person in found)
    assert {"normal", "none", "many"} == {person.licence_load for person in found}
    names = {person.name for person in found}
    assert names & set(LONG_NAMES)
    assert names & set(RARE_NAMES)
    assert any("·" in name for name in names)
    assert any(len(name) == 2 for name in names)
    assert max(Counter(person.name for person in found).values()) > 1


def test_foreign_residents_have_numbers_of_eighteen_characters(people: list[Person]) -> None:
    foreign = [person for person in people if person.id_type == "553"]
    assert len(foreign) >= 2
    for person in foreign:
        assert person.id_number.startswith("9")
        assert mod_11_2.is_valid(person.id_number)
        assert person.name.isascii()
        assert person.ethnicity != "汉"


def test_a_long_stream_takes_no_memory() -> None:
    # Blocks of the allocator instead of bytes: counting them costs nothing, tracing bytes makes
    # the stream seven times slower. A household has about 60 blocks.
    stream = households(SEED, 50_000, 7_000)
    warm_up = sum(len(household.people) for household in islice(stream, 12_000))
    held = []
    count = warm_up
    for number, household in enumerate(stream):
        count += len(household.people)
        if number % 2_000 == 0:
            held.append(getallocatedblocks())
    assert count == 50_000
    assert max(held) - min(held) < 20_000


def test_every_household_is_made_of_immutable_values(population: list[Household]) -> None:
    assert len({hash(household) for household in population}) > len(population) * 0.99
    with pytest.raises(AttributeError):
        population[0].people[0].name = "李四"  # type: ignore[misc]

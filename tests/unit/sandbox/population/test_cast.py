"""The fixed cast: whom every population begins with."""

from datetime import date
from itertools import islice

import pytest

from backend.numbers.service import age_on, parse_id_number
from backend.sandbox.population.cast import cast, cast_enterprises, cast_people
from backend.sandbox.population.generator import demo_people, households
from backend.sandbox.population.people import Household, Person

TODAY = date(2026, 11, 23)


def everybody() -> list[Person]:
    return [person for household in cast() for person in household.people]


@pytest.mark.parametrize(("seed", "people", "enterprises"), [(44, 2000, 300), (7, 5000, 900)])
def test_the_cast_is_the_same_whatever_the_seed(seed: int, people: int, enterprises: int) -> None:
    stream = households(seed, people, enterprises)
    assert tuple(islice(stream, len(cast()))) == cast()


def test_the_cast_alone_is_a_population() -> None:
    assert tuple(households(44, cast_people(), cast_enterprises())) == cast()


def test_the_cast_is_numbered_without_gaps() -> None:
    assert [household.index for household in cast()] == list(range(len(cast())))
    assert [person.index for person in everybody()] == list(range(cast_people()))
    run = [one.index for household in cast() for one in household.enterprises]
    assert run == list(range(cast_enterprises()))


def test_demo_people_have_fixed_names_numbers_and_phones() -> None:
    shown = [(one.name, one.phone, one.id_number, one.person) for one in demo_people()]
    assert shown == [
        ("张建国", "13800000001", "441402195803129810", 0),
        ("李晓雯", "13800000002", "430102199506189808", 2),
        ("陈志强", "13800000003", "440513198204219811", 5),
    ]
    for one, person in zip(demo_people(), (0, 2, 5), strict=True):
        assert everybody()[person].id_number == one.id_number
        assert parse_id_number(one.id_number, TODAY).id_type == "111"
        assert one.says.endswith("。")


def family(number: int) -> Household:
    return cast()[number]


def test_zhang_is_retired_and_has_property_car_and_permit() -> None:
    zhang, wife = family(0).people
    assert age_on(zhang.birth, TODAY) == 68
    assert zhang.job is None
    assert zhang.retired_on is not None
    assert (zhang.spouse_index, wife.spouse_index) == (wife.index, zhang.index)
    assert all((zhang.home, zhang.car, zhang.driver, zhang.residence_permit, zhang.marriage))
    assert zhang.licence_load == "normal"


def test_li_works_and_has_a_new_born_daughter() -> None:
    li, husband, child = family(1).people
    assert age_on(li.birth, TODAY) == 31
    assert li.job is not None
    assert li.car is not None
    assert age_on(child.birth, TODAY) == 0
    assert child.parent_indexes == (husband.index, li.index)
    employer = next(one for home in cast() for one in home.enterprises if one.index == 2)
    assert (employer.uscc, employer.name) == (li.job.employer_uscc, li.job.employer_name)
    assert li.index in employer.staff_indexes


def test_chen_represents_two_enterprises_with_food_licences() -> None:
    chen, wife, _ = family(2).people
    assert age_on(chen.birth, TODAY) == 44
    shop, company = family(2).enterprises
    assert (shop.kind, company.kind) == ("individual", "enterprise")
    for one in (shop, company):
        assert one.legal_representative is chen
        assert one.food_licence
        assert one.status == "存续"
    assert shop.staff_indexes == (chen.index, wife.index)


@pytest.mark.parametrize(
    "prefix", ["810000", "820000", "830000", "944"], ids=["香港", "澳门", "台湾", "外国人"]
)
def test_residents_from_outside_the_mainland_are_there(prefix: str) -> None:
    assert any(person.id_number.startswith(prefix) for person in everybody())


def test_every_edge_case_is_there() -> None:
    people = everybody()
    names = [person.name for person in people]
    assert any("䶮" in name for name in names)
    assert any("𬭚" in name for name in names)
    assert any("·" in name and len(name) > 12 for name in names)
    assert any(len(name) > 40 for name in names)
    assert any(len(name) == 2 for name in names)
    assert {"none", "many", "normal"} == {person.licence_load for person in people}
    assert any(person.status == "deceased" for person in people)
    assert any(not person.face_ok for person in people)
    assert any(person.previous_numbers for person in people)
    assert any(person.id_type == "553" for person in people)
    assert any((person.birth.month, person.birth.day) == (2, 29) for person in people)
    assert any(age_on(person.birth, TODAY) > 100 for person in people)
    assert any(one.status == "吊销" for home in cast() for one in home.enterprises)
    assert any(len(one.name) > 30 for home in cast() for one in home.enterprises)


def test_two_women_share_name_and_birthday_but_no_number() -> None:
    one, other = (person for person in everybody() if person.name == "王秀英")
    assert one.birth == other.birth
    assert one.id_number != other.id_number
    assert one.phone != other.phone

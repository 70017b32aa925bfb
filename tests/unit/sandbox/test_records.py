"""What departments keep on the real population: everybody has what their life gives them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from backend.numbers.licence_identifier import make_identifier, parse_identifier
from backend.sandbox.departments.files import HolderFile, NewLicence
from backend.sandbox.departments.operations import now
from backend.sandbox.departments.registry import departments
from backend.sandbox.departments.shuiwu.records import income_tax
from backend.sandbox.population.generator import demo_people, households
from backend.sandbox.population.people import Enterprise, Person

TODAY = now().date()


@dataclass
class World:
    """Everything that all departments know, by holder."""

    people: list[Person] = field(default_factory=list)
    enterprises: list[Enterprise] = field(default_factory=list)
    files: dict[str, list[tuple[str, HolderFile]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def licences(self, code: str) -> list[NewLicence]:
        """All licences of a holder, from all departments."""
        return [one for _, file in self.files[code] for one in file.licences]

    def named(self, name: str) -> Person:
        """The first person of that name."""
        return next(person for person in self.people if person.name == name)


@pytest.fixture(scope="module")
def world() -> World:
    """The default population in all departments."""
    found = World()
    for household in households(1, 2000, 300):
        found.people += household.people
        found.enterprises += household.enterprises
        for department in departments():
            for file in department.records()(household, TODAY):
                found.files[file.holder.code].append((department.code, file))
    return found


def _every_licence(world: World) -> Iterator[tuple[str, HolderFile, NewLicence]]:
    for files in world.files.values():
        for code, file in files:
            for licence in file.licences:
                yield code, file, licence


def _ends_in(licence: NewLicence) -> int:
    assert licence.valid_to is not None
    return (licence.valid_to - TODAY).days


def _one(world: World, code: str, kind: str) -> NewLicence:
    (found,) = (licence for licence in world.licences(code) if licence.kind == kind)
    return found


def test_a_department_keeps_one_file_per_holder(world: World) -> None:
    for files in world.files.values():
        codes = [code for code, _ in files]
        assert len(codes) == len(set(codes))


def test_every_identifier_is_valid_and_belongs_to_one_licence(world: World) -> None:
    by_code = {department.code: department for department in departments()}
    owners: dict[str, tuple[object, ...]] = {}
    for code, file, licence in _every_licence(world):
        department = by_code[code]
        identifier = make_identifier(
            department.type_codes()[licence.kind],
            department.described["uscc"],
            licence.serial,
            licence.version,
        )
        parse_identifier(identifier)
        owner = licence.holders or (file.holder,)
        assert owners.setdefault(identifier, owner) == owner


def test_every_licence_says_only_what_its_type_declares(world: World) -> None:
    declared = {
        kind["name"]: {one["name"] for one in kind.get("fields", [])}
        for department in departments()
        for kind in department.licence_types
    }
    for _, _, licence in _every_licence(world):
        assert set(licence.extra) <= declared[licence.kind], licence.kind
        assert licence.issued <= TODAY
        assert licence.valid_to is None or licence.valid_from < licence.valid_to


def test_every_type_of_licence_is_seen(world: World) -> None:
    seen = {licence.kind for _, _, licence in _every_licence(world)}
    assert seen == {name for department in departments() for name in department.type_codes()}


def test_some_licences_end_soon_have_ended_are_lost_or_withheld(world: World) -> None:
    soon = over = 0
    statuses: set[str] = set()
    for _, _, licence in _every_licence(world):
        statuses.add(licence.status)
        if licence.valid_to is not None:
            soon += 0 <= _ends_in(licence) <= 30
            over += _ends_in(licence) < 0
    assert soon >= 20
    assert over >= 10
    assert {"VALID", "LOST", "SUSPENDED", "CANCELLED", "FORFEITED"} <= statuses


def test_people_without_licences_have_none_and_a_full_wallet_has_thirty(world: World) -> None:
    counts = {
        load: {
            len(world.licences(person.id_number))
            for person in world.people
            if person.licence_load == load
        }
        for load in ("none", "many")
    }
    assert counts == {"none": {0}, "many": {30}}


def test_the_dead_hold_nothing(world: World) -> None:
    dead = [person for person in world.people if person.status == "deceased"]
    assert dead
    assert not any(world.licences(person.id_number) for person in dead)


def test_an_old_number_is_known_as_replaced(world: World) -> None:
    renumbered = [person for person in world.people if person.previous_numbers]
    assert renumbered
    for person in renumbered:
        ((code, file),) = world.files[person.previous_numbers[0]]
        assert code == "gongan"
        assert file.facts == {"identity": {"status": "replaced"}}


def test_the_demo_people_have_what_their_stories_tell(world: World) -> None:
    zhang, li, chen = (world.named(person.name) for person in demo_people())
    permit = _one(world, zhang.id_number, "居住证")
    assert _ends_in(permit) == -12
    assert permit.extra["endorsed_until"] == (TODAY - timedelta(days=12)).isoformat()
    assert _one(world, zhang.id_number, "社会保障卡").status == "LOST"
    assert len(world.licences(zhang.id_number)) == 8

    assert _ends_in(_one(world, li.id_number, "居民身份证")) == 20
    birth = _one(world, li.id_number, "出生医学证明")
    assert birth.extra["mother"] == li.name
    assert [holder.name for holder in birth.holders][1] == li.name

    assert _one(world, chen.id_number, "机动车驾驶证").status == "SUSPENDED"
    facts = {
        name: data for _, file in world.files[chen.id_number] for name, data in file.facts.items()
    }
    assert facts["driver"]["points"] == 12
    mine = [e for e in world.enterprises if e.legal_representative.id_number == chen.id_number]
    assert len(mine) == 2
    restaurant, company = mine
    assert _ends_in(_one(world, restaurant.uscc, "食品经营许可证")) == 25
    assert _ends_in(_one(world, company.uscc, "食品经营许可证")) > 30
    assert {one.kind for one in world.licences(company.uscc)} == {"营业执照", "食品经营许可证"}


def test_everybody_with_a_job_has_six_sections(world: World) -> None:
    li = world.named("李晓雯")
    facts = {name for _, file in world.files[li.id_number] for name in file.facts}
    assert {"social_security", "medical_insurance", "housing_fund", "driver", "tax"} <= facts


def test_the_same_household_always_has_the_same_files() -> None:
    def all_files() -> list[HolderFile]:
        return [
            file
            for household in households(5, 200, 30)
            for department in departments()
            for file in department.records()(household, date(2026, 11, 23))
        ]

    assert all_files() == all_files()


@pytest.mark.parametrize(
    ("income", "tax"),
    [(0, 0), (60_000, 0), (96_000, 1080), (204_000, 11_880), (1_200_000, 331_080)],
)
def test_income_tax_follows_the_brackets_of_the_law(income: int, tax: float) -> None:
    assert income_tax(income) == tax

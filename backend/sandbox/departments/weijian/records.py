"""What 卫健委 has: births. The child and its parents hold the certificate jointly."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from backend.numbers.citizen_id import age_on
from backend.numbers.holder import Holder
from backend.sandbox.departments.files import Draw, HolderFile, NewLicence, serial
from backend.sandbox.departments.places import city_name, county_code
from backend.sandbox.population.people import Household, Person

OF_AGE = 18
HOSPITALS = ("妇幼保健院", "第一人民医院", "中心医院", "中医院")


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each child under 18 and for each of its parents in the household."""
    by_index = {person.index: person for person in household.people}
    held: dict[int, list[NewLicence]] = defaultdict(list)
    for child in household.people:
        parents = [by_index[index] for index in child.parent_indexes if index in by_index]
        family = [child, *sorted(parents, key=lambda parent: parent.sex != "女")]
        if parents and age_on(child.birth, today) < OF_AGE and _all_have_licences(family):
            licence = _certificate(child, family)
            for member in family:
                held[member.index].append(licence)
    for index, licences in sorted(held.items()):
        person = by_index[index]
        if person.status == "alive":
            holder = Holder(person.id_type, person.id_number, person.name)
            yield HolderFile(holder, tuple(licences))


def _all_have_licences(family: list[Person]) -> bool:
    return family[0].status == "alive" and all(p.licence_load != "none" for p in family)


def _certificate(child: Person, family: list[Person]) -> NewLicence:
    draw = Draw("weijian", child.index)
    mother = next((p.name for p in family[1:] if p.sex == "女"), "")
    father = next((p.name for p in family[1:] if p.sex == "男"), "")
    hospital = HOSPITALS[draw.below("hospital", len(HOSPITALS))]
    return NewLicence(
        kind="出生医学证明",
        serial=serial(child.birth, child.index),
        number=f"{'QRSTUVWXYZ'[child.birth.year % 10]}{44:02d}{child.index % 10**7:07d}",
        issued=child.birth,
        valid_from=child.birth,
        valid_to=None,
        region_code=county_code(child.region_code),
        extra={
            "child": child.name,
            "sex": child.sex,
            "born_on": child.birth.isoformat(),
            "hospital": f"{city_name(child.region_code)}{hospital}",
            "mother": mother,
            "father": father,
        },
        holders=tuple(Holder(p.id_type, p.id_number, p.name) for p in family),
    )

"""What 民政厅 has: marriages. Both spouses hold the same certificate."""

from collections.abc import Iterator
from datetime import date

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import HolderFile, NewLicence, serial
from backend.sandbox.departments.places import county_code, full_name
from backend.sandbox.population.people import Household, Person


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each spouse who is alive."""
    by_index = {person.index: person for person in household.people}
    for person in household.people:
        spouse = by_index.get(person.spouse_index if person.spouse_index is not None else -1)
        if spouse is None or person.marriage is None or person.index > spouse.index:
            continue
        yield from _couple(person, spouse, person.marriage)


def _couple(one: Person, other: Person, married: date) -> Iterator[HolderFile]:
    if "none" in (one.licence_load, other.licence_load):
        return
    # Husband first, as on the certificate; the population marries men and women only.
    husband, wife = sorted((one, other), key=lambda person: person.sex != "男")
    county = county_code(husband.region_code)
    licence = NewLicence(
        kind="结婚证",
        serial=serial(married, one.index),
        number=f"J{county}-{married.year}-{one.index % 10**6:06d}",
        issued=married,
        valid_from=married,
        valid_to=None,
        region_code=county,
        extra={
            "husband": husband.name,
            "wife": wife.name,
            "registered_on": married.isoformat(),
            "registry": f"{full_name(county)}民政局婚姻登记处",
        },
        holders=tuple(Holder(p.id_type, p.id_number, p.name) for p in (husband, wife)),
    )
    for person in (husband, wife):
        if person.status == "alive":
            yield HolderFile(Holder(person.id_type, person.id_number, person.name), (licence,))

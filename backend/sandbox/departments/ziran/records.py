"""What 自然资源厅 has: real property."""

from collections.abc import Iterator
from datetime import date

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import Draw, HolderFile, NewLicence, serial, years_after
from backend.sandbox.departments.places import city_name, county_code
from backend.sandbox.population.people import Household, Person, Property

MANY_PROPERTIES = 4


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each living owner."""
    for person in household.people:
        if person.status != "alive" or person.licence_load == "none":
            continue
        owned = _owned(person, today)
        if owned:
            yield _file(person, owned)


def _owned(person: Person, today: date) -> list[Property]:
    owned = [person.home] if person.home is not None else []
    if person.licence_load == "many":
        owned += [_another(person, nth, today) for nth in range(1, MANY_PROPERTIES + 1)]
    return owned


def _another(person: Person, nth: int, today: date) -> Property:
    """Shops and parking spaces of somebody who has many."""
    draw = Draw("ziran", person.index)
    acquired = draw.day(f"acquired{nth}", years_after(person.birth, 22), today)
    county = county_code(person.region_code)
    running = draw.below(f"number{nth}", 10**7)
    usage, area = (("商铺", 4860), ("车位", 1250))[nth % 2]
    return Property(
        certificate_number=f"粤({acquired.year}){city_name(county)}不动产权第{running:07d}号",
        unit_number=f"{county}{nth:03d}GB{running:05d}F{running:08d}"[:28].ljust(28, "0"),
        region_code=person.region_code,
        address=f"{person.address}旁{usage}{nth}号",
        area_m2=(area + draw.below(f"area{nth}", 900)) / 100,
        usage=usage,
        acquired_on=acquired,
    )


def _file(person: Person, owned: list[Property]) -> HolderFile:
    draw = Draw("ziran", person.index)
    licences = tuple(_certificate(person, one, nth) for nth, one in enumerate(owned, start=1))
    section = {
        "count": len(owned),
        "area": f"{sum(one.area_m2 for one in owned):.2f}",
        "mortgage": "有抵押" if draw.one_in("mortgage", 3) else "无抵押",
    }
    holder = Holder(person.id_type, person.id_number, person.name)
    return HolderFile(holder, licences, {"property": section})


def _certificate(person: Person, one: Property, nth: int) -> NewLicence:
    return NewLicence(
        kind="不动产权证书",
        serial=serial(one.acquired_on, person.index, nth),
        number=one.certificate_number,
        issued=one.acquired_on,
        valid_from=one.acquired_on,
        valid_to=None,
        region_code=county_code(one.region_code),
        extra={
            "unit_number": one.unit_number,
            "location": one.address,
            "area": f"{one.area_m2:.2f}",
            "use": one.usage,
            "ownership": "单独所有",
        },
    )

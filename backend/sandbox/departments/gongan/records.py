"""What 公安厅 has on people: identity, residence, driving licences and cars."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from backend.numbers.citizen_id import age_on
from backend.numbers.holder import Holder
from backend.sandbox.departments.files import (
    Draw,
    HolderFile,
    NewLicence,
    drawn_term,
    serial,
    years_after,
)
from backend.sandbox.departments.places import full_name, office
from backend.sandbox.population.people import Driver, Household, Person

MANY_CARS = 3
PERMIT_PREFIXES = ("81", "82", "83")
LOST_ONE_IN, SUSPENDED_ONE_IN = 80, 150


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One file for each person, and one for each number that was replaced."""
    head = household.people[0]
    for place, person in enumerate(household.people):
        holder = Holder(person.id_type, person.id_number, person.name)
        licences = tuple(_licences(person, today)) if _has_licences(person) else ()
        if licences == () and _is_newborn(person, today):
            licences = (_household_page(household, head, person, place),)
        facts: dict[str, dict[str, Any]] = {"population": _population(person)}
        if person.status == "alive" and person.id_type == "111" and not person.residence_permit:
            facts["household"] = _household_entry(household, head, person, place)
        if identity := _identity(person):
            facts["identity"] = identity
        if person.driver is not None and licences:
            facts["driver"] = _driver_section(person, person.driver, today)
        yield HolderFile(holder, licences, facts)
        for number in person.previous_numbers:
            former = Holder(person.id_type, number, person.name)
            yield HolderFile(former, (), {"identity": {"status": "replaced"}})


def _population(person: Person) -> dict[str, Any]:
    """人口基本信息 as it is shared with other departments."""
    return {
        "name": person.name,
        "sex": person.sex,
        "ethnicity": person.ethnicity,
        "birth_date": person.birth.isoformat(),
        "address": person.address,
        "region_code": person.region_code,
        "life_status": "正常" if person.status == "alive" else "死亡",
    }


def _household_entry(
    household: Household, head: Person, person: Person, place: int
) -> dict[str, Any]:
    """The page of the 户口簿 on one person; the first of a household is its head."""
    return {
        "household_number": f"{person.region_code[:6]}{head.index:09d}",
        "head": head.name,
        "relation": _relation(head, person, place),
        "address": household.address,
        "members": len(household.people),
    }


def _is_newborn(person: Person, today: date) -> bool:
    """Has a page in the 户口簿, and no identity card yet."""
    young = _has_licences(person) and age_on(person.birth, today) < 1
    return young and person.id_type == "111" and not person.residence_permit


def _household_page(household: Household, head: Person, person: Person, place: int) -> NewLicence:
    """The page that is added for a newborn, on its own file."""
    return NewLicence(
        kind="居民户口簿",
        serial=serial(person.birth, person.index),
        number=f"{person.region_code[:6]}{head.index:09d}",
        issued=person.birth,
        valid_from=person.birth,
        valid_to=None,
        region_code=person.region_code[:6],
        extra={
            "child": person.name, "child_id": person.id_number, "sex": person.sex,
            "born_on": person.birth.isoformat(), "ethnicity": person.ethnicity,
            "relation": _relation(head, person, place), "address": household.address,
        },
    )  # fmt: skip


def _relation(head: Person, person: Person, place: int) -> str:
    if place == 0:
        return "户主"
    if person.index == head.spouse_index:
        return "妻" if person.sex == "女" else "夫"
    if head.index in person.parent_indexes:
        return "女" if person.sex == "女" else "子"
    if person.index in head.parent_indexes:
        return "母亲" if person.sex == "女" else "父亲"
    return "其他亲属"


def _has_licences(person: Person) -> bool:
    return person.status == "alive" and person.licence_load != "none"


def _identity(person: Person) -> dict[str, Any]:
    """What ``identity.match`` and ``identity.face`` need beyond name and number; mostly nothing."""
    found: dict[str, Any] = {}
    if person.status == "deceased":
        found["status"] = "deceased"
    if not person.face_ok:
        found["face_ok"] = False
    if person.previous_numbers:
        found["previous_numbers"] = list(person.previous_numbers)
    return found


def _licences(person: Person, today: date) -> Iterator[NewLicence]:
    draw = Draw("gongan", person.index)
    if age_on(person.birth, today) >= 1:
        yield identity_card(person, draw, today)
    if person.residence_permit:
        yield _residence_permit(person, draw, today)
    if person.driver is not None:
        yield _driving_licence(person, person.driver, draw)
    cars = [person.car.plate] if person.car is not None else []
    if person.licence_load == "many":
        cars += [_plate(draw, nth) for nth in range(MANY_CARS)]
    for nth, plate in enumerate(cars, start=1):
        yield _vehicle_licence(person, draw, plate, nth, today)


def identity_card(person: Person, draw: Draw, today: date) -> NewLicence:
    """The card by which a person is known; of some it was lost, or has expired."""
    issued, until = _identity_card_term(person, draw, today)
    extra: dict[str, Any] = {"sex": person.sex, "birth_date": person.birth.isoformat()}
    if person.id_type == "553":
        kind, office_name = "外国人永久居留身份证", "国家移民管理局"
        extra |= {"nationality": person.ethnicity}
    elif person.id_number.startswith(PERMIT_PREFIXES):
        kind, office_name = "港澳台居民居住证", office(person.region_code, "公安局")
        pass_number = f"H{draw.below('pass', 10**8):08d}"
        extra |= {"address": person.address, "pass_number": pass_number}
    else:
        kind, office_name = "居民身份证", office(person.region_code, "公安局")
        extra |= {"ethnicity": person.ethnicity, "address": person.address}
    return NewLicence(
        kind=kind,
        serial=serial(issued, person.index),
        number=person.id_number,
        issued=issued,
        valid_from=issued,
        valid_to=until,
        region_code=person.region_code,
        extra={**extra, "issuing_office": office_name},
        status="LOST" if draw.one_in("lost", LOST_ONE_IN) else "VALID",
    )


def _identity_card_term(person: Person, draw: Draw, today: date) -> tuple[date, date | None]:
    """5, 10 or 20 years by age, long-term from 46 (居民身份证法 art. 5); 5 or 10 for the others."""
    if person.id_type == "553":
        return drawn_term(draw, "card", today, 10, years_after(person.birth, 1))
    if person.id_number.startswith(PERMIT_PREFIXES):
        return drawn_term(draw, "card", today, 5, years_after(person.birth, 1))
    age = age_on(person.birth, today)
    if age >= 46:
        return draw.day("card", years_after(person.birth, 46), today), None
    from_age, years = (26, 20) if age >= 26 else (16, 10) if age >= 16 else (0, 5)
    return drawn_term(draw, "card", today, years, years_after(person.birth, from_age))


def _residence_permit(person: Person, draw: Draw, today: date) -> NewLicence:
    """居住证: endorsed for a year at a time (居住证暂行条例 art. 10)."""
    issued, until = drawn_term(draw, "permit", today, 1, years_after(person.birth, 1))
    return NewLicence(
        kind="居住证",
        serial=serial(issued, person.index),
        number=person.id_number,
        issued=issued,
        valid_from=issued,
        valid_to=until,
        region_code=person.region_code,
        extra={
            "home_region": full_name(f"{person.id_number[:6]}"),
            "address": person.address,
            "endorsed_until": until.isoformat(),
            "issuing_office": office(person.region_code, "公安局"),
        },
    )


def _driving_licence(person: Person, driver: Driver, draw: Draw) -> NewLicence:
    return NewLicence(
        kind="机动车驾驶证",
        serial=serial(driver.valid_from, person.index),
        number=person.id_number,
        issued=driver.valid_from,
        valid_from=driver.valid_from,
        valid_to=driver.valid_to,
        region_code=person.region_code,
        extra={
            "classes": driver.vehicle_class,
            "first_issued": driver.first_issued.isoformat(),
            "address": person.address,
            "file_number": driver.file_number,
            "issuing_office": office(person.region_code, "公安局"),
        },
        status="SUSPENDED" if _points(draw) >= 12 else "VALID",
    )


def _points(draw: Draw) -> int:
    """累积记分 of this period: mostly none; 12 means that the licence is withheld."""
    if draw.one_in("suspended", SUSPENDED_ONE_IN):
        return 12
    return (0, 0, 0, 0, 1, 3, 3, 6, 9)[draw.below("points", 9)]


def _driver_section(person: Person, driver: Driver, today: date) -> dict[str, Any]:
    points = _points(Draw("gongan", person.index))
    next_review = driver.valid_to or years_after(person.birth, age_on(person.birth, today) + 1)
    return {
        "points": points,
        "classes": driver.vehicle_class,
        "next_review": next_review.isoformat(),
        "state": "扣押" if points >= 12 else "正常",
    }


def _plate(draw: Draw, nth: int) -> str:
    return f"粤A{draw.below(f'plate{nth}', 10**5):05d}"


def _vehicle_licence(person: Person, draw: Draw, plate: str, nth: int, today: date) -> NewLicence:
    car = person.car if nth == 1 else None
    registered = (
        car.registered_on
        if car is not None
        else draw.day(f"car{nth}", today - timedelta(days=3000), today)
    )
    # Cars up to ten years old are inspected every two years, older ones yearly.
    interval = 2 if (today - registered).days < 3650 else 1
    until = registered
    while until <= today:
        until = years_after(registered, until.year - registered.year + interval)
    return NewLicence(
        kind="机动车行驶证",
        serial=serial(registered, person.index, nth),
        number=plate,
        issued=registered,
        valid_from=registered,
        valid_to=None,
        region_code=person.region_code,
        extra={
            "vehicle_type": car.vehicle_type if car else "小型普通客车",
            "model": car.model if car else "穗星牌SX6450",
            "vin": car.vin if car else f"LSSX{draw.below(f'vin{nth}', 10**8):08d}{nth:05d}",
            "registered_on": registered.isoformat(),
            "inspection_until": until.isoformat(),
            "issuing_office": office(person.region_code, "公安局"),
        },
    )

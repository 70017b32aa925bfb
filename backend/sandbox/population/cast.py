"""The fixed cast: the same first people in every population, whatever the seed.

Three families to try the platform with, and one person for everything that software gets wrong.
All names are invented, all numbers are valid and belong to nobody that we know of; the people do
not exist. Their numbers use sequences from 980 on, which the stream leaves free.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

from backend.numbers.service import make_id_number
from backend.sandbox.population.cast_families import (
    chen_family,
    cooperative_owner,
    li_family,
    software_owner,
    struck_off_owner,
    zhang_family,
)
from backend.sandbox.population.origins import FIRST_FREE_SEQUENCE
from backend.sandbox.population.people import Household, LicenceLoad, Person, Sex, Status
from backend.sandbox.population.places import place
from backend.sandbox.population.serials import phone_number
from backend.sandbox.population.unusual import FOREIGNERS, LONG_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """Somebody who lives alone. ``prefix`` is the beginning of the identity number."""

    name: str
    sex: Sex
    birth: date
    prefix: str
    street: str
    sequence: int = 0
    ethnicity: str = "汉"
    status: Status = "alive"
    previous: int | None = None
    face_ok: bool = True
    licence_load: LicenceLoad = "normal"
    retired_on: date | None = None


_ROLES = (
    _Role(name="何嘉欣", sex="女", birth=date(1994, 8, 23), prefix="810000", street="440304008"),
    _Role(name="梁家明", sex="男", birth=date(1990, 1, 1), prefix="820000", street="440402005"),
    _Role(name="林怡君", sex="女", birth=date(1992, 1, 30), prefix="830000", street="440106008"),
    _Role(
        name=FOREIGNERS[0][0],
        sex="男",
        birth=date(1979, 5, 4),
        prefix="944276",
        street="440104011",
        ethnicity="德国",
    ),
    _Role(
        name="WILLIAMS ELIZABETH MARGARET ALEXANDRA VICTORIA MONTGOMERY",
        sex="女",
        birth=date(1985, 12, 31),
        prefix="944826",
        street="440305005",
        ethnicity="英国",
    ),
    _Role(
        name=LONG_NAMES[0],
        sex="男",
        birth=date(1988, 3, 21),
        prefix="653101",
        street="440112015",
        ethnicity="维吾尔",
    ),
    _Role(name="刘䶮", sex="男", birth=date(1991, 7, 7), prefix="440303", street="440303003"),
    _Role(name="王𬭚", sex="女", birth=date(2001, 9, 9), prefix="440402", street="440402009"),
    # The same name and the same birthday, two women.
    _Role(name="王秀英", sex="女", birth=date(1966, 2, 14), prefix="440902", street="440902001"),
    _Role(
        name="王秀英",
        sex="女",
        birth=date(1966, 2, 14),
        prefix="440902",
        street="440902002",
        sequence=2,
    ),
    _Role(
        name="周平",
        sex="男",
        birth=date(2000, 2, 29),
        prefix="440106",
        street="440106010",
        licence_load="none",
    ),
    _Role(
        name="黄国栋",
        sex="男",
        birth=date(1978, 11, 11),
        prefix="440605",
        street="440605011",
        licence_load="many",
    ),
    _Role(
        name="吴桂芳",
        sex="女",
        birth=date(1941, 6, 1),
        prefix="440785",
        street="440785001",
        status="deceased",
    ),
    _Role(
        name="欧阳文静",
        sex="女",
        birth=date(1987, 4, 5),
        prefix="441302",
        street="441302001",
        sequence=2,
        previous=0,
    ),
    _Role(
        name="曾志明",
        sex="男",
        birth=date(1975, 10, 10),
        prefix="441481",
        street="441481001",
        face_ok=False,
    ),
    _Role(
        name="谢金福",
        sex="男",
        birth=date(1923, 5, 5),
        prefix="440524",
        street="440513001",
        retired_on=date(1983, 6, 1),
    ),
)


@cache
def cast() -> tuple[Household, ...]:
    """The households that every population begins with."""
    builders: tuple[Callable[[int, int], Household], ...] = (
        zhang_family,
        li_family,
        chen_family,
        *(partial(_alone, role) for role in _ROLES),
        software_owner,
        struck_off_owner,
        cooperative_owner,
    )
    households: list[Household] = []
    first = 0
    for index, build in enumerate(builders):
        household = build(index, first)
        households.append(household)
        first += len(household.people)
    return tuple(households)


def cast_people() -> int:
    """How many people the cast has."""
    return sum(len(household.people) for household in cast())


def cast_enterprises() -> int:
    """How many enterprises the cast runs."""
    return sum(len(household.enterprises) for household in cast())


def _alone(role: _Role, index: int, person_index: int) -> Household:
    home = place(role.street)
    address = f"{home.address}和平路{index}号1栋{index}01房"
    odd = role.sex == "男"

    def number(sequence: int) -> str:
        return make_id_number(role.prefix, role.birth, FIRST_FREE_SEQUENCE + sequence + odd)

    person = Person(
        index=person_index,
        name=role.name,
        id_number=number(role.sequence),
        id_type="553" if role.prefix.startswith("9") else "111",
        sex=role.sex,
        birth=role.birth,
        ethnicity=role.ethnicity,
        phone=None if role.status == "deceased" else phone_number(person_index),
        region_code=role.street,
        address=address,
        status=role.status,
        previous_numbers=() if role.previous is None else (number(role.previous),),
        face_ok=role.face_ok,
        licence_load=role.licence_load,
        retired_on=role.retired_on,
        residence_permit=role.prefix == "653101",
    )
    return Household(index, role.street, address, (person,))

"""Builds one household of the stream: plan, birthplaces, names, possessions."""

from dataclasses import dataclass
from datetime import date
from random import Random

from backend.numbers.service import make_id_number
from backend.sandbox.population import possessions
from backend.sandbox.population.calendar_days import DRAWN_FOR, birthday, years_later
from backend.sandbox.population.draws import mixed
from backend.sandbox.population.enterprises import Enterprises
from backend.sandbox.population.layout import Layout, Slot
from backend.sandbox.population.names import full_name, people_of, surname
from backend.sandbox.population.origins import DAYS, PLACES_IN_BLOCK, Origin, origin_of
from backend.sandbox.population.people import (
    Car,
    Driver,
    Enterprise,
    Household,
    Job,
    Person,
    Property,
)
from backend.sandbox.population.places import Home, Places
from backend.sandbox.population.plans import MARRIAGE_AGE, Member, plan
from backend.sandbox.population.serials import phone_number
from backend.sandbox.population.unusual import UNUSUAL_AGE, unusual

_PURPOSE = 51
# Birthdays of a household lie apart, so that they do not all fall on one day.
_DAYS_APART = (0, 131, 47, 211, 283)


@dataclass(slots=True)
class _Family:
    """A household while it is built; lists go by place."""

    slot: Slot
    home: Home
    rng: Random
    members: list[Member]
    origins: list[Origin]
    births: list[date]
    numbers: list[str]
    peoples: list[str]
    names: list[str]
    weddings: list[date | None]


class Builder:
    """Makes households of the stream, each from its index alone. One thread at a time."""

    def __init__(self, seed: int, layout: Layout, places: Places) -> None:
        self._seed, self._layout, self._places = seed, layout, places
        self._enterprises = Enterprises(seed, layout, places)
        self._rng = Random()

    def household(self, index: int) -> Household:
        """One household that does not belong to the cast."""
        slot = self._layout.slot(index)
        rng = self._rng
        rng.seed(mixed(self._seed, _PURPOSE, index))
        home = self._places.home_of(self._seed, index, slot.cycle)
        family = self._family(slot, home, rng)
        people = tuple(self._person(family, place) for place in range(len(family.members)))
        run = tuple(
            self._enterprise(number, people[0]) for number in self._layout.enterprises_of(index)
        )
        if slot.unusual >= 0:
            people = (unusual(people[0], slot.unusual, _spare_number(family)),)
        return Household(index, home.street_code, home.address, people, run)

    def _family(self, slot: Slot, home: Home, rng: Random) -> _Family:
        members = plan(rng, slot.kind)
        if slot.unusual >= 0:
            members[0].age = UNUSUAL_AGE
        origins = self._origins(slot, rng, members)
        births = [
            birthday(member.age, (origin.day + _DAYS_APART[place]) % DAYS)
            for place, (member, origin) in enumerate(zip(members, origins, strict=True))
        ]
        peoples = _peoples(rng, members, origins)
        return _Family(
            slot=slot,
            home=home,
            rng=rng,
            members=members,
            origins=origins,
            births=births,
            numbers=_numbers(members, origins, births),
            peoples=peoples,
            names=_names(rng, members, peoples, births),
            weddings=_weddings(rng, members, births),
        )

    def _origins(self, slot: Slot, rng: Random, members: list[Member]) -> list[Origin]:
        """One for all, except that every third one who married in comes from elsewhere."""
        own = origin_of(self._places, self._seed, slot, local=True)
        origins = [own] * len(members)
        if len(members) > 1 and members[1].spouse == 0 and rng.random() < 0.35:
            origins[1] = origin_of(self._places, self._seed, slot, local=False)
        return origins

    def _person(self, family: _Family, place: int) -> Person:
        member, birth, rng = family.members[place], family.births[place], family.rng
        first = family.slot.first_person
        index = first + place
        adult, alive = member.age >= 18, member.alive
        job = self._job(family, place, index) if alive else None
        retired = possessions.pension_start(rng, birth, member.sex) if alive else None
        driver, car = self._on_the_road(family, place, index) if alive and adult else (None, None)
        home = family.home
        moved = family.numbers[place][:4] != home.county.code[:4]
        return Person(
            index=index,
            name=family.names[place],
            id_number=family.numbers[place],
            id_type="111",
            sex=member.sex,
            birth=birth,
            ethnicity=family.peoples[place],
            phone=self._phone(family, place, index) if alive else None,
            region_code=home.street_code,
            address=home.address,
            status="alive" if alive else "deceased",
            spouse_index=None if member.spouse is None else first + member.spouse,
            marriage=family.weddings[place],
            parent_indexes=tuple(first + parent for parent in member.parents),
            job=job,
            retired_on=retired,
            car=car,
            driver=driver,
            home=self._property(family, place, index),
            residence_permit=adult and alive and moved and rng.random() < 0.75,
        )

    def _job(self, family: _Family, place: int, index: int) -> Job | None:
        employer = self._layout.employer_of(index)
        birth, rng = family.births[place], family.rng
        if employer is not None:
            return possessions.enterprise_job(rng, self._enterprises.profile(employer), birth)
        if 22 <= family.members[place].age < 55 and rng.random() < 0.4:
            return possessions.public_job(rng, family.home.city, birth)
        return None

    def _on_the_road(
        self, family: _Family, place: int, index: int
    ) -> tuple[Driver | None, Car | None]:
        rng, member = family.rng, family.members[place]
        if member.age < 19 or member.age > 75 or rng.random() > 0.55:
            return None, None
        city = family.home.city
        driver = possessions.driving_licence(rng, index, family.births[place], city)
        if rng.random() > 0.45:
            return driver, None
        return driver, possessions.car(rng, index, city, driver)

    def _phone(self, family: _Family, place: int, index: int) -> str | None:
        member = family.members[place]
        has = member.age >= 14 and family.rng.random() < (0.98 if member.age < 65 else 0.88)
        return phone_number(index) if has else None

    def _property(self, family: _Family, place: int, index: int) -> Property | None:
        """The first person may own the home, a student's is rented."""
        member = family.members[place]
        if place or member.age < 25 or family.rng.random() > 0.55:
            return None
        return possessions.own_home(family.rng, index, family.home, family.births[place])

    def _enterprise(self, index: int, owner: Person) -> Enterprise:
        profile = self._enterprises.profile(index)
        return Enterprise(
            index=index,
            uscc=profile.uscc,
            name=profile.name,
            kind=profile.kind,
            status=profile.status,
            legal_representative=owner,
            staff_indexes=self._layout.staff_of(index),
            region_code=profile.county.code,
            address=profile.address,
            established_on=profile.established_on,
            registered_capital=profile.registered_capital,
            industry_code=profile.industry.code,
            industry_name=profile.industry.name,
            food_licence=profile.food_licence,
        )


def _numbers(members: list[Member], origins: list[Origin], births: list[date]) -> list[str]:
    """Places within the block keep members apart, the last bit men and women (see origins)."""
    found = []
    for place, (member, origin) in enumerate(zip(members, origins, strict=True)):
        turn = origin.block * PLACES_IN_BLOCK + place
        sequence = 2 * turn + (member.sex == "男")
        found.append(make_id_number(origin.county, births[place], sequence))
    return found


def _spare_number(family: _Family) -> str:
    """A second number that nobody else has, for one who lives alone."""
    member, origin = family.members[0], family.origins[0]
    sequence = 2 * (origin.block * PLACES_IN_BLOCK + 1) + (member.sex == "男")
    return make_id_number(origin.county, family.births[0], sequence)


def _peoples(rng: Random, members: list[Member], origins: list[Origin]) -> list[str]:
    """Everyone like the first person, except who married in from elsewhere."""
    own = people_of(rng, origins[0].county)
    found = [own] * len(members)
    if len(members) > 1 and origins[1] is not origins[0]:
        found[1] = people_of(rng, origins[1].county)
    return found


def _names(rng: Random, members: list[Member], peoples: list[str], births: list[date]) -> list[str]:
    """Children bear the father's family name where he is known."""
    families = [surname(rng) for _ in members]
    # In this order: grandparents stand last and name the first person, who may name a child.
    for place, member in enumerate(members):
        if member.parents:
            families[place] = families[member.parents[0]]
    return [
        full_name(rng, family, people, member.sex, birth.year)
        for family, people, member, birth in zip(families, peoples, members, births, strict=True)
    ]


def _weddings(rng: Random, members: list[Member], births: list[date]) -> list[date | None]:
    """Both spouses of age, and before the first child is born."""
    found: list[date | None] = [None] * len(members)
    for place, member in enumerate(members):
        if member.spouse is None or member.spouse < place:
            continue
        pair = (place, member.spouse)
        earliest = max(years_later(births[p], MARRIAGE_AGE[members[p].sex]) for p in pair)
        children = [births[n] for n, child in enumerate(members) if place in child.parents]
        latest = years_later(min(children), -1) if children else years_later(earliest, 9)
        wedding = possessions.day_between(rng, earliest, min(latest, DRAWN_FOR))
        found[place] = found[member.spouse] = wedding
    return found

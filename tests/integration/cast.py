"""Who of the population plays in which test: nobody is given to two tests on one platform.

A person who logs in a second time from another phone has to show their face first, and a wallet
that another test opened is not cold any more; so a test asks here for somebody of its own.
"""

from collections.abc import Callable
from datetime import date
from functools import cache

from backend.numbers.service import age_on
from backend.sandbox.departments.files import Draw
from backend.sandbox.departments.gongan.records import identity_card
from backend.sandbox.population.generator import demo_people, households
from backend.sandbox.population.people import Enterprise, Household, Person
from tests.provinces import POPULATION, Platform

ADULT = 18
_TAKEN: dict[str, set[int]] = {}


@cache
def province() -> list[Household]:
    """Every household of the population that the platforms of the tests are seeded with."""
    return list(households(POPULATION.seed, POPULATION.people, POPULATION.enterprises))


def ordinary(person: Person) -> bool:
    """Alive, with a citizen's number, and a face that passes."""
    return person.status == "alive" and person.id_type == "111" and person.face_ok


def grown(person: Person) -> bool:
    """Of age: no guardian has to act for them."""
    return age_on(person.birth, date.today()) >= ADULT


def carries_identity_card(person: Person) -> bool:
    """Whether they have a valid 居民身份证, which is neither lost nor a permit of another kind."""
    card = identity_card(person, Draw("gongan", person.index), date.today())
    expired = card.valid_to is not None and card.valid_to < date.today()
    return (card.kind, card.status, expired) == ("居民身份证", "VALID", False)


def take(platform: Platform, *people: Person) -> bool:
    """Claim all of these for one test; False (and nobody claimed) when one already plays."""
    taken, wanted = _TAKEN.setdefault(platform.name, set()), {each.index for each in people}
    if taken & wanted:
        return False
    taken |= wanted
    return True


def somebody(platform: Platform, wanted: Callable[[Person], bool] = lambda _: True) -> Person:
    """An ordinary adult who represents no enterprise, is like that, and has not played yet."""
    for household in province():
        owners = {each.legal_representative.index for each in household.enterprises}
        for person in household.people:
            free = ordinary(person) and grown(person) and person.index not in owners
            if free and wanted(person) and take(platform, person):
                return person
    raise AssertionError("the population of the tests is too small: nobody is left")


@cache
def demo() -> frozenset[str]:
    """The numbers of those whom the main journey plays: they are nobody else's."""
    return frozenset(each.id_number for each in demo_people())


def company(platform: Platform) -> Enterprise:
    """An enterprise in business whose legal representative has not played yet."""
    for household in reversed(province()):
        for each in household.enterprises:
            boss = each.legal_representative
            free = ordinary(boss) and boss.id_number not in demo()
            if each.status == "存续" and free and take(platform, boss):
                return each
    raise AssertionError("the population of the tests is too small: no enterprise is left")

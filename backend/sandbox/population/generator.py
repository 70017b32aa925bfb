"""The synthetic province: a stream of households that is the same for the same seed.

    for household in households(seed=44, people=2000, enterprises=300):
        ...

Everything about a household follows from its index, so the stream needs no memory and any
household can be asked for alone (``Population.household``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.sandbox.population.cast import cast, cast_enterprises, cast_people
from backend.sandbox.population.households import Builder
from backend.sandbox.population.layout import Layout
from backend.sandbox.population.people import Household
from backend.sandbox.population.places import places


class Population:
    """All households of one seed.

    Args:
        seed: any whole number.
        people: how many people in all, the cast among them.
        enterprises: how many enterprises in all, the cast's among them.

    Raises:
        ValueError: fewer than the cast, or enterprises and nobody to run them.
    """

    def __init__(self, seed: int, people: int, enterprises: int) -> None:
        self._cast = cast()
        self._layout = Layout(
            seed,
            people,
            enterprises,
            cast_households=len(self._cast),
            cast_people=cast_people(),
            cast_enterprises=cast_enterprises(),
        )
        self._builder = Builder(seed, self._layout, places())

    def __len__(self) -> int:
        return self._layout.households

    def __iter__(self) -> Iterator[Household]:
        yield from self._cast
        for index in range(len(self._cast), self._layout.households):
            yield self._builder.household(index)

    def household(self, index: int) -> Household:
        """One household, the same as in the stream.

        Raises:
            IndexError: there is none with this index.
        """
        if not 0 <= index < self._layout.households:
            raise IndexError(index)
        if index < len(self._cast):
            return self._cast[index]
        return self._builder.household(index)


def households(seed: int, people: int, enterprises: int) -> Iterator[Household]:
    """The stream of households; arguments and errors as of ``Population``."""
    return iter(Population(seed, people, enterprises))


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to try the platform as.

    Attributes:
        name, phone, id_number: what one logs in and proves one's identity with.
        says: one Chinese sentence about the person.
        household, person: indexes in the stream.
    """

    name: str
    phone: str
    id_number: str
    says: str
    household: int
    person: int


_SAYS = (
    "68岁，已退休，从梅州搬到广州天河居住，有房有车。",
    "31岁，在深圳上班，女儿刚出生两个月。",
    "44岁，在东莞开餐饮店，还办了一家食品公司。",
)


def demo_people() -> tuple[DemoPerson, ...]:
    """The first person of each of the three families of the cast."""
    found = []
    for household, says in zip(cast(), _SAYS, strict=False):
        person = household.people[0]
        if person.phone is None:
            raise ValueError(f"{person.name} needs a phone to log in with")
        found.append(
            DemoPerson(
                name=person.name,
                phone=person.phone,
                id_number=person.id_number,
                says=says,
                household=household.index,
                person=person.index,
            )
        )
    return tuple(found)

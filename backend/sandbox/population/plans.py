"""Who belongs to a household of each sort: sexes, ages and relations, before names and numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from backend.sandbox.population.draws import between
from backend.sandbox.population.layout import Kind
from backend.sandbox.population.people import Sex

MARRIAGE_AGE: dict[Sex, int] = {"男": 22, "女": 20}


@dataclass(slots=True)
class Member:
    """One member of a plan.

    Attributes:
        sex: 男 or 女.
        age: full years on the day for which the population is drawn.
        spouse: place of the spouse in the household.
        parents: places of the parents in the household, father first.
        alive: whether the person lives.
    """

    sex: Sex
    age: int
    spouse: int | None = None
    parents: tuple[int, ...] = ()
    alive: bool = True


def plan(rng: Random, kind: Kind) -> list[Member]:
    """The members of a household, those of working age first."""
    return _PLANS[kind](rng)


def _sex(rng: Random) -> Sex:
    return "男" if rng.random() < 0.51 else "女"


def _couple(rng: Random, husband: int, wife: int) -> list[Member]:
    """Two spouses; in half of the households she comes first."""
    if rng.random() < 0.5:
        return [Member("女", wife, spouse=1), Member("男", husband, spouse=0)]
    return [Member("男", husband, spouse=1), Member("女", wife, spouse=0)]


def _parents_of(rng: Random, oldest: int) -> list[Member]:
    mother = oldest + between(rng, 24, 33)
    return _couple(rng, mother + between(rng, -1, 4), mother)


def _fathers_first(couple: list[Member], first: int = 0) -> tuple[int, int]:
    return (first, first + 1) if couple[0].sex == "男" else (first + 1, first)


def _single(rng: Random) -> list[Member]:
    return [Member(_sex(rng), between(rng, 22, 44))]


def _alone(rng: Random) -> list[Member]:
    student = rng.random() < 0.5
    return [Member(_sex(rng), between(rng, 18, 21) if student else between(rng, 62, 91))]


def _childless(rng: Random) -> list[Member]:
    wife = between(rng, 25, 51)
    return _couple(rng, wife + between(rng, -1, 4), wife)


def _elders(rng: Random) -> list[Member]:
    wife = between(rng, 61, 84)
    return _couple(rng, wife + between(rng, 0, 5), wife)


def _widowed(rng: Random) -> list[Member]:
    members = _elders(rng)
    members[1].alive = False
    return members


def _family3(rng: Random) -> list[Member]:
    child = between(rng, 1, 17)
    parents = _parents_of(rng, child)
    return [*parents, Member(_sex(rng), child, parents=_fathers_first(parents))]


def _family4(rng: Random) -> list[Member]:
    older = between(rng, 5, 17)
    parents = _parents_of(rng, older)
    both = _fathers_first(parents)
    younger = between(rng, 1, older - 2)
    return [
        *parents,
        Member(_sex(rng), older, parents=both),
        Member(_sex(rng), younger, parents=both),
    ]


def _newborn(rng: Random) -> list[Member]:
    parents = _parents_of(rng, 2)
    return [*parents, Member(_sex(rng), 0, parents=_fathers_first(parents))]


def _generations(rng: Random) -> list[Member]:
    """A couple, their child and the parents of the first of the couple."""
    child = between(rng, 1, 15)
    parents = _parents_of(rng, child)
    grandmother = parents[0].age + between(rng, 23, 29)
    grandfather = grandmother + between(rng, 0, 4)
    parents[0].parents = (3, 4)
    return [
        *parents,
        Member(_sex(rng), child, parents=_fathers_first(parents)),
        Member("男", grandfather, spouse=4),
        Member("女", grandmother, spouse=3),
    ]


def _one_parent(rng: Random) -> list[Member]:
    child = between(rng, 3, 17)
    parent = Member(_sex(rng), child + between(rng, 24, 33))
    return [parent, Member(_sex(rng), child, parents=(0,))]


_PLANS: dict[Kind, Callable[[Random], list[Member]]] = {
    Kind.SINGLE: _single,
    Kind.ALONE: _alone,
    Kind.COUPLE: _childless,
    Kind.ELDERS: _elders,
    Kind.WIDOWED: _widowed,
    Kind.FAMILY3: _family3,
    Kind.FAMILY4: _family4,
    Kind.NEWBORN: _newborn,
    Kind.GENERATIONS: _generations,
    Kind.PARENT: _one_parent,
}

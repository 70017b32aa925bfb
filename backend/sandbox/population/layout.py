"""Who lives where in the stream, by arithmetic alone.

After a fixed cast the stream repeats a cycle of 24 households with 50 people, and ends with people
living alone. So the household of a person, the enterprises of a household and the staff of an
enterprise are computed from an index in constant time: nothing has to be remembered, and any
household can be made without those before it.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from backend.sandbox.population.draws import mixed


class Kind(StrEnum):
    """Sorts of households."""

    SINGLE = "single"
    ALONE = "alone"
    COUPLE = "couple"
    ELDERS = "elders"
    WIDOWED = "widowed"
    FAMILY3 = "family3"
    FAMILY4 = "family4"
    NEWBORN = "newborn"
    GENERATIONS = "generations"
    PARENT = "parent"


# How many people, and how many of them (the first ones) are of working age and may have a job.
SIZE = {
    Kind.SINGLE: 1,
    Kind.ALONE: 1,
    Kind.COUPLE: 2,
    Kind.ELDERS: 2,
    Kind.WIDOWED: 2,
    Kind.FAMILY3: 3,
    Kind.FAMILY4: 4,
    Kind.NEWBORN: 3,
    Kind.GENERATIONS: 5,
    Kind.PARENT: 2,
}
WORKING = {
    Kind.SINGLE: 1,
    Kind.ALONE: 0,
    Kind.COUPLE: 2,
    Kind.ELDERS: 0,
    Kind.WIDOWED: 0,
    Kind.FAMILY3: 2,
    Kind.FAMILY4: 2,
    Kind.NEWBORN: 2,
    Kind.GENERATIONS: 2,
    Kind.PARENT: 1,
}
# The order mixes large and small; where the flag is set, the household is from the place itself.
_CYCLE: tuple[tuple[Kind, bool], ...] = (
    (Kind.SINGLE, False),
    (Kind.FAMILY3, True),
    (Kind.COUPLE, True),
    (Kind.ELDERS, True),
    (Kind.SINGLE, False),
    (Kind.ALONE, True),
    (Kind.FAMILY4, True),
    (Kind.COUPLE, False),
    (Kind.SINGLE, True),
    (Kind.WIDOWED, True),
    (Kind.FAMILY3, False),
    (Kind.COUPLE, True),
    (Kind.NEWBORN, True),
    (Kind.SINGLE, False),
    (Kind.GENERATIONS, True),
    (Kind.ALONE, False),
    (Kind.FAMILY3, True),
    (Kind.SINGLE, True),
    (Kind.COUPLE, False),
    (Kind.ELDERS, True),
    (Kind.PARENT, True),
    (Kind.FAMILY3, False),
    (Kind.SINGLE, False),
    (Kind.COUPLE, True),
)
CYCLE_HOUSEHOLDS = len(_CYCLE)
KINDS = tuple(kind for kind, _ in _CYCLE)
STARTS = (0, *accumulate(SIZE[kind] for kind in KINDS))
CYCLE_PEOPLE = STARTS[-1]
# Rank among the local households of the cycle; -1 for the others.
_LOCALS = [position for position, (_, local) in enumerate(_CYCLE) if local]
LOCAL_RANK = tuple(
    _LOCALS.index(position) if local else -1 for position, (_, local) in enumerate(_CYCLE)
)
CYCLE_LOCALS = len(_LOCALS)
# Households whose first person may run an enterprise.
_ABLE = [position for position, kind in enumerate(KINDS) if WORKING[kind]]
ABLE_RANK = tuple(
    _ABLE.index(position) if WORKING[kind] else -1 for position, kind in enumerate(KINDS)
)
CYCLE_ABLE = len(_ABLE)
# For each person of the cycle: position of the household, place in it.
_SLOTS = tuple(
    (position, place) for position, kind in enumerate(KINDS) for place in range(SIZE[kind])
)
# One person in 2,000 is unusual: someone living alone, with no job and no enterprise.
UNUSUAL_EVERY = 40
_UNUSUAL_POSITION = KINDS.index(Kind.ALONE)
# Ten enterprises have seven owners; their shares of the workforce are as unequal as in life.
_OWNED = (1, 1, 2, 1, 1, 3, 1)
_OWNED_BEFORE = (0, *accumulate(_OWNED))
_SHARES = (2, 14, 3, 8, 2, 25, 4, 12, 6, 24)
_SHARES_BEFORE = (0, *accumulate(_SHARES))
ENTERPRISE_GROUP, SHARE_TOTAL = _OWNED_BEFORE[-1], _SHARES_BEFORE[-1]
SMALL_SHARE = 4

_EMPLOYED_PERCENT = 88
_PURPOSE_EMPLOYED, _PURPOSE_CLOSED = 11, 12


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a household stands.

    Attributes:
        index: of the household.
        kind: what sort it is.
        cycle: number of the cycle.
        local_rank: rank among the cycle's local households; -1 when it came from elsewhere.
        position: in the cycle; -1 for the people living alone behind the last full cycle.
        first_person: index of its first person.
        unusual: running number among the households with an unusual person; -1 for all others.
    """

    index: int
    kind: Kind
    cycle: int
    local_rank: int
    position: int
    first_person: int
    unusual: int = -1


class Layout:
    """The arithmetic of one population.

    Args:
        seed: of the population.
        people, enterprises: how many there are in all.
        cast_households, cast_people, cast_enterprises: how many of them are the fixed cast.

    Raises:
        ValueError: fewer people or enterprises than the cast, or enterprises without any people
            to run them.
    """

    def __init__(
        self,
        seed: int,
        people: int,
        enterprises: int,
        *,
        cast_households: int,
        cast_people: int,
        cast_enterprises: int,
    ) -> None:
        if people < cast_people or enterprises < cast_enterprises:
            raise ValueError(
                f"the fixed cast alone has {cast_people} people and {cast_enterprises} enterprises"
            )
        self._seed = seed
        self.people, self.enterprises = people, enterprises
        self.cast_households, self.cast_people = cast_households, cast_people
        self.cast_enterprises = cast_enterprises
        drawn = people - cast_people
        self._cycles, self._singles = divmod(drawn, CYCLE_PEOPLE)
        self.households = cast_households + self._cycles * CYCLE_HOUSEHOLDS + self._singles
        self._first_single = cast_households + self._cycles * CYCLE_HOUSEHOLDS
        self._able = self._cycles * CYCLE_ABLE + self._singles
        self._drawn_enterprises = enterprises - cast_enterprises
        if self._drawn_enterprises and not self._able:
            raise ValueError("there is nobody to run the enterprises: take more people")
        groups, rest = divmod(self._drawn_enterprises, ENTERPRISE_GROUP)
        self._full_owners = groups * len(_OWNED)
        self._owners = self._full_owners + rest
        self._shares = groups * SHARE_TOTAL + _SHARES_BEFORE[rest]

    def slot(self, household: int) -> Slot:
        """Where a household that does not belong to the cast stands."""
        single = household - self._first_single
        if single >= 0:
            first = self.cast_people + self._cycles * CYCLE_PEOPLE + single
            return Slot(household, Kind.SINGLE, self._cycles, -1, -1, first)
        cycle, position = divmod(household - self.cast_households, CYCLE_HOUSEHOLDS)
        first = self.cast_people + cycle * CYCLE_PEOPLE + STARTS[position]
        unusual = cycle // UNUSUAL_EVERY if self._is_unusual(cycle, position) else -1
        kind, rank = KINDS[position], LOCAL_RANK[position]
        return Slot(household, kind, cycle, rank, position, first, unusual)

    @staticmethod
    def _is_unusual(cycle: int, position: int) -> bool:
        return position == _UNUSUAL_POSITION and cycle % UNUSUAL_EVERY == UNUSUAL_EVERY // 2

    def enterprises_of(self, household: int) -> range:
        """Which enterprises the first person of a household represents."""
        able = self._able_index(household)
        if able < 0 or not self._owners:
            return range(0)
        # Owner number g lives in the able household g * able // owners; this is the way back.
        first = -(-able * self._owners // self._able)
        last = -(-(able + 1) * self._owners // self._able)
        start, stop = self._first_owned(first), self._first_owned(last)
        return range(start, stop)

    def owner_of(self, enterprise: int) -> int:
        """The household of the legal representative of an enterprise that is not of the cast."""
        number = enterprise - self.cast_enterprises
        group, rank = divmod(number, ENTERPRISE_GROUP)
        owner = group * len(_OWNED)
        if owner < self._full_owners:
            owner += next(i for i, before in enumerate(_OWNED_BEFORE[1:]) if rank < before)
        else:
            owner += rank
        return self._household_of_able(owner * self._able // self._owners)

    def employer_of(self, person: int) -> int | None:
        """The enterprise that a person works for; None: no job there.

        The owner of an enterprise works for the first of his own.
        """
        household, place, kind = self._place(person)
        if place >= WORKING[kind]:
            return None
        if place == 0:
            own = self.enterprises_of(household)
            if own:
                return next((number for number in own if not self.is_closed(number)), None)
        if mixed(self._seed, _PURPOSE_EMPLOYED, person) % 100 >= _EMPLOYED_PERCENT:
            return None
        enterprise = self._window_of(person)
        return None if enterprise is None or self.is_closed(enterprise) else enterprise

    def staff_of(self, enterprise: int) -> tuple[int, ...]:
        """Everyone whose employer is this enterprise, ascending."""
        number = enterprise - self.cast_enterprises
        window = range(self._window_start(number), self._window_start(number + 1))
        owner = self.slot(self.owner_of(enterprise)).first_person
        candidates = {*window, owner}
        return tuple(p for p in sorted(candidates) if self.employer_of(p) == enterprise)

    def is_closed(self, enterprise: int) -> bool:
        """Whether an enterprise has been struck off or has ended: then it has no staff."""
        return mixed(self._seed, _PURPOSE_CLOSED, enterprise) % 100 < 5

    def share_of(self, enterprise: int) -> int:
        """Weight of an enterprise among the ten of its group; small ones are shops."""
        return _SHARES[(enterprise - self.cast_enterprises) % ENTERPRISE_GROUP]

    def _able_index(self, household: int) -> int:
        single = household - self._first_single
        if single >= 0:
            return self._cycles * CYCLE_ABLE + single
        cycle, position = divmod(household - self.cast_households, CYCLE_HOUSEHOLDS)
        rank = ABLE_RANK[position]
        return cycle * CYCLE_ABLE + rank if rank >= 0 else -1

    def _household_of_able(self, able: int) -> int:
        cycle, rank = divmod(able, CYCLE_ABLE)
        if cycle >= self._cycles:
            return self._first_single + able - self._cycles * CYCLE_ABLE
        return self.cast_households + cycle * CYCLE_HOUSEHOLDS + _ABLE[rank]

    def _first_owned(self, owner: int) -> int:
        if owner >= self._full_owners:
            number = self._full_owners // len(_OWNED) * ENTERPRISE_GROUP
            number += owner - self._full_owners
        else:
            group, rank = divmod(owner, len(_OWNED))
            number = group * ENTERPRISE_GROUP + _OWNED_BEFORE[rank]
        return self.cast_enterprises + number

    def _place(self, person: int) -> tuple[int, int, Kind]:
        cycle, slot = divmod(person - self.cast_people, CYCLE_PEOPLE)
        if cycle >= self._cycles:
            single = person - self.cast_people - self._cycles * CYCLE_PEOPLE
            return self._first_single + single, 0, Kind.SINGLE
        position, place = _SLOTS[slot]
        household = self.cast_households + cycle * CYCLE_HOUSEHOLDS + position
        return household, place, KINDS[position]

    def _window_start(self, number: int) -> int:
        """First person of the window from which an enterprise takes its staff."""
        group, rank = divmod(number, ENTERPRISE_GROUP)
        before = group * SHARE_TOTAL + _SHARES_BEFORE[rank]
        drawn = self.people - self.cast_people
        return self.cast_people + -(-drawn * before // self._shares)

    def _window_of(self, person: int) -> int | None:
        if not self._shares:
            return None
        drawn = self.people - self.cast_people
        share = (person - self.cast_people) * self._shares // drawn
        group, within = divmod(share, SHARE_TOTAL)
        rank = next(i for i, before in enumerate(_SHARES_BEFORE[1:]) if within < before)
        return self.cast_enterprises + group * ENTERPRISE_GROUP + rank

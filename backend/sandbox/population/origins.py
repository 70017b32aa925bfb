"""Birthplaces, birthdays and sequence numbers: identity numbers that never meet.

A number is county, day of birth and sequence. Every household gets a birthplace with a *lot*, a
pair of sequence block and day of the year that no other household of the same county has; its
members differ within the block. So no two people share a number, whatever their years of birth,
and nobody has to remember which numbers are taken.
"""

from dataclasses import dataclass

from backend.sandbox.population.draws import mixed
from backend.sandbox.population.layout import CYCLE_LOCALS, Slot
from backend.sandbox.population.places import Places

DAYS = 365
PLACES_IN_BLOCK = 5
# 100 blocks of five places each, men and women apart. The last two are kept for the fixed cast.
_LOCAL_BLOCKS, _MOVED_BLOCKS, _ELSEWHERE_BLOCKS = 76, 22, 98
FIRST_FREE_SEQUENCE = 980
_LOCAL_LOTS = _LOCAL_BLOCKS * DAYS
_MOVED_LOTS = _MOVED_BLOCKS * DAYS
_ELSEWHERE_LOTS = _ELSEWHERE_BLOCKS * DAYS
# Without a common factor with any number of lots: neighbours get lots far from each other.
_STRIDE = 10_007
_PURPOSE_COUNTY, _PURPOSE_MOVED = 31, 32


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a household was registered, and its lot.

    Attributes:
        county: 6 digits.
        block: of sequence numbers, 0 to 97.
        day: of the year of birth of the first member, 0 to 364.
    """

    county: str
    block: int
    day: int


def origin_of(places: Places, seed: int, slot: Slot, *, local: bool) -> Origin:
    """The origin of a household.

    Args:
        local: take the city where it lives, if the household is one of its locals and the city
            has a lot left; otherwise it is from another county of the province or, two times out
            of three, from elsewhere in the country.
    """
    if local and slot.local_rank >= 0:
        city, turns = places.city_of_cycle(seed, slot.cycle)
        counties = tuple(county.code for county in city.counties)
        found = _lot(counties, _LOCAL_LOTS, 0, turns * CYCLE_LOCALS + slot.local_rank, seed)
        if found is not None:
            return found
    if mixed(seed, _PURPOSE_MOVED, slot.index) % 3 == 0:
        found = _lot(places.province, _MOVED_LOTS, _LOCAL_BLOCKS, slot.index, seed)
        if found is not None:
            return found
    found = _lot(places.elsewhere, _ELSEWHERE_LOTS, 0, slot.index, seed)
    if found is None:
        raise ValueError("more households than identity numbers: take fewer people")
    return found


def _lot(
    counties: tuple[str, ...], lots: int, first_block: int, ordinal: int, seed: int
) -> Origin | None:
    """The lot of one ordinal number; each county is used once before any lot comes again."""
    rounds, lot = divmod(ordinal, lots)
    if rounds >= len(counties):
        return None
    county = counties[(mixed(seed, _PURPOSE_COUNTY, lot) + rounds) % len(counties)]
    scattered = (lot * _STRIDE + seed) % lots
    return Origin(county, first_block + scattered // DAYS, scattered % DAYS)

"""What 行政审批局 has: no register of its own, the names of those who may apply to it."""

from collections.abc import Iterator
from datetime import date

from backend.numbers.holder import Holder
from backend.sandbox.departments.files import HolderFile
from backend.sandbox.population.people import Household


def files(household: Household, today: date) -> Iterator[HolderFile]:
    """One empty file for each enterprise."""
    del today
    for enterprise in household.enterprises:
        yield HolderFile(Holder("001", enterprise.uscc, enterprise.name), ())

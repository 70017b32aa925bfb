"""What a form is filled in with of a person."""

import pytest

from backend.cases.prefill import fact_of
from tests.identity_world import LI, ZHANG
from tests.lending_world import holder_of


@pytest.mark.parametrize("fact", ["name", "id_number"])
def test_a_father_is_not_filled_in_for_a_mother(fact: str) -> None:
    mother, father = holder_of(LI), holder_of(ZHANG)
    assert fact_of(mother, fact, "女") == fact_of(mother, fact)
    assert fact_of(father, fact, "女") is None
    assert fact_of(father, fact) is not None

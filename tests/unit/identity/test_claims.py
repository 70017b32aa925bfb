"""A claim that waits for the face survives being written down."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from backend.identity.claims import Claim, dump, load


@given(st.text(), st.text(), st.booleans())
def test_a_claim_is_read_as_it_was_written(name: str, number: str, moves: bool) -> None:
    claim = Claim(name, number, uuid4() if moves else None)
    assert load(dump(claim)) == claim

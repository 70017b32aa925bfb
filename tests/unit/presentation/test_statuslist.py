"""Token Status Lists: the examples of the draft, and what is no list."""

import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.presentation import statuslist
from backend.presentation.credentials import place_of
from backend.presentation.jose import b64, compact, unb64
from backend.presentation.reasons import Refused
from backend.presentation.statuslist import PLACES, StatusList
from tests.presentation_world import LIST, NOW, World

WORLD = World()


def test_the_example_of_one_bit() -> None:
    """draft-ietf-oauth-status-list, §4.2."""
    held = StatusList("", 0, 0, 1, zlib.decompress(unb64("eNrbuRgAAhcBXQ")))
    expected = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    assert [held.at(place) for place in range(16)] == expected


def test_the_example_of_two_bits() -> None:
    """draft-ietf-oauth-status-list, §4.2."""
    held = StatusList("", 0, 0, 2, zlib.decompress(unb64("eNo76fITAAPfAgc")))
    expected = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    assert [held.at(place) for place in range(12)] == expected
    statuses = {place: status for place, status in enumerate(expected) if status}
    assert statuslist.packed(statuses, 12) == held.packed


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.integers(0, PLACES - 1), st.integers(1, 3), max_size=50))
def test_every_place_says_what_was_put_there(statuses: dict[int, int]) -> None:
    held = statuslist.read(WORLD.status_list(statuses), WORLD.keys.key_set)
    assert (held.uri, held.issued_at, held.expires_at) == (LIST, NOW - 60, NOW - 60 + 86_400)
    found = {place: held.at(place) for place in range(PLACES)}
    assert {place: status for place, status in found.items() if status} == statuses


@pytest.mark.parametrize(
    "listed",
    [None, {}, {"bits": 3, "lst": "eNo76fITAAPfAgc"}, {"bits": True, "lst": "eNo76fITAAPfAgc"},
     {"bits": 2, "lst": "eNo76fIT"}, {"bits": 2, "lst": "!"}, {"bits": 2}, {"bits": 2, "lst": ""},
     {"bits": 2, "lst": b64(zlib.compress(bytes(5 << 20)))}],
)  # fmt: skip
def test_what_is_no_list(listed: object) -> None:
    claims = {"sub": LIST, "iat": NOW, "exp": NOW + 1, "status_list": listed}
    token = compact({}, claims, WORLD.keys.signer("ed25519"), statuslist.TYPE)
    with pytest.raises(Refused, match="malformed"):
        statuslist.read(token, WORLD.keys.key_set)


def test_places_of_a_list_are_all_used_once_and_not_in_order() -> None:
    places = [place_of(number, b"secret") for number in range(PLACES, 2 * PLACES)]
    assert {shard for shard, _ in places} == {1}
    assert {place for _, place in places} == set(range(PLACES))
    near = sum(abs(a[1] - b[1]) < 16 for a, b in pairwise(places))
    assert near < PLACES / 100
    assert places[:100] != [place_of(number, b"other") for number in range(PLACES, PLACES + 100)]

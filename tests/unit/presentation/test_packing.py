"""A presentation in QR codes: small, in any order, and never a mixture."""

import random
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.presentation import packing
from backend.presentation.keys import Algorithm
from backend.presentation.reasons import Reason, Refused
from tests.presentation_world import FACTS, Phone, World

WORLD = World()
SHOWN = WORLD.present("age_over_18", "holder_name")


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"),
     (b"ietf!", "QED8WEX0")],
)  # fmt: skip
def test_base45_as_in_its_rfc(raw: bytes, text: str) -> None:
    assert packing.base45(raw) == text
    assert packing.unbase45(text) == raw


@pytest.mark.parametrize("text", ["GGW", "A", "ab", ":::", "AB8 "])
def test_what_is_no_base45(text: str) -> None:
    with pytest.raises(Refused, match="malformed"):
        packing.unbase45(text)


@pytest.mark.parametrize("alg", ["ed25519", "sm2"])
def test_two_codes_hold_a_few_facts_of_an_identity_card(alg: str) -> None:
    world = World(cast(Algorithm, alg), Phone())
    pieces = packing.pieces(world.present("age_over_18", "holder_name"))
    assert len(pieces) <= 3
    assert all(set(piece) <= set(packing._ALPHABET) for piece in pieces)


def test_everything_comes_back_in_any_order_and_twice() -> None:
    everything = WORLD.present(*FACTS)
    pieces = packing.pieces(everything, size=120)
    assert len(pieces) > 5
    shuffled = [*pieces, *pieces[:3]]
    random.Random(7).shuffle(shuffled)
    assert packing.joined(shuffled) == everything


def test_one_code_is_missing() -> None:
    pieces = packing.pieces(SHOWN, size=200)
    for place in range(len(pieces)):
        with pytest.raises(Refused, match="incomplete"):
            packing.joined(pieces[:place] + pieces[place + 1 :])


def test_codes_of_two_presentations() -> None:
    other = packing.pieces(WORLD.present("address"), size=200)
    with pytest.raises(Refused, match="incomplete"):
        packing.joined([*packing.pieces(SHOWN, size=200)[:1], *other[1:]])


def test_a_piece_altered() -> None:
    first, *rest = packing.pieces(SHOWN, size=200)
    altered = first[:-1] + ("A" if first[-1] != "A" else "B")
    with pytest.raises(Refused, match="incomplete"):
        packing.joined([altered, *rest])


@pytest.mark.parametrize(
    "texts",
    [[], ["SST1:1/1:ABCDEF01"], ["SST1:0/1:AAAAAAAA:AB"], ["SST1:2/1:AAAAAAAA:AB"],
     ["SST1:1/99:AAAAAAAA:AB"], ["SST2:1/1:AAAAAAAA:AB"], ["SST1:x/1:AAAAAAAA:AB"], [""]],
)  # fmt: skip
def test_what_is_no_code_of_ours(texts: list[str]) -> None:
    with pytest.raises(Refused):
        packing.joined(texts)


def test_far_too_much_for_codes() -> None:
    with pytest.raises(Refused, match="malformed"):
        packing.pieces("a" * 100_000)


def test_a_bomb_is_not_unpacked() -> None:
    import zlib
    from hashlib import sha256

    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, 0, packing._COMMON)
    raw = deflate.compress(bytes(10_000_000)) + deflate.flush()
    text, mark = packing.base45(raw), sha256(raw).hexdigest()[:8].upper()
    cut = [text[start : start + 2000] for start in range(0, len(text), 2000)]
    codes = [f"SST1:{n}/{len(cut)}:{mark}:{piece}" for n, piece in enumerate(cut, 1)]
    with pytest.raises(Refused, match="malformed"):
        packing.joined(codes)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_base45_gives_everything_back(raw: bytes) -> None:
    assert packing.unbase45(packing.base45(raw)) == raw


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_scanned_it_is_the_presentation_or_a_refusal(data: st.DataObject) -> None:
    pieces = packing.pieces(SHOWN, size=300)
    which = data.draw(st.integers(0, len(pieces) - 1))
    place = data.draw(st.integers(0, len(pieces[which]) - 1))
    other = data.draw(st.sampled_from(packing._ALPHABET) | st.characters())
    pieces[which] = pieces[which][:place] + other + pieces[which][place + 1 :]
    try:
        assert packing.joined(pieces) == SHOWN
    except Refused as refusal:
        found = refusal.reason
    else:
        return
    assert found in (Reason.INCOMPLETE, Reason.MALFORMED)

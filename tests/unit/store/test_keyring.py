"""Sealing: round trips, contexts, rotation, tampering, and the blind index."""

import os

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from backend.store.keyring import HEAD_BYTES, BlindIndex, KeyRing, SealBroken

KEY = bytes(range(32))


@given(st.binary(max_size=500), st.binary(max_size=50), st.sampled_from(["aes-gcm", "sm4-gcm"]))
def test_what_was_sealed_is_opened_under_the_same_context(
    plaintext: bytes, context: bytes, cipher: str
) -> None:
    ring = KeyRing({"k1": KEY}, cipher)
    assert ring.open(ring.seal(plaintext, context), context) == plaintext


@pytest.mark.parametrize("cipher", ["aes-gcm", "sm4-gcm"])
def test_another_context_does_not_open(cipher: str) -> None:
    ring = KeyRing({"k1": KEY}, cipher)
    with pytest.raises(SealBroken):
        ring.open(ring.seal(b"x", b"wallet:a"), b"wallet:b")


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_any_altered_byte_is_noticed(place: int, change: int) -> None:
    ring = KeyRing({"k1": KEY})
    sealed = bytearray(ring.seal(b"licence", b"c"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        ring.open(bytes(sealed), b"c")


@given(st.binary(max_size=40))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(SealBroken):
        KeyRing({"k1": KEY}).open(rubbish, b"c")


def test_a_rotated_ring_opens_what_the_old_key_sealed_and_seals_with_the_new() -> None:
    old, new = os.urandom(32), os.urandom(32)
    sealed = KeyRing({"2025": old}).seal_text("张建国", "name")
    rotated = KeyRing({"2026": new, "2025": old})
    assert rotated.open_text(sealed, "name") == "张建国"
    with pytest.raises(SealBroken):
        KeyRing({"2025": old}).open(rotated.seal(b"x", b"c"), b"c")


def test_a_ring_without_keys_or_with_an_unknown_cipher_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="key ring"):
        KeyRing({})
    with pytest.raises(ValueError, match="key ring"):
        KeyRing({"k": KEY}, "rot13")


def test_the_blind_index_is_stable_and_keeps_kinds_and_keys_apart() -> None:
    index = BlindIndex(KEY)
    assert index.of("id", "440106200002290032") == index.of("id", "440106200002290032")
    assert index.of("id", "1") != index.of("phone", "1")
    assert index.of("id", "1") != BlindIndex(KEY[::-1]).of("id", "1")
    assert len(index.of("id", "1")) == 64


def test_sm3_gives_the_standard_answer() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


@given(st.text("abcXYZ019-._", min_size=1, max_size=255), st.binary(max_size=40))
def test_the_first_bytes_of_a_value_tell_its_key(key_id: str, plaintext: bytes) -> None:
    ring = KeyRing({key_id: KEY})
    assert ring.key_of(ring.seal(plaintext, b"c")[:HEAD_BYTES]) == key_id == ring.newest


def test_no_key_of_the_ring_is_told_of_other_bytes() -> None:
    ring = KeyRing({"k1": KEY})
    for other in (b"", b"\x02", b"\x02k2rest", "张建国".encode()):
        assert ring.key_of(other) is None


def test_anew_is_the_same_under_the_newest_key() -> None:
    new = os.urandom(32)
    sealed = KeyRing({"2025": KEY}).seal(b"x", b"c")
    both = KeyRing({"2026": new, "2025": KEY})
    assert KeyRing({"2026": new}).open(both.anew(sealed, b"c"), b"c") == b"x"
    with pytest.raises(SealBroken):
        both.anew(sealed, b"d")

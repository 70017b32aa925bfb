"""SM2 by OpenSSL: the example of the standard, a second implementation, and what is malformed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.sandbox.departments.registry import departments
from backend.upstream import sm2
from backend.upstream.signing import (
    SigningKey,
    gateway_keys,
    public_key,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)
from backend.upstream.sm2 import PrivateNumber, PublicPoint, identity_digest, number_from
from tests.unit.upstream import plain_sm2

# GB/T 32918.5 annex A: the example of a signature on the recommended curve.
NUMBER = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
IDENTITY = bytes.fromhex("b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3")
MESSAGE = b"message digest"
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
KEY = PrivateNumber(NUMBER)
ORDER = plain_sm2.N.to_bytes(32)


def test_the_example_of_the_standard_verifies() -> None:
    assert KEY.public.point == POINT
    assert identity_digest(POINT) == IDENTITY
    assert PublicPoint(POINT).verify(MESSAGE, SIGNATURE)
    assert not PublicPoint(POINT).verify(MESSAGE + b".", SIGNATURE)


def test_the_digest_is_that_of_the_standard() -> None:
    # GB/T 32905 annex A.
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert plain_sm2.sm3(b"abc").hex() == known
    assert plain_sm2.verify(POINT, MESSAGE, SIGNATURE)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, plain_sm2.N - 2), st.binary(max_size=300))
def test_an_independent_implementation_agrees_both_ways(number: int, message: bytes) -> None:
    ours = PrivateNumber(number.to_bytes(32))
    assert ours.public.point == plain_sm2.public_point(number)
    assert plain_sm2.verify(ours.public.point, message, ours.sign(message))
    assert ours.public.verify(message, plain_sm2.sign(number, message))


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=100))
def test_whatever_a_signature_is_made_of_it_is_only_wrong(message: bytes, junk: bytes) -> None:
    assert not KEY.public.verify(message, junk)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 63), st.integers(1, 255))
def test_a_signature_with_any_byte_changed_is_wrong(place: int, change: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[place] ^= change
    assert not KEY.public.verify(MESSAGE, bytes(changed))


@pytest.mark.parametrize("half", [bytes(32), b"\xff" * 32, ORDER, b"\x80" + bytes(31)])
def test_numbers_out_of_range_are_wrong(half: bytes) -> None:
    for signature in (half + SIGNATURE[32:], SIGNATURE[:32] + half, half + half):
        assert not KEY.public.verify(MESSAGE, signature)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=140), st.binary(min_size=64, max_size=64).map(b"\4".__add__)))
def test_what_is_no_point_of_the_curve_is_no_key(raw: bytes) -> None:
    with pytest.raises(ValueError, match="SM2 public key"):
        PublicPoint(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        b"\x02" + POINT[1:33],
        b"\x06" + POINT[1:],
        b"\x00",
        POINT + b"\x00",
    ],
)
def test_other_forms_of_a_point_are_no_key(raw: bytes) -> None:
    with pytest.raises(ValueError, match="SM2 public key"):
        PublicPoint(raw)


@pytest.mark.parametrize("raw", [b"", bytes(32), ORDER, b"\xff" * 32, b"\x01", NUMBER + b"\x00"])
def test_what_is_no_number_of_the_group_is_no_private_key(raw: bytes) -> None:
    with pytest.raises(ValueError, match="private key"):
        PrivateNumber(raw)


@given(st.binary(min_size=48, max_size=48))
def test_every_seed_gives_a_number_that_is_allowed(seed: bytes) -> None:
    assert 1 <= int.from_bytes(number_from(seed)) <= plain_sm2.N - 2


def test_threads_share_a_key() -> None:
    messages = [b"%d" % number for number in range(200)]

    def both(message: bytes) -> bool:
        return KEY.public.verify(message, KEY.sign(message))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(both, messages))
        wrong = pool.map(lambda message: KEY.public.verify(message, SIGNATURE), messages)
        assert not any(wrong)


def test_nothing_wrong_is_left_behind_for_tls() -> None:
    crypto = sm2._libcrypto()
    KEY.public.verify(MESSAGE, bytes(64))
    with pytest.raises(ValueError, match="SM2"):
        PublicPoint(b"\x04" + bytes(64))
    assert crypto.lib.ERR_peek_error() == 0


def test_without_openssl_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    sm2._libcrypto.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(sm2, "_candidates", lambda: ["libcrypto.so.none"])
        with pytest.raises(sm2.Sm2Unavailable, match="OpenSSL 3"):
            PublicPoint(POINT)
        assert [key.alg for key in gateway_keys("gateway-1", b"g" * 32)] == ["ed25519"]
        assert not sm2.available()
        assert {found.key_alg for found in departments()} == {"ed25519"}
    sm2._libcrypto.cache_clear()
    assert PublicPoint(POINT).verify(MESSAGE, SIGNATURE)
    assert {found.key_alg for found in departments()} == {"ed25519", "sm2"}


def test_it_is_found_in_a_process_that_has_loaded_nothing_else() -> None:
    line = (
        f"from backend.upstream.sm2 import PublicPoint; PublicPoint(bytes.fromhex('{POINT.hex()}'))"
    )
    subprocess.run([sys.executable, "-c", line], check=True, timeout=60)


def test_requests_and_answers_travel_with_sm2() -> None:
    key = SigningKey.from_seed("gd-test-sm2", b"k" * 32, "sm2")
    known = {key.key_id: public_key("sm2", key.public_base64)}
    headers = sign_request(key, "POST", "/v1/x", "", b"{}")
    assert 'alg="sm2-sm3"' in headers["signature-input"]
    assert verify_request(known.get, "POST", "/v1/x", "", headers, b"{}").key_id == key.key_id
    answer = sign_answer(key, 200, b"[]", headers)
    assert verify_answer(known.get, 200, answer, b"[]", headers).key_id == key.key_id


def test_the_gateways_keys_are_always_the_same_and_of_both_kinds() -> None:
    first, second = gateway_keys("gateway-1", b"g" * 32)
    again = gateway_keys("gateway-1", b"g" * 32)
    assert (first.key_id, first.alg) == ("gateway-1", "ed25519")
    assert (second.key_id, second.alg) == ("gateway-1-sm2", "sm2")
    assert [key.public_base64 for key in again] == [first.public_base64, second.public_base64]
    assert gateway_keys("gateway-1", b"h" * 32)[1].public_base64 != second.public_base64

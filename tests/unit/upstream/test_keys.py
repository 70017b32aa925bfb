"""Ed25519: the vectors of RFC 8032, agreement with OpenSSL, and signatures that only look right."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from backend.upstream.keys import Ed25519Key, SigningKey, public_key

# RFC 8032 §7.1: seed, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
        "b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
        "1d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
        "c6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
# The order of the group in which signatures are made.
ORDER = 2**252 + 27742317777372353535851937790883648493
# Points of order 1, 2, 4 and 8: a key of one of them would "sign" whatever one likes.
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
]
MESSAGE = "缴存单位".encode()
KEY = SigningKey.from_seed("gd-test-1", b"k" * 32)


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey.from_seed("rfc-8032", bytes.fromhex(seed))
    assert key.public.text == Ed25519Key(bytes.fromhex(public)).text
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert key.public.verify(bytes.fromhex(message), bytes.fromhex(signature))


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=300))
def test_openssl_signs_the_same(seed: bytes, message: bytes) -> None:
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    key = SigningKey.from_seed("either", seed)
    assert key.sign(message) == signature
    assert key.public.verify(message, signature)


@given(place=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_signature_with_any_bit_changed_is_refused(place: int, bit: int) -> None:
    signature = bytearray(KEY.sign(MESSAGE))
    signature[place] ^= 1 << bit
    assert not KEY.public.verify(MESSAGE, bytes(signature))


@pytest.mark.parametrize("length", [0, 32, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    signature = (KEY.sign(MESSAGE) * 2)[:length]
    assert not KEY.public.verify(MESSAGE, signature)


def test_one_signature_has_one_spelling() -> None:
    signature = KEY.sign(MESSAGE)
    again = int.from_bytes(signature[32:], "little") + ORDER
    assert not KEY.public.verify(MESSAGE, signature[:32] + again.to_bytes(32, "little"))


@pytest.mark.parametrize("point", SMALL)
@pytest.mark.parametrize("nonce", SMALL)
def test_a_key_of_small_order_signs_nothing(point: str, nonce: str) -> None:
    key = Ed25519Key(bytes.fromhex(point))
    assert not any(
        key.verify(b"%d" % number, bytes.fromhex(nonce) + bytes(32)) for number in range(16)
    )


@pytest.mark.parametrize("raw", [b"", b"k" * 31, b"k" * 33])
def test_a_public_key_of_another_length_is_none(raw: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Ed25519Key(raw)


def test_what_is_no_base64_is_no_key() -> None:
    with pytest.raises(ValueError, match="base64"):
        public_key("ed25519", "键")

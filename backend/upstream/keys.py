"""Keys of the gateway and of registered systems: Ed25519 (dryoc) and SM2 (OpenSSL 3).

A public key travels in manifests as base64 of 32 bytes (Ed25519) or of the uncompressed point in
65 bytes (SM2). A private key of either kind is made from a seed of 32 bytes, so that the gateway
holds one secret and signs to each system with the kind of key that the system itself uses.
"""

import base64
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from dryoc import DryocError
from dryoc.sign import SigningKey as Ed25519Private
from dryoc.sign import VerifyKey

from backend.upstream.sm2 import PrivateNumber, PublicPoint, Sm2Unavailable, number_from

__all__ = ["KeyKind", "PublicKey", "SigningKey", "Sm2Unavailable", "gateway_keys", "public_key"]

KeyKind = Literal["ed25519", "sm2"]
# How RFC 9421's ``alg`` names them; it registers no SM2, so that the name is the interface's own.
ALG_NAMES: dict[KeyKind, str] = {"ed25519": "ed25519", "sm2": "sm2-sm3"}
_SM2_LABEL = b"shengshitong sm2 signing key 1"


class PublicKey(Protocol):
    """The public half of a key of any kind."""

    @property
    def alg(self) -> KeyKind:
        """What kind it is, as manifests say it."""

    @property
    def text(self) -> str:
        """Itself in base64, as manifests carry it."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature (64 bytes) is of this key over the message."""


class Ed25519Key:
    """An Ed25519 public key (RFC 8032).

    Raises:
        ValueError: not 32 bytes.
    """

    alg: KeyKind = "ed25519"
    __slots__ = ("_key",)

    def __init__(self, raw: bytes) -> None:
        self._key = VerifyKey(raw)

    @property
    def text(self) -> str:
        """Itself in base64."""
        return base64.b64encode(bytes(self._key)).decode()

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this key."""
        try:
            self._key.verify(signature, message)
        except DryocError:
            return False
        return True


class Sm2Key:
    """An SM2 public key (GB/T 32918)."""

    alg: KeyKind = "sm2"
    __slots__ = ("_point", "verify")

    def __init__(self, point: bytes) -> None:
        self._point = PublicPoint(point)
        self.verify = self._point.verify

    @property
    def text(self) -> str:
        """Itself in base64."""
        return base64.b64encode(self._point.point).decode()


class _Private(Protocol):
    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with the id under which the other side knows its public half."""

    key_id: str
    alg: KeyKind
    public: PublicKey
    _private: _Private

    @classmethod
    def from_seed(cls, key_id: str, seed: bytes, alg: KeyKind = "ed25519") -> "SigningKey":
        """Make the key from its 32-byte seed; the same seed always gives the same key.

        Raises:
            Sm2Unavailable: SM2 is asked for and this machine has none.
        """
        if alg == "ed25519":
            private = Ed25519Private.from_seed(seed)
            return cls(key_id, alg, Ed25519Key(bytes(private.verify_key)), private)
        spread = HKDF(algorithm=SHA256(), length=48, salt=None, info=_SM2_LABEL).derive(seed)
        number = PrivateNumber(number_from(spread))
        return cls(key_id, alg, Sm2Key(number.public.point), number)

    @property
    def public_base64(self) -> str:
        """The public half as manifests carry it."""
        return self.public.text

    def sign(self, message: bytes) -> bytes:
        """The signature over a message, 64 bytes."""
        return self._private.sign(message)


def public_key(alg: KeyKind, text: str) -> PublicKey:
    """Read a public key as manifests carry it.

    Raises:
        ValueError: not base64 of a key of that kind.
        Sm2Unavailable: it is SM2 and this machine has none.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("a public key is written in base64") from None
    return Sm2Key(raw) if alg == "sm2" else Ed25519Key(raw)


def gateway_keys(key_id: str, seed: bytes) -> tuple[SigningKey, ...]:
    """The gateway's keys, one of each kind that this machine can sign with, Ed25519 first.

    Args:
        key_id: of the Ed25519 key; the SM2 key's is the same with ``-sm2``.
        seed: the gateway's secret, 32 bytes.
    """
    first = SigningKey.from_seed(key_id, seed)
    try:
        return first, SigningKey.from_seed(f"{key_id}-sm2", seed, "sm2")
    except Sm2Unavailable:
        return (first,)

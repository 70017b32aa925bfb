"""The little of JOSE that presentations need: compact signatures (RFC 7515) and keys (RFC 7517).

Algorithms are ``EdDSA`` over Ed25519 (RFC 8037), ``ES256`` (which phones have in hardware), and
``SM2``, a name of ours since none is registered: SM2 with SM3 over the signing input, identity
1234567812345678, signature ``r || s`` (GB/T 32918.2, GB/T 35276); its JWK is of ``kty`` EC and
``crv`` SM2. Nothing here raises but ``Refused``.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Protocol

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backend.presentation.reasons import Reason, Refused
from backend.upstream.keys import Ed25519Key, Sm2Key
from backend.upstream.sm2 import Sm2Unavailable

MOST_CHARS = 64 * 1024
ALG_OF = {"ed25519": "EdDSA", "sm2": "SM2"}
_SIGNATURE_BYTES = 64
_ECDSA = ec.ECDSA(SHA256())


class Verifier(Protocol):
    """Whatever can check a signature."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature (64 bytes) is of this key over the message."""


class _Es256Key:
    """An ECDSA key on P-256 (RFC 7518 §3.4)."""

    def __init__(self, x: bytes, y: bytes) -> None:
        numbers = ec.EllipticCurvePublicNumbers(
            int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()
        )
        self._key = numbers.public_key()

    def verify(self, message: bytes, signature: bytes) -> bool:
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        try:
            self._key.verify(encode_dss_signature(r, s), message, _ECDSA)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Key:
    """A public key and the one algorithm that it is for."""

    alg: str
    verifier: Verifier

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this key over the message."""
        return len(signature) == _SIGNATURE_BYTES and self.verifier.verify(message, signature)


def key_of(jwk: Any) -> Key:
    """Read a public JWK.

    Raises:
        Refused: ``malformed``, or ``unsupported`` when this machine cannot check its signatures.
    """
    if not isinstance(jwk, dict) or "d" in jwk:
        raise Refused(Reason.MALFORMED)
    kind = (jwk.get("kty"), jwk.get("crv"))
    try:
        if kind == ("OKP", "Ed25519"):
            return Key("EdDSA", Ed25519Key(_number(jwk.get("x"))))
        if kind == ("EC", "P-256"):
            return Key("ES256", _Es256Key(_number(jwk.get("x")), _number(jwk.get("y"))))
        if kind == ("EC", "SM2"):
            return Key("SM2", Sm2Key(b"\x04" + _number(jwk.get("x")) + _number(jwk.get("y"))))
    except Sm2Unavailable:
        raise Refused(Reason.UNSUPPORTED) from None
    except ValueError:
        raise Refused(Reason.MALFORMED) from None
    raise Refused(Reason.UNSUPPORTED)


def _number(text: Any) -> bytes:
    raw = unb64(text)
    if len(raw) != 32:
        raise Refused(Reason.MALFORMED)
    return raw


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The JWK's SHA-256 thumbprint (RFC 7638)."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return b64(sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest())


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one issuer, by their ids.

    Attributes:
        issuer: its name as credentials say it (``iss``); empty when the set does not tell.
    """

    issuer: str
    keys: Mapping[str, Key]

    @classmethod
    def read(cls, document: Any) -> "KeySet":
        """Read a JWK set (RFC 7517 §5) with an ``issuer`` beside its ``keys``.

        Keys of kinds that are unknown here are left out, as the RFC asks.

        Raises:
            Refused: ``malformed``.
        """
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            raise Refused(Reason.MALFORMED)
        issuer = document.get("issuer", "")
        if not isinstance(issuer, str):
            raise Refused(Reason.MALFORMED)
        return cls(issuer, dict(_named(document["keys"])))

    def find(self, kid: Any, alg: str) -> Key:
        """The key of that id.

        Raises:
            Refused: ``unknown_key``.
        """
        key = self.keys.get(kid) if isinstance(kid, str) else None
        if key is None or key.alg != alg:
            raise Refused(Reason.UNKNOWN_KEY)
        return key


def _named(jwks: Iterable[Any]) -> Iterable[tuple[str, Key]]:
    for jwk in jwks:
        if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
            raise Refused(Reason.MALFORMED)
        try:
            yield jwk["kid"], key_of(jwk)
        except Refused as refusal:
            if refusal.reason is not Reason.UNSUPPORTED:
                raise


@dataclass(frozen=True, slots=True)
class Token:
    """A compact signature taken apart; nothing of it is proven yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    @property
    def alg(self) -> str:
        """Its algorithm; only those that we know pass ``parse``."""
        return str(self.header["alg"])

    @property
    def kid(self) -> Any:
        """The id of its key, as the header says."""
        return self.header.get("kid")


def parse(text: str, *types: str) -> Token:
    """Take a compact signature apart.

    Args:
        types: what its ``typ`` may be.

    Raises:
        Refused: ``malformed``, or ``unsupported`` for an algorithm that we do not know.
    """
    parts = text.split(".")
    if len(parts) != 3:
        raise Refused(Reason.MALFORMED)
    header, claims = json_object(parts[0]), json_object(parts[1])
    if header.get("typ") not in types or "crit" in header:
        raise Refused(Reason.MALFORMED)
    if header.get("alg") not in ("EdDSA", "ES256", "SM2"):
        raise Refused(Reason.UNSUPPORTED)
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    return Token(header, claims, signed, unb64(parts[2]))


def compact(header: Mapping[str, Any], claims: Mapping[str, Any], sign: "Signer", typ: str) -> str:
    """Sign claims."""
    head = _head(sign.alg, typ, sign.kid) if not header else b64(
        orjson.dumps({"alg": sign.alg, "typ": typ, "kid": sign.kid, **header})
    )  # fmt: skip
    signed = f"{head}.{b64(orjson.dumps(claims))}"
    return f"{signed}.{b64(sign.sign(signed.encode()))}"


@cache
def _head(alg: str, typ: str, kid: str) -> str:
    """The header that every token of a type and key has."""
    return b64(orjson.dumps({"alg": alg, "typ": typ, "kid": kid}))


class Signer(Protocol):
    """Whatever signs."""

    @property
    def alg(self) -> str:
        """As headers name it."""

    @property
    def kid(self) -> str:
        """The id of the key."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: Any) -> bytes:
    """What ``b64`` made; no other spelling of the same bytes passes.

    Raises:
        Refused: ``malformed``.
    """
    if not isinstance(text, str) or len(text) > MOST_CHARS or not text.isascii():
        raise Refused(Reason.MALFORMED)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused(Reason.MALFORMED) from None
    if b64(raw) != text:
        raise Refused(Reason.MALFORMED)
    return raw


def json_of(text: str) -> Any:
    """The JSON in a base64url text.

    Raises:
        Refused: ``malformed``.
    """
    try:
        return orjson.loads(unb64(text))
    except orjson.JSONDecodeError:
        raise Refused(Reason.MALFORMED) from None


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in a base64url text.

    Raises:
        Refused: ``malformed``.
    """
    found = json_of(text)
    if not isinstance(found, dict):
        raise Refused(Reason.MALFORMED)
    return found


def moment(claims: Mapping[str, Any], name: str) -> int:
    """A Unix time out of claims.

    Raises:
        Refused: ``malformed``: it is missing or no whole number.
    """
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Refused(Reason.MALFORMED)
    return value

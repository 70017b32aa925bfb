"""The keys with which licences are shown: derived, published, and followed by new ones.

They come from the gateway's secret by HKDF (RFC 5869) under a label of their own and a generation
number, so that nothing that calls are signed with can sign a credential. A new generation is the
next number; the one before stays published, since credentials live for days.
"""

import base64
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.presentation.errors import AlgorithmUnavailable
from backend.presentation.jose import ALG_OF, KeySet, b64, thumbprint
from backend.upstream.keys import SigningKey, Sm2Unavailable

Algorithm = Literal["ed25519", "sm2"]
_LABEL = b"shengshitong presentation key %d"
_KID_CHARS = 11


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A private key of the platform for credentials, lists and receipts."""

    jwk: Mapping[str, str]
    _key: SigningKey

    @property
    def alg(self) -> str:
        """As headers name it."""
        return ALG_OF[self._key.alg]

    @property
    def kid(self) -> str:
        """Its id: the beginning of its thumbprint (RFC 7638)."""
        return self.jwk["kid"]

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)


class IssuerKeys:
    """The present keys, one of each algorithm, and the public halves that are published.

    Args:
        secret: the gateway's, 32 bytes.
        issuer: what credentials name as ``iss``.
        generation: from 1 on.
        retired: JWKs of keys that were derived from another secret, still published.
    """

    def __init__(
        self, secret: bytes, issuer: str, generation: int = 1, retired: Sequence[Any] = ()
    ) -> None:
        self.issuer = issuer
        self._present = _derived(secret, generation)
        before = _derived(secret, generation - 1) if generation > 1 else {}
        published = [*self._present.values(), *before.values()]
        self.document: dict[str, Any] = {
            "issuer": issuer,
            "keys": [*(dict(key.jwk) for key in published), *retired],
        }
        self.body = orjson.dumps(self.document)
        self.key_set = KeySet.read(self.document)

    @property
    def algorithms(self) -> list[Algorithm]:
        """Those that this machine can sign with."""
        return list(self._present)

    def signer(self, algorithm: Algorithm) -> IssuerKey:
        """The key that signs now.

        Raises:
            AlgorithmUnavailable: this machine cannot sign that way.
        """
        key = self._present.get(algorithm)
        if key is None:
            raise AlgorithmUnavailable
        return key


def _derived(secret: bytes, generation: int) -> dict[Algorithm, IssuerKey]:
    info = _LABEL % generation
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)
    found: dict[Algorithm, IssuerKey] = {"ed25519": _issuer_key(SigningKey.from_seed("", seed))}
    with contextlib.suppress(Sm2Unavailable):
        found["sm2"] = _issuer_key(SigningKey.from_seed("", seed, "sm2"))
    return found


def _issuer_key(key: SigningKey) -> IssuerKey:
    jwk = jwk_of(key)
    return IssuerKey(
        {**jwk, "alg": ALG_OF[key.alg], "use": "sig", "kid": thumbprint(jwk)[:_KID_CHARS]}, key
    )


def jwk_of(key: SigningKey) -> dict[str, str]:
    """The public half as a JWK."""
    raw = base64.b64decode(key.public_base64)
    if key.alg == "ed25519":
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
    return {"kty": "EC", "crv": "SM2", "x": b64(raw[1:33]), "y": b64(raw[33:])}

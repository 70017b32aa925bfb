"""HTTP message signatures between the gateway and provincial systems (RFC 9421, RFC 9530).

A request covers method, path, query and body digest; an answer covers its status, its body digest
and the signature of the request that it answers, so that it cannot be replayed for another one.
The signature base is built here for the two fixed shapes, since a home page signs and checks
twelve messages; ``tests/unit/upstream`` checks both against the ``http-message-signatures``
library. Ed25519 comes from libsodium (PyNaCl), which verifies in 40 µs where OpenSSL takes 68.
"""

import base64
import binascii
import hashlib
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import nacl.signing
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

LABEL = "sst"
MAX_SKEW_S = 300
MIN_NONCE = 16
_REQUEST_COMPONENTS = '("@method" "@path" "@query" "content-digest")'
_ANSWER_COMPONENTS = f'("@status" "content-digest" "signature";req;key="{LABEL}")'
_INPUT = re.compile(
    rf'^{LABEL}=(?P<components>\([^)]*\))(?P<parameters>(?:;[a-z]+=(?:\d{{1,12}}|"[A-Za-z0-9._-]{{1,64}}"))+)$'
)
_PARAMETER = re.compile(r';([a-z]+)=(?:(\d+)|"([^"]*)")')
_SIGNATURE = re.compile(rf"^{LABEL}=:(?P<value>[A-Za-z0-9+/=]{{1,200}}):$")


class SignatureRefused(Exception):
    """A message is not what a known key signed; ``reason`` is a stable word.

    Reasons: ``missing``, ``malformed``, ``unknown_key``, ``expired``, ``digest``, ``wrong``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key with the id under which the other side knows its public half."""

    key_id: str
    private: nacl.signing.SigningKey

    @classmethod
    def from_seed(cls, key_id: str, seed: bytes) -> "SigningKey":
        """Make the key from its 32-byte seed."""
        return cls(key_id, nacl.signing.SigningKey(seed))

    @property
    def public(self) -> VerifyKey:
        """The public half."""
        return self.private.verify_key

    @property
    def public_base64(self) -> str:
        """The raw 32-byte public key in base64, as manifests carry it."""
        return base64.b64encode(bytes(self.public)).decode()


@dataclass(frozen=True, slots=True)
class Verified:
    """What a checked signature says: who signed, until when it may be used, and its nonce."""

    key_id: str
    expires: int
    nonce: str


KeyLookup = Callable[[str], VerifyKey | None]


def public_key(raw_base64: str) -> VerifyKey:
    """Read a public key as manifests carry it.

    Raises:
        ValueError: not base64 of 32 bytes.
    """
    return VerifyKey(base64.b64decode(raw_base64, validate=True))


def content_digest(body: bytes) -> str:
    """The ``Content-Digest`` of a body (RFC 9530, sha-256)."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def sign_request(
    key: SigningKey, method: str, path: str, query: str, body: bytes
) -> dict[str, str]:
    """Headers that sign a request.

    Args:
        method: upper case; path: absolute path as sent; query: without ``?``, may be empty.
    """
    created = int(time.time())
    params = (
        f"{_REQUEST_COMPONENTS};created={created};expires={created + MAX_SKEW_S}"
        f';nonce="{secrets.token_urlsafe(18)}";keyid="{key.key_id}";alg="ed25519"'
    )
    digest = content_digest(body)
    base = _request_base(method, path, query, digest, params)
    return _headers(key, base, digest, params)


def verify_request(
    lookup: KeyLookup, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> Verified:
    """Check a signed request; the caller still has to refuse a nonce that it has seen.

    Args:
        headers: with lower-case names.

    Raises:
        SignatureRefused: see its reasons.
    """
    claim = _parse(headers)
    nonce = claim.parameters.get("nonce", "")
    if claim.components != _REQUEST_COMPONENTS or len(nonce) < MIN_NONCE:
        raise SignatureRefused("malformed")
    digest = _checked_digest(headers, body)
    return _verify(lookup, claim, _request_base(method, path, query, digest, claim.raw))


def sign_answer(
    key: SigningKey, status: int, body: bytes, request_headers: Mapping[str, str]
) -> dict[str, str]:
    """Headers that sign an answer, bound to the signature of the request (lower-case names)."""
    created = int(time.time())
    params = (
        f"{_ANSWER_COMPONENTS};created={created};expires={created + MAX_SKEW_S}"
        f';keyid="{key.key_id}";alg="ed25519"'
    )
    digest = content_digest(body)
    base = _answer_base(status, digest, request_headers.get("signature", ""), params)
    return _headers(key, base, digest, params)


def verify_answer(
    lookup: KeyLookup,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    request_headers: Mapping[str, str],
) -> Verified:
    """Check that an answer was signed by a known key for exactly this request.

    Raises:
        SignatureRefused: see its reasons.
    """
    claim = _parse(headers)
    if claim.components != _ANSWER_COMPONENTS:
        raise SignatureRefused("malformed")
    digest = _checked_digest(headers, body)
    base = _answer_base(status, digest, request_headers.get("signature", ""), claim.raw)
    return _verify(lookup, claim, base)


def _request_base(method: str, path: str, query: str, digest: str, params: str) -> bytes:
    return (
        f'"@method": {method}\n"@path": {path}\n"@query": ?{query}\n"content-digest": {digest}\n'
        f'"@signature-params": {params}'
    ).encode()


def _answer_base(status: int, digest: str, request_signature: str, params: str) -> bytes:
    found = _SIGNATURE.match(request_signature)
    value = f":{found['value']}:" if found else "::"
    return (
        f'"@status": {status}\n"content-digest": {digest}\n"signature";req;key="{LABEL}": {value}\n'
        f'"@signature-params": {params}'
    ).encode()


def _headers(key: SigningKey, base: bytes, digest: str, params: str) -> dict[str, str]:
    signature = base64.b64encode(key.private.sign(base).signature).decode()
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={params}",
        "signature": f"{LABEL}=:{signature}:",
    }


@dataclass(frozen=True, slots=True)
class _Claim:
    """What ``Signature-Input`` says, before any of it is proven."""

    raw: str
    components: str
    parameters: Mapping[str, str]
    signature: bytes


def _parse(headers: Mapping[str, str]) -> _Claim:
    raw_input, raw_signature = headers.get("signature-input"), headers.get("signature")
    if not raw_input or not raw_signature or not headers.get("content-digest"):
        raise SignatureRefused("missing")
    match, found = _INPUT.match(raw_input), _SIGNATURE.match(raw_signature)
    if match is None or found is None:
        raise SignatureRefused("malformed")
    pairs = [(name, number or text) for name, number, text in _PARAMETER.findall(raw_input)]
    parameters = dict(pairs)
    complete = parameters.keys() >= {"created", "expires", "keyid", "alg"}
    if len(pairs) != len(parameters) or not complete or parameters["alg"] != "ed25519":
        raise SignatureRefused("malformed")
    try:
        signature = base64.b64decode(found["value"], validate=True)
    except binascii.Error:
        raise SignatureRefused("malformed") from None
    return _Claim(raw_input[len(LABEL) + 1 :], match["components"], parameters, signature)


def _checked_digest(headers: Mapping[str, str], body: bytes) -> str:
    digest = headers["content-digest"]
    if not secrets.compare_digest(digest.encode(), content_digest(body).encode()):
        raise SignatureRefused("digest")
    return digest


def _verify(lookup: KeyLookup, claim: _Claim, base: bytes) -> Verified:
    parameters = claim.parameters
    if not (parameters["created"].isdigit() and parameters["expires"].isdigit()):
        raise SignatureRefused("malformed")
    now, created, expires = time.time(), int(parameters["created"]), int(parameters["expires"])
    if abs(now - created) > MAX_SKEW_S or not now <= expires <= created + MAX_SKEW_S:
        raise SignatureRefused("expired")
    key = lookup(parameters["keyid"])
    if key is None:
        raise SignatureRefused("unknown_key")
    try:
        key.verify(base, claim.signature)
    except (BadSignatureError, ValueError):
        raise SignatureRefused("wrong") from None
    return Verified(parameters["keyid"], expires, parameters.get("nonce", ""))

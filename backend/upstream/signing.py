"""HTTP message signatures between the gateway and provincial systems (RFC 9421, RFC 9530).

A request covers method, path, query and body digest; an answer covers its status, its body digest
and the signature of the request that it answers, so that it cannot be replayed for another one.
The signature base is built here for the two fixed shapes, since a home page signs and checks
twelve messages; ``tests/unit/upstream`` checks both against the ``http-message-signatures``
library. Keys are Ed25519 or SM2, see ``backend.upstream.keys``.
"""

import binascii
import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from backend.upstream import sm2
from backend.upstream.keys import (
    ALG_NAMES,
    KeyKind,
    PublicKey,
    SigningKey,
    Sm2Unavailable,
    gateway_keys,
    public_key,
)

__all__ = [
    "LABEL", "MAX_SKEW_S", "MIN_NONCE", "KeyKind", "KeyLookup", "PublicKey", "SignatureRefused",
    "SigningKey", "Sm2Unavailable", "Verified", "Wish", "asked_for_signature", "content_digest",
    "gateway_keys", "public_key", "sign_answer", "sign_request", "sm2_available", "verify_answer",
    "verify_request",
]  # fmt: skip

sm2_available = sm2.available

LABEL = "sst"
MAX_SKEW_S = 300
MIN_NONCE = 16
_NONCE_BYTES = 16
_REQUEST_COMPONENTS = '("@method" "@path" "@query" "content-digest")'
_ANSWER_COMPONENTS = f'("@status" "content-digest" "signature";req;key="{LABEL}")'
_PARAMETERS = r'(?P<parameters>(?:;[a-z]+=(?:\d{1,12}|"[A-Za-z0-9._-]{1,64}"))+)'
_INPUT = re.compile(rf"{LABEL}=(?P<components>\([^)]*\)){_PARAMETERS}", re.ASCII)
_SIGNATURE = re.compile(rf"{LABEL}=:(?P<value>[A-Za-z0-9+/=]{{1,200}}):", re.ASCII)
_ASKED = re.compile(
    rf"{LABEL}={re.escape(_ANSWER_COMPONENTS)}"
    r'(?P<wishes>(?:;[a-z]+(?:=(?:\d{1,12}|"[A-Za-z0-9._-]{1,64}"))?)*)',
    re.ASCII,
)
_WISH = re.compile(r';(alg|keyid|nonce)="([^"]*)"')
_KINDS = {name: kind for kind, name in ALG_NAMES.items()}


class SignatureRefused(Exception):
    """A message is not what a known key signed; ``reason`` is a stable word.

    Reasons: ``missing``, ``malformed``, ``unknown_key``, ``expired``, ``digest``, ``wrong``; who
    knows more about keys and nonces adds ``revoked_key`` and ``replayed``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Verified(NamedTuple):
    """What a checked signature says: who signed, until when it may be used, and its nonce."""

    key_id: str
    expires: int
    nonce: str


KeyLookup = Callable[[str], PublicKey | None]


def content_digest(body: bytes) -> str:
    """The ``Content-Digest`` of a body (RFC 9530, sha-256)."""
    return f"sha-256=:{_base64(hashlib.sha256(body).digest())}:"


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
        f';nonce="{os.urandom(_NONCE_BYTES).hex()}";keyid="{key.key_id}";alg="{ALG_NAMES[key.alg]}"'
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
    if claim.components != _REQUEST_COMPONENTS or len(claim.text("nonce")) < MIN_NONCE:
        raise SignatureRefused("malformed")
    digest = _checked_digest(headers, body)
    return _verify(lookup, claim, _request_base(method, path, query, digest, claim.raw))


def sign_answer(
    key: SigningKey,
    status: int,
    body: bytes,
    request_headers: Mapping[str, str],
    nonce: str = "",
) -> dict[str, str]:
    """Headers that sign an answer, bound to the signature of the request (lower-case names).

    Args:
        nonce: one that the caller asked for, see ``asked_for_signature``.
    """
    created = int(time.time())
    asked = f';nonce="{nonce}"' if nonce else ""
    params = (
        f"{_ANSWER_COMPONENTS};created={created};expires={created + MAX_SKEW_S}{asked}"
        f';keyid="{key.key_id}";alg="{ALG_NAMES[key.alg]}"'
    )
    digest = content_digest(body)
    base = _answer_base(status, digest, request_headers.get("signature", ""), params)
    return _headers(key, base, digest, params)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a caller wants our answer signed: with which kind of key, which key, which nonce."""

    kind: KeyKind | None = None
    key_id: str = ""
    nonce: str = ""


def asked_for_signature(accept_signature: str | None) -> Wish | None:
    """What ``Accept-Signature`` (RFC 9421 §5.1) asks for; None when it is nothing that we can do.

    We sign answers in one shape; a request for another is ignored, as §5.2 allows.
    """
    asked = _ASKED.fullmatch(accept_signature) if accept_signature else None
    if asked is None:
        return None
    wishes = dict(_WISH.findall(asked["wishes"]))
    if wishes.get("alg", "ed25519") not in _KINDS:
        return None
    return Wish(_KINDS.get(wishes.get("alg", "")), wishes.get("keyid", ""), wishes.get("nonce", ""))


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
    ).encode("utf-8", "surrogateescape")


def _answer_base(status: int, digest: str, request_signature: str, params: str) -> bytes:
    found = _SIGNATURE.fullmatch(request_signature)
    value = f":{found['value']}:" if found else "::"
    return (
        f'"@status": {status}\n"content-digest": {digest}\n"signature";req;key="{LABEL}": {value}\n'
        f'"@signature-params": {params}'
    ).encode("utf-8", "surrogateescape")


def _headers(key: SigningKey, base: bytes, digest: str, params: str) -> dict[str, str]:
    signature = _base64(key.sign(base))
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={params}",
        "signature": f"{LABEL}=:{signature}:",
    }


class _Claim(NamedTuple):
    """What ``Signature-Input`` says, before any of it is proven.

    Attributes:
        parameters: by name, as they are written: text in quotation marks, numbers without.
    """

    raw: str
    components: str
    parameters: Mapping[str, str]
    signature: bytes

    def text(self, name: str) -> str:
        """A parameter that is text (a String of RFC 8941); empty where there is none.

        Raises:
            SignatureRefused: it is a number.
        """
        written = self.parameters.get(name, '""')
        if written[0] != '"':
            raise SignatureRefused("malformed")
        return written[1:-1]

    def moment(self, name: str) -> int:
        """A parameter that is Unix time (an Integer of RFC 8941).

        Raises:
            SignatureRefused: there is none, or it is text.
        """
        written = self.parameters.get(name, "")
        if not written.isdigit():
            raise SignatureRefused("malformed")
        return int(written)


def _parse(headers: Mapping[str, str]) -> _Claim:
    raw_input, raw_signature = headers.get("signature-input"), headers.get("signature")
    if not raw_input or not raw_signature or not headers.get("content-digest"):
        raise SignatureRefused("missing")
    match, found = _INPUT.fullmatch(raw_input), _SIGNATURE.fullmatch(raw_signature)
    if match is None or found is None:
        raise SignatureRefused("malformed")
    # No value holds a character at which it is parted here: the pattern saw to that.
    pairs = match["parameters"][1:].split(";")
    parameters = dict([pair.split("=") for pair in pairs])
    if len(pairs) != len(parameters):
        raise SignatureRefused("malformed")
    signature = _from_base64(found["value"])
    return _Claim(raw_input[len(LABEL) + 1 :], match["components"], parameters, signature)


def _base64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def _from_base64(text: str) -> bytes:
    try:
        raw = binascii.a2b_base64(text)
    except binascii.Error:
        raise SignatureRefused("malformed") from None
    # The last letter has bits that say nothing, and decoding passes over what is no letter: one
    # signature has to have one spelling.
    if _base64(raw) != text:
        raise SignatureRefused("malformed")
    return raw


def _checked_digest(headers: Mapping[str, str], body: bytes) -> str:
    digest = headers["content-digest"]
    if digest != content_digest(body):
        raise SignatureRefused("digest")
    return digest


def _verify(lookup: KeyLookup, claim: _Claim, base: bytes) -> Verified:
    now, created, expires = time.time(), claim.moment("created"), claim.moment("expires")
    key_id, kind = claim.text("keyid"), _KINDS.get(claim.text("alg"))
    if not key_id or kind is None:
        raise SignatureRefused("malformed")
    if abs(now - created) > MAX_SKEW_S or not now <= expires <= created + MAX_SKEW_S:
        raise SignatureRefused("expired")
    key = lookup(key_id)
    if key is None:
        raise SignatureRefused("unknown_key")
    if key.alg != kind or not key.verify(base, claim.signature):
        raise SignatureRefused("wrong")
    return Verified(key_id, expires, claim.text("nonce"))

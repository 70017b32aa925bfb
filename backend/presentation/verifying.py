"""Verifying a presentation with nothing but the published keys and a status list at hand.

No network, no database, no secret, no clock of its own: whoever may read this file can check a
licence with it, at a counter or in a cellar. The browser page does the same in TypeScript.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.presentation import sdjwt
from backend.presentation.jose import KeySet, Token, key_of, moment, parse
from backend.presentation.reasons import Reason, Refused
from backend.presentation.statuslist import Status, StatusList

# Clocks of two machines that never met may differ by so much; seconds.
LEEWAY_S = 60
# How old a presentation may be where no nonce tells which question it answers; seconds.
MAX_AGE_S = 300
_REGISTERED = frozenset(
    {"iss", "vct", "iat", "nbf", "exp", "cnf", "status", "type_name", "issuing_authority", "as_of"}
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a presentation proves.

    Attributes:
        vct: what type of licence; type_name, authority: the same and its issuer in words.
        shown: the facts that the holder chose, by name.
        as_of: Unix time at which the issuer last confirmed the licence.
        expires_at: of the credential; status_as_of: of the status list that was asked.
        audience, nonce, presented_at: what the holder's phone signed.
    """

    issuer: str
    vct: str
    type_name: str
    authority: str
    shown: Mapping[str, Any]
    as_of: int
    expires_at: int
    status_as_of: int
    audience: str
    nonce: str
    presented_at: int


def verify(
    presentation: str,
    keys: KeySet,
    status_lists: Mapping[str, StatusList],
    *,
    audience: str | None,
    nonce: str | None,
    now: int,
    max_age_s: int = MAX_AGE_S,
) -> Facts:
    """Check a presentation.

    Args:
        status_lists: by their addresses, read with ``statuslist.read``.
        audience, nonce: what it has to be made for; None where the verifier stated none.
        now: Unix time; max_age_s: how long ago the phone may have signed it.

    Raises:
        Refused: with the first thing that is wrong; nothing else ever comes out.
    """
    parts = sdjwt.take_apart(presentation)
    token = opened(parts.jwt, keys, sdjwt.TYPE)
    _timely(token.claims, now)
    claims = sdjwt.disclosed(token.claims, parts.disclosures)
    binding = _bound(parts, token.claims)
    _for_us(binding.claims, audience, nonce, now, max_age_s)
    status = _status(token.claims, status_lists, now)
    return Facts(
        issuer=_text(token.claims, "iss"),
        vct=_text(token.claims, "vct"),
        type_name=_text(token.claims, "type_name"),
        authority=_text(token.claims, "issuing_authority"),
        shown={name: value for name, value in claims.items() if name not in _REGISTERED},
        as_of=moment(token.claims, "as_of"),
        expires_at=moment(token.claims, "exp"),
        status_as_of=status.issued_at,
        audience=_text(binding.claims, "aud"),
        nonce=_text(binding.claims, "nonce"),
        presented_at=moment(binding.claims, "iat"),
    )


def opened(jwt: str, keys: KeySet, typ: str) -> Token:
    """Check who signed a credential.

    Raises:
        Refused: ``malformed``, ``unsupported``, ``unknown_key``, ``altered``, ``wrong_issuer``.
    """
    token = parse(jwt, typ)
    if not keys.find(token.kid, token.alg).verify(token.signed, token.signature):
        raise Refused(Reason.ALTERED)
    if keys.issuer and token.claims.get("iss") != keys.issuer:
        raise Refused(Reason.WRONG_ISSUER)
    return token


def _timely(claims: Mapping[str, Any], now: int) -> None:
    if moment(claims, "nbf") > now + LEEWAY_S:
        raise Refused(Reason.NOT_YET_VALID)
    if moment(claims, "exp") <= now:
        raise Refused(Reason.EXPIRED)


def _bound(parts: sdjwt.Parts, claims: Mapping[str, Any]) -> Token:
    confirmation = claims.get("cnf")
    if not parts.binding or not isinstance(confirmation, dict):
        raise Refused(Reason.NO_KEY_BINDING)
    binding = parse(parts.binding, sdjwt.KEY_BINDING)
    key = key_of(confirmation.get("jwk"))
    if key.alg != binding.alg or not key.verify(binding.signed, binding.signature):
        raise Refused(Reason.WRONG_HOLDER)
    if binding.claims.get("sd_hash") != sdjwt.digest(parts.shown):
        raise Refused(Reason.ALTERED)
    return binding


def _for_us(
    claims: Mapping[str, Any], audience: str | None, nonce: str | None, now: int, max_age_s: int
) -> None:
    if audience is not None and _text(claims, "aud") != audience:
        raise Refused(Reason.WRONG_AUDIENCE)
    if nonce is not None and _text(claims, "nonce") != nonce:
        raise Refused(Reason.WRONG_NONCE)
    if not now - max_age_s <= moment(claims, "iat") <= now + LEEWAY_S:
        raise Refused(Reason.NOT_FRESH)


def _status(
    claims: Mapping[str, Any], status_lists: Mapping[str, StatusList], now: int
) -> StatusList:
    status = claims.get("status")
    reference = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(reference, dict):
        raise Refused(Reason.MALFORMED)
    found = status_lists.get(_text(reference, "uri"))
    if found is None:
        raise Refused(Reason.STATUS_MISSING)
    if found.expires_at <= now:
        raise Refused(Reason.STATUS_STALE)
    stands = found.at(moment(reference, "idx"))
    if stands == Status.SUSPENDED:
        raise Refused(Reason.SUSPENDED)
    if stands != Status.VALID:
        raise Refused(Reason.WITHDRAWN)
    return found


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise Refused(Reason.MALFORMED)
    return value

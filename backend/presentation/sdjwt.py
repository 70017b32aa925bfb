"""SD-JWT (RFC 9901): a signed set of facts of which the holder shows as few as they like.

An issued credential is ``JWT~disclosure~…~``; a presentation keeps some of the disclosures and ends
with a key-binding JWT, signed by the holder's phone for one verifier and one moment. Our own
credentials are SD-JWT VCs with all facts at the top level; disclosures inside of objects and lists
are understood as well.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from backend.presentation.jose import MOST_CHARS, Signer, b64, compact, json_of
from backend.presentation.reasons import Reason, Refused

TYPE, KEY_BINDING = "dc+sd-jwt", "kb+jwt"
MOST_DISCLOSURES = 200
_SALT_BYTES = 16
_DEEPEST = 8
_RESERVED = frozenset({"_sd", "...", "_sd_alg"})


def digest(text: str) -> str:
    """How the JWT names a disclosure, and a key binding what it was made for."""
    return b64(sha256(text.encode("ascii")).digest())


def disclosure(name: str, value: Any) -> str:
    """A fact with a salt, so that its digest gives nothing away."""
    return b64(orjson.dumps([b64(secrets.token_bytes(_SALT_BYTES)), name, value]))


def issue(claims: Mapping[str, Any], facts: Mapping[str, Any], signer: Signer) -> str:
    """A credential.

    Args:
        claims: what every verifier sees.
        facts: what the holder may show, one by one.
    """
    disclosures = [disclosure(name, value) for name, value in facts.items()]
    # In order of the digests: their order tells nothing.
    hidden = sorted(digest(each) for each in disclosures)
    signed = compact({}, {**claims, "_sd": hidden, "_sd_alg": "sha-256"}, signer, TYPE)
    return "~".join([signed, *disclosures, ""])


@dataclass(frozen=True, slots=True)
class Parts:
    """A presentation taken apart.

    Attributes:
        shown: all before the key binding, which its ``sd_hash`` covers.
        binding: empty without one.
    """

    jwt: str
    disclosures: Sequence[str]
    shown: str
    binding: str


def take_apart(presentation: str) -> Parts:
    """Split a presentation.

    Raises:
        Refused: ``malformed``.
    """
    text = presentation.strip()
    if len(text) > MOST_CHARS or not text.isascii():
        raise Refused(Reason.MALFORMED)
    jwt, *disclosures = text.split("~")
    if not disclosures or len(disclosures) > MOST_DISCLOSURES:
        raise Refused(Reason.MALFORMED)
    binding = disclosures.pop()
    return Parts(jwt, disclosures, text[: len(text) - len(binding)], binding)


def disclosed(claims: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """The claims with the shown facts in their places (RFC 9901 §7.1).

    Raises:
        Refused: ``disclosure_unknown`` when one of them does not belong here, or not once;
            ``malformed``.
    """
    if claims.get("_sd_alg", "sha-256") != "sha-256":
        raise Refused(Reason.UNSUPPORTED)
    by_digest = {digest(each): json_of(each) for each in disclosures}
    if len(by_digest) != len(disclosures):
        raise Refused(Reason.DISCLOSURE_UNKNOWN)
    places = _Places(by_digest)
    found = places.filled(claims, 0)
    if places.waiting:
        raise Refused(Reason.DISCLOSURE_UNKNOWN)
    found.pop("_sd_alg", None)
    return found


class _Places:
    """Puts disclosures where their digests stand; each digest may stand once."""

    def __init__(self, by_digest: Mapping[str, Any]) -> None:
        self.waiting = dict(by_digest)
        self._seen: set[str] = set()

    def filled(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            raise Refused(Reason.MALFORMED)
        found = {
            name: self._value(each, depth + 1) for name, each in value.items() if name != "_sd"
        }
        hidden = value.get("_sd", [])
        if not isinstance(hidden, list):
            raise Refused(Reason.MALFORMED)
        for each in hidden:
            shown = self._take(each)
            if shown is None:
                continue
            name = _name(shown)
            if name is None or name in _RESERVED or name in found:
                raise Refused(Reason.DISCLOSURE_UNKNOWN)
            found[name] = self._value(shown[2], depth + 1)
        return found

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self.filled(value, depth)
        return self._list(value, depth) if isinstance(value, list) else value

    def _list(self, values: list[Any], depth: int) -> list[Any]:
        if depth > _DEEPEST:
            raise Refused(Reason.MALFORMED)
        found = []
        for each in values:
            if not isinstance(each, dict) or each.keys() != {"..."}:
                found.append(self._value(each, depth + 1))
            elif (shown := self._take(each["..."])) is not None:
                if not isinstance(shown, list) or len(shown) != 2:
                    raise Refused(Reason.DISCLOSURE_UNKNOWN)
                found.append(self._value(shown[1], depth + 1))
        return found

    def _take(self, mark: Any) -> Any:
        if not isinstance(mark, str) or mark in self._seen:
            raise Refused(Reason.MALFORMED)
        self._seen.add(mark)
        return self.waiting.pop(mark, None)


def _name(shown: Any) -> str | None:
    if not isinstance(shown, list) or len(shown) != 3 or not isinstance(shown[1], str):
        return None
    return shown[1]

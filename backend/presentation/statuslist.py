"""Token Status List (IETF draft-ietf-oauth-status-list): which credentials were withdrawn.

Two bits a credential: 0 valid, 1 invalid for good, 2 suspended. A list is a signed JWT that anyone
may keep until it expires; which of its places belongs to whom only the credential says.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from backend.presentation.jose import KeySet, Signer, b64, compact, moment, parse, unb64
from backend.presentation.reasons import Reason, Refused

TYPE = "statuslist+jwt"
BITS = 2
PLACES = 1 << 16
# Larger than any list that a phone could be asked to keep.
_MOST_BYTES = 4 << 20


class Status(IntEnum):
    """What a place says (§7.1)."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list whose signature was checked; times are Unix times."""

    uri: str
    issued_at: int
    expires_at: int
    bits: int
    packed: bytes

    def at(self, place: int) -> int:
        """What stands at a place.

        Raises:
            Refused: ``malformed``: the list is shorter.
        """
        each = 8 // self.bits
        if not 0 <= place < len(self.packed) * each:
            raise Refused(Reason.MALFORMED)
        byte = self.packed[place // each]
        return byte >> (place % each * self.bits) & ((1 << self.bits) - 1)


def packed(statuses: Mapping[int, int], places: int = PLACES) -> bytes:
    """A list as bytes, the first place in the lowest bits (§4.1).

    Args:
        statuses: place → status, of those that are not valid.
    """
    bits = bytearray(places * BITS // 8)
    for place, status in statuses.items():
        bits[place >> 2] |= status << (place & 3) * BITS
    return bytes(bits)


def signed(
    uri: str, statuses: Mapping[int, int], signer: Signer, *, now: int, life_s: int, ttl_s: int
) -> str:
    """A list as it is published.

    Args:
        life_s: how long verifiers without a network may rely on it.
        ttl_s: how often those with one should ask for a newer one.
    """
    listed = {"bits": BITS, "lst": b64(zlib.compress(packed(statuses), 9))}
    claims = {"sub": uri, "iat": now, "exp": now + life_s, "ttl": ttl_s, "status_list": listed}
    return compact({}, claims, signer, TYPE)


def read(token: str, keys: KeySet) -> StatusList:
    """Check a list's signature and unpack it.

    Raises:
        Refused: ``malformed``, ``unknown_key``, ``altered``, ``unsupported``.
    """
    found = parse(token.strip(), TYPE)
    if not keys.find(found.kid, found.alg).verify(found.signed, found.signature):
        raise Refused(Reason.ALTERED)
    uri, listed = found.claims.get("sub"), found.claims.get("status_list")
    if not isinstance(uri, str) or not isinstance(listed, dict):
        raise Refused(Reason.MALFORMED)
    bits = listed.get("bits")
    if bits not in (1, 2, 4, 8) or isinstance(bits, bool):
        raise Refused(Reason.MALFORMED)
    return StatusList(
        uri, moment(found.claims, "iat"), moment(found.claims, "exp"), bits,
        _inflated(unb64(listed.get("lst"))),
    )  # fmt: skip


def _inflated(raw: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(raw, _MOST_BYTES)
    except zlib.error:
        raise Refused(Reason.MALFORMED) from None
    if not stream.eof:
        raise Refused(Reason.MALFORMED)
    return found

"""A wallet as one value in Redis: small, sealed, and quick to answer from.

Layout: ``version (1) | good until (4) | registry tag (4) | length of the list (4) | sealed``. What
is sealed is a raw deflate stream (RFC 1951) of the list as it is answered, then the contents in a
compact JSON with each issuer's part on a line of its own. The list comes first so that the hot path
inflates no more than it sends; whoever wants one licence reads one line. The header is bound to the
seal, and so is the subject: a value cannot be altered or moved to someone else.

The stream starts from a preset dictionary of typical wallets, without which eight licences take
twice the room. Its number is the version; a new dictionary gets a new number, and the old ones stay
readable as long as values made with them live.
"""

import binascii
import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from backend.exchange.service import ProviderSystem
from backend.store.keyring import KeyRing, SealBroken
from backend.wallet.entries import Contents, Licence, LicenceStatus, Part
from backend.wallet.view import good_until, view_of

DICTIONARY = 1
_READABLE = frozenset({DICTIONARY})
TAG_BYTES = 16
_HEADER = struct.Struct(">BIII")
_HEAD = _HEADER.size
_WINDOW = -15
# The highest levels take half as long again for two bytes in a hundred.
_LEVEL = 7
_ETAG_BYTES = 12
_STATUSES = {status.value: status for status in LicenceStatus}


def wallet_key(subject: str) -> str:
    """The Redis key of a holder's wallet; ``subject`` tags all keys of one holder."""
    return f"w:{{{subject}}}"


@cache
def dictionary(version: int) -> bytes:
    """The preset dictionary of that number; None of its bytes is secret."""
    return Path(__file__).with_name("dictionaries").joinpath(f"{version}.txt").read_bytes()


def registry_tag(issuers: Sequence[ProviderSystem]) -> int:
    """Fingerprint of all that a prepared list depends on besides the licences."""
    facts = [
        [s.code, s.short_name, s.manifest.negative_s]
        + [kind.model_dump(mode="json") for kind in s.manifest.licence_types]
        for s in issuers
    ]
    return zlib.crc32(orjson.dumps(facts))


def write_tag(blob: bytes | None) -> bytes:
    """What tells one writing of a wallet from any other: its authentication tag."""
    return blob[-TAG_BYTES:] if blob else b""


class Prepared(NamedTuple):
    """A list that can be sent as it is."""

    body: bytes
    etag: str


class Blobs:
    """Makes and reads the values."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def etag(self, blob: bytes, registry: int, now: float) -> str | None:
        """The ``ETag`` of the prepared list; None when there is none that is still good."""
        version, until, tag, _ = _HEADER.unpack_from(blob)
        return _etag(blob) if _is_good(version, until, tag, registry, now) else None

    def prepared(self, subject: str, blob: bytes, registry: int, now: float) -> Prepared | None:
        """The prepared list, or None when a part of it is no longer fresh: the hot path."""
        version, until, tag, length = _HEADER.unpack_from(blob)
        if not _is_good(version, until, tag, registry, now):
            return None
        try:
            body = self._keyring.open(blob[_HEAD:], _context(subject, blob[:_HEAD]))
        except SealBroken:
            return None
        inflate = zlib.decompressobj(_WINDOW, dictionary(version))
        return Prepared(inflate.decompress(body, length), _etag(blob))

    def read(self, subject: str, blob: bytes | None) -> Contents:
        """The contents of a value; empty when there is none or it cannot be opened."""
        text = self._contents(subject, blob)
        return Contents() if text is None else _contents(text)

    def part_with(self, subject: str, blob: bytes | None, licence_id: str) -> Mapping[str, Part]:
        """The part that holds a licence, by its issuer; empty when none does. Reads no other."""
        text = self._contents(subject, blob)
        return {} if text is None else _part_with(text, licence_id)

    def _contents(self, subject: str, blob: bytes | None) -> bytes | None:
        """The contents as they are stored; None when there are none or they cannot be opened."""
        if blob is None or len(blob) < _HEAD:
            return None
        version, _, _, length = _HEADER.unpack_from(blob)
        if version not in _READABLE:
            return None
        try:
            body = self._keyring.open(blob[_HEAD:], _context(subject, blob[:_HEAD]))
        except SealBroken:
            return None
        return zlib.decompressobj(_WINDOW, dictionary(version)).decompress(body)[length:]

    def write(
        self,
        subject: str,
        contents: Contents,
        issuers: Sequence[ProviderSystem],
        registry: int,
        now: int,
    ) -> bytes:
        """A value of these contents, with the list prepared if every part is fresh.

        Args:
            registry: ``registry_tag`` of the issuers.
        """
        return self.seal(subject, *packed(contents, issuers, registry, now))

    def seal(self, subject: str, head: bytes, body: bytes) -> bytes:
        """The value of what ``packed`` gave, for this holder."""
        return head + self._keyring.seal(body, _context(subject, head))


def packed(
    contents: Contents, issuers: Sequence[ProviderSystem], registry: int, now: int
) -> tuple[bytes, bytes]:
    """Header and compressed body of a value, not yet sealed; see ``Blobs.write``."""
    until = good_until(contents, issuers, now)
    listed = view_of(contents, issuers, now).as_json() if until else b""
    head = _HEADER.pack(DICTIONARY, until, registry, len(listed))
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, 9, 0, dictionary(DICTIONARY))
    return head, deflate.compress(listed + compact(contents)) + deflate.flush()


def _is_good(version: int, until: int, tag: int, registry: int, now: float) -> bool:
    return now < until and tag == registry and version == DICTIONARY


def _etag(blob: bytes) -> str:
    return '"' + binascii.b2a_base64(blob[-_ETAG_BYTES:], newline=False).decode("ascii") + '"'


def _context(subject: str, head: bytes) -> bytes:
    return b"wallet:%b:%b" % (subject.encode(), head)


def compact(contents: Contents) -> bytes:
    """The contents as the JSON that is stored; an end of line in a text would be escaped."""
    parts = (
        orjson.dumps(code) + b":" + orjson.dumps(
            [part.revision, part.as_of, part.fetched_at, list(map(_row, part.licences))]
        )
        for code, part in contents.parts.items()
    )  # fmt: skip
    return b"[%b,{\n%b\n}]" % (orjson.dumps(contents.holder_tag), b"\n,".join(parts))


def _row(licence: Licence) -> list[Any]:
    # Ordered so that what neighbouring licences share stands together: one reference, not many.
    return [
        licence.id,
        licence.type_code,
        licence.name,
        licence.issuer_name,
        licence.issuer_code,
        licence.region_code,
        licence.holder_name,
        licence.holder_code,
        licence.holder_code_type,
        licence.status.value,
        licence.version,
        licence.identifier,
        licence.number,
        licence.issue_date,
        licence.valid_from,
        licence.valid_to,
        licence.fields,
    ]


def _contents(text: bytes) -> Contents:
    holder_tag, parts = orjson.loads(text)
    return Contents(holder_tag, _parts(parts))


def _part_with(text: bytes, licence_id: str) -> Mapping[str, Part]:
    beginning = b'["%b",' % licence_id.encode()
    found = text.find(beginning)
    if found < 0:
        return {}
    begin, end = text.rfind(b"\n", 0, found) + 1, text.find(b"\n", found)
    if not begin or text.find(beginning, end) >= 0:
        # Written before parts had lines of their own; or two issuers give the same licence.
        return _contents(text).parts
    return _parts(orjson.loads(b"{%b}" % text[begin:end].lstrip(b",")))


def _parts(raw: Mapping[str, Any]) -> Mapping[str, Part]:
    return {
        code: Part(revision, as_of, fetched_at, tuple(map(_licence, rows)))
        for code, (revision, as_of, fetched_at, rows) in raw.items()
    }


def _licence(row: list[Any]) -> Licence:
    row[9] = _STATUSES[row[9]]
    return Licence._make(row)

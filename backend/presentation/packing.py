"""A presentation in one or a few QR codes, in whatever order they are scanned.

base64url in a QR code wastes a third, and hides from compression what repeats. So the parts are
decoded, deflated together and written in base45 (RFC 9285), which is what the alphanumeric mode of
a QR code holds best. A code is ``SST1:<number>/<of how many>:<digest>:<piece>``; the digest is that
of the whole, so that pieces of two presentations do not mix.
"""

import zlib
from collections.abc import Iterable, Sequence
from hashlib import sha256

from backend.presentation.jose import MOST_CHARS, b64, unb64
from backend.presentation.reasons import Reason, Refused

HEAD = "SST1"
# Characters of a piece: with them a code has about 105 modules a side, which a phone's screen
# shows large enough for a plain camera.
PIECE = 700
MOST_PIECES = 20
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {char: value for value, char in enumerate(_ALPHABET)}
_DIGEST_CHARS = 8
_LEVEL = 9
# What our credentials have in common; as in the browser page, byte for byte.
_COMMON = (
    b'{"alg":"ES256","typ":"kb+jwt"}{"alg":"SM2","typ":"dc+sd-jwt","kid":"'
    b'{"alg":"EdDSA","typ":"dc+sd-jwt","kid":"{"iat":17,"aud":"","nonce":"","sd_hash":""}'
    b'{"iss":"https://","vct":"urn:shengshitong:licence:","type_name":"","issuing_authority":"'
    b'","iat":17,"nbf":17,"exp":17,"as_of":17,"cnf":{"jwk":{"kty":"OKP","crv":"Ed25519","x":"'
    b'"kty":"EC","crv":"P-256","x":"","y":""}},"status":{"status_list":{"idx":'
    b',"uri":"https:///api/v1/public/verification/status-lists/"}},"_sd":["","'
    b'"],"_sd_alg":"sha-256"}'
)


def pieces(presentation: str, size: int = PIECE) -> list[str]:
    """The texts of the QR codes.

    Args:
        size: characters of a piece.

    Raises:
        Refused: ``malformed``: not a presentation, or far too long for QR codes.
    """
    raw = _packed(presentation.strip())
    text = base45(raw)
    cut = [text[start : start + size] for start in range(0, len(text), size)]
    if len(cut) > MOST_PIECES:
        raise Refused(Reason.MALFORMED)
    mark = _digest(raw)
    return [f"{HEAD}:{number}/{len(cut)}:{mark}:{piece}" for number, piece in enumerate(cut, 1)]


def joined(texts: Iterable[str]) -> str:
    """The presentation whose codes these are; a code may come twice.

    Raises:
        Refused: ``incomplete`` when one is missing or they do not belong together; ``malformed``.
    """
    found: dict[int, str] = {}
    whole: set[tuple[str, str]] = set()
    for text in texts:
        number, of, mark, piece = _read(text)
        if found.setdefault(number, piece) != piece:
            raise Refused(Reason.INCOMPLETE)
        whole.add((of, mark))
    if len(whole) != 1:
        raise Refused(Reason.INCOMPLETE)
    ((of, mark),) = whole
    if sorted(found) != list(range(1, int(of) + 1)):
        raise Refused(Reason.INCOMPLETE)
    raw = unbase45("".join(found[number] for number in sorted(found)))
    if _digest(raw) != mark:
        raise Refused(Reason.INCOMPLETE)
    return _unpacked(raw)


def is_piece(text: str) -> bool:
    """Whether a text is a code of ours."""
    return text.startswith(f"{HEAD}:")


def _read(text: str) -> tuple[int, str, str, str]:
    parts = text.strip("\r\n").split(":", 3)
    if len(parts) != 4 or parts[0] != HEAD:
        raise Refused(Reason.MALFORMED)
    number, _, of = parts[1].partition("/")
    if not (_is_count(number) and _is_count(of)) or int(number) > int(of):
        raise Refused(Reason.MALFORMED)
    return int(number), of, parts[2], parts[3]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= MOST_PIECES


def _digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()[:_DIGEST_CHARS].upper()


def _packed(presentation: str) -> bytes:
    if len(presentation) > MOST_CHARS:
        raise Refused(Reason.MALFORMED)
    out = bytearray()
    for part in presentation.split("~"):
        chunks = [unb64(chunk) for chunk in part.split(".")] if part else []
        out.append(len(chunks))
        for chunk in chunks:
            out += len(chunk).to_bytes(2) + chunk
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15, 9, 0, _COMMON)
    return deflate.compress(bytes(out)) + deflate.flush()


def _unpacked(raw: bytes) -> str:
    inflate = zlib.decompressobj(-15, _COMMON)
    try:
        plain = inflate.decompress(raw, MOST_CHARS)
    except zlib.error:
        raise Refused(Reason.MALFORMED) from None
    if not inflate.eof:
        raise Refused(Reason.MALFORMED)
    parts, place = [], 0
    while place < len(plain):
        count, place = plain[place], place + 1
        chunks: list[str] = []
        for _ in range(count):
            length = int.from_bytes(plain[place : place + 2])
            chunks.append(b64(plain[place + 2 : place + 2 + length]))
            place += 2 + length
        parts.append(".".join(chunks))
    if place != len(plain):
        raise Refused(Reason.MALFORMED)
    return "~".join(parts)


def base45(raw: bytes) -> str:
    """RFC 9285: two bytes in three characters."""
    out = []
    for place in range(0, len(raw) - 1, 2):
        rest, first = divmod(raw[place] << 8 | raw[place + 1], 45)
        third, second = divmod(rest, 45)
        out.append(_ALPHABET[first] + _ALPHABET[second] + _ALPHABET[third])
    if len(raw) % 2:
        second, first = divmod(raw[-1], 45)
        out.append(_ALPHABET[first] + _ALPHABET[second])
    return "".join(out)


def unbase45(text: str) -> bytes:
    """What ``base45`` made.

    Raises:
        Refused: ``malformed``.
    """
    try:
        values = [_VALUE[char] for char in text]
    except KeyError:
        raise Refused(Reason.MALFORMED) from None
    out = bytearray()
    for place in range(0, len(values), 3):
        out += _bytes_of(values[place : place + 3])
    return bytes(out)


def _bytes_of(values: Sequence[int]) -> bytes:
    if len(values) == 1:
        raise Refused(Reason.MALFORMED)
    number, size = values[0] + 45 * values[1], len(values) - 1
    number += 2025 * values[2] if size == 2 else 0
    if number >= 1 << 8 * size:
        raise Refused(Reason.MALFORMED)
    return number.to_bytes(size)

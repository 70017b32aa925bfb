"""SM2 and SM3 written down from GB/T 32918.2 and GB/T 32905, slow and without any library.

It is what our use of OpenSSL is checked against: an error in how the identity, the digest or the
encoding is put together would otherwise be the same on both sides of a round trip.
"""

import secrets

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
USER_ID = b"1234567812345678"
_MASK = 0xFFFFFFFF

Point = tuple[int, int] | None


def add(one: Point, other: Point) -> Point:
    """The sum of two points; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    if one == other:
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(number: int, point: Point) -> Point:
    """A point taken so many times."""
    result: Point = None
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def public_point(number: int) -> bytes:
    """The public key of a private number, uncompressed."""
    point = times(number, G)
    assert point is not None
    return b"\x04" + point[0].to_bytes(32) + point[1].to_bytes(32)


def sign(number: int, message: bytes) -> bytes:
    """``r || s`` over a message (GB/T 32918.2 §6.1)."""
    e = _digest(public_point(number), message)
    while True:
        k = secrets.randbelow(N - 1) + 1
        point = times(k, G)
        assert point is not None
        r = (e + point[0]) % N
        s = pow(1 + number, -1, N) * (k - r * number) % N
        if r and s and r + k != N:
            return r.to_bytes(32) + s.to_bytes(32)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is of this key (GB/T 32918.2 §7.1)."""
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    key = (int.from_bytes(public[1:33]), int.from_bytes(public[33:]))
    point = add(times(s, G), times(t, key))
    return point is not None and (_digest(public, message) + point[0]) % N == r


def _digest(public: bytes, message: bytes) -> int:
    identity = (len(USER_ID) * 8).to_bytes(2) + USER_ID
    curve = b"".join(value.to_bytes(32) for value in (A, B, *G))
    return int.from_bytes(sm3(sm3(identity + curve + public[1:]) + message))


def sm3(message: bytes) -> bytes:
    """The digest of GB/T 32905."""
    state = [
        0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
        0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
    ]  # fmt: skip
    padded = message + b"\x80" + bytes((55 - len(message)) % 64) + (len(message) * 8).to_bytes(8)
    for start in range(0, len(padded), 64):
        state = _compressed(state, padded[start : start + 64])
    return b"".join(word.to_bytes(4) for word in state)


def _compressed(state: list[int], block: bytes) -> list[int]:
    words = [int.from_bytes(block[at : at + 4]) for at in range(0, 64, 4)]
    for j in range(16, 68):
        mixed = words[j - 16] ^ words[j - 9] ^ _turned(words[j - 3], 15)
        spread = mixed ^ _turned(mixed, 15) ^ _turned(mixed, 23)
        words.append(spread ^ _turned(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = _turned(0x79CC4519 if j < 16 else 0x7A879D8A, j % 32)
        ss1 = _turned((_turned(a, 12) + e + constant) & _MASK, 7)
        ss2 = ss1 ^ _turned(a, 12)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & _MASK & g)
        tt1 = (ff + d + ss2 + (words[j] ^ words[j + 4])) & _MASK
        tt2 = (gg + h + ss1 + words[j]) & _MASK
        a, b, c, d = tt1, a, _turned(b, 9), c
        e, f, g, h = tt2 ^ _turned(tt2, 9) ^ _turned(tt2, 17), e, _turned(f, 19), g
    return [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def _turned(word: int, by: int) -> int:
    return ((word << by) | (word >> (32 - by))) & _MASK if by else word

"""SM2 signatures with SM3 (GB/T 32918.2, GB/T 32905) by the system's OpenSSL 3.

Python's ``cryptography`` ships an OpenSSL of its own without SM2, and the pure Python ones are
twenty times slower, so that libcrypto is called through ctypes. Only functions that take lengths
are called; whatever comes from outside is measured first; the error queue of the thread, which
Python's ``ssl`` reads too, is left empty. Contexts are lent to one thread at a time, since ctypes
lets others run meanwhile.

The digest over the signer's identity and public key (``Z``, GB/T 32918.2 §5.5) is the same for
every message of a key and computed once; libcrypto then gets the digest of the message, which
takes a quarter less time than to let it hash.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import cache
from typing import Any, Final

# The identity that GB/T 35276 gives to whoever has agreed on no other.
USER_ID: Final = b"1234567812345678"
POINT_BYTES, SIGNATURE_BYTES = 65, 64
_UNCOMPRESSED = 4
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
# Field elements a and b of the curve and its base point G (GB/T 32918.5).
_CURVE = bytes.fromhex(
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
# DER around a public point (SubjectPublicKeyInfo) and around a private number (ECPrivateKey).
_PUBLIC_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_PRIVATE_HEAD = bytes.fromhex("30310201010420")
_PRIVATE_TAIL = bytes.fromhex("a00a06082a811ccf5501822d")
# libcrypto without a version in its name ends the process on macOS, so none is asked for.
_LIBRARIES = (
    "libcrypto.so.3",
    "libcrypto.3.dylib",
    "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
    "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
)
_MOST_DER = 80


class Sm2Unavailable(ValueError):
    """This machine has no OpenSSL 3 with SM2."""

    def __init__(self) -> None:
        super().__init__(
            "SM2 needs the system's OpenSSL 3 with SM2 (libcrypto.so.3); "
            "本机没有带 SM2 的 OpenSSL 3，请安装 libssl3"
        )


class PublicPoint:
    """A public key: a point of the curve, checked.

    Args:
        point: uncompressed, 65 bytes.

    Raises:
        ValueError: not a point of the curve in that form.
        Sm2Unavailable: no OpenSSL 3 with SM2 on this machine.
    """

    def __init__(self, point: bytes) -> None:
        if len(point) != POINT_BYTES or point[0] != _UNCOMPRESSED:
            raise ValueError("an SM2 public key is an uncompressed point of 65 bytes")
        self.point = point
        self._crypto = _libcrypto()
        self._key = self._crypto.public_key(_PUBLIC_HEAD + point)
        self._contexts: list[int] = []
        self._identity = identity_digest(point)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` (``r || s``, 64 bytes) is of this key over ``message``."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        crypto, contexts, der = self._crypto, self._contexts, _der(signature)
        digest = crypto.sm3(self._identity + message)
        try:
            context = contexts.pop()
        except IndexError:
            context = crypto.verifying(self._key)
        verdict = crypto.lib.EVP_PKEY_verify(context, der, len(der), digest, len(digest))
        contexts.append(context)
        if verdict != 1:
            crypto.lib.ERR_clear_error()
        return bool(verdict == 1)

    def __del__(self) -> None:
        for context in getattr(self, "_contexts", ()):
            self._crypto.lib.EVP_PKEY_CTX_free(context)
        if hasattr(self, "_key"):
            self._crypto.lib.EVP_PKEY_free(self._key)


class PrivateNumber:
    """A private key.

    Args:
        number: 1 to n - 2, in 32 bytes, most significant first.

    Raises:
        ValueError: no such number.
        Sm2Unavailable: no OpenSSL 3 with SM2 on this machine.
    """

    def __init__(self, number: bytes) -> None:
        if len(number) != 32 or not 0 < int.from_bytes(number) < _ORDER - 1:
            raise ValueError("an SM2 private key is a number from 1 to n - 2 in 32 bytes")
        self._crypto = _libcrypto()
        self._key, point = self._crypto.private_key(_PRIVATE_HEAD + number + _PRIVATE_TAIL)
        self.public = PublicPoint(point)
        self._contexts: list[int] = []
        self._identity = identity_digest(point)

    def sign(self, message: bytes) -> bytes:
        """The signature over a message: ``r || s``, 64 bytes."""
        crypto, contexts = self._crypto, self._contexts
        digest = crypto.sm3(self._identity + message)
        try:
            context = contexts.pop()
        except IndexError:
            context = crypto.signing(self._key)
        der, length = ctypes.create_string_buffer(_MOST_DER), c_size_t(_MOST_DER)
        done = crypto.lib.EVP_PKEY_sign(context, der, byref(length), digest, len(digest))
        contexts.append(context)
        crypto.must(done == 1, "EVP_PKEY_sign")
        return _raw(der.raw[: length.value])

    def __del__(self) -> None:
        for context in getattr(self, "_contexts", ()):
            self._crypto.lib.EVP_PKEY_CTX_free(context)
        if hasattr(self, "_key"):
            self._crypto.lib.EVP_PKEY_free(self._key)


def available() -> bool:
    """Whether this machine has an OpenSSL 3 with SM2; some distributions build it without."""
    try:
        _libcrypto()
    except Sm2Unavailable:
        return False
    return True


def number_from(seed: bytes) -> bytes:
    """A private number out of 48 random bytes, spread evenly over 1 to n - 2."""
    return (int.from_bytes(seed) % (_ORDER - 2) + 1).to_bytes(32)


def identity_digest(point: bytes) -> bytes:
    """``Z``: the digest over the signer's identity, the curve and the public key."""
    bits = (len(USER_ID) * 8).to_bytes(2)
    return _libcrypto().sm3(bits + USER_ID + _CURVE + point[1:])


def _der(signature: bytes) -> bytes:
    inner = _der_integer(signature[:32]) + _der_integer(signature[32:])
    return b"\x30%c%b" % (len(inner), inner)


def _der_integer(number: bytes) -> bytes:
    short = number.lstrip(b"\0") or b"\0"
    if short[0] & 0x80:
        short = b"\0" + short
    return b"\x02%c%b" % (len(short), short)


def _raw(der: bytes) -> bytes:
    """``r || s`` of a signature that libcrypto itself has just made."""
    split = 4 + der[3]
    r, s = int.from_bytes(der[4:split]), int.from_bytes(der[split + 2 :])
    return r.to_bytes(32) + s.to_bytes(32)


class _LibCrypto:
    """The functions of libcrypto that are used, with their types."""

    def __init__(self, lib: ctypes.CDLL) -> None:
        self.lib = lib
        pointer, length = c_void_p, c_size_t
        self._declare("OpenSSL_version_num", c_ulong)
        self._declare("EVP_sm3", pointer)
        self._declare("EVP_Digest", c_int, c_char_p, length, c_char_p, pointer, pointer, pointer)
        self._declare("d2i_PUBKEY", pointer, pointer, POINTER(c_char_p), c_long)
        self._declare("d2i_AutoPrivateKey", pointer, pointer, POINTER(c_char_p), c_long)
        self._declare("i2d_PUBKEY", c_int, pointer, POINTER(c_void_p))
        self._declare("EVP_PKEY_free", None, pointer)
        self._declare("EVP_PKEY_CTX_new", pointer, pointer, pointer)
        self._declare("EVP_PKEY_CTX_free", None, pointer)
        self._declare("EVP_PKEY_public_check_quick", c_int, pointer)
        self._declare("EVP_PKEY_verify_init", c_int, pointer)
        self._declare("EVP_PKEY_verify", c_int, pointer, c_char_p, length, c_char_p, length)
        self._declare("EVP_PKEY_sign_init", c_int, pointer)
        self._declare("EVP_PKEY_sign", c_int, pointer, c_char_p, POINTER(length), c_char_p, length)
        self._declare("ERR_clear_error", None)
        self._declare("ERR_peek_error", c_ulong)
        self._md = lib.EVP_sm3()

    def _declare(self, name: str, result: Any, *arguments: Any) -> None:
        function = getattr(self.lib, name)
        function.restype, function.argtypes = result, arguments

    def must(self, held: bool, what: str) -> None:
        """Raise for what only a lack of memory can bring about."""
        if not held:
            self.lib.ERR_clear_error()
            raise MemoryError(f"libcrypto: {what} failed")

    def sm3(self, message: bytes) -> bytes:
        digest = ctypes.create_string_buffer(32)
        done = self.lib.EVP_Digest(message, len(message), digest, None, self._md, None)
        self.must(done == 1, "EVP_Digest")
        return digest.raw

    def public_key(self, der: bytes) -> int:
        """An EVP_PKEY whose point lies on the curve; the caller frees it.

        The quick check suffices: the curve has no other points than those of its group.
        """
        key = self.lib.d2i_PUBKEY(None, byref(c_char_p(der)), len(der))
        if not key:
            self.lib.ERR_clear_error()
            raise ValueError("an SM2 public key is a point of the curve")
        context = self.lib.EVP_PKEY_CTX_new(key, None)
        sound = self.lib.EVP_PKEY_public_check_quick(context) == 1
        self.lib.EVP_PKEY_CTX_free(context)
        if not sound:
            self.lib.EVP_PKEY_free(key)
            self.lib.ERR_clear_error()
            raise ValueError("an SM2 public key is a point of the curve")
        return int(key)

    def private_key(self, der: bytes) -> tuple[int, bytes]:
        """An EVP_PKEY, which the caller frees, and its public point."""
        key = self.lib.d2i_AutoPrivateKey(None, byref(c_char_p(der)), len(der))
        self.must(bool(key), "d2i_AutoPrivateKey")
        length = len(_PUBLIC_HEAD) + POINT_BYTES
        self.must(self.lib.i2d_PUBKEY(key, None) == length, "i2d_PUBKEY")
        public = ctypes.create_string_buffer(length)
        self.lib.i2d_PUBKEY(key, byref(c_void_p(ctypes.addressof(public))))
        return int(key), public.raw[-POINT_BYTES:]

    def verifying(self, key: int) -> int:
        context = self.lib.EVP_PKEY_CTX_new(key, None)
        self.must(bool(context) and self.lib.EVP_PKEY_verify_init(context) == 1, "verify_init")
        return int(context)

    def signing(self, key: int) -> int:
        context = self.lib.EVP_PKEY_CTX_new(key, None)
        self.must(bool(context) and self.lib.EVP_PKEY_sign_init(context) == 1, "sign_init")
        return int(context)


@cache
def _libcrypto() -> _LibCrypto:
    """The system's libcrypto.

    Raises:
        Sm2Unavailable: none of version 3 with SM2 is there.
    """
    for name in _candidates():
        try:
            found = _LibCrypto(ctypes.CDLL(name))
        except (OSError, AttributeError):
            continue
        if found.lib.OpenSSL_version_num() >> 28 >= 3 and _knows_sm2(found):
            return found
    raise Sm2Unavailable


def _candidates() -> list[str]:
    """By name, then by way of Python's own ``ssl``, which is mostly linked to it."""
    import _ssl

    return [*_LIBRARIES, *filter(None, [getattr(_ssl, "__file__", None)])]


def _knows_sm2(crypto: _LibCrypto) -> bool:
    """Some distributions build OpenSSL without the curve: ask it for the base point."""
    try:
        key = crypto.public_key(_PUBLIC_HEAD + b"\x04" + _CURVE[64:])
    except ValueError:
        return False
    crypto.lib.EVP_PKEY_free(key)
    return True

"""Sealing personal data at rest, and finding it again without opening it.

A sealed value is ``key id length (1) | key id | nonce (12) | ciphertext and tag``. AES-256-GCM, or
SM4-GCM (GB/T 32907, GB/T 36624) where 国密 is asked for; a ring opens what any of its keys sealed,
so a key is rotated by putting the new one first; ``backend.store.resealing`` brings over to it what
an old one sealed. Look-ups use an HMAC-SM3 (GB/T 32905) blind index.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.settings import CIPHERS

NONCE_BYTES = 12
# So much of a value tells by which key it was sealed: the length of the id, and the id.
HEAD_BYTES = 256
TAG_BYTES = 16


class SealBroken(Exception):
    """A sealed value was altered, belongs to another context, or its key has left the ring."""


class _Sm4Gcm:
    """SM4-GCM with the call shape of ``AESGCM``; SM4 keys are 128 bit, so half of ours is used."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key[:16])

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        tag, body = data[-TAG_BYTES:], data[:-TAG_BYTES]
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data)
        return decryptor.update(body) + decryptor.finalize()


class KeyRing:
    """Seals with the first key and opens with any; see the module's text for the layout.

    Args:
        keys: key id → 32-byte key, newest first; ids are at most 255 ASCII characters.
        cipher: ``aes-gcm`` or ``sm4-gcm``.
    """

    def __init__(self, keys: Mapping[str, bytes], cipher: str = "aes-gcm") -> None:
        if not keys or cipher not in CIPHERS:
            raise ValueError(
                "a key ring needs at least one key and a cipher of " + ", ".join(CIPHERS)
            )
        make = AESGCM if cipher == "aes-gcm" else _Sm4Gcm
        self._ciphers = {key_id.encode(): make(key) for key_id, key in keys.items()}
        self._active = next(iter(self._ciphers))
        self._head = bytes([len(self._active)]) + self._active

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return self._active.decode()

    def key_of(self, sealed: bytes) -> str | None:
        """The id of the key that sealed a value, by its first bytes; None: no key of this ring."""
        key_id = sealed[1 : 1 + sealed[0]] if sealed else b""
        return key_id.decode() if key_id in self._ciphers else None

    def anew(self, sealed: bytes, context: bytes) -> bytes:
        """The same, sealed by the newest key.

        Raises:
            SealBroken: see ``open``.
        """
        return self.seal(self.open(sealed, context), context)

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt ``plaintext`` bound to ``context`` (whose data, for what: part of the proof)."""
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._ciphers[self._active].encrypt(nonce, plaintext, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt what ``seal`` made with the same context.

        Raises:
            SealBroken: altered, truncated, another context, or an unknown key.
        """
        try:
            start = 1 + sealed[0]
            cipher = self._ciphers[sealed[1:start]]
            body = start + NONCE_BYTES
            return cipher.decrypt(sealed[start:body], sealed[body:], context)
        except (InvalidTag, KeyError, IndexError, ValueError) as error:
            raise SealBroken from error

    def seal_text(self, text: str, context: str) -> bytes:
        """``seal`` for text."""
        return self.seal(text.encode(), context.encode())

    def open_text(self, sealed: bytes, context: str) -> str:
        """``open`` for text."""
        return self.open(sealed, context.encode()).decode()


class BlindIndex:
    """Keyed fingerprints by which sealed values are found: HMAC-SM3, hex, 64 characters."""

    def __init__(self, key: bytes) -> None:
        self._base = hmac.HMAC(key, hashes.SM3())

    def of(self, kind: str, value: str) -> str:
        """The fingerprint of ``value``; ``kind`` keeps equal values of different kinds apart."""
        mac = self._base.copy()
        mac.update(f"{kind}\0{value}".encode())
        return mac.finalize().hex()

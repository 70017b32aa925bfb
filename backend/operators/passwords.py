"""Passwords of the console: argon2id (RFC 9106), hashed in threads, and the rules for new ones."""

import asyncio
import secrets
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.operators.errors import PasswordWeak

SHORTEST, LONGEST = 12, 128
FEWEST_DIFFERENT = 5
# A hash takes 64 MiB while it is made: so many at a time, however many knock.
AT_ONCE = 2
# No 0 O 1 l I: it is read off a screen and typed.
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_INITIAL_LENGTH = 16
# The most common that are long enough, by their letters and digits alone.
_COMMON_FILE = Path(__file__).parent / "data" / "common_passwords.txt"


def normalised(password: str) -> str:
    """The same characters however a keyboard composes them (NFKC)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON_FILE.read_text("ascii").split())


def check_rules(password: str, username: str) -> None:
    """Refuse a new password that is easy to guess.

    Raises:
        PasswordWeak: says which rule it breaks.
    """
    plain = normalised(password).lower()
    if len(plain) < SHORTEST:
        raise PasswordWeak(f"密码至少 {SHORTEST} 位，可以使用一句好记的话。")
    if len(plain) > LONGEST:
        raise PasswordWeak(f"密码不能超过 {LONGEST} 位。")
    if username.lower() in plain:
        raise PasswordWeak("密码不能包含用户名。")
    if len(set(plain)) < FEWEST_DIFFERENT:
        raise PasswordWeak(f"密码至少包含 {FEWEST_DIFFERENT} 个不同的字符。")
    if "".join(filter(str.isalnum, plain)) in _common():
        raise PasswordWeak("这个密码太常见，容易被猜到，请换一个。")


def one_time_password() -> str:
    """A password for one login, easy to read out."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_INITIAL_LENGTH))


class Passwords:
    """Makes and checks hashes, without holding up the event loop.

    Args:
        hasher: with other costs, for tests.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(
            time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16
        )
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, normalised(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one; without a hash the answer is no, in the same time."""
        nobodys = await self._nobody()
        return await self._fits(kept or nobodys, password) and kept is not None

    async def _fits(self, kept: str, password: str) -> bool:
        async with self._turns:
            return await asyncio.to_thread(self._verify, kept, normalised(password[: 4 * LONGEST]))

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _nobody(self) -> str:
        """A hash that nothing fits, of the same costs as the others."""
        if self._nobodys is None:
            self._nobodys = await self.hash(secrets.token_urlsafe(32))
        return self._nobodys

"""Codes on a screen: single-use, a minute long, and without anything personal in themselves.

A code is 130 random bits. Redis knows it by its digest alone and holds, sealed, what its holder
agreed to show; taking it is one command that leaves a mark of use, so that a second scan is told
so. The facts were read from the wallet when the code was made: if the wallet was written since,
they are looked up again, so that a withdrawal reaches a code that is being shown.
"""

import base64
import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal, NamedTuple

import orjson

from backend.presentation.errors import CodeUnknown, CodeUsed, TooOften
from backend.presentation.pace import MINUTE_S, Count
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import HotLink

LIFE_S, RENEW_S = 60, 45
# How long a used code is remembered as used.
_REMEMBERED_MS = "120000"
_CHARS, _DIGEST = 26, 16
# Five bits of each random byte, as a character of base32 (RFC 4648).
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8
_CODE = re.compile(r"[A-Z2-7]{26}")
_LIVE, _USED = b"L", b"U"

CodeState = Literal["live", "used", "gone"]


class Shown(NamedTuple):
    """What a code stands for.

    Attributes:
        subject: whose licence it is; shower: tag of the person who shows it.
        written: which writing of the wallet the facts are from, in hexadecimal.
        day: the day in China on which they were true: expiry and ages are by the day.
        facts: name, label and value of each that the holder chose.
        ask: whether the holder wants to be asked whoever scans.
    """

    subject: str
    audience: str
    shower: str
    licence_id: str
    written: str
    day: str
    system: str
    type_code: str
    type_name: str
    authority: str
    as_of: int
    version: str
    purpose: str
    facts: Sequence[Sequence[Any]]
    confirm: str
    ask: bool
    grant: str = ""

    def pack(self) -> bytes:
        """As bytes."""
        return orjson.dumps(tuple(self))

    @classmethod
    def unpack(cls, raw: bytes) -> "Shown":
        """What ``pack`` made."""
        return cls(*orjson.loads(raw))

    @property
    def fields(self) -> list[list[str]]:
        """Names and labels of the facts, without their values."""
        return [[name, label] for name, label, _ in self.facts]

    def only(self, names: Sequence[str]) -> "Shown":
        """The same with fewer facts."""
        return self._replace(facts=[fact for fact in self.facts if fact[0] in names])


class Codes:
    """Makes codes and takes them."""

    def __init__(self, hot: HotLink, keyring: KeyRing) -> None:
        self._hot, self._keyring = hot, keyring

    async def make(self, shown: Shown, count: Count) -> str:
        """A fresh code; counted in the same round trip.

        Raises:
            TooOften: there were enough of them; then there is none more.
        """
        code = secrets.token_bytes(_CHARS).translate(_ALPHABET).decode()
        key = _key(code)
        sealed = self._keyring.seal(shown.pack(), key.encode())
        keep = ("SET", key, _LIVE + sealed, "EX", str(LIFE_S))
        counted, _, _ = await self._hot.ask(*count.commands, keep)
        if counted > count.most:
            await self._hot.ask(("DEL", key))
            raise TooOften(MINUTE_S)
        return code

    async def take(self, text: str, count: Count) -> Shown:
        """Take a code; nobody else ever gets it. Counted in the same round trip.

        Args:
            text: the code, or the address whose fragment it is (``https://host/verify#c=…``).

        Raises:
            CodeUnknown, CodeUsed.
            TooOften: there were enough of them; a code that was there is used up, as it is when
                somebody looks at their own.
        """
        key = _key(code_in(text))
        take = ("SET", key, _USED, "XX", "GET", "PX", _REMEMBERED_MS)
        counted, _, found = await self._hot.ask(*count.commands, take)
        if counted > count.most:
            raise TooOften(MINUTE_S)
        return self._opened(key, found)

    async def put_away(self, text: str, subject: str) -> CodeState:
        """Take a code of one's own off the screen; says how it stood."""
        state = await self.state(text, subject)
        if state == "live":
            await self._hot.ask(("SET", _key(code_in(text)), _USED, "XX", "PX", _REMEMBERED_MS))
        return state

    async def state(self, text: str, subject: str) -> CodeState:
        """How a code of one's own stands. That of somebody else is as good as gone."""
        key = _key(code_in(text))
        (found,) = await self._hot.mget([key])
        if found == _USED:
            return "used"
        try:
            shown = self._opened(key, found)
            # Of somebody else's licence it is the code of whoever shows it, with their leave.
            return "live" if subject in (shown.subject, shown.shower) else "gone"
        except CodeUnknown:
            return "gone"

    def _opened(self, key: str, found: bytes | None) -> Shown:
        if found == _USED:
            raise CodeUsed
        if found is None:
            raise CodeUnknown
        try:
            return Shown.unpack(self._keyring.open(found[1:], key.encode()))
        except SealBroken:
            raise CodeUnknown from None


def code_in(text: str) -> str:
    """The code in what was scanned or typed.

    Raises:
        CodeUnknown: there is none in it.
    """
    bare = text.strip().rpartition("#c=")[2].replace("-", "").replace(" ", "").upper()
    if _CODE.fullmatch(bare) is None:
        raise CodeUnknown
    return bare


def _key(code: str) -> str:
    digest = sha256(code.encode()).digest()[:_DIGEST]
    return "pc:" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

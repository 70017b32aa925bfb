"""Codes on a screen: single-use, a minute long, and without anything personal in themselves.

A code is 128 random bits. Redis knows it by its digest alone and holds, sealed, what its holder
agreed to show; taking it is one command that leaves a mark of use, so that a second scan is told
so. The facts were read from the wallet when the code was made: if the wallet was written since,
they are looked up again, so that a withdrawal reaches a code that is being shown.
"""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from operator import attrgetter
from typing import Any, Literal, cast

import orjson

from backend.presentation.errors import CodeUnknown, CodeUsed
from backend.store.keyring import KeyRing, SealBroken
from backend.store.redis import HotLink

LIFE_S, RENEW_S = 60, 45
# How long a used code is remembered as used.
_REMEMBERED_MS = "120000"
_BYTES = 16
_CODE = re.compile(r"[A-Z2-7]{26}")
_LIVE, _USED = b"L", b"U"

CodeState = Literal["live", "used", "gone"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a code stands for.

    Attributes:
        subject: whose licence it is; shower: tag of the person who shows it.
        written: which writing of the wallet the facts are from, in base64.
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
        return orjson.dumps(_FIELDS_OF(self))

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
        return replace(self, facts=[fact for fact in self.facts if fact[0] in names])


# ``dataclasses.astuple`` copies deeply, which costs more than sealing.
_FIELDS_OF = attrgetter(*(field.name for field in fields(Shown)))


class Codes:
    """Makes codes and takes them."""

    def __init__(self, hot: HotLink, keyring: KeyRing) -> None:
        self._hot, self._keyring = hot, keyring

    async def make(self, shown: Shown) -> str:
        """A fresh code."""
        code = base64.b32encode(secrets.token_bytes(_BYTES)).decode().rstrip("=")
        key = _key(code)
        sealed = self._keyring.seal(shown.pack(), key.encode())
        await self._hot.set(key, _LIVE + sealed, LIFE_S)
        return code

    async def take(self, text: str) -> Shown:
        """Take a code; nobody else ever gets it.

        Args:
            text: the code, or the address whose fragment it is (``https://host/verify#c=…``).

        Raises:
            CodeUnknown, CodeUsed.
        """
        key = _key(code_in(text))
        command = ("SET", key, _USED, "XX", "GET", "PX", _REMEMBERED_MS)
        found = cast(bytes | None, (await self._hot.ask(command))[0])
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
    digest = sha256(code.encode()).digest()[:_BYTES]
    return "pc:" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""Codes of one use: those of ``wx.login`` and of the phone-number button."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.sandbox.wechat.errors import Code, WechatError

LIFETIME_S = 300
Meaning = TypeVar("Meaning")


@dataclass(slots=True)
class _Minted(Generic[Meaning]):
    meaning: Meaning
    expires: float
    used: bool = False


class CodeBook(Generic[Meaning]):
    """Mints codes and redeems each once within five minutes."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._minted: dict[str, _Minted[Meaning]] = {}

    def mint(self, meaning: Meaning, lifetime_s: float = LIFETIME_S) -> str:
        """A new code; ``lifetime_s`` 0 makes one that has expired already."""
        code = secrets.token_urlsafe(24)
        self._minted[code] = _Minted(meaning, self._clock() + lifetime_s)
        return code

    def redeem(self, code: str) -> Meaning:
        """What a code stands for.

        Raises:
            WechatError: 40029 unknown or expired, 40163 used before.
        """
        minted = self._minted.get(code)
        if minted is None or (not minted.used and minted.expires <= self._clock()):
            raise WechatError(Code.INVALID_CODE)
        if minted.used:
            raise WechatError(Code.CODE_USED)
        minted.used = True
        return minted.meaning

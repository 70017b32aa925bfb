"""access_token: one in force for the whole app, the one before for five more minutes."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.sandbox.wechat.errors import Code, WechatError

LIFETIME_S = 7200
OVERLAP_S = 300


@dataclass(slots=True)
class Token:
    """A token and when it ends, as Unix time in seconds."""

    value: str
    expires: float


class TokenDesk:
    """Issues and checks tokens; ``clock`` gives the Unix time in seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._current: Token | None = None
        self._former: Token | None = None
        self._stable: Token | None = None
        self._ended: set[str] = set()

    def issue(self) -> Token:
        """``/cgi-bin/token``: a new one; the one before lives for five more minutes at most."""
        now = self._clock()
        if self._current is not None:
            self._former = Token(self._current.value, min(self._current.expires, now + OVERLAP_S))
        self._current = _new(now)
        return self._current

    def stable(self, force: bool) -> Token:
        """``/cgi-bin/stable_token``: the same one until it nears its end; ``force`` replaces it."""
        now = self._clock()
        if force or self._stable is None or self._stable.expires - now < OVERLAP_S:
            self._stable = _new(now)
        return self._stable

    def remaining(self, token: Token) -> int:
        """Seconds that a token still has."""
        return int(token.expires - self._clock())

    def end_all(self, expired: bool) -> None:
        """End every token: as expired (42001) or as if never issued (40001)."""
        tokens = [token for token in (self._current, self._former, self._stable) if token]
        if expired:
            self._ended.update(token.value for token in tokens)
        self._current = self._former = self._stable = None

    def check(self, value: str) -> None:
        """Let a token in.

        Raises:
            WechatError: 41001 missing, 42001 expired, 40001 unknown or replaced.
        """
        if not value:
            raise WechatError(Code.TOKEN_MISSING)
        if value in self._ended:
            raise WechatError(Code.TOKEN_EXPIRED)
        for token in (self._current, self._stable, self._former):
            if token is not None and secrets.compare_digest(token.value, value):
                self._check_time(token)
                return
        raise WechatError(Code.INVALID_CREDENTIAL)

    def _check_time(self, token: Token) -> None:
        if token.expires > self._clock():
            return
        raise WechatError(Code.INVALID_CREDENTIAL if token is self._former else Code.TOKEN_EXPIRED)


def _new(now: float) -> Token:
    return Token(secrets.token_urlsafe(96), now + LIFETIME_S)

"""A circuit breaker: who fails again and again is left alone for a while, then tried carefully.

Closed, every call passes. It opens after five failures in a row, or when at least ten calls of the
last seconds failed and they were half or more. Open, no call passes. When its wait is over it is
half open: one call at a time goes through as a probe; two good ones close it, a bad one opens it
again for twice as long. A call that says nothing about the system (the caller gave up, the
request was wrong) changes nothing, except that a probe gives its place back.
"""

import random
from collections.abc import Callable
from enum import Enum
from typing import Final, Literal

BreakerState = Literal["closed", "open", "half_open"]

IN_A_ROW, MANY, SHARE = 5, 10, 0.5
SLICE_S: Final = 5.0
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 30.0
GOOD_PROBES = 2


class Permit(Enum):
    """What a call that may go is to the breaker; handed back with its outcome."""

    ORDINARY = 0
    PROBE = 1


class Breaker:
    """The breaker of one operation of one system; times are seconds of a monotonic clock.

    Args:
        jitter: gives 0 to 1; a wait is spread by a fifth each way, so that not every worker
            probes in the same moment.
    """

    __slots__ = (
        "_bad", "_bad_before", "_good", "_good_before", "_good_probes", "_in_a_row", "_jitter",
        "_open_until", "_probing", "_slice", "_wait", "opened",
    )  # fmt: skip

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._open_until: float | None = None
        self._wait = FIRST_WAIT_S
        self._probing = False
        self._good_probes = self._in_a_row = 0
        self._slice = self._good = self._bad = self._good_before = self._bad_before = 0
        self.opened = 0

    def state(self, now: float) -> BreakerState:
        """How it stands."""
        if self._open_until is None:
            return "closed"
        return "open" if now < self._open_until else "half_open"

    def waits(self, now: float) -> float:
        """Seconds until it will be half open; 0 when it is not open."""
        return 0.0 if self._open_until is None else max(self._open_until - now, 0.0)

    def admit(self, now: float) -> Permit | None:
        """Leave to call, which has to be handed back; None: not now."""
        if self._open_until is None:
            return Permit.ORDINARY
        if now < self._open_until or self._probing:
            return None
        self._probing = True
        return Permit.PROBE

    def succeeded(self, permit: Permit, now: float) -> None:
        """The system answered as it should, if only with a refusal."""
        if permit is Permit.PROBE:
            self._probing = False
            self._good_probes += 1
            if self._good_probes >= GOOD_PROBES:
                self._close()
        elif self._open_until is None:
            self._in_a_row = 0
            self._turn(now)
            self._good += 1

    def failed(self, permit: Permit, now: float) -> None:
        """The system did not answer, or not as it should."""
        if permit is Permit.PROBE:
            self._probing = False
            self._wait = min(self._wait * 2, LONGEST_WAIT_S)
            self._open(now)
        elif self._open_until is None:
            self._turn(now)
            self._bad += 1
            self._in_a_row += 1
            if self._in_a_row >= IN_A_ROW or self._too_many():
                self._open(now)

    def abandoned(self, permit: Permit) -> None:
        """The call ended without saying anything about the system."""
        if permit is Permit.PROBE:
            self._probing = False

    def _too_many(self) -> bool:
        bad = self._bad + self._bad_before
        return bad >= MANY and bad >= SHARE * (bad + self._good + self._good_before)

    def _turn(self, now: float) -> None:
        """Counts are kept for this slice of time and the one before."""
        current = int(now / SLICE_S)
        if current == self._slice:
            return
        follows = current == self._slice + 1
        self._good_before, self._bad_before = (self._good, self._bad) if follows else (0, 0)
        self._slice, self._good, self._bad = current, 0, 0

    def _open(self, now: float) -> None:
        self.opened += 1
        self._good_probes = 0
        self._open_until = now + self._wait * (0.8 + 0.4 * self._jitter())

    def _close(self) -> None:
        self._open_until, self._wait = None, FIRST_WAIT_S
        self._in_a_row = self._good = self._bad = self._good_before = self._bad_before = 0

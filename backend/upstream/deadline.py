"""The time that is left for a request, carried from the phone to the last provincial system."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, in seconds."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """A deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds that are left; zero or less when it has passed."""
        return self.at - time.monotonic()

    def within(self, seconds: float) -> "Deadline":
        """The earlier of this deadline and one ``seconds`` from now."""
        return Deadline(min(self.at, time.monotonic() + seconds))

"""What the gateway remembers of the systems it calls: who waits, who fails, who asked for rest.

A ``Line`` is one operation of one system, a ``Trunk`` the system with its connections. They outlive
a new registration of the system, so that a changed manifest neither forgets a failing system nor
the calls that are still under way.
"""

from collections import Counter
from dataclasses import dataclass, field

from backend.upstream.breaker import Breaker, BreakerState, Permit
from backend.upstream.errors import UpstreamBusy, UpstreamOpen, UpstreamThrottled
from backend.upstream.metrics import BOUNDS, CALLS
from backend.upstream.transport import Pool

# One retry may follow ten calls: a system that fails gets little more load from it.
RETRY_EARNED, MOST_RETRIES = 0.1, 10.0
LONGEST_REST_S = 300.0


@dataclass(slots=True)
class Trunk:
    """One system: its connections, its bulkhead, and how often calls may be repeated.

    Attributes:
        places: calls that may wait at once; waiting: those that do.
        rest_until: on the monotonic clock, when it may be called again.
    """

    system: str
    pool: Pool
    places: int
    waiting: int = 0
    rest_until: float = 0.0
    retries: float = MOST_RETRIES
    lines: dict[str, "Line"] = field(default_factory=dict)

    def may_retry(self) -> bool:
        """Take one retry out of the budget, if there is one."""
        if self.retries < 1.0:
            return False
        self.retries -= 1.0
        return True


class Line:
    """One operation of a system: its bulkhead, its breaker, and what came of its calls.

    Attributes:
        places: calls of this operation that may wait at once; waiting: those that do.
        outcomes: how calls ended, by the words of ``backend.upstream.metrics``.
        seen: a histogram of the seconds that answers took; see ``BOUNDS``.
    """

    __slots__ = (
        "breaker", "operation", "outcomes", "places", "rest_until", "seen", "system", "trunk",
        "waiting",
    )  # fmt: skip

    def __init__(self, trunk: Trunk, operation: str, places: int) -> None:
        self.trunk, self.system, self.operation = trunk, trunk.system, operation
        self.places, self.waiting = places, 0
        self.breaker = Breaker()
        self.rest_until = 0.0
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.seen = [0.0] * (len(BOUNDS) + 2)
        CALLS.lines[self.system, operation] = self

    def enter(self, now: float) -> Permit:
        """Take a place for a call; it has to be left with its outcome.

        Raises:
            UpstreamThrottled, UpstreamBusy, UpstreamOpen: nothing may be sent now.
        """
        trunk = self.trunk
        rest = max(self.rest_until, trunk.rest_until)
        if rest > now:
            raise UpstreamThrottled(self.system, rest - now)
        if self.waiting >= self.places or trunk.waiting >= trunk.places:
            raise UpstreamBusy(self.system, "bulkhead")
        permit = self.breaker.admit(now)
        if permit is None:
            raise UpstreamOpen(self.system, self.breaker.waits(now))
        self.waiting += 1
        trunk.waiting += 1
        trunk.retries = min(trunk.retries + RETRY_EARNED, MOST_RETRIES)
        return permit

    def leave(self) -> None:
        """Give the place back."""
        self.waiting -= 1
        self.trunk.waiting -= 1

    def rest(self, seconds: float, now: float, everything: bool) -> None:
        """Leave the operation alone for some time, or the whole system."""
        until = now + min(max(seconds, 0.0), LONGEST_REST_S)
        if everything:
            self.trunk.rest_until = max(self.trunk.rest_until, until)
        else:
            self.rest_until = max(self.rest_until, until)

    def observe(self, seconds: float) -> None:
        """Note how long an answer took."""
        place = 0
        for bound in BOUNDS:
            if seconds <= bound:
                break
            place += 1
        self.seen[place] += 1
        self.seen[-1] += seconds

    def state(self, now: float) -> "LineState":
        """How it stands."""
        outcomes: Counter[str] = Counter()
        for (word, _), count in self.outcomes.items():
            outcomes[word] += count
        rest = max(self.rest_until, self.trunk.rest_until)
        answered = sum(self.seen[:-1])
        return LineState(
            system=self.system,
            operation=self.operation,
            breaker=self.breaker.state(now),
            opened=self.breaker.opened,
            opens_again_s=round(self.breaker.waits(now), 1),
            rest_s=round(max(rest - now, 0.0), 1),
            waiting=self.waiting,
            places=self.places,
            connections=self.trunk.pool.busy + self.trunk.pool.idle,
            outcomes=dict(outcomes),
            mean_ms=round(self.seen[-1] / answered * 1000, 1) if answered else None,
        )


@dataclass(frozen=True, slots=True)
class LineState:
    """How one operation of a system stands in one worker, for the console.

    Attributes:
        breaker: ``closed``, ``open`` or ``half_open``; opened: how often it opened.
        opens_again_s: seconds until it is tried again; rest_s: seconds for which the system asked
            not to be called; mean_ms: mean time of an answer, None before the first.
        waiting: calls under way; places: how many may be at once.
        outcomes: ended calls by how they ended, since the worker started.
        worker: which worker says so, ``host-pid``.
    """

    system: str
    operation: str
    breaker: BreakerState
    opened: int
    opens_again_s: float
    rest_s: float
    waiting: int
    places: int
    connections: int
    outcomes: dict[str, int]
    mean_ms: float | None
    worker: str = ""

"""What calls from and to provincial systems leave behind for Prometheus.

Kept in plain dictionaries that a collector reads: one event loop needs neither the locks nor the
label look-ups of the client library's counters (see ``gateway/edge/trace.py``).
"""

import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import REGISTRY, Collector

if TYPE_CHECKING:
    from backend.upstream.lines import Line

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 3.0)
_BREAKER = {"closed": 0.0, "half_open": 1.0, "open": 2.0}


class CallMetrics(Collector):
    """Calls to systems: outcomes, seconds, breakers, places; the lines keep the numbers themselves.

    ``outcome`` is ``ok``, ``timeout``, ``unreachable``, ``failed``, ``refused``, ``untrusted``,
    ``busy``, ``open``, ``throttled``, ``gone`` (nobody waited any more) or ``retried``; ``reason``
    says more, in stable words.
    """

    def __init__(self) -> None:
        self.lines: dict[tuple[str, str], Line] = {}

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads."""
        names = ["system", "operation"]
        outcomes = CounterMetricFamily(
            "sst_upstream_calls", "Calls to systems", labels=[*names, "outcome", "reason"]
        )
        seconds = HistogramMetricFamily(
            "sst_upstream_seconds", "Time until a system answered", labels=names
        )
        breakers = GaugeMetricFamily(
            "sst_upstream_breaker", "0 closed, 1 half open, 2 open", labels=names
        )
        waiting = GaugeMetricFamily("sst_upstream_waiting", "Calls under way", labels=names)
        now = time.monotonic()
        for labels, line in self.lines.items():
            for (outcome, reason), count in line.outcomes.items():
                outcomes.add_metric([*labels, outcome, reason], count)
            seconds.add_metric(labels, buckets=_buckets(line.seen), sum_value=line.seen[-1])
            breakers.add_metric(labels, _BREAKER[line.breaker.state(now)])
            waiting.add_metric(labels, line.waiting)
        yield from (outcomes, seconds, breakers, waiting)


def _buckets(seen: list[float]) -> list[tuple[str, float]]:
    total, buckets = 0.0, []
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], seen, strict=False):
        total += count
        buckets.append((bound, total))
    return buckets


class DoorMetrics(Collector):
    """Signed requests of systems: let in by system, refused by reason."""

    def __init__(self) -> None:
        self._admitted: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def admitted(self, system: str) -> None:
        """Count a request that was let in."""
        self._admitted[system] += 1

    def refused(self, reason: str) -> None:
        """Count one that was not; who sent it is not known."""
        self._refused[reason] += 1

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads."""
        admitted = CounterMetricFamily(
            "sst_signed_requests", "Signed requests let in", labels=["system"]
        )
        for system, count in self._admitted.items():
            admitted.add_metric([system], count)
        refused = CounterMetricFamily(
            "sst_signatures_refused", "Requests of systems refused at the door", labels=["reason"]
        )
        for reason, count in self._refused.items():
            refused.add_metric([reason], count)
        yield admitted
        yield refused


DOOR, CALLS = DoorMetrics(), CallMetrics()
REGISTRY.register(DOOR)
REGISTRY.register(CALLS)

"""What calls from and to provincial systems leave behind for Prometheus.

Kept in plain dictionaries that a collector reads: one event loop needs neither the locks nor the
label look-ups of the client library's counters (see ``gateway/edge/trace.py``).
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector


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


DOOR = DoorMetrics()
REGISTRY.register(DOOR)

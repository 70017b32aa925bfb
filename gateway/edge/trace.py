"""What every request leaves behind: a trace id, a count, a duration, and a line if refused."""

import os
import random
import re
import time
from bisect import bisect_left
from collections.abc import Iterator

import structlog
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector
from sanic import Request

log = structlog.get_logger("gateway")

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
# Ids have to be different, not secret: asking the kernel for each costs a tenth of a wallet read.
_ids = random.Random(os.urandom(16))
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class RequestMetrics(Collector):
    """Counts and durations by endpoint and status.

    Kept in plain dictionaries: the client library's own counters take several microseconds a
    request for their locks and label look-ups, and one event loop needs neither.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], list[float]] = {}

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer."""
        seen = self._seen.get((endpoint, status))
        if seen is None:
            seen = self._seen[endpoint, status] = [0.0] * (len(_BOUNDS) + 2)
        seen[bisect_left(_BOUNDS, seconds)] += 1
        seen[-1] += seconds

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads."""
        requests = CounterMetricFamily(
            "sst_requests", "Requests answered", labels=["endpoint", "status"]
        )
        durations = HistogramMetricFamily(
            "sst_request_seconds", "Time to answer", labels=["endpoint", "status"]
        )
        for (endpoint, status), seen in self._seen.items():
            labels, total, buckets = [endpoint, str(status)], 0.0, []
            for bound, count in zip([*map(str, _BOUNDS), "+Inf"], seen, strict=False):
                total += count
                buckets.append((bound, total))
            requests.add_metric(labels, total)
            durations.add_metric(labels, buckets=buckets, sum_value=seen[-1])
        yield requests
        yield durations


METRICS = RequestMetrics()
REGISTRY.register(METRICS)


def trace_id(request: Request) -> str:
    """The id of this request: the caller's (W3C ``traceparent``) or a new one; 32 hex digits."""
    known: str | None = getattr(request.ctx, "trace_id", None)
    if known is None:
        known = request.ctx.trace_id = new_trace_id(request.headers.get("traceparent"))
    return known


def new_trace_id(parent: str | None) -> str:
    """The id in a caller's ``traceparent``; without one, or a malformed one, a new id."""
    given = _TRACEPARENT.match(parent) if parent is not None else None
    return given[1] if given else _ids.randbytes(16).hex()


def traceparent(request: Request) -> str:
    """The ``traceparent`` to hand on to provincial systems."""
    return f"00-{trace_id(request)}-{_ids.randbytes(8).hex()}-01"


def finish(request: Request, endpoint: str, status: int, started: float) -> None:
    """Count an answer; a refusal also leaves a line in the log (never its content).

    Args:
        started: ``time.perf_counter()`` when the request began.
    """
    seconds = time.perf_counter() - started
    METRICS.observe(endpoint, status, seconds)
    if status >= 400:
        log.info(
            "request.refused", endpoint=endpoint, status=status,
            ms=round(seconds * 1000, 1), trace_id=trace_id(request),
        )  # fmt: skip

"""What happens behind, for Prometheus: the worker's jobs and queues, as it told them by Redis."""

from collections.abc import Iterator, Sequence

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from backend.jobs.service import Jobs, Queue, Run

log = structlog.get_logger("metrics")


class _Behind(Collector):
    def __init__(self, runs: Sequence[Run], measured_at: float, queues: Sequence[Queue]) -> None:
        self._runs, self._measured_at, self._queues = runs, measured_at, queues

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads."""
        ended = GaugeMetricFamily("sst_job_ended", "Unix time when it last ended", labels=["job"])
        every = GaugeMetricFamily("sst_job_period_seconds", "How often it is due", labels=["job"])
        took = GaugeMetricFamily("sst_job_took_seconds", "How long it last took", labels=["job"])
        failed = GaugeMetricFamily(
            "sst_job_failures", "Failures since it last succeeded", labels=["job"]
        )
        for run in self._runs:
            ended.add_metric([run.name], run.ended_at)
            every.add_metric([run.name], run.every_s)
            took.add_metric([run.name], run.took_s)
            failed.add_metric([run.name], run.failures)
        waiting = GaugeMetricFamily("sst_queue_waiting", "Entries that wait", labels=["queue"])
        oldest = GaugeMetricFamily(
            "sst_queue_oldest_seconds", "How long the oldest entry has waited", labels=["queue"]
        )
        dead = GaugeMetricFamily("sst_queue_dead", "Entries given up", labels=["queue"])
        for queue in self._queues:
            waiting.add_metric([queue.name], queue.waiting)
            oldest.add_metric([queue.name], queue.oldest_s)
            dead.add_metric([queue.name], queue.dead)
        measured = GaugeMetricFamily(
            "sst_queues_measured", "Unix time of the queues' figures", value=self._measured_at
        )
        yield from (ended, every, took, failed, waiting, oldest, dead, measured)


async def behind(jobs: Jobs) -> CollectorRegistry:
    """The worker's figures; none while Redis does not answer: this process's own still count."""
    registry = CollectorRegistry(auto_describe=False)
    try:
        runs, (measured_at, queues) = await jobs.runs(), await jobs.queues()
    except Exception as error:  # noqa: BLE001 (a scrape during an outage is worth the most)
        log.warning("metrics.behind_unknown", error=type(error).__name__)
        return registry
    registry.register(_Behind(runs, measured_at, queues))
    return registry

"""The worker: what has to happen without anybody asking. Any number of workers may run; each job
is done by one of them at a time, by a lease in Redis.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from backend.province import Province, open_province
from backend.settings import Settings

log = structlog.get_logger("worker")

# Nobody waits for the worker, and what it purges or matches may be much.
STATEMENT_S = 300.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job and how often it is due, in seconds."""

    name: str
    every_s: int
    run: Callable[[Province], Awaitable[object]]


async def _measure(province: Province) -> None:
    parts = (
        province.cases, province.policies, province.push_trouble, province.sharing,
        province.presentations,
    )  # fmt: skip
    queues = [queue for part in parts for queue in await part.backlog()]
    await province.jobs.note(queues)


JOBS = (
    Job("appointments.close", 60, lambda province: province.appointments.chores.close_times()),
    Job("appointments.remind", 300, lambda province: province.appointments.chores.remind()),
    Job("appointments.purge", 86400, lambda province: province.appointments.chores.purge()),
    Job("audit.seal", 60, lambda province: province.chain.seal()),
    Job("identity.purge", 3600, lambda province: province.identity.purge()),
    Job("idempotency.purge", 3600, lambda province: province.idempotency.purge()),
    Job("consultation.watch", 600, lambda province: province.consultations.watch()),
    Job("evaluation.show", 600, lambda province: province.evaluations.show()),
    Job("evaluation.watch", 600, lambda province: province.evaluations.watch()),
    Job("jobs.measure", 10, _measure),
    Job("members.watch", 600, lambda province: province.members.watch()),
    Job("members.purge", 3600, lambda province: province.members.purge()),
    Job("messages.push", 1, lambda province: province.pushes.run()),
    Job("messages.purge", 86400, lambda province: province.pushes.purge()),
    Job("operators.purge", 86400, lambda province: province.operators.purge()),
    Job("presentation.drain", 1, lambda province: province.presentations.drain()),
    Job("presentation.purge", 3600, lambda province: province.presentations.purge()),
    Job("cases.drain", 1, lambda province: province.cases.drain()),
    Job("cases.reconcile", 60, lambda province: province.cases.reconcile()),
    Job("cases.watch", 600, lambda province: province.cases.watch()),
    Job("cases.promises", 600, lambda province: province.cases.promises.run()),
    Job("cases.purge", 3600, lambda province: province.cases.purge()),
    Job("one_thing.advance", 1, lambda province: province.one_things.advance()),
    Job("policies.drain", 1, lambda province: province.policies.drain()),
    Job("policies.find", 300, lambda province: province.policies.find()),
    Job("sharing.drain", 1, lambda province: province.sharing.drain()),
    Job("sharing.files", 2, lambda province: province.sharing.deliver_files()),
    Job("sharing.remind", 600, lambda province: province.sharing.remind()),
    Job("sharing.purge", 3600, lambda province: province.sharing.purge()),
)


async def run_worker(settings: Settings) -> None:
    """Do what is due until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    province = await open_province(settings, STATEMENT_S)
    try:
        await asyncio.gather(*(_repeat(job, province, stop) for job in JOBS))
    finally:
        await province.close()


async def _repeat(job: Job, province: Province, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _run_if_due(job, province)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(job.every_s, 60))


async def _run_if_due(job: Job, province: Province) -> None:
    """Run a job unless some worker ran it within its period: the lease is the memory of that."""
    try:
        if not await province.redis.set(f"job:{job.name}", b"", nx=True, ex=job.every_s):
            return
        started = time.perf_counter()
        failure = await _run(job, province)
        await province.jobs.ended(job.name, job.every_s, time.perf_counter() - started, failure)
    except Exception as error:  # noqa: BLE001 (without Redis nobody knows whose turn it is)
        log.error("job.untold", job=job.name, error=type(error).__name__)


async def _run(job: Job, province: Province) -> str:
    """Run a job; gives the kind of its failure, or nothing."""
    try:
        done = await job.run(province)
    except Exception as error:  # noqa: BLE001 (one failed run must not end the worker)
        log.error("job.failed", job=job.name, error=type(error).__name__)
        return type(error).__name__
    # What is looked at every second says something only when there was something to do.
    if done is not None:
        log.info("job.done", job=job.name, result=str(done))
    return ""

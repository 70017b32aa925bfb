"""What the worker says of its jobs and queues, on real stores."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from backend.jobs.service import Jobs, Queue, Run, queue_of_rows, queue_of_streams
from backend.messages.models import MessagePush
from backend.store.ids import uuid7
from backend.store.redis import HotLink, Redis
from backend.worker import Job, _run_if_due
from tests.servers import Backing

NOW = 1_000_000.0


async def test_a_job_that_ended_is_read_as_it_was_noted(redis: Redis) -> None:
    jobs = Jobs(redis, lambda: NOW)
    await jobs.ended("b.drain", 1, 0.25)
    await jobs.ended("a.watch", 600, 2.0, "OSError")
    assert await jobs.runs() == [
        Run("a.watch", 600, NOW, 2.0, 1, "OSError"),
        Run("b.drain", 1, NOW, 0.25),
    ]


async def test_failures_are_counted_until_it_succeeds(redis: Redis) -> None:
    jobs = Jobs(redis, lambda: NOW)
    for _ in range(3):
        await jobs.ended("b.drain", 1, 0.1, "OSError")
    assert [run.failures for run in await jobs.runs()] == [3]
    await jobs.ended("b.drain", 1, 0.1)
    assert await jobs.runs() == [Run("b.drain", 1, NOW, 0.1)]


async def test_queues_are_read_as_they_were_measured(redis: Redis) -> None:
    jobs = Jobs(redis, lambda: NOW)
    assert await jobs.queues() == (0.0, [])
    queues = [Queue("cases.outbox", 3, 12.5, 1), Queue("sharing.calls", 0, 0.0)]
    await jobs.note(queues)
    assert await jobs.queues() == (NOW, queues)


async def test_the_worker_notes_how_its_jobs_end_and_goes_on(redis: Redis) -> None:
    jobs, ran = Jobs(redis), []

    async def good(_: Any) -> None:
        ran.append("good")

    async def bad(_: Any) -> None:
        ran.append("bad")
        raise ValueError

    province: Any = SimpleNamespace(redis=redis, jobs=jobs)
    for _ in range(2):  # the second time neither is due
        await _run_if_due(Job("x.bad", 60, bad), province)
        await _run_if_due(Job("x.good", 60, good), province)
    assert ran == ["bad", "good"]
    found = [(run.name, run.every_s, run.failures, run.error) for run in await jobs.runs()]
    assert found == [("x.bad", 60, 1, "ValueError"), ("x.good", 60, 0, "")]


async def test_rows_that_wait_are_a_queue(database: str) -> None:
    now = datetime.now(UTC)
    assert await queue_of_rows("messages.pushes", MessagePush.all(), "due_at", now) == Queue(
        "messages.pushes", 0, 0.0
    )
    for minutes in (5, 90, 20):
        await MessagePush.create(
            message_id=uuid7(), person_id=uuid7(), topic="x", channel="sms",
            due_at=now - timedelta(minutes=minutes),
        )  # fmt: skip
    found = await queue_of_rows("messages.pushes", MessagePush.all(), "due_at", now, dead=2)
    assert (found.waiting, found.oldest_s, found.dead) == (3, 90 * 60, 2)


async def test_entries_of_streams_are_a_queue(backing: Backing, redis: Redis) -> None:
    hot = HotLink(backing.redis_url, redis)
    try:
        names = ["calls:{a}", "calls:{b}", "calls:{c}"]
        await redis.xadd("calls:{a}", {"d": b"1"}, id="900000-0")
        await redis.xadd("calls:{a}", {"d": b"2"}, id="990000-0")
        await redis.xadd("calls:{c}", {"d": b"3"}, id="950000-1")
        found = await queue_of_streams("sharing.calls", hot, names, 1000.0)
        assert found == Queue("sharing.calls", 3, 100.0)
        assert await queue_of_streams("sharing.calls", hot, ["calls:{d}"], 1000.0) == Queue(
            "sharing.calls", 0, 0.0
        )
    finally:
        await hot.close()

"""How systems stand, shared by every worker for the console."""

from dataclasses import replace

import orjson
import pytest

from backend.exchange.standing import KEY, States
from backend.store.redis import Redis
from backend.upstream.connector import LineState

LINE = LineState(
    system="gd-test", operation="sections.query", breaker="open", opened=1, opens_again_s=1.5,
    rest_s=0.0, waiting=2, places=48, connections=3, outcomes={"ok": 5, "timeout": 5}, mean_ms=12.5,
)  # fmt: skip


async def test_every_worker_sees_what_all_say(redis: Redis) -> None:
    await States(redis, "a-1").share([LINE])
    await States(redis, "b-2").share([replace(LINE, breaker="closed")])
    found = await States(redis, "c-3").read()
    assert [(line.worker, line.breaker) for line in found] == [("a-1", "open"), ("b-2", "closed")]
    assert replace(found[0], worker="") == LINE


async def test_what_a_worker_said_long_ago_is_forgotten(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await States(redis, "a-1").share([LINE])
    raw = orjson.loads((await redis.hgetall(KEY))[b"a-1"])
    await redis.hset(KEY, "a-1", orjson.dumps({**raw, "at": raw["at"] - 11}))
    assert await States(redis).read() == []
    assert await redis.hgetall(KEY) == {}

"""The multiplexed reader: right answers under concurrency, hang-ups, restarts and silence."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis import ResponseError

from backend.store.embedded import EmbeddedValkey
from backend.store.redis import HotLink, Redis, ask_one_by_one, open_redis
from tests import servers
from tests.servers import Backing


@pytest.fixture
async def hot(backing: Backing, redis: Redis) -> AsyncIterator[HotLink]:
    reader = HotLink(backing.redis_url, redis)
    yield reader
    await reader.close()


async def test_many_readers_each_get_their_own_values(hot: HotLink, redis: Redis) -> None:
    people = [f"p{number}" for number in range(200)]
    for person in people:
        await redis.set(f"s:{{{person}}}", f"session of {person}")
        await redis.set(f"w:{{{person}}}", f"wallet of {person}" * 50)

    async def read(person: str) -> None:
        session, wallet, missing = await hot.mget(
            [f"s:{{{person}}}", f"w:{{{person}}}", f"x:{{{person}}}"]
        )
        assert session == f"session of {person}".encode()
        assert wallet == f"wallet of {person}".encode() * 50
        assert missing is None

    await asyncio.gather(*(read(person) for person in people * 5))


async def test_a_reader_that_hangs_up_does_not_break_the_others(hot: HotLink, redis: Redis) -> None:
    await redis.set("k:{a}", b"1")
    await hot.mget(["k:{a}"])
    quitter = asyncio.create_task(hot.mget(["k:{a}"]))
    stayers = [asyncio.create_task(hot.mget(["k:{a}"])) for _ in range(20)]
    await asyncio.sleep(0)
    quitter.cancel()
    assert await asyncio.gather(*stayers) == [[b"1"]] * 20
    assert await hot.mget(["k:{a}"]) == [b"1"]


async def test_binary_values_come_back_unchanged(hot: HotLink, redis: Redis) -> None:
    value = bytes(range(256)) * 40
    await redis.set("b:{a}", value)
    assert await hot.mget(["b:{a}"]) == [value]


async def test_several_commands_are_answered_in_their_order(hot: HotLink, redis: Redis) -> None:
    await redis.delete("k:{a}")
    for _ in range(2):  # by the link, and by the ordinary client after a refusal
        found = await hot.ask(
            ("SET", "k:{a}", b"mine", "NX", "GET", "EX", "60"),
            ("EXISTS", "r:{a}"),
            ("GET", "k:{a}"),
        )
        assert found in ([None, 0, b"mine"], [b"mine", 0, b"mine"])
    plain = await ask_one_by_one(redis, ("SET", "k:{a}", b"x", "NX", "GET"), ("EXISTS", "k:{a}"))
    assert plain == [b"mine", 1]


async def test_commands_of_several_slots_are_answered_in_their_order(
    hot: HotLink, redis: Redis
) -> None:
    keys = [f"many:{{{number}}}" for number in range(12)]
    for number, key in enumerate(keys):
        await redis.set(key, number)
    assert await hot.ask(*(("INCR", key) for key in keys)) == list(range(1, 13))


async def test_of_several_commands_only_the_failed_one_is_sent_again(
    hot: HotLink, redis: Redis
) -> None:
    await redis.set("text:{b}", b"x")
    await redis.delete("count:{c}")
    with pytest.raises(ResponseError):
        await hot.ask(("INCR", "count:{c}"), ("INCR", "text:{b}"))
    assert await redis.get("count:{c}") == b"1"


async def test_an_error_among_several_answers_leaves_the_link_whole(
    hot: HotLink, redis: Redis
) -> None:
    await redis.set("k:{a}", b"text")
    with pytest.raises(ResponseError):
        await hot.ask(("GET", "k:{a}"), ("INCR", "k:{a}"), ("GET", "k:{a}"))
    assert await hot.mget(["k:{a}"]) == [b"text"]


@pytest.fixture
async def own_valkey(tmp_path: Path) -> AsyncIterator[EmbeddedValkey]:
    server = servers.start_valkey(tmp_path)
    yield server
    server.stop()


async def test_after_a_restart_of_the_server_reads_go_on(own_valkey: EmbeddedValkey) -> None:
    redis = open_redis(own_valkey.url)
    hot = HotLink(own_valkey.url, redis)
    await redis.set("k:{a}", b"1")
    assert await hot.mget(["k:{a}"]) == [b"1"]
    own_valkey.stop()
    own_valkey.start()
    own_valkey.wait_ready()
    await redis.set("k:{a}", b"2")
    assert await hot.mget(["k:{a}"]) == [b"2"]
    await hot.close()
    await redis.aclose()


async def test_a_server_that_falls_silent_is_noticed(own_valkey: EmbeddedValkey) -> None:
    redis = open_redis(own_valkey.url)
    hot = HotLink(own_valkey.url, redis)
    await redis.set("k:{a}", b"1")
    assert await hot.mget(["k:{a}"]) == [b"1"]
    assert own_valkey.process is not None
    os.kill(own_valkey.process.pid, signal.SIGSTOP)
    waiting = asyncio.create_task(hot.mget(["k:{a}"]))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    os.kill(own_valkey.process.pid, signal.SIGCONT)
    assert await waiting == [b"1"]
    await hot.close()
    await redis.aclose()

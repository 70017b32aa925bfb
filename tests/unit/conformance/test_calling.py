"""The kit does not blame a system for its own delays, and does not call too much at once."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

from backend.conformance.calling import TOGETHER, Caller, Lag
from backend.upstream.raw import RawAnswer, RawClient, RawConnection, RawRequest

REQUEST = RawRequest("/", {})


def _caller(send: Any, lag: Lag | None = None, gate: int = 100) -> Caller:
    client = cast(RawClient, SimpleNamespace(send=send))
    return Caller(client, asyncio.Semaphore(gate), lag or Lag())


async def test_a_loop_that_was_kept_from_its_work_is_seen() -> None:
    lag = Lag()
    began = time.perf_counter()
    async with lag.watched():
        await asyncio.sleep(0.001)
        time.sleep(0.3)  # noqa: ASYNC251 (this is what is to be seen)
        during = lag.longest_since(began)
        await asyncio.sleep(0.001)
        assert 0.2 < during <= lag.longest_since(began)
        # Whoever begins afterwards was not kept from anything by it.
        assert lag.longest_since(time.perf_counter()) < during


async def test_the_time_of_an_answer_is_without_our_own_delay() -> None:
    lag = Lag()

    async def _send(
        request: RawRequest, within: float, connection: RawConnection | None = None
    ) -> RawAnswer:
        began = time.perf_counter()
        time.sleep(0.3)  # noqa: ASYNC251 (something else in this process)
        return RawAnswer(200, {}, b"", time.perf_counter() - began, 0.3, True)

    async with lag.watched():
        await asyncio.sleep(0.001)
        answer = await _caller(_send, lag).call(REQUEST, 5)
    assert answer.seconds < 0.1
    assert answer.connecting_s < 0.1


async def test_all_systems_together_are_called_so_many_times_at_once() -> None:
    under_way, most = 0, 0

    async def _send(request: RawRequest, within: float) -> RawAnswer:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return RawAnswer(200, {}, b"", 0, 0, True)

    callers = [_caller(_send) for _ in range(4)]
    await asyncio.gather(*(one.call(REQUEST, 5) for one in callers for _ in range(30)))
    assert most == TOGETHER
    most = 0
    narrow = _caller(_send, gate=3)
    await asyncio.gather(*(narrow.call(REQUEST, 5) for _ in range(30)))
    assert most == 3


async def test_a_slow_system_is_slow_for_all_our_delays() -> None:
    """Only the moments of looking are forgiven, not the time in between."""
    lag = Lag()
    now = time.perf_counter()
    lag._stalls.extend((now + 60 + nth, 0.1) for nth in range(20))

    async def _send(request: RawRequest, within: float) -> RawAnswer:
        return RawAnswer(200, {}, b"", 3.0, 0.05, True)

    answer = await _caller(_send, lag).call(REQUEST, 5)
    assert answer.seconds == 2.8
    assert answer.connecting_s == 0

"""Repeats, rests, breakers and schemas of the connector against a real HTTP server."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from backend.exchange.interface import contracts
from backend.upstream.addresses import Addresses
from backend.upstream.breaker import IN_A_ROW
from backend.upstream.connector import Connector, LineState, Operation, Target
from backend.upstream.deadline import Deadline
from backend.upstream.errors import (
    UpstreamError,
    UpstreamFailed,
    UpstreamOpen,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
    UpstreamUntrusted,
)
from backend.upstream.lines import MOST_RETRIES
from backend.upstream.signing import SigningKey, sign_answer

GATEWAY = SigningKey.from_seed("gateway-1", b"g" * 32)
SYSTEM = SigningKey.from_seed("gd-test-1", b"s" * 32)
GOOD = b'{"as_of":"2026-11-23T10:00:00+08:00","data":null}'


@dataclass
class System:
    """Answers as it is told: the next status and body of each operation, then good ones."""

    calls: Counter[str] = field(default_factory=Counter)
    told: dict[str, list[str | tuple[int, bytes, Mapping[str, str]]]] = field(default_factory=dict)
    url: str = ""
    hung: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, operation: str, *answers: str | tuple[int, bytes, Mapping[str, str]]) -> None:
        """Say what comes next: ``hang``, ``cut`` or an answer."""
        self.told.setdefault(operation, []).extend(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer."""
        name = request.match_info["name"]
        self.calls[name] += 1
        waiting = self.told.get(name)
        what = waiting.pop(0) if waiting else (200, GOOD, {})
        if what == "hang":
            self.hung.set()
            await asyncio.Event().wait()
        if isinstance(what, str):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        status, body, headers = what
        asked = {key.lower(): value for key, value in request.headers.items()}
        signature = sign_answer(SYSTEM, status, body, asked)
        return web.Response(status=status, body=body, headers={**signature, **headers})

    def target(self, *, seconds: float = 5.0) -> Target:
        """How the connector knows it."""
        is_valid = contracts()["sections.query"].is_valid
        return Target(
            code="gd-test", base_url=self.url, keys={SYSTEM.key_id: SYSTEM.public},
            operations={
                name: Operation(f"/{name}", seconds, safe="safe" in name, is_valid=is_valid)
                for name in ("safe", "once", "safe_too")
            },
            connect_s=2.0, concurrency=8,
        )  # fmt: skip


@pytest.fixture
async def system() -> AsyncIterator[System]:
    made = System()
    app = web.Application()
    app.router.add_post("/{name}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def connector() -> AsyncIterator[Connector]:
    made = Connector(GATEWAY, addresses=Addresses(allow_private=True))
    yield made
    await made.close()


async def ask(connector: Connector, target: Target, operation: str = "safe") -> object:
    return await connector.call(target, operation, {}, Deadline.after(30))


def state(connector: Connector, operation: str = "safe") -> LineState:
    return next(each for each in connector.states() if each.operation == operation)


@pytest.mark.parametrize("passing", ["cut", (502, b"", {}), (503, b"", {}), (504, b"", {})])
async def test_what_is_safe_is_asked_once_more(
    connector: Connector, system: System, passing: str | tuple[int, bytes, Mapping[str, str]]
) -> None:
    system.will("safe", passing)
    assert await ask(connector, system.target()) == {
        "as_of": "2026-11-23T10:00:00+08:00", "data": None,
    }  # fmt: skip
    assert system.calls["safe"] == 2
    assert state(connector).outcomes["retried"] == 1


@pytest.mark.parametrize("passing", ["cut", (503, b"", {})])
async def test_what_may_have_been_carried_out_is_never_repeated(
    connector: Connector, system: System, passing: str | tuple[int, bytes, Mapping[str, str]]
) -> None:
    system.will("once", passing)
    with pytest.raises(UpstreamError):
        await ask(connector, system.target(), "once")
    assert system.calls["once"] == 1


@pytest.mark.parametrize("final", [(500, b"", {}), (400, b"{}", {}), (200, b"[", {})])
async def test_what_would_only_happen_again_is_not_repeated(
    connector: Connector, system: System, final: tuple[int, bytes, Mapping[str, str]]
) -> None:
    system.will("safe", final)
    with pytest.raises(UpstreamError):
        await ask(connector, system.target())
    assert system.calls["safe"] == 1


async def test_repeats_have_a_budget(connector: Connector, system: System) -> None:
    target = system.target()
    rounds = int(MOST_RETRIES) * 3
    for _ in range(rounds):
        # Two good ones between keep the breaker out of it.
        system.will("safe", (503, b"", {}), (200, GOOD, {}), (200, GOOD, {}), (200, GOOD, {}))
        for _ in range(3):
            try:
                await ask(connector, target)
            except UpstreamFailed:
                break
    retried = state(connector).outcomes["retried"]
    assert MOST_RETRIES <= retried < rounds


async def test_after_failures_in_a_row_it_is_left_alone(
    connector: Connector, system: System
) -> None:
    target = system.target()
    system.will("safe", *[(500, b"", {})] * IN_A_ROW)
    for _ in range(IN_A_ROW):
        with pytest.raises(UpstreamFailed):
            await ask(connector, target)
    with pytest.raises(UpstreamOpen) as caught:
        await ask(connector, target)
    assert system.calls["safe"] == IN_A_ROW
    # It says when it is worth trying again.
    assert caught.value.context() == {"source": "gd-test", "retry_after": 2}
    assert state(connector).breaker == "open"
    labels = {"system": "gd-test", "operation": "safe"}
    assert REGISTRY.get_sample_value("sst_upstream_breaker", labels) == 2.0
    # The other operations of the system go on.
    assert await ask(connector, target, "safe_too")


async def test_a_new_registration_forgets_no_open_breaker(
    connector: Connector, system: System
) -> None:
    system.will("safe", *[(500, b"", {})] * IN_A_ROW)
    for _ in range(IN_A_ROW):
        with pytest.raises(UpstreamFailed):
            await ask(connector, system.target())
    with pytest.raises(UpstreamOpen):
        await ask(connector, system.target())


async def test_refusals_of_what_we_asked_open_no_breaker(
    connector: Connector, system: System
) -> None:
    target = system.target()
    system.will("safe", *[(400, b"{}", {})] * 4 * IN_A_ROW)
    for _ in range(4 * IN_A_ROW):
        with pytest.raises(UpstreamRefused):
            await ask(connector, target)
    assert state(connector).breaker == "closed"


async def test_phones_in_a_hurry_open_no_breaker(connector: Connector, system: System) -> None:
    target = system.target()
    system.will("safe", *["hang"] * 2 * IN_A_ROW)
    for _ in range(2 * IN_A_ROW):
        with pytest.raises(UpstreamTimeout):
            await connector.call(target, "safe", {}, Deadline.after(0.02))
    assert state(connector).breaker == "closed"


async def test_a_hung_operation_opens_its_breaker(connector: Connector, system: System) -> None:
    target = system.target(seconds=0.05)
    system.will("safe", *["hang"] * IN_A_ROW)
    for _ in range(IN_A_ROW):
        with pytest.raises(UpstreamTimeout):
            await ask(connector, target)
    assert state(connector).breaker == "open"


@pytest.mark.parametrize(("status", "others_rest"), [(429, False), (503, True)])
async def test_retry_after_is_respected(
    connector: Connector, system: System, status: int, others_rest: bool
) -> None:
    target = system.target()
    system.will("safe", (status, b"", {"retry-after": "60"}))
    for _ in range(3):
        with pytest.raises(UpstreamThrottled) as caught:
            await ask(connector, target)
        assert 55 <= caught.value.context()["retry_after"] <= 60
    assert system.calls["safe"] == 1
    assert state(connector).rest_s > 55
    if others_rest:
        with pytest.raises(UpstreamThrottled):
            await ask(connector, target, "safe_too")
    else:
        assert await ask(connector, target, "safe_too")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"data":null}', "schema"),
        (b'{"as_of":"yesterday","data":null}', "schema"),
        (b'{"as_of":"2026-11-23T10:00:00+08:00","data":{"a":{"deep":1}}}', "schema"),
        (
            b'{"as_of":"2026-11-23T10:00:00+08:00","data":' + b"[" * 40 + b"]" * 40 + b"}",
            "too_deep",
        ),
    ],
)
async def test_an_answer_of_another_shape_is_not_trusted(
    connector: Connector, system: System, body: bytes, reason: str
) -> None:
    system.will("safe", (200, body, {}))
    with pytest.raises(UpstreamUntrusted) as caught:
        await ask(connector, system.target())
    assert caught.value.reason == reason
    labels = {"system": "gd-test", "operation": "safe", "outcome": "untrusted", "reason": reason}
    assert REGISTRY.get_sample_value("sst_upstream_calls_total", labels) == 1.0


async def test_nothing_is_sent_when_no_time_is_left(connector: Connector, system: System) -> None:
    with pytest.raises(UpstreamTimeout):
        await connector.call(system.target(), "safe", {}, Deadline.after(-1))
    assert system.calls["safe"] == 0


async def test_a_caller_that_hangs_up_gives_its_place_back(
    connector: Connector, system: System
) -> None:
    target = system.target()
    system.will("safe", "hang")
    task = asyncio.create_task(ask(connector, target))
    await system.hung.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = state(connector)
    assert (found.waiting, found.outcomes, found.breaker) == (0, {"gone": 1}, "closed")
    assert await ask(connector, target)
    assert state(connector).connections == 1

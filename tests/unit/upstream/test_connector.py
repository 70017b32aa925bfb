"""The connector against a real HTTP server: every way to answer wrongly has its own error."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiohttp import web

from backend.upstream.addresses import Addresses
from backend.upstream.connections import ANSWER_LIMIT
from backend.upstream.connector import Connector, Operation, Target
from backend.upstream.deadline import Deadline
from backend.upstream.errors import (
    UpstreamBusy,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnreachable,
    UpstreamUntrusted,
)
from backend.upstream.signing import SigningKey, sign_answer, verify_request
from backend.upstream.transport import SystemTransport

GATEWAY = SigningKey.from_seed("gateway-1", b"g" * 32)
SYSTEM = SigningKey.from_seed("gd-test-1", b"s" * 32)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def signed(request: web.Request, body: bytes, status: int = 200) -> web.Response:
    asked = {name.lower(): value for name, value in request.headers.items()}
    return web.Response(
        body=body, status=status, headers=sign_answer(SYSTEM, status, body, asked),
        content_type="application/json",
    )  # fmt: skip


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    headers = {name.lower(): value for name, value in request.headers.items()}
    verify_request(lambda _: GATEWAY.public, "POST", request.path, "", headers, body)
    answer = {"asked": orjson.loads(body), "ms": int(request.headers["x-timeout-ms"])}
    return signed(request, orjson.dumps({**answer, "trace": request.headers["traceparent"]}))


async def hang(_: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def plain(request: web.Request) -> web.Response:
    return signed(request, b'{"ok":true}')


async def fail(request: web.Request) -> web.Response:
    return web.Response(status=502, text="<html>")


async def refuse(request: web.Request) -> web.Response:
    return signed(request, b'{"code":"x"}', 400)


async def unsigned(_: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def malformed(request: web.Request) -> web.Response:
    return signed(request, b'{"ok": tr')


async def a_list(request: web.Request) -> web.Response:
    return signed(request, b"[]")


async def huge(request: web.Request) -> web.Response:
    return signed(request, b'"' + b"x" * (2 * ANSWER_LIMIT) + b'"')


async def altered(request: web.Request) -> web.Response:
    answer = signed(request, b'{"ok":true}')
    answer.body = b'{"ok":fals}'
    return answer


async def truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-length": "100"})
    await response.prepare(request)
    await response.write(b'{"ok":')
    assert request.transport is not None
    request.transport.close()
    return response


async def elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPFound("http://127.0.0.1:1/")


HANDLERS: dict[str, Handler] = {"hang_too": hang} | {
    handler.__name__: handler
    for handler in (
        echo, plain, hang, fail, refuse, unsigned, malformed, a_list, huge, altered, truncated,
        elsewhere,
    )
}  # fmt: skip


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    app = web.Application(client_max_size=4 * ANSWER_LIMIT)
    for name, handler in HANDLERS.items():
        app.router.add_post(f"/v1/{name}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield make_target(f"http://127.0.0.1:{port}")
    await runner.cleanup()


def make_target(base_url: str) -> Target:
    return Target(
        code="gd-test",
        base_url=base_url,
        keys={SYSTEM.key_id: SYSTEM.public},
        operations={
            name: Operation(f"/v1/{name}", 0.4 if "hang" in name else 20.0) for name in HANDLERS
        },
        connect_s=20.0,
        concurrency=4,
    )


@pytest.fixture
async def connector() -> AsyncIterator[Connector]:
    made = Connector(GATEWAY, addresses=Addresses(allow_private=True))
    yield made
    await made.close()


async def test_a_signed_question_gets_a_signed_answer(connector: Connector, target: Target) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    answer = await connector.call(target, "echo", {"姓名": "张"}, Deadline.after(20), trace)
    assert answer["asked"] == {"姓名": "张"}
    assert 0 < answer["ms"] <= 20_000
    assert answer["trace"] == trace


@pytest.mark.parametrize(
    ("operation", "error", "reason"),
    [
        ("fail", UpstreamFailed, "502"),
        ("refuse", UpstreamRefused, "400"),
        ("unsigned", UpstreamUntrusted, "signature_missing"),
        ("malformed", UpstreamUntrusted, "malformed"),
        ("a_list", UpstreamUntrusted, "malformed"),
        ("huge", UpstreamUntrusted, "too_large"),
        ("altered", UpstreamUntrusted, "signature_digest"),
        ("truncated", UpstreamUntrusted, "transport"),
        ("elsewhere", UpstreamUntrusted, "redirect"),
        ("hang", UpstreamTimeout, "deadline"),
    ],
)
async def test_each_wrong_answer_has_its_own_error(
    connector: Connector, target: Target, operation: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error) as caught:
        await connector.call(target, operation, {}, Deadline.after(20))
    assert getattr(caught.value, "reason") == reason  # noqa: B009 (typed as Exception here)
    assert [state.waiting for state in connector.states()] == [0]


async def test_the_deadline_of_the_phone_is_shorter_than_the_operations(
    connector: Connector, target: Target
) -> None:
    target.operations = {"hang": Operation("/v1/hang", 60.0)}
    deadline = Deadline.after(0.05)
    with pytest.raises(UpstreamTimeout):
        await connector.call(target, "hang", {}, deadline)
    assert -30 < deadline.remaining() <= 0


async def test_nobody_listening_is_unreachable(connector: Connector) -> None:
    with pytest.raises(UpstreamUnreachable):
        await connector.call(make_target("http://127.0.0.1:1"), "echo", {}, Deadline.after(20))


async def test_a_standstill_of_our_own_is_not_taken_for_silence(
    connector: Connector, target: Target
) -> None:
    target.connect_s = 0.2
    asked = asyncio.create_task(connector.call(target, "plain", {}, Deadline.after(30)))
    await asyncio.sleep(0)
    # The connection is under way; its limit passes while this loop does something else.
    time.sleep(0.5)  # noqa: ASYNC251 (this is what is to be seen)
    assert await asked == {"ok": True}
    assert [dict(state.outcomes) for state in connector.states()] == [{"ok": 1}]


async def test_an_answer_that_came_during_a_standstill_of_our_own_is_taken() -> None:
    asked_for, go = threading.Event(), threading.Event()

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1024)
            asked_for.set()
            go.wait()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    transport = SystemTransport(Addresses(allow_private=True))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        pool = transport.pool(f"http://127.0.0.1:{listening.getsockname()[1]}", 20.0, 1)
        answering = threading.Thread(target=answer, args=(listening,))
        answering.start()
        asked = asyncio.create_task(pool.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1.0))
        await asyncio.to_thread(asked_for.wait)
        # The answer comes in time, and lies unread until long after.
        go.set()
        answering.join()
        time.sleep(1.2)  # noqa: ASYNC251 (this is what is to be seen)
        assert (await asked).body == b"ok"
    pool.close()


async def test_a_connection_that_does_not_come_about_is_unreachable_within_its_limit(
    connector: Connector,
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        # Nobody accepts: when the queue is full, further ones get no answer from the system.
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        target = make_target(f"http://127.0.0.1:{port}")
        target.connect_s = 0.2
        began = asyncio.get_running_loop().time()
        with pytest.raises(UpstreamUnreachable):
            await connector.call(target, "plain", {}, Deadline.after(30))
        assert asyncio.get_running_loop().time() - began < 10
        for each in waiting:
            each.close()


def hanging(
    connector: Connector, target: Target, operation: str, calls: int
) -> list[asyncio.Task[Any]]:
    return [
        asyncio.create_task(connector.call(target, operation, {}, Deadline.after(20)))
        for _ in range(calls)
    ]


async def all_time_out(waiting: list[asyncio.Task[Any]]) -> None:
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, UpstreamTimeout) for result in results)


async def test_a_hung_operation_leaves_places_for_the_others(
    connector: Connector, target: Target
) -> None:
    waiting = hanging(connector, target, "hang", 3)
    await asyncio.sleep(0)
    with pytest.raises(UpstreamBusy):
        await connector.call(target, "hang", {}, Deadline.after(20))
    assert await connector.call(target, "plain", {}, Deadline.after(20)) == {"ok": True}
    await all_time_out(waiting)


async def test_a_hung_system_has_no_more_than_its_places(
    connector: Connector, target: Target
) -> None:
    waiting = hanging(connector, target, "hang", 3) + hanging(connector, target, "hang_too", 1)
    await asyncio.sleep(0)
    with pytest.raises(UpstreamBusy):
        await connector.call(target, "plain", {}, Deadline.after(20))
    await all_time_out(waiting)
    assert [state.waiting for state in connector.states()] == [0, 0, 0]

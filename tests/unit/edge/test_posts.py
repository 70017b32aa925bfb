"""The short way of a POST on a server of its own: what fails, takes too long, or is given up."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from sanic import HTTPResponse, Request, Sanic

from backend.settings import Settings
from gateway.edge import posts
from gateway.edge.answers import JsonAnswer
from gateway.edge.connection import Connection
from gateway.edge.problems import Problems

_names = itertools.count()


@dataclass
class Server:
    """A gateway with one POST, and what became of its requests.

    Attributes:
        ways: of each request that was served, whether it came by Sanic's router.
    """

    port: int = 0
    handler: Callable[[Request], Coroutine[Any, Any, HTTPResponse]] | None = None
    ways: list[str] = field(default_factory=list)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: Request, **parameters: str) -> HTTPResponse:
        """Serve as an endpoint does."""
        self.ways.append("sanic" if request.route is not None else "short")
        assert self.handler is not None
        try:
            return await self.handler(request)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def say(self, *packets: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send these packets on a fresh connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for packet in packets:
            writer.write(packet)
            await writer.drain()
            await asyncio.sleep(0.01)
        return reader, writer


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """Its handler echoes the body; it waits for half a second at most."""
    monkeypatch.setattr(posts, "_WHOLE", {})
    monkeypatch.setattr(posts, "_PARTED", [])
    made = Server()

    async def echo(request: Request) -> HTTPResponse:
        return JsonAnswer(request.body)

    made.handler = echo
    app: Any = Sanic(f"posts-{next(_names)}", error_handler=Problems(), configure_logging=False)
    app.config.update(RESPONSE_TIMEOUT=0.2, ACCESS_LOG=False, TOUCHUP=False)
    app.ctx.settings = Settings(
        keyring={"k": b"k" * 32}, index_key=b"i" * 32, signing_key=b"s" * 32
    )
    app.ctx.province = SimpleNamespace()
    app.add_route(made.serve, "/echo", methods=["POST"], name="echo")
    posts.declare("/echo", made.serve)
    place = socket.create_server(("127.0.0.1", 0))
    made.port = place.getsockname()[1]
    running = await app.create_server(sock=place, protocol=Connection, return_asyncio_server=True)
    await running.startup()
    yield made
    running.close()
    await running.wait_closed()
    place.close()


def post(body: bytes, *more: bytes) -> bytes:
    head = [b"POST /echo HTTP/1.1", b"Host: a", b"Content-Length: %d" % len(body), *more]
    return b"\r\n".join([*head, b"", body])


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).decode()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return int(head.split(" ")[1]), await reader.readexactly(length)


async def test_what_comes_whole_goes_the_short_way(server: Server) -> None:
    reader, writer = await server.say(post(b'{"a":1}') + post(b"{}"))
    assert [await answer(reader), await answer(reader)] == [(200, b'{"a":1}'), (200, b"{}")]
    assert server.ways == ["short", "short"]
    writer.close()


async def test_a_body_in_two_packets_goes_through_sanic_and_the_next_does_not(
    server: Server,
) -> None:
    whole = post(b'{"a":1}')
    reader, writer = await server.say(whole[:-3], whole[-3:])
    assert await answer(reader) == (200, b'{"a":1}')
    writer.write(post(b"2"))
    assert await answer(reader) == (200, b"2")
    assert server.ways == ["sanic", "short"]
    writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n7\r\n0\r\n\r\n",
        post(b"7", b"Connection: close"),
        post(b"7", b"X-Odd : 1"),
        post(b"7").replace(b"HTTP/1.1", b"HTTP/1.0"),
        post(b"7").replace(b"/echo", b"/echo?"),
        post(b"7" * (posts.BODY_LIMIT + 1)),
    ],
)
async def test_what_is_not_plain_goes_through_sanic(server: Server, request_: bytes) -> None:
    reader, writer = await server.say(request_)
    status, body = await answer(reader)
    assert (status, body[:1], server.ways) == (200, b"7", ["sanic"])
    writer.close()


async def test_lengths_that_contradict_each_other_are_refused(server: Server) -> None:
    for more in (b"Content-Length: 9", b"Transfer-Encoding: chunked"):
        reader, writer = await server.say(post(b"7", more))
        assert (await answer(reader))[0] == 400
        writer.close()
    assert server.ways == []


@pytest.mark.parametrize("ordinary", [False, True])
async def test_an_unforeseen_failure_is_answered_without_its_words(
    server: Server, ordinary: bool
) -> None:
    async def fail(request: Request) -> HTTPResponse:
        raise RuntimeError("440106199002030170")

    server.handler = fail
    whole = post(b"7")
    reader, writer = await server.say(*((whole[:-1], whole[-1:]) if ordinary else (whole,)))
    status, body = await answer(reader)
    assert status == 500
    assert b'"code":"internal"' in body
    assert b"4401" not in body
    writer.write(post(b"8"))
    assert (await answer(reader))[0] == 500
    writer.close()


async def test_what_takes_too_long_is_ended_and_the_caller_told(server: Server) -> None:
    async def dawdle(request: Request) -> HTTPResponse:
        await asyncio.sleep(30)
        return JsonAnswer(b"")

    server.handler = dawdle
    reader, writer = await server.say(post(b"7"))
    status, body = await answer(reader)
    assert (status, b"platform.no_answer_in_time" in body) == (503, True)
    assert await asyncio.wait_for(reader.read(1), 20) == b""
    assert server.cancelled.is_set()
    assert server.ways == ["short"]
    writer.close()


async def test_whoever_hangs_up_is_not_worked_for_any_more(server: Server) -> None:
    begun = asyncio.Event()

    async def wait(request: Request) -> HTTPResponse:
        begun.set()
        await asyncio.sleep(30)
        return JsonAnswer(b"")

    server.handler = wait
    _, writer = await server.say(post(b"7"))
    await asyncio.wait_for(begun.wait(), 20)
    writer.transport.abort()
    await asyncio.wait_for(server.cancelled.wait(), 20)


async def test_an_answer_that_is_no_json_is_an_error_of_ours(server: Server) -> None:
    async def page(request: Request) -> HTTPResponse:
        return HTTPResponse("<p>")

    server.handler = page
    reader, writer = await server.say(post(b"7"))
    assert (await answer(reader))[0] == 500
    writer.close()

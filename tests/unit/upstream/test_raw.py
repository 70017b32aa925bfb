"""The raw client: requests right and wrong on purpose, and failures by their name."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from backend.store.embedded import free_port
from backend.upstream.connections import ANSWER_LIMIT
from backend.upstream.raw import RawClient, RawFailure, RawRequest, Seal, sealed
from backend.upstream.signing import SignatureRefused, SigningKey, verify_request

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
KEYS = [SigningKey.from_seed("k-1", b"k" * 32), SigningKey.from_seed("k-1", b"k" * 32, "sm2")]
REQUEST = RawRequest("/v1/x?a=b", {"content-type": "application/json"}, b'{"a": 1}')
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Thing: A\r\n\r\n{}"


def _verify(key: SigningKey, headers: dict[str, str], body: bytes = REQUEST.body) -> str:
    """The reason for which a request is refused; empty when it is let in."""
    keys = {"k-1": key.public}
    try:
        verify_request(keys.get, "POST", "/v1/x", "a=b", headers, body)
    except SignatureRefused as refused:
        return refused.reason
    return ""


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.alg)
@pytest.mark.parametrize(
    ("seal", "reason"),
    [
        (Seal(), ""),
        (Seal(age_s=200), ""),
        (Seal(age_s=400), "expired"),
        (Seal(age_s=-400), "expired"),
        (Seal(key_id="other"), "unknown_key"),
        (Seal(body=b"{}"), "digest"),
        (Seal(path="/v1/y?a=b"), "wrong"),
        (Seal(path="/v1/x"), "wrong"),
        (Seal(nonce=None), "malformed"),
        (Seal(nonce="short"), "malformed"),
        (Seal(covered=("@method", "@path", "@query")), "malformed"),
    ],
)
def test_a_seal_is_wrong_in_what_it_says(key: SigningKey, seal: Seal, reason: str) -> None:
    assert _verify(key, sealed(key, REQUEST, seal)) == reason


def test_no_two_seals_have_the_same_nonce() -> None:
    seals = {sealed(KEYS[0], REQUEST)["signature-input"] for _ in range(50)}
    assert len(seals) == 50


@contextlib.asynccontextmanager
async def _serving(talk: Talk) -> AsyncIterator[RawClient]:
    async def _quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(_quietly, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield RawClient(f"http://127.0.0.1:{port}/prefix", connect_s=5)


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Head and body of a request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    (length,) = [
        int(line.split(":")[1]) for line in head.splitlines() if line.startswith("Content-Length")
    ]
    return head, await reader.readexactly(length)


async def test_an_answer_comes_with_its_headers_and_time() -> None:
    seen: list[tuple[str, bytes]] = []

    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await _read(reader))
        writer.write(OK)
        await writer.drain()

    async with _serving(_talk) as client:
        answer = await client.send(REQUEST, within=5)
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (200, b"{}", "A")
    assert 0 < answer.connecting_s <= answer.seconds
    head, body = seen[0]
    assert head.startswith("POST /v1/x?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "content-type: application/json" in head
    assert body == REQUEST.body
    assert client.prefix == "/prefix"


async def test_a_connection_carries_several_requests() -> None:
    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            await _read(reader)
            writer.write(OK)
            await writer.drain()

    async with _serving(_talk) as client, client.connection() as connection:
        answers = [await connection.send(REQUEST, within=5) for _ in range(3)]
        assert [answer.keeps_open for answer in answers] == [True] * 3
        with pytest.raises(RawFailure, match="closed"):
            await connection.send(REQUEST, within=5)


def _says(*parts: bytes) -> Talk:
    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return _talk


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (_says(), "closed"),
        (_says(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"), "truncated"),
        (_says(b"HTTP/1.1 200 OK\r\n"), "truncated"),
        (_says(b"220 mail ready\r\n"), "not_http"),
        (_says(b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n", b"x" * (2 * ANSWER_LIMIT)),
         "too_large"),
    ],
)  # fmt: skip
async def test_a_failure_is_called_by_its_name(talk: Talk, kind: str) -> None:
    async with _serving(talk) as client:
        with pytest.raises(RawFailure) as failure:
            await client.send(REQUEST, within=5)
    assert failure.value.kind == kind


async def test_silence_is_a_timeout() -> None:
    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # to the end, which is when the caller gives up

    async with _serving(_talk) as client:
        with pytest.raises(RawFailure, match="timeout"):
            await client.send(REQUEST, within=0.05)


async def test_an_answer_that_comes_before_the_request_was_read_still_counts() -> None:
    """A large body is refused early, and the connection is closed under the caller's hands."""

    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        # What the caller has still to send is read, or the kernel would throw the answer away.
        await reader.read()

    async with _serving(_talk) as client:
        large = RawRequest("/x", {}, b"x" * 5_000_000)
        assert (await client.send(large, within=5)).status == 413


async def test_nobody_listening_is_no_connection() -> None:
    client = RawClient(f"http://127.0.0.1:{free_port()}", connect_s=5)
    with pytest.raises(RawFailure, match="connect"):
        await client.send(REQUEST, within=5)


async def test_tls_that_fails_is_called_so() -> None:
    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with _serving(_talk) as plain:
        client = RawClient(f"https://127.0.0.1:{plain._port}", connect_s=5)
        with pytest.raises(RawFailure, match="tls"):
            await client.send(REQUEST, within=5)


async def test_the_address_is_the_one_that_was_approved() -> None:
    asked: list[tuple[str, int]] = []

    async def _resolve(host: str, port: int) -> str:
        asked.append((host, port))
        return "127.0.0.1"

    async with _serving(_says(OK)) as plain:
        client = RawClient(f"http://system.example:{plain._port}", 5, _resolve)
        assert (await client.send(REQUEST, within=5)).status == 200
    assert asked == [("system.example", plain._port)]


async def test_an_address_that_is_not_allowed_is_not_called() -> None:
    async def _resolve(host: str, port: int) -> str:
        raise PermissionError

    client = RawClient("http://169.254.169.254", 5, _resolve)
    with pytest.raises(RawFailure, match="forbidden"):
        await client.send(REQUEST, within=5)


@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
async def test_a_call_is_cut_off_where_it_was_asked_to_be(keep: float) -> None:
    got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.set_result(await reader.read())

    async with _serving(_talk) as client:
        await client.cut_off(REQUEST, keep)
        raw = await asyncio.wait_for(got, 20)
    body = raw.partition(b"\r\n\r\n")[2]
    assert body == REQUEST.body[: int(len(REQUEST.body) * keep)]

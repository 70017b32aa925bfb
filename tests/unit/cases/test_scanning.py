"""The virus scanner: what it lets through, what it finds, and nothing while it is silent."""

import asyncio
import struct

import pytest

from backend.cases.errors import FileInfected, ScannerSilent
from backend.cases.scanning import Clamd
from backend.store.embedded import LOOPBACK, free_port

CONTENT = b"x" * 200_000


async def scanned(answer: bytes) -> bytes:
    """What a daemon that gives this answer was sent."""
    got = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while size := struct.unpack(">I", await reader.readexactly(4))[0]:
            got.extend(await reader.readexactly(size))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        await Clamd(LOOPBACK, server.sockets[0].getsockname()[1]).look(CONTENT)
    return bytes(got)


async def test_a_clean_file_passes_and_was_seen_whole() -> None:
    assert await scanned(b"stream: OK\0") == CONTENT


async def test_a_found_one_is_refused() -> None:
    with pytest.raises(FileInfected):
        await scanned(b"stream: Eicar-Test-Signature FOUND\0")


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b""])
async def test_without_a_verdict_nothing_passes(answer: bytes) -> None:
    with pytest.raises(ScannerSilent):
        await scanned(answer)


async def test_nobody_there() -> None:
    with pytest.raises(ScannerSilent):
        await Clamd(LOOPBACK, free_port()).look(CONTENT)

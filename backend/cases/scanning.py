"""A virus scanner that speaks the protocol of ClamAV's daemon (``clamd``, INSTREAM)."""

import asyncio
import struct

from backend.cases.errors import FileInfected, ScannerSilent

_CHUNK = 64 * 1024
_WITHIN_S = 20.0


class Clamd:
    """Asks a daemon; nothing is taken unseen while it does not answer."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def look(self, content: bytes) -> None:
        """Look at a file.

        Raises:
            FileInfected, ScannerSilent.
        """
        try:
            answer = await asyncio.wait_for(self._ask(content), _WITHIN_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            raise ScannerSilent from None
        if answer.endswith(b"FOUND"):
            raise FileInfected
        if not answer.endswith(b"OK"):
            raise ScannerSilent

    async def _ask(self, content: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                part = content[start : start + _CHUNK]
                writer.write(struct.pack(">I", len(part)) + part)
                await writer.drain()
            writer.write(struct.pack(">I", 0))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:-1].strip()
        finally:
            writer.close()

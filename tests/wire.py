"""A connection to the gateway on which a test writes bytes of its own."""

import asyncio


class Wire:
    """A connection on which a test writes bytes of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def write(self, data: bytes) -> None:
        """Send these bytes as one packet."""
        self._writer.write(data)

    async def answer(self, bodyless: bool = False) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers, body."""
        head = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 20)).decode()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = 0 if bodyless else int(headers.get("content-length", "0"))
        return int(first.split(" ")[1]), headers, await self._reader.readexactly(length)

    async def ended(self) -> bool:
        """Whether the gateway has closed the connection."""
        return await asyncio.wait_for(self._reader.read(1), 20) == b""

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

"""Provincial systems that cost next to nothing: what is left to measure is the gateway.

Run as a module with the first of six ports, or of as many as a second number says, and with the
number of the first system as a third. Each answers ``sections.query`` and ``resources.query``
with a signed body, and any GET with a small one. They take the caller's signature on trust: this is
no reference system.
"""

import asyncio
import re
import sys

from backend.upstream.signing import SigningKey, sign_answer

SYSTEMS = 6
BODY = (
    '{"as_of":"2026-11-23T10:00:00+08:00","data":{"paid_months":128,"state":"正常参保",'
    '"last_paid_month":"2026-10","balance":"12304.50"}}'
).encode()
RECORDS = (
    '{"as_of":"2026-11-23T10:00:00+08:00","items":[{"subject":0,"record":{"employer":'
    '"广州示范贸易有限公司","balance":45210.5,"state":"正常","secret":"x"}}],"next_cursor":null}'
).encode()
_SIGNATURE = re.compile(rb"\r\nsignature: ([^\r]+)\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n%b"


def key_of(number: int) -> SigningKey:
    """The key of one of them."""
    return SigningKey.from_seed(f"fast-{number}", bytes([number + 1]) * 32)


class _Answering(asyncio.Protocol):
    def __init__(self, key: SigningKey) -> None:
        self._key, self._unread = key, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        head, end, rest = self._unread.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not end or len(rest) < (int(length[1]) if length else 0):
            return
        self._unread = b""
        found = _SIGNATURE.search(head + b"\r\n")
        body = RECORDS if b" /v1/resources/" in head else BODY
        self._transport.write(self._signed(body, found[1].decode()) if found else _SMALL)  # type: ignore[attr-defined]

    def _signed(self, body: bytes, signature: str) -> bytes:
        headers = sign_answer(self._key, 200, body, {"signature": signature})
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return _HEAD % (len(body), lines.encode(), body)


_SMALL = _HEAD % (15, b"", b'{"status":"ok"}')


async def main(first: int, systems: int = SYSTEMS, start: int = 0) -> None:
    """Serve for ever."""
    loop = asyncio.get_running_loop()
    for number in range(start, start + systems):
        await loop.create_server(
            lambda number=number: _Answering(key_of(number)),  # type: ignore[misc]
            "127.0.0.1",
            first + number - start,
        )
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*map(int, sys.argv[1:])))

"""A department that takes applications as fast as it can answer, for the bench of submissions.

Run as a module with its port. It signs a receipt for each ``cases.submit`` and counts them: any
GET is answered with the count. It takes the caller's signature on trust: this is no reference
system.
"""

import asyncio
import re
import sys

from backend.upstream.signing import SigningKey, sign_answer

KEY = SigningKey.from_seed("bench-cases-1", b"b" * 32)
_SIGNATURE = re.compile(rb"\r\nsignature: ([^\r]+)\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_CASE_NO = re.compile(rb'"case_no":"([0-9A-Z]+)"')
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n%b"
_RECEIPT = (
    b'{"case_no":"%b","department_case_no":"B%b","received_at":"2026-11-23T10:00:00.000+08:00",'
    b'"taken":true}'
)
_seen: set[bytes] = set()


class _Receiving(asyncio.Protocol):
    def __init__(self) -> None:
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        head, end, rest = self._unread.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not end or len(rest) < (int(length[1]) if length else 0):
            return
        self._unread = b""
        found, number = _SIGNATURE.search(head + b"\r\n"), _CASE_NO.search(rest)
        if found is None or number is None:
            body = b'{"cases":%d}' % len(_seen)
            answer = _HEAD % (len(body), b"", body)
        else:
            _seen.add(number[1])
            body = _RECEIPT % (number[1], number[1][-12:])
            headers = sign_answer(KEY, 200, body, {"signature": found[1].decode()})
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            answer = _HEAD % (len(body), lines.encode(), body)
        self._transport.write(answer)  # type: ignore[attr-defined]


async def main(port: int) -> None:
    """Serve for ever."""
    await asyncio.get_running_loop().create_server(_Receiving, "127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))

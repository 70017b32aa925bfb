"""The short way for reads that are ready to be sent.

The way through request object, router, handler and response costs several times what a cached read
itself does. A GET of an endpoint that declares ``ready`` is therefore looked at as soon as its head
has come, in the same task and order as everything else on the connection. Only the plain case is
answered here: a known request line, a session that holds, an answer that is there. Whatever else
there is to a request (a body, another framing, a refusal, an answer that has yet to be made) stays
in the buffer untouched and goes the ordinary way, where each rule and each refusal has its place.
"""

import re
from asyncio import CancelledError

from sanic.exceptions import RequestCancelled
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from gateway.edge.ready import AT_ONCE, AtOnce, Seen

HEAD_LIMIT = 8192
_END = b"\r\n\r\n"
_WITH_LAST = re.compile(rb"(GET /[a-z0-9/-]+/)([0-9A-Za-z-]{1,64}) HTTP/1\.1")
# They change how a request is framed or answered, and Sanic knows how.
_NOT_PLAIN = frozenset({"content-length", "transfer-encoding", "expect", "upgrade"})
# A blank around a name, a folded line: nothing that a client of good will sends.
_ODD = (" :", "\t", "\r\n ")


class Connection(HttpProtocol):
    """A connection to the gateway."""

    __slots__ = ()

    async def receive_more(self) -> None:
        """Wait for bytes that are for Sanic; what can be answered at once is, meanwhile."""
        await super().receive_more()  # type: ignore[no-untyped-call]
        # Sanic also asks in the middle of a head or a body: that is none of our concern.
        while self._http.stage is Stage.IDLE and await self._answered():
            if not self.recv_buffer:
                await super().receive_more()  # type: ignore[no-untyped-call]

    async def _answered(self) -> bool:
        """Answer the request at the head of the buffer, if it is one of the plain ones."""
        buffer = self.recv_buffer
        found, last = found_for(bytes(buffer[: buffer.find(b"\r\n")]))
        end = buffer.find(_END, 0, HEAD_LIMIT) if found is not None else -1
        if found is None or end < 0:
            return False
        headers = plain_headers(bytes(buffer[:end]))
        if headers is None:
            return False
        # A worker that is told to end waits for connections in this stage.
        self._http.stage = Stage.HANDLER
        try:
            seen: Seen = {}
            answer = await found(self.app.ctx.province, last, headers, seen)
            if answer is None:
                # For the ordinary way, on which this very request goes next.
                if self.ctx is not None:
                    self.ctx.seen = seen
                return False
            del buffer[: end + len(_END)]
            self.state["requests_count"] += 1
            await self.send(answer.whole(keep_alive=True))  # type: ignore[no-untyped-call]
        except RequestCancelled:
            # The caller hung up.
            raise CancelledError from None
        finally:
            self._http.stage = Stage.IDLE
        return True


def found_for(line: bytes) -> tuple[AtOnce | None, str]:
    """What may answer a request line at once, and the parameter at the line's end."""
    found = AT_ONCE.get(line)
    if found is not None:
        return found, ""
    parts = _WITH_LAST.fullmatch(line)
    found = AT_ONCE.get(parts[1]) if parts else None
    return (found, parts[2].decode()) if parts and found else (None, "")


def plain_headers(head: bytes) -> dict[str, str] | None:
    """The headers by their names in lower case; None when anything about them is out of the way."""
    try:
        text = head.decode("ascii")
    except UnicodeDecodeError:
        return None
    if any(odd in text for odd in _ODD):
        return None
    headers: dict[str, str] = {}
    for line in text.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or name in headers or name in _NOT_PLAIN:
            return None
        headers[name] = value.lstrip()
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    return headers

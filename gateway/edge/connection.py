"""The short way for reads that are ready to be sent, and for small posts.

The way through Sanic's reading of a request, its router, its signals and its sending costs several
times what a cached read does, and as much as showing a licence. A GET of an endpoint that declares
``ready``, or a POST of one that declares ``short_way``, is therefore looked at as soon as its head
has come, in the same task and order as everything else on the connection. Only the plain case is
taken here: a known request line and plain headers; for a GET a session that holds and an answer
that is there; for a POST a body that has come whole. Whatever else there is to a request (another
framing, a body in several packets, an answer that has yet to be made) stays in the buffer untouched
and goes the ordinary way, where each rule and each refusal has its place.
"""

import re
from asyncio import CancelledError
from time import monotonic
from typing import Any, cast

import structlog
from sanic import HTTPResponse, Request
from sanic.compat import Header
from sanic.exceptions import RequestCancelled
from sanic.handlers import ErrorHandler
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from gateway.edge.answers import JsonAnswer
from gateway.edge.posts import Serve, body_length, post_for
from gateway.edge.ready import AT_ONCE, AtOnce, Seen

log = structlog.get_logger("gateway")

HEAD_LIMIT = 8192
_END = b"\r\n\r\n"
_WITH_LAST = re.compile(rb"(GET /[a-z0-9/-]+/)([0-9A-Za-z-]{1,64}) HTTP/1\.1")
# They change how a request is framed or answered, and Sanic knows how.
_NOT_PLAIN = frozenset({"transfer-encoding", "expect", "upgrade"})


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
        line = bytes(self.recv_buffer[: self.recv_buffer.find(b"\r\n")])
        # A worker that is told to end waits for connections in this stage.
        self._http.stage = Stage.HANDLER
        try:
            post = post_for(line)
            return await (self._get(line) if post is None else self._post(line, *post))
        except RequestCancelled:
            # The caller hung up.
            raise CancelledError from None
        finally:
            self._http.stage = Stage.IDLE

    async def _get(self, line: bytes) -> bool:
        buffer = self.recv_buffer
        found, last = found_for(line)
        end = buffer.find(_END, 0, HEAD_LIMIT) if found is not None else -1
        if found is None or end < 0:
            return False
        headers = plain_headers(bytes(buffer[:end]))
        if headers is None or "content-length" in headers:
            return False
        seen: Seen = {}
        try:
            answer = await found(self.app.ctx.province, last, headers, seen)
        except Exception as error:  # noqa: BLE001 (the ordinary way meets it again, and answers it)
            log.warning("short_way.left", error=type(error).__name__)
            return False
        if answer is None:
            # For the ordinary way, on which this very request goes next.
            if self.ctx is not None:
                self.ctx.seen = seen
            return False
        del buffer[: end + len(_END)]
        self.state["requests_count"] += 1
        await self._write(answer.whole(keep_alive=True))
        return True

    async def _post(self, line: bytes, serve: Serve, parameters: dict[str, str]) -> bool:
        request = self._taken(line)
        if request is None:
            return False
        keep_alive = True
        try:
            answer = _json(await serve(request, **parameters))
        except CancelledError:
            # Sanic's watch ends what takes too long; the caller who still waits is told.
            if self._http.exception is None or self.conn_info is None or self.conn_info.lost:
                raise
            keep_alive = False
            answer = self._failed(request, self._http.exception)
        except Exception as error:  # noqa: BLE001 (whatever it was, it is answered, as by Sanic)
            answer = self._failed(request, error)
        await self._write(answer.whole(keep_alive))
        if not keep_alive:
            raise CancelledError
        return True

    async def _write(self, whole: bytes) -> None:
        """Send an answer; only a caller who reads too slowly is waited for."""
        transport = self.transport
        if transport is not None and self._can_write.is_set() and not transport.is_closing():
            transport.write(whole)
            self._time = monotonic()
        else:
            await self.send(whole)  # type: ignore[no-untyped-call]

    def _failed(self, request: Request, error: Exception) -> JsonAnswer:
        handler: ErrorHandler = self.app.error_handler
        return _json(handler.response(request, error))  # type: ignore[no-untyped-call]

    def _taken(self, line: bytes) -> Request | None:
        """Take the POST at the head of the buffer, if it is plain and has come whole."""
        buffer = self.recv_buffer
        end = buffer.find(_END, 0, HEAD_LIMIT)
        head = bytes(buffer[:end]) if end >= 0 else b""
        headers = plain_headers(head)
        length = body_length(headers) if headers else None
        begin = end + len(_END)
        if headers is None or length is None or len(buffer) < begin + length:
            return None
        request = Request(
            line.split(b" ")[1],
            # Sanic makes its own kind of headers of them.
            cast(Header, headers),
            "1.1",
            "POST",
            cast(Any, self.transport),
            self.app,
            head,
        )
        request.conn_info = self.conn_info
        request.body = bytes(buffer[begin : begin + length])
        del buffer[: begin + length]
        self.state["requests_count"] += 1
        return request


def _json(answer: HTTPResponse) -> JsonAnswer:
    if not isinstance(answer, JsonAnswer):
        raise TypeError("an endpoint of the short way answers with something else than JSON")
    return answer


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
    if not head.isascii():
        return None
    text = head.decode("ascii")
    # A blank around a name, a folded line: nothing that a client of good will sends.
    if " :" in text or "\t" in text or "\r\n " in text:
        return None
    lines = text.split("\r\n")[1:]
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            return None
        headers[name.lower()] = value.lstrip()
    if len(headers) < len(lines) or not _NOT_PLAIN.isdisjoint(headers):
        return None
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    return headers

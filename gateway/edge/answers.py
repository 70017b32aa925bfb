"""Answers of the API. Their headers are put together here, once, since they are most of the cost
of a small answer: Sanic's general way copies and cleans each header of each answer.
"""

from collections.abc import Iterator, Mapping
from typing import Any, AnyStr

import orjson
from pydantic import BaseModel
from sanic import HTTPResponse
from sanic.compat import Header
from sanic.helpers import STATUS_CODES
from sanic.http import Http, Stage

# Several fixed headers in one piece; their values hold nothing that came from outside.
_FIXED = b"no-store\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer"
_FRAMING = (("content-length", b"content-length"), ("connection", b"connection"))
_KEEP, _CLOSE = b"connection: keep-alive\r\n\r\n", b"connection: close\r\n\r\n"
_WITHOUT_LENGTH = (204, 304)
_STARTS = {
    status: b"HTTP/1.1 %d %b\r\ncache-control: %b\r\nx-request-id: " % (status, words, _FIXED)
    for status, words in STATUS_CODES.items()
}


class JsonAnswer(HTTPResponse):
    """A JSON answer that no cache keeps.

    Attributes:
        trace_id: becomes ``X-Request-Id``.
    """

    __slots__ = ("_more", "trace_id")

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        content_type: str = "application/json",
        more: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        # Sanic's own beginning, without what is made there only to be thrown away.
        self.asgi, self.stream, self._cookies = False, None, None
        self.headers = Header()
        self.body, self.status, self.content_type = body, status, content_type
        self._more = more
        self.trace_id = ""

    async def send(self, data: AnyStr | None = None, end_stream: bool | None = None) -> None:
        """Send all of it; Sanic's HTTP layer asks for it once the handler has returned."""
        stream = self.stream
        if (
            data is not None
            or not isinstance(stream, Http)
            or stream.stage is not Stage.HANDLER
            or stream.head_only
            or stream.expecting_continue
        ):
            await super().send(data, end_stream)
            return
        whole = self.whole(stream.keep_alive)
        await stream.protocol.send(whole)  # type: ignore[no-untyped-call]
        stream.response_func = None  # type: ignore[assignment]  # as Sanic does, nothing is left
        stream.stage = Stage.IDLE

    def whole(self, keep_alive: bool) -> bytes:
        """Head and body in one piece: one copy, one write."""
        head = [_STARTS[self.status], self.trace_id.encode("ascii")]
        head += [b"\r\n%b: %b" % line for line in self._more]
        if self.body and self.content_type is not None:
            head.append(b"\r\ncontent-type: " + self.content_type.encode("ascii"))
        if self.status not in _WITHOUT_LENGTH:
            head.append(b"\r\ncontent-length: %d" % len(self.body or b""))
        head += (b"\r\n", _KEEP if keep_alive else _CLOSE, self.body or b"")
        return b"".join(head)

    def add(self, headers: Mapping[str, str]) -> None:
        """Add header lines; names in lower case, values without anything that came from outside."""
        lines = ((name.encode(), value.encode()) for name, value in headers.items())
        self._more = (*self._more, *lines)

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The header lines, encoded, for whatever ``send`` leaves to Sanic."""
        lines = [(b"cache-control", _FIXED), (b"x-request-id", self.trace_id.encode()), *self._more]
        if self.content_type is not None and self.body:
            lines.append((b"content-type", self.content_type.encode()))
        for name, encoded in _FRAMING:
            value = self.headers.get(name)
            if value is not None:
                lines.append((encoded, str(value).encode()))
        return iter(lines)


def json_answer(value: Any, status: int = 200) -> JsonAnswer:
    """A model, dataclass, dict or list as a JSON answer."""
    # Asked in this order since pydantic's own answer to the second question takes a while.
    if type(value) is not dict and isinstance(value, BaseModel):
        return JsonAnswer(value.__pydantic_serializer__.to_json(value), status)
    return JsonAnswer(orjson.dumps(value), status)


def etag_answer(body: bytes, etag: str, if_none_match: str | None) -> JsonAnswer:
    """A JSON answer with its ``ETag``; 304 without a body when the caller has it already.

    Args:
        etag: with its quotes; made of our own characters.
    """
    tag = ((b"etag", etag.encode()),)
    if if_none_match is not None and etag in if_none_match:
        return JsonAnswer(b"", 304, more=tag)
    return JsonAnswer(body, more=tag)

"""Answers of the API. Their headers are put together here, once, since they are most of the cost
of a small answer: Sanic's general way copies and cleans each header of each answer.
"""

from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import BaseModel
from sanic import HTTPResponse

# Several fixed headers in one piece; their values hold nothing that came from outside.
_FIXED = b"no-store\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer"
_FRAMING = (("content-length", b"content-length"), ("connection", b"connection"))


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
        super().__init__(body, status, content_type=content_type)
        self._more = more
        self.trace_id = ""

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """The header lines, encoded; Sanic's HTTP layer asks for them when it sends."""
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
    if isinstance(value, BaseModel):
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

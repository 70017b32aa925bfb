"""Answers that are too large to be put together in memory: sent piece by piece, chunked."""

from collections.abc import AsyncIterator
from typing import Any, AnyStr

from sanic import HTTPResponse


class StreamedAnswer(HTTPResponse):
    """An answer whose body comes from an iterator; status and headers leave before the first piece.

    Args:
        pieces: of the body; an error among them ends the connection, since nothing else can
            tell the client any more.
    """

    __slots__ = ("_pieces",)

    def __init__(
        self, pieces: AsyncIterator[bytes], content_type: str, headers: dict[str, str]
    ) -> None:
        super().__init__(content_type=content_type, headers=headers)
        self._pieces: AsyncIterator[bytes] | None = pieces

    async def send(self, data: AnyStr | None = None, end_stream: bool | None = None) -> Any:
        """Send the pieces when the server sends the answer."""
        pieces, self._pieces = self._pieces, None
        if pieces is None:
            await super().send(data, end_stream)
            return
        async for piece in pieces:
            await super().send(piece, end_stream=False)
        await super().send(b"", end_stream=True)

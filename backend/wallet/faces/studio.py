"""Where face pictures are drawn: in a thread, so that the event loop never waits for one."""

from dataclasses import dataclass

from backend.wallet.errors import FaceUnavailable
from backend.wallet.view import Card


@dataclass(frozen=True, slots=True)
class FaceRequest:
    """What is to be drawn; ``now`` is Unix time."""

    card: Card
    purpose: str
    viewer: str
    thumbnail: bool
    full: bool
    now: int


class Studio:
    """Draws face pictures."""

    async def draw(self, request: FaceRequest) -> bytes:
        """The picture as PNG.

        Raises:
            FaceUnavailable: no typeface is installed.
        """
        raise FaceUnavailable

    def close(self) -> None:
        """End the threads."""

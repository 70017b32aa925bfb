"""Page cursors: opaque to clients, bound to the query that they continue."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from backend.catalogue.errors import CursorInvalid


class PagedQuery(Protocol):
    """A query that has pages."""

    @property
    def region(self) -> str | None: ...
    @property
    def text(self) -> str | None: ...
    def tags(self) -> list[str]: ...


class Cursor(NamedTuple):
    """Where a page ended.

    Attributes:
        number: which half of a list (0 available, 1 not), or how many hits of a search are past.
        task_code: the last item shown of a list, empty for a search.
    """

    number: int
    task_code: str

    def text(self, query: PagedQuery) -> str:
        """The cursor as clients carry it."""
        plain = f"{_mark(query)}:{self.number}:{self.task_code}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str | None, query: PagedQuery) -> "Cursor | None":
        """Read a client's cursor; None for the first page.

        Raises:
            CursorInvalid: it is no cursor, or one of another query.
        """
        if text is None:
            return None
        try:
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            mark, number, task_code = plain.split(":")
            cursor = cls(int(number), task_code)
        except (ValueError, binascii.Error):
            raise CursorInvalid from None
        if mark != _mark(query) or cursor.number < 0:
            raise CursorInvalid
        return cursor

    def place_in(self, places: Mapping[str, int]) -> tuple[int, int]:
        """The half of the list and the position after which to go on.

        Raises:
            CursorInvalid: the item where the page ended is no longer published.
        """
        place = places.get(self.task_code)
        if place is None or self.number > 1:
            raise CursorInvalid
        return self.number, place


def _mark(query: PagedQuery) -> str:
    parts = [query.region or "", query.text or "", *query.tags()]
    return f"{zlib.crc32('|'.join(parts).encode()):08x}"

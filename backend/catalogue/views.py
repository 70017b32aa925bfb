"""What the catalogue is asked for and shows: queries, cards, pages, one item with everything."""

from dataclasses import dataclass
from typing import Any

from backend.catalogue.snapshot import Row
from backend.catalogue.themes import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueQuery:
    """What to list.

    Attributes:
        region: decides what is available, but hides nothing; without it, all is.
        text: words, pinyin or initials; None lists everything, popular items first.
        cursor: of the page before; limit: cards of a page.
    """

    audience: Audience | None = None
    theme: str | None = None
    department: str | None = None
    region: str | None = None
    text: str | None = None
    online: bool = False
    cursor: str | None = None
    limit: int = 20

    def tags(self) -> list[str]:
        """The exact filters of the query."""
        found = [
            f"{name}:{value}"
            for name, value in (
                ("audience", self.audience),
                ("theme", self.theme),
                ("department", self.department),
            )
            if value
        ]
        return [*found, "online"] if self.online else found


@dataclass(frozen=True, slots=True)
class Card:
    """An item in a list, seen from one region."""

    row: Row
    region_code: str
    region_name: str
    available: bool
    unavailable_reason: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of cards. ``suggestion`` is a sentence where nothing exact was found."""

    cards: list[Card]
    next_cursor: str | None
    total: int
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """An item with all its elements (GB/T 39554.2)."""

    card: Card
    elements: dict[str, Any]

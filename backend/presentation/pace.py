"""How often in a minute somebody may show or scan; counted by Redis for all workers together."""

from typing import NamedTuple

MINUTE_S = 60


class Count(NamedTuple):
    """So much more of something that somebody may do only so often in a minute.

    Attributes:
        tag: of whom; it becomes the hash tag of the counter.
        most: what the counter may come to.
    """

    tag: str
    what: str
    most: int
    weight: int = 1

    @property
    def key(self) -> str:
        """The counter."""
        return f"limit:{{{self.tag}}}:{self.what}"

    @property
    def commands(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those that count; the first one's answer is what the counter came to."""
        key = self.key
        return ("INCRBY", key, str(self.weight)), ("EXPIRE", key, str(MINUTE_S), "NX")

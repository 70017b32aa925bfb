"""Reads that may be ready to be sent: what an endpoint declares for the short way.

``gateway.edge.connection`` goes that way before there is a request object.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from backend.identity.sessions import Session
from backend.province import Province
from gateway.edge.answers import JsonAnswer


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's read that may be ready to be sent.

    Attributes:
        read: the values of ``Person.also_read``, of a member also those of ``act_for``.
        last: what the path ends in, where it ends in a parameter.
        if_none_match: the caller's.
    """

    province: Province
    session: Session
    read: Sequence[bytes | None]
    last: str
    if_none_match: str | None


# The answer, if it is in the cache; None when the handler has to see to it.
Ready = Callable[[Asked], Awaitable[JsonAnswer | None]]
# Request line, or what it begins with before a last parameter → the answer from that parameter and
# the headers, for ``gateway.edge.connection``; it leaves what it has read in ``seen`` when there is
# no answer, so that nothing is read twice for a request.
Seen = dict[tuple[str, str], tuple[Session, Sequence[bytes | None]]]
AtOnce = Callable[[Province, str, Mapping[str, str], Seen], Awaitable[JsonAnswer | None]]
AT_ONCE: dict[bytes, AtOnce] = {}


def line_of(path: str) -> bytes:
    """Under which ``AT_ONCE`` has a path."""
    before, parameter, _ = path.partition("<")
    return f"GET {before}".encode() if parameter else f"GET {path} HTTP/1.1".encode()

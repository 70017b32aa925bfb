"""Service events (服务事件): what may be judged. Whoever serves people says so by a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """Something that a department did for a person.

    Attributes:
        kind, id: name it among all (``case``, its id).
        title: what it was, for the person who judges.
        item_code: of the service item; empty where there is none.
        at: when it was done.
    """

    kind: str
    id: str
    title: str
    department_uscc: str
    department_name: str
    item_code: str
    item_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """That somebody was served: for counting among how many people an evaluator hides."""

    event_id: str
    subject: str


class EventSource(Protocol):
    """Events of one kind, from the package that owns them."""

    kind: str

    async def find(self, subject: str, event_id: str) -> ServiceEvent | None:
        """An event of this person that may be judged; None for somebody else's or an open one."""
        ...

    async def recent(self, subject: str, since: datetime, limit: int) -> Sequence[ServiceEvent]:
        """The person's latest events, newest first."""
        ...

    async def served(
        self, department_uscc: str, item_code: str | None, since: datetime, until: datetime
    ) -> Sequence[Served]:
        """Whom a department served (in one item, where it is given); a few thousand at most."""
        ...

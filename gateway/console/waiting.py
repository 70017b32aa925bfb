"""What waits for somebody: each part of the domain says it by a hook, the first page shows all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.operators.service import Role

if TYPE_CHECKING:
    from gateway.console.frame import PageCall


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to be done.

    Attributes:
        note: one line more, as how many are overdue; may be empty.
        overdue: it is late: shown first, and as such.
    """

    title: str
    count: int
    href: str
    note: str = ""
    overdue: bool = False


Hook = Callable[["PageCall"], Awaitable[Sequence[Waiting]]]
_hooks: list[tuple[frozenset[Role], Hook]] = []


def waits(*roles: Role) -> Callable[[Hook], Hook]:
    """Declare what waits for these roles; an empty list where nothing does."""

    def declare(hook: Hook) -> Hook:
        _hooks.append((frozenset(roles), hook))
        return hook

    return declare


async def all_waiting(call: "PageCall") -> list[Waiting]:
    """What waits for the officer who looks, overdue first."""
    found: list[Waiting] = []
    for roles, hook in _hooks:
        if call.officer.role in roles:
            found += [one for one in await hook(call) if one.count]
    return sorted(found, key=lambda one: not one.overdue)

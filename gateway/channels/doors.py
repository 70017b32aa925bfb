"""The two doors to what a citizen and an enterprise have alike.

A handler is written once and declared at each door. Behind the enterprise's door the path names
the enterprise (``uscc``), and nobody gets further who does not act for it now (``Member``).
"""

from collections.abc import Callable
from typing import Any

from sanic import Blueprint

from backend.enterprise.service import Enterprise
from backend.errors import DomainError
from backend.identity.service import Level
from backend.members.service import Scope
from gateway.edge.access import Member, Person
from gateway.edge.endpoint import Call, Handler, endpoint

Errors = tuple[type[DomainError], ...]


class Shared:
    """Handlers that wait to be declared at a door."""

    def __init__(self) -> None:
        self._declared: list[tuple[str, str, Handler, dict[str, Any]]] = []

    def endpoint(self, method: str, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """As ``gateway.edge.endpoint.endpoint``, for every door.

        Args:
            declared: as there; ``also_read`` beside it goes into the access.
        """

        def keep(handler: Handler) -> Handler:
            self._declared.append((method, path, handler, declared))
            return handler

        return keep

    def declare(self, bp: Blueprint, level: Level = Level.REAL_NAME) -> None:
        """Declare them all at the door of a citizen, of level 3 unless another is said."""
        for method, path, handler, declared in self._declared:
            rest = dict(declared)
            access = Person(level, rest.pop("also_read", ()))
            endpoint(bp, method, path, access=access, **rest)(handler)

    def declare_for_enterprise(
        self, bp: Blueprint, prefix: str, reading: Scope, changing: Scope, also: Errors = ()
    ) -> None:
        """Declare them all at the door of an enterprise.

        Args:
            reading: what a GET asks for, changing: what anything else does.
            also: refusals of this door itself.
        """
        for method, path, handler, declared in self._declared:
            rest = {**declared, "errors": (*also, *declared.get("errors", ()))}
            scope = reading if method == "GET" else changing
            access = Member(also_read=rest.pop("also_read", ()), scope=scope)
            endpoint(bp, method, f"{prefix}{path}", access=access, **rest)(handler)


async def entered(call: Call[Any, Any], uscc: str) -> Enterprise | None:
    """Behind the enterprise's door the enterprise that the caller acts for; none at any other."""
    return call.acting.enterprise if uscc else None

"""The two doors to what a citizen and an enterprise have alike.

A handler is written once and declared at each door. Behind the enterprise's door the path names
the enterprise (``uscc``), and nobody gets further whom no register calls its representative now.
"""

from collections.abc import Callable
from typing import Any

from sanic import Blueprint

from backend.enterprise.service import Enterprise, NotRepresentative, RegisterUnavailable
from backend.errors import DomainError
from backend.identity.service import Level
from gateway.edge.access import Person
from gateway.edge.endpoint import Call, Handler, endpoint

Errors = tuple[type[DomainError], ...]
ENTERPRISE_ERRORS: Errors = (NotRepresentative, RegisterUnavailable)


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

    def declare(self, bp: Blueprint, level: Level, prefix: str = "", also: Errors = ()) -> None:
        """Declare them all on a blueprint.

        Args:
            level: that the door asks for.
            also: refusals of the door itself.
        """
        for method, path, handler, declared in self._declared:
            rest = {**declared, "errors": (*also, *declared.get("errors", ()))}
            access = Person(level, rest.pop("also_read", ()))
            endpoint(bp, method, f"{prefix}{path}", access=access, **rest)(handler)


async def entered(call: Call[Any, Any], uscc: str) -> Enterprise | None:
    """Behind the enterprise's door the enterprise, if the caller represents it; any other is open.

    Raises:
        NotRepresentative, RegisterUnavailable.
    """
    if not uscc:
        return None
    province, session = call.province, call.session
    person = await province.identity.holder(session)
    return await province.enterprises.require(session.subject, person, uscc, call.trace)

"""What the files of this channel have in common."""

from uuid import UUID

from sanic import Blueprint

from backend.errors import DomainError


def make_blueprint(name: str, path: str) -> Blueprint:
    """A blueprint below ``/api/v1/exchange``."""
    return Blueprint(name, url_prefix=f"/api/v1/exchange{path}")


def identifier(text: str, refusal: type[DomainError]) -> UUID:
    """An id from an address.

    Raises:
        refusal: it is none, so there is nothing of that id.
    """
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None

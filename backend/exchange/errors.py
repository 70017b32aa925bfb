"""What can go wrong between the platform and the systems registered with it."""

from collections.abc import Sequence
from typing import Any

from backend.errors import DomainError


class ExchangeError(DomainError):
    """Base of the package's errors."""

    code = "exchange.failed"
    title = "Exchange failed"


class ManifestRefused(ExchangeError):
    """A manifest cannot be accepted.

    Attributes:
        source: the file's name.
        errors: ``{"pointer": RFC 6901, "message": Chinese}`` for each place.
    """

    code = "exchange.manifest_refused"
    title = "Manifest refused"
    kind = "invalid"

    def __init__(self, source: str, errors: Sequence[dict[str, str]]) -> None:
        self.source = source
        self.errors = list(errors)
        places = ";".join(f"{e['pointer'] or '/'} {e['message']}" for e in errors[:5])
        super().__init__(f"接入清单 {source} 有 {len(errors)} 处需要更正:{places}")

    def __str__(self) -> str:
        return self.detail

    def context(self) -> dict[str, Any]:
        """The list of mistakes."""
        return {"errors": self.errors}

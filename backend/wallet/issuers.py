"""Who issues licences to whom, kept until the registrations change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.exchange.service import Audience, Exchange, ProviderSystem
from backend.wallet.blobs import registry_tag


@dataclass(frozen=True, slots=True)
class IssuerSet:
    """The issuing systems of one audience; ``tag`` changes with anything that they registered."""

    systems: Sequence[ProviderSystem]
    by_code: Mapping[str, ProviderSystem]
    tag: int


class Issuers:
    """Looks the issuing systems up once per change of the registrations, not per request."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._seen: object = None
        self._sets: dict[Audience, IssuerSet] = {}

    def of(self, audience: Audience) -> IssuerSet:
        """The issuing systems of an audience."""
        if self._seen is not self._exchange.generation:
            self._seen, self._sets = self._exchange.generation, {}
        found = self._sets.get(audience)
        if found is None:
            found = self._sets[audience] = _look_up(self._exchange, audience)
        return found


def _look_up(exchange: Exchange, audience: Audience) -> IssuerSet:
    systems = exchange.issuers(audience)
    return IssuerSet(systems, {system.code: system for system in systems}, registry_tag(systems))

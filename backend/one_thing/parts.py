"""What the use cases of 一件事 stand on, and what they have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from backend.audit.service import Audit
from backend.cases.service import Cases
from backend.catalogue.errors import ItemNotFound
from backend.catalogue.service import Catalogue, Offer
from backend.enterprise.service import Enterprises
from backend.exchange.service import Exchange
from backend.messages.service import Messages
from backend.one_thing.definition import OneThing
from backend.one_thing.errors import ChoiceInvalid
from backend.one_thing.models import context
from backend.store.keyring import KeyRing
from backend.wallet.service import Wallet

WAITING, HANDED_IN, LEFT, OVER = "waiting", "handed_in", "draft", "ended"


@dataclass(frozen=True, slots=True)
class Services:
    """The services below."""

    cases: Cases
    catalogue: Catalogue
    exchange: Exchange
    wallet: Wallet
    enterprises: Enterprises
    messages: Messages
    audit: Audit


@dataclass(frozen=True, slots=True)
class Parts:
    """Services and stores; ``clock`` gives Unix time."""

    services: Services
    keyring: KeyRing
    clock: Callable[[], float]

    def now(self) -> datetime:
        """The present moment."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def seal(self, value: Any, row: UUID) -> bytes:
        """A JSON value for a step."""
        return self.keyring.seal(orjson.dumps(value), context(row).encode())

    def open(self, sealed: bytes, row: UUID) -> Any:
        """What ``seal`` sealed."""
        return orjson.loads(self.keyring.open(bytes(sealed), context(row).encode()))

    async def offers(self, thing: OneThing) -> Mapping[str, Offer]:
        """The items of all steps, by the code of the step, as far as they are published."""
        found = {}
        for step in thing.steps:
            try:
                found[step.code] = await self.services.catalogue.offer(step.item)
            except ItemNotFound:
                continue
        return found


def choice(thing: OneThing, chosen: Sequence[str] | None) -> list[str]:
    """Codes of the steps that are done: those that were chosen, or those that are by default.

    Raises:
        ChoiceInvalid: one does not exist, or one that has to be done was left out.
    """
    if chosen is None:
        return [one.code for one in thing.steps if one.need != "optional"]
    wanted = set(chosen)
    must = {one.code for one in thing.steps if one.need == "always"}
    if not wanted or not must <= wanted or not wanted <= {one.code for one in thing.steps}:
        raise ChoiceInvalid
    return [one.code for one in thing.steps if one.code in wanted]


def link_of(run_id: UUID) -> str:
    """Where the phone shows the progress of a run."""
    return f"/onething/progress?id={run_id}"

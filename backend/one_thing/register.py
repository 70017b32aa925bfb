"""一件事 as operators register them, and as people find them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.transactions import in_transaction

from backend.catalogue.service import Offer
from backend.exchange.errors import ManifestRefused
from backend.exchange.service import yaml_of
from backend.one_thing.checking import faults_of_items, faults_of_shape
from backend.one_thing.definition import OneThing, read_definition
from backend.one_thing.errors import DefinitionRefused, OneThingPaused, OneThingUnknown
from backend.one_thing.models import LONGEST_CODE, OneThingDefinition
from backend.one_thing.parts import Parts
from backend.one_thing.plan import Plan
from backend.operators.service import Officer

PUBLISHED, WITHDRAWN = "published", "withdrawn"
# Choices of steps whose plans are kept ready, for each definition.
_PLANS = 64


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered definition.

    Attributes:
        faults: why it cannot be begun at present: an item was published anew, or went.
    """

    thing: OneThing
    version: int
    state: str
    published_by: str
    published_at: datetime
    faults: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Guide:
    """A 一件事 with its items as they are offered now, by the code of the step."""

    thing: OneThing
    version: int
    offers: Mapping[str, Offer]
    paused: bool
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict, compare=False)

    def plan(self, chosen: Sequence[str]) -> Plan:
        """The plan of chosen steps; made once, since every save of a draft asks for it."""
        key = tuple(one.code for one in self.thing.steps if one.code in chosen)
        if key not in self.plans:
            if len(self.plans) >= _PLANS:
                self.plans.clear()
            self.plans[key] = Plan(self.thing, self.version, key, self.offers)
        return self.plans[key]


class Register:
    """Registers definitions and gives them out."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[str, Guide] = {}

    async def publish(self, officer: Officer, document: object) -> Registered:
        """Register a definition, or the next version of one; what is the same stays as it is.

        Raises:
            DefinitionRefused: with every place that does not hold, and why.
        """
        thing = read_definition(document)
        faults = faults_of_shape(thing) or faults_of_items(thing, await self._parts.offers(thing))
        if faults:
            raise DefinitionRefused(faults)
        now, body = self._parts.now(), thing.as_json()
        async with in_transaction():
            row = await OneThingDefinition.get_or_none(id=thing.code)
            if row is not None and (row.body, row.state) == (body, PUBLISHED):
                return await self._registered(row)
            version = row.version + 1 if row is not None else 1
            row, _ = await OneThingDefinition.update_or_create(
                {
                    "version": version, "state": PUBLISHED, "body": body,
                    "published_by": officer.actor, "published_at": now,
                },
                id=thing.code,
            )  # fmt: skip
            await self._record(officer, "one_thing.published", thing.code, version)
        return await self._registered(row)

    async def withdraw(self, officer: Officer, code: str) -> None:
        """Offer it no more; what was submitted goes on. Again does nothing.

        Raises:
            OneThingUnknown.
        """
        row = await _row(code)
        if row is None:
            raise OneThingUnknown
        async with in_transaction():
            mine = OneThingDefinition.filter(id=code, state=PUBLISHED)
            if await mine.update(state=WITHDRAWN):
                await self._record(officer, "one_thing.withdrawn", code, row.version)

    async def _record(self, officer: Officer, action: str, code: str, version: int) -> None:
        detail: dict[str, str | int | bool | None] = {"one_thing": code, "version": version}
        await self._parts.services.audit.record(officer.actor, action, f"one_thing:{code}", detail)

    async def registered(self) -> list[Registered]:
        """All of them, for operators, with what does not fit any more."""
        rows = await OneThingDefinition.all().order_by("id")
        return [await self._registered(row) for row in rows]

    async def one_registered(self, code: str) -> Registered:
        """One of them, published or withdrawn.

        Raises:
            OneThingUnknown.
        """
        row = await _row(code)
        if row is None:
            raise OneThingUnknown
        return await self._registered(row)

    async def publish_text(self, officer: Officer, text: str) -> Registered:
        """The same as ``publish``, of a text in YAML or JSON.

        Raises:
            DefinitionRefused: it is neither, or does not hold.
        """
        try:
            document = yaml_of(text, "definition")
        except ManifestRefused as refused:
            raise DefinitionRefused(refused.errors) from None
        return await self.publish(officer, document)

    async def items(self, thing: OneThing) -> Mapping[str, Offer]:
        """The items of its steps as they are offered now, by the code of the step."""
        return await self._parts.offers(thing)

    async def _registered(self, row: OneThingDefinition) -> Registered:
        thing = read_definition(row.body)
        faults = faults_of_items(thing, await self._parts.offers(thing))
        return Registered(thing, row.version, row.state, row.published_by, row.published_at, faults)

    async def guides(self) -> list[Guide]:
        """All that are published."""
        rows = await OneThingDefinition.filter(state=PUBLISHED).order_by("id")
        return [await self._guide(row) for row in rows]

    async def guide(self, code: str) -> Guide:
        """One of them.

        Raises:
            OneThingUnknown.
        """
        row = await _row(code)
        if row is None or row.state != PUBLISHED:
            raise OneThingUnknown
        return await self._guide(row)

    async def sound(self, code: str) -> Guide:
        """One that can be begun now.

        Raises:
            OneThingUnknown, OneThingPaused.
        """
        found = await self.guide(code)
        if found.paused:
            raise OneThingPaused
        return found

    async def _guide(self, row: OneThingDefinition) -> Guide:
        """Looked at anew when the definition or one of its items is another one than before."""
        known = self._known.get(row.id)
        thing = known.thing if known and known.version == row.version else read_definition(row.body)
        offers = await self._parts.offers(thing)
        if known is not None and (known.version, known.offers) == (row.version, offers):
            return known
        paused = bool(faults_of_items(thing, offers))
        made = self._known[row.id] = Guide(thing, row.version, offers, paused)
        return made


async def _row(code: str) -> OneThingDefinition | None:
    # What is longer than the column cannot be asked for: Tortoise refuses the question itself.
    return await OneThingDefinition.get_or_none(id=code) if len(code) <= LONGEST_CODE else None

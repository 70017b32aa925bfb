"""10,000 orders of opening, renewing, telling, withdrawing and answering late, on real Valkey.

Whatever touches Valkey or an issuer waits for its turn, and a seeded dice gives the turns: the same
seed gives the same order. Five thousand orders run on one server and five thousand on a cluster.
What has to hold in each of them: nobody is shown an older version after a newer one, and nothing
that was withdrawn is shown as valid once its issuer's notice has been answered.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from backend.audit.service import Audit
from backend.exchange.service import ProviderSystem
from backend.store.redis import HotLink, Redis, Script
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError
from backend.wallet import asking
from backend.wallet.service import LicencesAnswer, LicenceStatus, Wallet, WalletView
from tests.servers import Backing
from tests.wallet_world import (
    FRESH_S,
    HOLDER,
    NEGATIVE_S,
    STALE_S,
    Clock,
    World,
    record,
    world,
)  # fmt: skip

ORDERS = 5000
AT_ONCE = 50
ACTS = 7
# How many of the wallets were opened some time ago.
KNOWN_BEFORE = 0.5
ISSUERS = 2
WITHDRAWN = ("SUSPENDED", "REVOKED", "CANCELLED", "LOST")


@dataclass(slots=True)
class Turns:
    """Whoever wants to go on waits here until the dice falls on them.

    Attributes:
        commands: how many commands Valkey is carrying out; nobody else goes on meanwhile.
        moved: set when somebody has begun to wait, and when a command was answered.
    """

    dice: random.Random
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    commands: int = 0
    over: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self) -> None:
        """Wait for a turn."""
        if self.over:
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        self.moved.set()
        await turn

    def give(self) -> None:
        """Let one of those who wait go on."""
        turn = self.waiting.pop(self.dice.randrange(len(self.waiting)))
        if not turn.done():
            turn.set_result(None)


@dataclass(slots=True)
class Truth:
    """What an issuer knows of the holder: a version for each revision, and its status."""

    statuses: list[str] = field(default_factory=lambda: ["", "VALID"])
    heard: int = 0

    @property
    def revision(self) -> int:
        return len(self.statuses) - 1


@dataclass(slots=True)
class Order:
    """One order of things: its own holder's wallet, clock and issuers.

    Attributes:
        floors: the newest revision that was told or shown, by issuer.
    """

    seed: int
    subject: str
    turns: Turns
    clock: Clock = field(default_factory=Clock)
    truths: list[Truth] = field(default_factory=lambda: [Truth() for _ in range(ISSUERS)])
    floors: list[int] = field(default_factory=lambda: [0] * ISSUERS)


ORDER: ContextVar[Order] = ContextVar("order")


class Stepped:
    """What a wallet uses of Redis, each command of which waits for its turn first.

    The orders share a connection, which is what a hot link is for: it costs half of what the
    ordinary client does, and there are a hundred thousand commands.
    """

    def __init__(self, hot: HotLink) -> None:
        self._hot = hot
        self._scripts: dict[str, Script] = {}

    async def get(self, key: str) -> Any:
        return (await self.mget(key))[0]

    async def mget(self, *keys: str) -> Any:
        return await _in_turn(self._hot.mget(keys))

    async def delete(self, *keys: str) -> Any:
        return await _in_turn(self._hot.ask(("DEL", *keys)))

    async def eval(self, text: str, count: int, *words: Any) -> Any:
        script = self._scripts.setdefault(text, Script(text))
        args = [word if isinstance(word, bytes) else str(word) for word in words[count:]]
        return await _in_turn(self._hot.run(script, words[:count], cast(Any, args)))


async def _in_turn(command: Awaitable[Any]) -> Any:
    turns = ORDER.get().turns
    await turns.take()
    turns.commands += 1
    try:
        return await command
    finally:
        turns.commands -= 1
        turns.moved.set()


@dataclass(slots=True)
class Table:
    """The issuers and workers that all orders share; none of them knows of another's order."""

    province: World
    workers: list[Wallet]

    def said(self, number: int, revision: int) -> dict[str, Any]:
        """What an issuer says when it stands at a revision."""
        order = ORDER.get()
        status = order.truths[number].statuses[revision]
        kind = self.province.issuers[number].manifest
        found = [
            record(kind, version=f"{revision:03d}", status=status, extend_info={"sex": "男"})
        ]  # fmt: skip
        return {
            "revision": revision, "as_of": "2026-01-01T00:00:00+08:00",
            "licences": found if status else [],
        }  # fmt: skip

    async def call(
        self, system: ProviderSystem, operation: str, payload: Mapping[str, object],
        deadline: Deadline, trace: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """An issuer's answer: read at one moment, there at a later one, or never."""
        order = ORDER.get()
        number = int(system.code.removeprefix("issuer-")) - 1
        said = self.said(number, order.truths[number].revision)
        for _ in range(order.turns.dice.choice((1, 1, 2, 5))):
            await order.turns.take()
        if order.turns.dice.random() < 0.1:
            raise UpstreamError(system.code, "status")
        return said

    # What may happen

    async def open(self) -> None:
        """Somebody opens the wallet, patiently or not."""
        order = ORDER.get()
        dice, floors = order.turns.dice, list(order.floors)
        deadline = Deadline.after(dice.choice((60, 60, 0, 0.002)))
        view = await self._worker().open(order.subject, HOLDER, deadline=deadline)
        self.check(view, floors)

    def check(self, view: WalletView, floors: list[int]) -> None:
        """Nothing older than what had been told or shown when the opening began."""
        order = ORDER.get()
        for card in view.cards:
            number = int(card.system.code.removeprefix("issuer-")) - 1
            revision = int(card.licence.version)
            assert revision >= floors[number], "an older version after a newer one"
            valid = order.truths[number].statuses[revision] == "VALID"
            assert (card.status is LicenceStatus.VALID) is valid
            order.floors[number] = max(order.floors[number], revision)
        for number, source in enumerate(view.sources):
            if source.status == "none":
                later = order.truths[number].statuses[max(floors[number], 1) :]
                assert "" in later, "nothing, though there is something"

    async def change(self) -> None:
        """An issuer renews, withdraws, gives back or deletes the licence, and tells of it."""
        order = ORDER.get()
        dice, number = order.turns.dice, order.turns.dice.randrange(ISSUERS)
        truth = order.truths[number]
        truth.statuses.append(dice.choice(("VALID", "VALID", *WITHDRAWN, "")))
        await self._tell(number, truth.revision)

    async def tell_again(self) -> None:
        """An old notice comes once more, late."""
        order = ORDER.get()
        number = order.turns.dice.randrange(ISSUERS)
        await self._tell(number, order.turns.dice.randint(1, order.truths[number].revision))

    async def _tell(self, number: int, revision: int) -> None:
        order = ORDER.get()
        notice = LicencesAnswer.model_validate(self.said(number, revision))
        system = self.province.system(number + 1)
        await order.turns.take()
        await self._worker().apply_notice(system, order.subject, HOLDER, notice)
        order.floors[number] = max(order.floors[number], revision)

    async def pass_time(self) -> None:
        """What is kept becomes stale, or old, or an empty answer is forgotten."""
        order = ORDER.get()
        await order.turns.take()
        order.clock.now += order.turns.dice.choice((NEGATIVE_S, FRESH_S, STALE_S))

    async def lose_lease(self) -> None:
        """A worker stood still for so long that its lease ran out."""
        order = ORDER.get()
        await order.turns.take()
        number = order.turns.dice.randint(1, ISSUERS)
        await self.province.redis.delete(f"wl:{{{order.subject}}}:issuer-{number}")

    def _worker(self) -> Wallet:
        return ORDER.get().turns.dice.choice(self.workers)


async def play(table: Table, seed: int) -> None:
    """Let one order of things happen."""
    turns = Turns(random.Random(seed))
    order = Order(seed, f"order-{seed:016d}", turns)
    ORDER.set(order)
    acts = [
        table.open, table.open, table.open, table.change, table.change, table.tell_again,
        table.pass_time, table.lose_lease,
    ]  # fmt: skip

    async def act() -> None:
        await turns.take()
        await turns.dice.choice(acts)()

    async def happen() -> None:
        if turns.dice.random() < KNOWN_BEFORE:
            await table.open()
            await table.pass_time()
        await asyncio.gather(*(act() for _ in range(ACTS)))

    doing = asyncio.ensure_future(happen())
    doing.add_done_callback(lambda _: turns.moved.set())
    try:
        # Also what goes on behind an opening that was not waited for comes to its end.
        while not doing.done() or turns.waiting or turns.commands:
            if turns.waiting and not turns.commands:
                turns.give()
                await asyncio.sleep(0)
            else:
                turns.moved.clear()
                await turns.moved.wait()
        await doing
    except AssertionError as broken:
        raise AssertionError(f"order {seed}: {broken}") from broken
    finally:
        turns.over = True
        while turns.waiting:
            turns.give()


@pytest.fixture
async def table(
    database: str, backing: Backing, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Table]:
    """Two workers whose every step waits for its turn."""
    # No command is carried out twice, however long the machine stands still.
    monkeypatch.setattr("backend.store.redis.ANSWER_TIMEOUT_S", 60)
    monkeypatch.setattr(asking, "_FIRST_PAUSE_S", 0)
    monkeypatch.setattr(asking, "_LONGEST_PAUSE_S", 0)
    async with world(redis, ISSUERS) as province:
        hot = HotLink(backing.redis_url, redis)
        stepped = cast(Redis, Stepped(hot))
        made = Table(province, [])
        for _ in range(2):
            wallet = Wallet(
                stepped, province.keyring, province.index, province.exchange, Audit(),
                clock=lambda: ORDER.get().clock(),
            )  # fmt: skip
            made.workers.append(wallet)
        monkeypatch.setattr(province.exchange, "call", made.call)
        yield made
        await hot.close()


async def test_never_an_older_version_and_never_what_was_withdrawn(table: Table) -> None:
    seeds = iter(range(ORDERS))

    async def player() -> None:
        for seed in seeds:
            await asyncio.create_task(play(table, seed))

    await asyncio.gather(*(player() for _ in range(AT_ONCE)))

"""Who may see an enterprise, over time and with the register away; on both backings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

import pytest

from backend.audit.service import Audit
from backend.catalogue.service import Catalogue
from backend.enterprise.service import (
    FRESH_S,
    Enterprises,
    NotRepresentative,
    RegisterUnavailable,
)
from backend.exchange.manifest import Endpoint, Endpoints
from backend.exchange.service import Exchange
from backend.numbers.service import Holder
from backend.store.keyring import BlindIndex, KeyRing
from backend.store.redis import Redis
from backend.upstream.addresses import Addresses
from backend.upstream.connector import Connector
from backend.wallet.service import Wallet
from tests.regions import REGIONS
from tests.sandbox_world import CLOSED_USCC, GATEWAY_KEY, HUSBAND, USCC, WIFE, Running, running
from tests.wallet_world import SUBJECT, Clock

ME = Holder(HUSBAND.id_type, HUSBAND.id_number, HUSBAND.name)
SHE = Holder(WIFE.id_type, WIFE.id_number, WIFE.name)


@dataclass(slots=True)
class Door:
    """The use cases, the register behind them, and the time."""

    enterprises: Enterprises
    register: Running
    clock: Clock
    redis: Redis

    async def calls(self) -> int:
        """How often the register was asked whom a person represents."""
        answer = await self.register.control("GET", "calls")
        return int(answer.body["calls"].get("enterprises.represented", 0))

    async def fail(self, operation: str = "enterprises.represented") -> None:
        """Let one operation of the register fail from now on."""
        order = {"kind": "status", "operation": operation}
        assert (await self.register.control("POST", "faults", order)).status == 201


@pytest.fixture
async def door(database: str, redis: Redis, tmp_path: Path) -> AsyncIterator[Door]:
    """The register of the tiny province."""
    async with AsyncExitStack() as stack:
        register = await stack.enter_async_context(running("shijian", tmp_path))
        connector = Connector(GATEWAY_KEY, addresses=Addresses(allow_private=True))
        exchange = Exchange(connector, Catalogue(REGIONS), redis, allow_private=True)
        here = Endpoint(base_url=register.url)
        endpoints = Endpoints(sandbox=here, production=here)
        await exchange.register(register.manifest.model_copy(update={"endpoints": endpoints}))
        await exchange.reload()
        keyring, clock = KeyRing({"k1": token_bytes(32)}), Clock()
        wallet = Wallet(redis, keyring, BlindIndex(token_bytes(32)), exchange, Audit())
        yield Door(Enterprises(redis, keyring, exchange, wallet, clock), register, clock, redis)
        await wallet.close()
        await connector.close()


async def test_a_person_represents_what_the_register_says(door: Door) -> None:
    found = await door.enterprises.represented(SUBJECT, ME)
    assert {each.uscc for each in found.enterprises} == {USCC, CLOSED_USCC}
    assert found.status == "fresh"
    assert (await door.enterprises.represented("someone-else", SHE)).enterprises == []


async def test_the_register_is_asked_once_a_minute(door: Door) -> None:
    for _ in range(3):
        await door.enterprises.represented(SUBJECT, ME)
        await door.enterprises.require(SUBJECT, ME, USCC)
    assert await door.calls() == 1
    door.clock.now += FRESH_S
    await door.enterprises.require(SUBJECT, ME, USCC)
    assert await door.calls() == 2


async def test_an_old_word_is_listed_as_stale_and_opens_no_door(door: Door) -> None:
    await door.enterprises.represented(SUBJECT, ME)
    await door.fail()
    door.clock.now += FRESH_S - 1
    assert (await door.enterprises.require(SUBJECT, ME, USCC)).uscc == USCC
    door.clock.now += 1
    listed = await door.enterprises.represented(SUBJECT, ME)
    assert (listed.status, len(listed.enterprises)) == ("stale", 2)
    with pytest.raises(RegisterUnavailable):
        await door.enterprises.require(SUBJECT, ME, USCC)


async def test_a_clock_that_was_set_back_makes_nothing_fresh(door: Door) -> None:
    await door.enterprises.represented(SUBJECT, ME)
    await door.fail()
    door.clock.now -= 3600
    with pytest.raises(RegisterUnavailable):
        await door.enterprises.require(SUBJECT, ME, USCC)


async def test_without_any_word_the_list_is_unavailable(door: Door) -> None:
    await door.fail()
    listed = await door.enterprises.represented(SUBJECT, ME)
    assert (listed.status, list(listed.enterprises)) == ("unavailable", [])


@pytest.mark.parametrize("uscc", ["91440300MA5ABCD19W", "", "nonsense"])
async def test_another_enterprise_is_refused(door: Door, uscc: str) -> None:
    with pytest.raises(NotRepresentative):
        await door.enterprises.require(SUBJECT, ME, uscc)


async def test_what_is_kept_is_sealed_and_bound_to_the_person(door: Door) -> None:
    await door.enterprises.represented(SUBJECT, ME)
    key = f"e:{{{SUBJECT}}}:represented"
    raw = await door.redis.get(key)
    assert isinstance(raw, bytes)
    assert HUSBAND.id_number.encode() not in raw
    assert 0 < await door.redis.ttl(key) <= 24 * 3600
    # The account belongs to somebody else now: nothing of before is read.
    assert (await door.enterprises.represented(SUBJECT, SHE)).enterprises == []
    assert await door.calls() == 2


async def test_the_page_takes_the_latest_facts_or_else_the_lists(door: Door) -> None:
    assert (await door.enterprises.page(SUBJECT, ME, USCC)).uscc == USCC
    await door.fail("enterprises.get")
    assert (await door.enterprises.page(SUBJECT, ME, USCC)).uscc == USCC


async def test_a_successor_in_the_register_closes_the_door_at_once(door: Door) -> None:
    await door.enterprises.require(SUBJECT, ME, USCC)
    named = {"name": WIFE.name, "id_number": WIFE.id_number}
    order = {"uscc": USCC, "legal_representative": named}
    assert (await door.register.control("POST", "enterprises", order)).status == 200
    for _ in range(2):
        with pytest.raises(NotRepresentative):
            await door.enterprises.page(SUBJECT, ME, USCC)


async def test_the_tag_of_an_enterprise_tells_nothing_and_meets_no_persons_tag(door: Door) -> None:
    tag = door.enterprises.wallet_subject(USCC)
    assert tag == door.enterprises.wallet_subject(USCC)
    assert tag != door.enterprises.wallet_subject(CLOSED_USCC)
    assert USCC not in tag
    assert len(tag) == 23

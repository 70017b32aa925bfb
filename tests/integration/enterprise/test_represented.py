"""Who may see an enterprise, over time and with the register away; on both backings."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.enterprise.service import (
    FRESH_S,
    EnterpriseUnknown,
    NotRepresentative,
    RegisterUnavailable,
)
from backend.numbers.service import Holder
from backend.store.redis import Redis
from tests.register_world import Door, register_world
from tests.sandbox_world import CLOSED_USCC, HUSBAND, USCC, WIFE
from tests.wallet_world import SUBJECT

ME = Holder(HUSBAND.id_type, HUSBAND.id_number, HUSBAND.name)
SHE = Holder(WIFE.id_type, WIFE.id_number, WIFE.name)


@pytest.fixture
async def door(database: str, redis: Redis, tmp_path: Path) -> AsyncIterator[Door]:
    """The register of the tiny province."""
    async with register_world(tmp_path, redis) as made:
        yield made


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


async def test_one_in_business_is_found_by_its_code_as_typed(door: Door) -> None:
    found = await door.enterprises.in_business(f" {USCC[:8]} {USCC[8:].lower()} ")
    assert found.uscc == USCC
    mistyped = USCC[:-1] + ("0" if USCC[-1] != "0" else "1")
    for wrong in (CLOSED_USCC, mistyped, "", "91440300MA5ABCD19W"):
        with pytest.raises(EnterpriseUnknown):
            await door.enterprises.in_business(wrong)
    await door.fail("enterprises.get")
    with pytest.raises(RegisterUnavailable):
        await door.enterprises.in_business("91440300MA5ABCD19W")

"""亮证 on line: a code is worth one look, and what is seen is what was agreed and is still true."""

import asyncio
from typing import Any

import pytest

from backend.presentation.errors import (
    CodeUnknown,
    CodeUsed,
    FieldsUnknown,
    LicenceNotValid,
    LicenceWithdrawn,
    OwnCode,
)
from backend.presentation.service import LIFE_S, Seen, Verifier
from backend.store.redis import Redis
from tests.integration.presentation.conftest import (
    PERSON,
    Showing,
)
from tests.integration.presentation.stores import everything
from tests.wallet_world import ADDRESS, HOLDER, SUBJECT


async def test_the_verifier_sees_what_was_chosen_and_nothing_else(showing: Showing) -> None:
    made = await showing.show("classes", "age_over_18", "holds_c1")
    seen = await showing.seen(made.code)
    assert [(name, value) for name, _, value in seen.shown.facts] == [
        ("classes", "C1"), ("age_over_18", True), ("holds_c1", True),
    ]  # fmt: skip


async def test_no_field_at_all_says_only_that_the_licence_is_valid(showing: Showing) -> None:
    seen = await showing.seen((await showing.show()).code)
    assert list(seen.shown.facts) == []


async def test_a_code_is_worth_one_look(showing: Showing) -> None:
    made = await showing.show("sex")
    await showing.seen(made.code)
    with pytest.raises(CodeUsed):
        await showing.scan(made.code)


async def test_of_many_who_scan_at_once_one_sees(showing: Showing) -> None:
    made = await showing.show("sex")
    scans = [showing.scan(made.code, counted=str(number)) for number in range(20)]
    found = await asyncio.gather(*scans, return_exceptions=True)
    assert sum(isinstance(each, Seen) for each in found) == 1
    assert sum(isinstance(each, CodeUsed) for each in found) == 19


async def test_a_code_says_nothing_and_redis_does_not_know_it(
    showing: Showing, redis: Redis
) -> None:
    made = await showing.show("holder_name", "address")
    assert len(made.code) == 26
    held = await everything(redis)
    assert any(key.startswith(b"pc:") for key in held)
    for text in (made.code, HOLDER.name, HOLDER.code, ADDRESS, "住宿登记"):
        assert not any(text.encode() in key + value for key, value in held.items())


async def test_a_code_lives_a_minute(showing: Showing, redis: Redis) -> None:
    await showing.show()
    (key,) = [key for key in await everything(redis) if key.startswith(b"pc:")]
    assert 0 < await redis.ttl(key) <= LIFE_S
    await redis.delete(key)


async def test_a_code_whose_minute_is_over(showing: Showing, redis: Redis) -> None:
    made = await showing.show()
    for key in await everything(redis):
        if key.startswith(b"pc:"):
            await redis.delete(key)
    with pytest.raises(CodeUnknown):
        await showing.scan(made.code)


@pytest.mark.one_store
@pytest.mark.parametrize("text", ["A" * 26, "", "0" * 26, "https://sst.example/verify#c=x"])
async def test_what_is_no_code(showing: Showing, text: str) -> None:
    with pytest.raises(CodeUnknown):
        await showing.scan(text)


async def test_a_code_is_read_out_of_the_address_that_a_camera_gives(showing: Showing) -> None:
    made = await showing.show("sex")
    grouped = "-".join(made.code[place : place + 5] for place in range(0, 26, 5)).lower()
    assert await showing.seen(f"https://sst.example/verify#c={grouped}")


async def test_the_next_code_makes_the_one_before_worthless(showing: Showing) -> None:
    first = await showing.show()
    assert await showing.presentations.code_state(first.code, SUBJECT) == "live"
    assert await showing.presentations.put_away(first.code, SUBJECT) == "live"
    with pytest.raises(CodeUsed):
        await showing.scan(first.code)


async def test_nobody_puts_away_or_watches_the_code_of_somebody_else(showing: Showing) -> None:
    made = await showing.show()
    assert await showing.presentations.put_away(made.code, "x" * 22) == "gone"
    assert await showing.seen(made.code)
    assert await showing.presentations.code_state(made.code, SUBJECT) == "used"


async def test_facts_that_the_licence_does_not_have(showing: Showing) -> None:
    with pytest.raises(FieldsUnknown):
        await showing.show("sex", "salary")


@pytest.mark.parametrize("status", ["SUSPENDED", "LOST", "REVOKED", "CANCELLED", "FORFEITED"])
async def test_a_licence_that_is_not_valid_is_not_shown(showing: Showing, status: str) -> None:
    await showing.card()
    await showing.notice(status=status)
    with pytest.raises(LicenceNotValid):
        await showing.show()


@pytest.mark.parametrize(
    "change",
    [{"status": "LOST"}, {"status": "SUSPENDED"}, {"status": "REVOKED"}, {"status": "CANCELLED"},
     {"version": "002"}, {"valid_to": "2020-01-02"}],
)  # fmt: skip
async def test_withdrawn_between_showing_and_scanning(
    showing: Showing, change: dict[str, Any]
) -> None:
    made = await showing.show("sex")
    await showing.notice(**change)
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code)


async def test_a_change_that_leaves_it_valid_shows_what_is_true_now(showing: Showing) -> None:
    made = await showing.show("classes")
    await showing.notice(extend_info={"sex": "男", "address": ADDRESS, "classes": "B2"})
    seen = await showing.seen(made.code)
    assert [value for _, _, value in seen.shown.facts] == ["B2"]


async def test_a_fact_that_is_gone_when_the_code_is_scanned(showing: Showing) -> None:
    made = await showing.show("classes")
    await showing.notice(extend_info={"sex": "男"})
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code)


async def test_a_wallet_that_was_forgotten_meanwhile(showing: Showing) -> None:
    made = await showing.show()
    await showing.wallet.forget(SUBJECT)
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code)


async def test_it_expires_at_midnight_between_showing_and_scanning(showing: Showing) -> None:
    card = await showing.card()
    await showing.notice(valid_to="2026-09-21")  # the day of the test's clock
    assert card.licence.valid_to == "2036-01-01"
    made = await showing.show()
    showing.world.clock.now += 86_400
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code)


async def test_ones_own_code(showing: Showing) -> None:
    made = await showing.show()
    me = Verifier("person", str(PERSON), "张**")
    with pytest.raises(OwnCode):
        await showing.scan(made.code, me)

"""Keyed requests, on both databases: carried out once, whatever comes again and when."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from backend.idempotency.errors import KeyMalformed, KeyReused, StillWorking
from backend.idempotency.models import KeyedAnswer
from backend.idempotency.service import ABANDONED, KEPT, Claim, Given, Idempotency
from backend.store.keyring import KeyRing

KEY = "0192f1c2-7d3e-7000-8000-000000000001"
GIVEN = Given(201, "application/json", '{"姓名":"𬭚"}'.encode())


@pytest.fixture
def store(database: str) -> Idempotency:
    """On an empty database."""
    assert database
    return Idempotency(KeyRing({"k": bytes(32)}))


async def claimed(store: Idempotency, scope: str = "person:1 x", request: bytes = b"a") -> Claim:
    claim = await store.claim(scope, KEY, request)
    assert isinstance(claim, Claim)
    return claim


async def test_the_second_request_gets_the_first_answer(store: Idempotency) -> None:
    await store.keep(await claimed(store), GIVEN)
    assert await store.claim("person:1 x", KEY, b"a") == GIVEN


async def test_an_empty_answer_is_repeated_as_well(store: Idempotency) -> None:
    await store.keep(await claimed(store), Given(204, "", b""))
    assert await store.claim("person:1 x", KEY, b"a") == Given(204, "", b"")


async def test_of_fifty_at_once_one_is_carried_out(store: Idempotency) -> None:
    found = await asyncio.gather(
        *(store.claim("person:1 x", KEY, b"a") for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(one, Claim) for one in found) == 1
    assert sum(isinstance(one, StillWorking) for one in found) == 49


async def test_the_same_key_with_another_body_is_refused(store: Idempotency) -> None:
    await store.keep(await claimed(store), GIVEN)
    with pytest.raises(KeyReused):
        await store.claim("person:1 x", KEY, b"b")


async def test_keys_of_others_and_of_other_endpoints_are_other_keys(store: Idempotency) -> None:
    await store.keep(await claimed(store), GIVEN)
    await claimed(store, "person:2 x")
    await claimed(store, "person:1 y")


async def test_a_released_key_can_be_used_again(store: Idempotency) -> None:
    await store.release(await claimed(store))
    await claimed(store, request=b"b")


async def test_what_was_kept_is_not_released(store: Idempotency) -> None:
    claim = await claimed(store)
    await store.keep(claim, GIVEN)
    await store.release(claim)
    assert await store.claim("person:1 x", KEY, b"a") == GIVEN


async def test_an_abandoned_claim_is_taken_over_by_one(store: Idempotency) -> None:
    dead = await claimed(store)
    earlier = datetime.now(UTC) - ABANDONED - timedelta(seconds=1)
    await KeyedAnswer.filter(id=dead.id).update(claimed_at=earlier)
    found = await asyncio.gather(
        *(store.claim("person:1 x", KEY, b"a") for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, Claim) for one in found) == 1
    # Who was thought dead and comes back late changes nothing any more.
    await store.keep(Claim(dead.id, earlier), GIVEN)
    with pytest.raises(StillWorking):
        await store.claim("person:1 x", KEY, b"a")


@pytest.mark.one_store
@pytest.mark.parametrize(
    "key", ["", "short", "x" * 129, "with space1", "中文中文中文中文", "line\nbreak"]
)
async def test_a_malformed_key_is_refused(store: Idempotency, key: str) -> None:
    with pytest.raises(KeyMalformed):
        await store.claim("person:1 x", key, b"a")


async def test_answers_are_sealed_and_forgotten_after_a_day(store: Idempotency) -> None:
    claim = await claimed(store)
    await store.keep(claim, GIVEN)
    row = await KeyedAnswer.get(id=claim.id)
    assert row.answer is not None
    assert "姓名".encode() not in row.answer
    assert await store.purge() == 0
    await KeyedAnswer.filter(id=claim.id).update(claimed_at=datetime.now(UTC) - KEPT)
    assert await store.purge() == 1

"""What remains of a look at a licence, and how often anybody may try."""

import asyncio
from typing import Any

import orjson
import pytest

from backend.presentation import errors
from backend.presentation.errors import (
    CodeUnknown,
    LicenceWithdrawn,
    TooOften,
)
from backend.presentation.jose import parse
from backend.presentation.looks import STREAMS, Look, Looks
from backend.presentation.service import MOST_CODES, MOST_SCANS, RECEIPT, Seen, scans_key
from backend.store.ids import uuid7
from backend.store.redis import HotLink, Redis
from backend.wallet.service import wallet_key
from tests.integration.presentation.conftest import (
    ANYONE,
    NEIGHBOUR,
    OTHER_ID,
    PERSON,
    SYSTEM,
    Showing,
)
from tests.integration.presentation.stores import everything
from tests.wallet_world import HOLDER, SUBJECT


async def test_both_get_a_receipt(showing: Showing) -> None:
    seen = await showing.seen((await showing.show("age_over_18")).code)
    token = parse(seen.receipt, RECEIPT)
    keys = showing.presentations.keys.key_set
    assert keys.find(token.kid, token.alg).verify(token.signed, token.signature)
    assert token.claims["jti"] == seen.receipt_id
    assert token.claims["fields"] == ["age_over_18"]
    assert HOLDER.name not in orjson.dumps(token.claims).decode()
    assert await showing.presentations.drain() == 1
    (text,) = await showing.told()
    assert all(
        word in text for word in (SYSTEM.name, "登记入住", "年满18周岁", seen.receipt_id)
    )  # fmt: skip


async def test_each_look_is_in_the_audit_and_in_the_log(showing: Showing) -> None:
    card = await showing.card()
    for verifier in (SYSTEM, NEIGHBOUR, ANYONE):
        await showing.seen((await showing.show("sex", "age_over_18")).code, verifier)
    assert await showing.presentations.drain() == 3
    assert await showing.presentations.drain() is None
    page = await showing.presentations.usages(SUBJECT, None, None)
    assert [usage.verifier_kind for usage in page.usages] == ["public", "person", "system"]
    assert {usage.how for usage in page.usages} == {"code"}
    usage = page.usages[-1]
    assert (usage.licence_id, usage.verifier, usage.purpose) == (
        card.licence.id, SYSTEM.name, "登记入住",
    )  # fmt: skip
    assert usage.fields == [["sex", "性别"], ["age_over_18", "年满18周岁"]]
    assert await showing.audited() == [
        f"{actor} presentation.look person:{PERSON}"
        for actor in ("system:gd-hotel", f"person:{OTHER_ID}", "anonymous")
    ]


async def test_a_look_that_two_workers_bring_in_is_there_once(showing: Showing) -> None:
    for _ in range(5):
        await showing.seen((await showing.show()).code)
    await asyncio.gather(
        showing.presentations.drain(), showing.presentations.drain(), return_exceptions=True
    )
    await showing.presentations.drain()
    assert len((await showing.presentations.usages(SUBJECT, None, None)).usages) == 5
    assert len(await showing.told()) == 5


async def test_a_look_that_lies_there_twice_is_told_once(showing: Showing, redis: Redis) -> None:
    await showing.seen((await showing.show()).code)
    for number in range(STREAMS):
        entries: Any = await redis.xrange(f"looks:{{{number}}}")
        for _, fields in entries:
            await redis.xadd(f"looks:{{{number}}}", fields)
    await showing.presentations.drain()
    assert len(await showing.told()) == 1


async def test_a_refused_scan_is_no_look(showing: Showing) -> None:
    made = await showing.show()
    await showing.notice(status="LOST")
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code)
    assert await showing.presentations.drain() is None
    assert await showing.told() == []
    assert await showing.audited() == []


async def test_a_look_that_the_worker_brings_in_before_it_is_taken_back_is_put_right(
    showing: Showing, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_back = Looks.take_back

    async def a_moment_late(self: Looks, look: Look) -> None:
        assert await showing.presentations.drain() == 1
        await taken_back(self, look)

    monkeypatch.setattr(Looks, "take_back", a_moment_late)
    made = await showing.show()
    await showing.notice(status="LOST")
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code)
    assert len((await showing.presentations.usages(SUBJECT, None, None)).usages) == 1
    await showing.presentations.drain()
    assert (await showing.presentations.usages(SUBJECT, None, None)).usages == []
    corrected, told = await showing.told()
    assert "查看了您的" in told
    assert "更正" in corrected
    assert "什么也没有看到" in corrected
    assert await showing.audited() == [
        f"system:gd-hotel presentation.{what} person:{PERSON}"
        for what in ("look", "look_taken_back")
    ]
    assert await showing.presentations.drain() is None


async def test_a_look_that_is_taken_back_while_the_worker_reads_is_put_right(
    showing: Showing, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the look, and has not written it yet."""
    look = Look(
        id=str(uuid7()), subject=SUBJECT, shower=SUBJECT, licence_id="a", type_code="b",
        type_name="居民身份证", at=1_795_000_000_000, how="code", verifier_kind="system",
        verifier_id=SYSTEM.id, verifier=SYSTEM.name, purpose="登记入住", fields=[],
    )  # fmt: skip
    looks = showing.presentations.looks
    await looks.write(look)
    read = type(redis).xrange

    async def then_taken_back(self: Any, *args: Any) -> Any:
        found = await read(self, *args)
        if found:
            monkeypatch.undo()
            await looks.take_back(look)
        return found

    monkeypatch.setattr(type(redis), "xrange", then_taken_back)
    assert await showing.presentations.drain() == 1
    await showing.presentations.drain()
    assert (await showing.presentations.usages(SUBJECT, None, None)).usages == []
    assert len(await showing.told()) == 2


async def test_the_log_by_pages_and_by_licence(showing: Showing) -> None:
    card = await showing.card()
    for _ in range(25):
        await showing.seen((await showing.show()).code)
    await showing.presentations.drain()
    first = await showing.presentations.usages(SUBJECT, card.licence.id, None)
    assert len(first.usages) == 20
    rest = await showing.presentations.usages(SUBJECT, card.licence.id, first.next_cursor)
    assert len(rest.usages) == 5
    assert rest.next_cursor is None
    assert (await showing.presentations.usages(SUBJECT, "another", None)).usages == []
    assert (await showing.presentations.usages("x" * 22, None, None)).usages == []
    with pytest.raises(errors.CursorRefused):
        await showing.presentations.usages(SUBJECT, None, "nonsense")
    pages = [page async for page in showing.presentations.all_usages(SUBJECT)]
    assert sum(map(len, pages)) == 25


# Limits


async def test_so_many_codes_a_minute(showing: Showing) -> None:
    for _ in range(MOST_CODES):
        await showing.show()
    with pytest.raises(TooOften):
        await showing.show()


async def test_a_code_too_many_is_nowhere(showing: Showing, redis: Redis) -> None:
    for _ in range(MOST_CODES):
        await showing.show()
    before = {key for key in await everything(redis) if key.startswith(b"pc:")}
    with pytest.raises(TooOften):
        await showing.show()
    assert {key for key in await everything(redis) if key.startswith(b"pc:")} == before


@pytest.mark.parametrize("read", [True, False])
async def test_the_code_of_somebody_who_has_come_too_often_is_left_alone(
    showing: Showing, redis: Redis, read: bool
) -> None:
    made = await showing.show()
    await redis.set(scans_key("often"), MOST_SCANS["person"], ex=60)
    so_far: Any = await redis.get(scans_key("often")) if read else ...
    with pytest.raises(TooOften):
        await showing.presentations.scan(made.code, NEIGHBOUR, "登记入住", "often", so_far)
    assert await showing.scan(made.code, NEIGHBOUR, "somebody-else")


async def test_of_many_scans_at_once_no_more_are_let_in_than_may(showing: Showing) -> None:
    codes = [(await showing.show()).code for _ in range(20)]
    room = b"%d" % (MOST_SCANS["person"] - 5)
    scans = [
        showing.presentations.scan(code, NEIGHBOUR, "登记入住", "crowd", room) for code in codes
    ]
    count = scans_key("crowd")
    await showing.redis.set(count, room, ex=60)
    found = await asyncio.gather(*scans, return_exceptions=True)
    assert sum(isinstance(each, Seen) for each in found) == 5
    assert sum(isinstance(each, TooOften) for each in found) == 15


async def test_showing_takes_one_round_trip_and_scanning_two(
    showing: Showing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Besides the one at the door; the look has to be safe before anything is shown."""
    card = await showing.card()
    blob: Any = await showing.redis.get(wallet_key(SUBJECT))
    trips: list[str] = []
    for name in ("ask", "mget", "set", "run"):
        monkeypatch.setattr(HotLink, name, _counted(getattr(HotLink, name), name, trips))
    made = await showing.presentations.show(card, SUBJECT, SUBJECT, blob, ["sex"], "登记", False)
    assert trips == ["ask"]
    trips.clear()
    assert await showing.presentations.scan(made.code, NEIGHBOUR, "登记入住", "counter", None)
    assert trips == ["ask", "ask"]


def _counted(real: Any, name: str, trips: list[str]) -> Any:
    async def ask(self: HotLink, *args: Any) -> Any:
        trips.append(name)
        return await real(self, *args)

    return ask


async def test_whoever_tries_codes_is_soon_stopped(showing: Showing) -> None:
    for _ in range(6):
        with pytest.raises(CodeUnknown):
            await showing.scan("A" * 26, NEIGHBOUR, "guesser")
    made = await showing.show()
    with pytest.raises(TooOften):
        await showing.scan(made.code, NEIGHBOUR, "guesser")
    assert await showing.scan(made.code, NEIGHBOUR, "somebody-else")

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
from backend.presentation.looks import STREAMS
from backend.presentation.service import MOST_CODES, RECEIPT
from backend.store.redis import Redis
from tests.integration.presentation.conftest import (
    ANYONE,
    NEIGHBOUR,
    OTHER_ID,
    PERSON,
    SYSTEM,
    Showing,
)
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


async def test_whoever_tries_codes_is_soon_stopped(showing: Showing) -> None:
    for _ in range(6):
        with pytest.raises(CodeUnknown):
            await showing.scan("A" * 26, NEIGHBOUR, "guesser")
    made = await showing.show()
    with pytest.raises(TooOften):
        await showing.scan(made.code, NEIGHBOUR, "guesser")
    assert await showing.scan(made.code, NEIGHBOUR, "somebody-else")

"""亮证 on line: a code is worth one look, and what is seen is what was agreed and is still true."""

import asyncio
import base64
from typing import Any

import orjson
import pytest

from backend.messages.models import Message
from backend.presentation import errors
from backend.presentation.errors import (
    CodeUnknown,
    CodeUsed,
    FieldsUnknown,
    LicenceNotValid,
    LicenceWithdrawn,
    OwnCode,
    RequestAnswered,
    RequestDeclined,
    RequestUnknown,
    TooOften,
)
from backend.presentation.jose import parse
from backend.presentation.looks import STREAMS
from backend.presentation.models import Credential, LicenceUsage
from backend.presentation.service import LIFE_S, MOST_CODES, RECEIPT, Seen, Verifier, Waiting
from backend.store.redis import Redis
from backend.wallet.service import wallet_key
from tests.integration.presentation.conftest import (
    ANYONE,
    NEIGHBOUR,
    OTHER_ID,
    PERSON,
    SYSTEM,
    Showing,
)
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
    held = await _everything(redis)
    assert any(key.startswith(b"pc:") for key in held)
    for text in (made.code, HOLDER.name, HOLDER.code, ADDRESS, "住宿登记"):
        assert not any(text.encode() in key + value for key, value in held.items())


async def test_a_code_lives_a_minute(showing: Showing, redis: Redis) -> None:
    await showing.show()
    (key,) = [key for key in await _everything(redis) if key.startswith(b"pc:")]
    assert 0 < await redis.ttl(key) <= LIFE_S
    await redis.delete(key)


async def test_a_code_whose_minute_is_over(showing: Showing, redis: Redis) -> None:
    made = await showing.show()
    for key in await _everything(redis):
        if key.startswith(b"pc:"):
            await redis.delete(key)
    with pytest.raises(CodeUnknown):
        await showing.scan(made.code)


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


# The holder is asked


async def asked(showing: Showing, *names: str, verifier: Verifier = ANYONE) -> Waiting:
    """A scan of a licence whose holder wants to be asked."""
    made = await showing.show(*names, ask=True)
    found = await showing.scan(made.code, verifier)
    assert isinstance(found, Waiting)
    return found


async def test_the_holder_sees_who_asks_for_what_and_why(showing: Showing) -> None:
    await asked(showing, "sex", "address")
    (request,) = await showing.presentations.waiting(SUBJECT)
    assert request.verifier == ANYONE
    assert request.purpose == "登记入住"
    assert [name for name, _, _ in request.shown.facts] == ["sex", "address"]


async def test_nothing_is_seen_before_the_holder_agrees(showing: Showing) -> None:
    waiting = await asked(showing, "sex")
    assert await showing.presentations.result(waiting.token, ANYONE) is None
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id)
    seen = await showing.presentations.result(waiting.token, ANYONE)
    assert seen is not None
    assert [value for _, _, value in seen.shown.facts] == ["男"]
    assert await showing.presentations.waiting(SUBJECT) == []


async def test_the_verifier_sees_only_what_was_agreed(showing: Showing) -> None:
    waiting = await asked(showing, "sex", "address", "age_over_18")
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id, ["age_over_18"])
    seen = await showing.presentations.result(waiting.token, ANYONE)
    assert seen is not None
    assert [(name, value) for name, _, value in seen.shown.facts] == [("age_over_18", True)]


async def test_more_than_was_asked_for_cannot_be_agreed_to(showing: Showing) -> None:
    await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    with pytest.raises(FieldsUnknown):
        await showing.presentations.confirm(SUBJECT, request.id, ["sex", "address"])


async def test_declined(showing: Showing) -> None:
    waiting = await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.decline(SUBJECT, request.id)
    with pytest.raises(RequestDeclined):
        await showing.presentations.result(waiting.token, ANYONE)
    assert await showing.audited() == [
        f"person:{PERSON} presentation.declined person:{PERSON}"
    ]  # fmt: skip


async def test_an_answer_is_given_once(showing: Showing) -> None:
    await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id)
    with pytest.raises(RequestAnswered):
        await showing.presentations.decline(SUBJECT, request.id)


async def test_a_result_is_given_once(showing: Showing) -> None:
    waiting = await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id)
    assert await showing.presentations.result(waiting.token, ANYONE)
    with pytest.raises(RequestUnknown):
        await showing.presentations.result(waiting.token, ANYONE)


async def test_a_request_whose_minute_is_over(showing: Showing) -> None:
    waiting = await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    showing.world.clock.now += 61
    assert await showing.presentations.waiting(SUBJECT) == []
    with pytest.raises(RequestUnknown):
        await showing.presentations.confirm(SUBJECT, request.id)
    with pytest.raises(RequestUnknown):
        await showing.presentations.result(waiting.token, ANYONE)


async def test_somebody_elses_request(showing: Showing) -> None:
    waiting = await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    with pytest.raises(RequestUnknown):
        await showing.presentations.confirm("x" * 22, request.id)
    for other in (SYSTEM, NEIGHBOUR, Verifier("system", "gd-other", "别的系统")):
        with pytest.raises(RequestUnknown):
            await showing.presentations.result(waiting.token, other)
    for token in ("", "x", "é", waiting.token[:-4], waiting.token + "AAAA"):
        with pytest.raises(RequestUnknown):
            await showing.presentations.result(token, ANYONE)


async def test_withdrawn_between_agreeing_and_seeing(showing: Showing) -> None:
    waiting = await asked(showing, "sex")
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id)
    await showing.notice(status="LOST")
    with pytest.raises(LicenceWithdrawn):
        await showing.presentations.result(waiting.token, ANYONE)


async def test_nobody_is_asked_about_what_was_withdrawn(showing: Showing) -> None:
    made = await showing.show("sex", ask=True)
    await showing.notice(status="LOST")
    with pytest.raises(LicenceWithdrawn):
        await showing.scan(made.code, ANYONE)
    assert await showing.presentations.waiting(SUBJECT) == []


@pytest.mark.parametrize(
    ("rule", "verifier", "waits"),
    [("never", ANYONE, False), ("strangers", SYSTEM, False), ("strangers", ANYONE, True),
     ("strangers", NEIGHBOUR, True), ("always", SYSTEM, True)],
)  # fmt: skip
async def test_of_whom_the_holder_is_asked_is_data_of_the_type(
    showing: Showing, rule: str, verifier: Verifier, waits: bool
) -> None:
    await showing.confirm_rule(rule)
    made = await showing.show("sex")
    assert made.confirm == rule
    assert isinstance(await showing.scan(made.code, verifier), Waiting) is waits


async def test_a_crowd_of_requests_does_not_grow_for_ever(showing: Showing) -> None:
    for _ in range(10):
        await asked(showing)
    made = await showing.show(ask=True)
    with pytest.raises(TooOften):
        await showing.scan(made.code, ANYONE)
    showing.world.clock.now += 61
    made = await showing.show(ask=True)
    assert isinstance(await showing.scan(made.code, ANYONE), Waiting)


# What remains of a look


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


async def test_nothing_personal_is_readable_in_the_stores(showing: Showing, redis: Redis) -> None:
    waiting = await asked(showing, "holder_name", "address", "licence_number")
    await showing.seen((await showing.show("holder_name", "address")).code)
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id)
    assert await showing.presentations.result(waiting.token, ANYONE)
    held = await _everything(redis)
    await showing.presentations.drain()
    kept = await _rows()
    private = [HOLDER.name, HOLDER.code, ADDRESS, "粤20260001234567", "登记入住", ANYONE.name]
    for text in private:
        forms = (text.encode(), base64.b64encode(text.encode()), orjson.dumps(text)[1:-1])
        assert not any(form in value for form in forms for value in held.values())
        assert not any(form in row for form in forms for row in kept)
    # Whatever of a person is kept by the person carries their tag.
    theirs = [key for key in held if key.startswith((b"pq:", b"limit:", b"w:"))]
    assert all(b"{" in key for key in theirs)
    assert wallet_key(SUBJECT).encode() in held


async def _everything(redis: Redis) -> dict[bytes, bytes]:
    """All that Redis holds, flat."""
    held: dict[bytes, bytes] = {}
    client: Any = redis
    async for key in client.scan_iter():
        kind = await client.type(key)
        if kind == b"string":
            held[key] = await client.get(key)
        elif kind == b"hash":
            held[key] = b"".join(b"".join(pair) for pair in (await client.hgetall(key)).items())
        elif kind == b"stream":
            held[key] = repr(await client.xrange(key)).encode()
    return held


async def _rows() -> list[bytes]:
    tables: list[Any] = [LicenceUsage, Credential, Message]
    found = [values for table in tables for values in await table.all().values()]
    return [b"|".join(map(_raw, values.values())) for values in found]


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()

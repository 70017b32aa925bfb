"""The holder is asked before anything is seen; and nothing of it is readable in the stores."""

import base64

import orjson
import pytest

from backend.presentation.errors import (
    FieldsUnknown,
    LicenceWithdrawn,
    RequestAnswered,
    RequestDeclined,
    RequestUnknown,
    TooOften,
)
from backend.presentation.service import Verifier, Waiting
from backend.store.redis import Redis
from backend.wallet.service import wallet_key
from tests.integration.presentation.conftest import (
    ANYONE,
    NEIGHBOUR,
    PERSON,
    SYSTEM,
    Showing,
)
from tests.integration.presentation.stores import everything, rows
from tests.wallet_world import ADDRESS, HOLDER, SUBJECT


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


async def test_nothing_personal_is_readable_in_the_stores(showing: Showing, redis: Redis) -> None:
    waiting = await asked(showing, "holder_name", "address", "licence_number")
    await showing.seen((await showing.show("holder_name", "address")).code)
    (request,) = await showing.presentations.waiting(SUBJECT)
    await showing.presentations.confirm(SUBJECT, request.id)
    assert await showing.presentations.result(waiting.token, ANYONE)
    held = await everything(redis)
    await showing.presentations.drain()
    kept = await rows()
    private = [HOLDER.name, HOLDER.code, ADDRESS, "粤20260001234567", "登记入住", ANYONE.name]
    for text in private:
        forms = (text.encode(), base64.b64encode(text.encode()), orjson.dumps(text)[1:-1])
        assert not any(form in value for form in forms for value in held.values())
        assert not any(form in row for form in forms for row in kept)
    # Whatever of a person is kept by the person carries their tag.
    theirs = [key for key in held if key.startswith((b"pq:", b"limit:", b"w:"))]
    assert all(b"{" in key for key in theirs)
    assert wallet_key(SUBJECT).encode() in held

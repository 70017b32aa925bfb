"""Sessions of the console: how long they hold, and how they end."""

import random

import pytest

from backend.audit.service import Audit
from backend.operators.errors import SessionExpired, SessionMissing, SessionUnknown
from backend.operators.service import ABSOLUTE_SECONDS, IDLE_SECONDS, Operators, Role
from backend.store.keyring import BlindIndex, KeyRing
from tests.operators_world import CHEAP, World


async def test_a_session_that_is_used_holds_and_one_that_is_not_ends(world: World) -> None:
    token = (await world.login(await world.person(Role.OPERATOR))).token
    for _ in range(4):
        world.clock.move(seconds=IDLE_SECONDS - 1)
        assert await world.operators.officer_of(token)
    world.clock.move(seconds=IDLE_SECONDS)
    with pytest.raises(SessionExpired):
        await world.operators.officer_of(token)
    with pytest.raises(SessionExpired):  # it does not come back
        await world.operators.officer_of(token)


async def test_a_session_ends_after_eight_hours_however_busy(world: World) -> None:
    token = (await world.login(await world.person(Role.OPERATOR))).token
    for _ in range(ABSOLUTE_SECONDS // 600 - 1):
        world.clock.move(seconds=600)
        assert await world.operators.officer_of(token)
    world.clock.move(seconds=600)
    with pytest.raises(SessionExpired):
        await world.operators.officer_of(token)


@pytest.mark.parametrize("seed", range(4))
async def test_a_session_holds_exactly_as_long_as_both_limits_allow(
    world: World, seed: int
) -> None:
    """Whatever the pauses: alive while none was too long and the whole is short enough."""
    token = (await world.login(await world.person(Role.OPERATOR))).token
    draw, total, alive = random.Random(seed), 0, True
    for _ in range(150):
        pause = draw.choice([1, 300, IDLE_SECONDS - 1, draw.randint(1, IDLE_SECONDS)])
        world.clock.move(seconds=pause)
        total += pause
        alive = alive and pause < IDLE_SECONDS and total < ABSOLUTE_SECONDS
        if alive:
            assert await world.operators.officer_of(token)
        else:
            with pytest.raises(SessionExpired):
                await world.operators.officer_of(token)
    assert not alive


async def test_logging_out_ends_this_session_and_no_other(world: World) -> None:
    who = await world.person(Role.OPERATOR)
    first, second = await world.login(who), await world.login(who)
    await world.operators.logout(first.officer, first.token)
    with pytest.raises(SessionExpired):
        await world.operators.officer_of(first.token)
    assert await world.operators.officer_of(second.token)


async def test_it_ends_on_every_worker_at_once(world: World) -> None:
    """Another worker has the same stores and nothing else in common."""
    who = await world.person(Role.OPERATOR)
    opened = await world.login(who)
    keyring, index = KeyRing(world.settings.keyring), BlindIndex(world.settings.index_key)
    other = Operators(
        world.redis, keyring, index, Audit(), world.settings, clock=world.clock, hasher=CHEAP
    )
    assert await other.officer_of(opened.token)
    await world.operators.logout(opened.officer, opened.token)
    with pytest.raises(SessionExpired):
        await other.officer_of(opened.token)


async def test_a_session_whose_key_has_left_the_ring_is_over(world: World) -> None:
    who = await world.person(Role.OPERATOR)
    before, index = await world.login(who), BlindIndex(world.settings.index_key)
    new = bytes([7]) * 32
    both, alone = (
        Operators(
            world.redis, KeyRing(ring), index, Audit(), world.settings, clock=world.clock,
            hasher=CHEAP,
        )
        for ring in ({"new": new, **world.settings.keyring}, {"new": new})
    )  # fmt: skip
    after = await both.login(who.account.username, who.password, world.code(who), "203.0.113.7")
    earlier = await world.operators.sessions(before.token)
    assert len(await both.sessions(after.token)) == len(earlier) + 1
    with pytest.raises(SessionExpired):
        await alone.officer_of(before.token)
    assert await alone.officer_of(after.token)
    assert [one.own for one in await alone.sessions(after.token)] == [True]


async def test_a_list_shows_the_living_and_one_can_be_ended_from_another(world: World) -> None:
    who = await world.person(Role.OPERATOR)
    await world.login(who)
    world.clock.move(seconds=IDLE_SECONDS)
    away = await world.operators.login(
        who.account.username, who.password, world.code(who), "198.51.100.4"
    )
    here = await world.login(who)
    found = await world.operators.sessions(here.token)
    assert [(one.own, one.address) for one in found] == [
        (True, "203.0.113.7"),
        (False, "198.51.100.4"),
    ]
    await world.operators.end_session(here.officer, here.token, found[1].id)
    with pytest.raises(SessionExpired):
        await world.operators.officer_of(away.token)
    with pytest.raises(SessionUnknown):
        await world.operators.end_session(here.officer, here.token, found[1].id)


async def test_nobody_ends_a_session_of_somebody_else(world: World) -> None:
    one = await world.login(await world.person(Role.OPERATOR))
    other = await world.login(await world.person(Role.OPERATOR))
    theirs = (await world.operators.sessions(other.token))[0].id
    with pytest.raises(SessionUnknown):
        await world.operators.end_session(one.officer, one.token, theirs)
    assert await world.operators.officer_of(other.token)


@pytest.mark.one_store
@pytest.mark.parametrize("token", ["", "x", "A" * 63, "A" * 65, "é" * 64, "A" * 63 + "="])
async def test_what_is_no_token_of_ours_is_none(world: World, token: str) -> None:
    with pytest.raises(SessionMissing):
        await world.operators.officer_of(token)


async def test_a_token_of_another_secret_opens_nothing(world: World) -> None:
    token = (await world.login(await world.person(Role.OPERATOR))).token
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    with pytest.raises(SessionExpired):
        await world.operators.officer_of(other)

"""Limits per phone, address and device."""

import asyncio

import pytest

from backend.identity.codes import TRIES
from backend.identity.errors import CodeWrong, Locked, SmsTooSoon
from backend.identity.limits import LOGIN_DEVICE, LOGIN_PHONE, SMS_PHONE, Limits, Mark, Rule
from tests.identity_world import ADDRESS, PRIVACY, ZHANG, World, device

FEW = Rule("few", 3, 60)


async def taken(limits: Limits, *marks: Mark) -> bool:
    """Whether a place could be taken."""
    try:
        await limits.take(marks)
    except Locked:
        return False
    return True


async def test_a_full_counter_says_until_when(here: World) -> None:
    limits, mark = Limits(here.redis), Mark(FEW, "someone")
    for _ in range(3):
        await limits.take([mark])
    with pytest.raises(Locked) as refused:
        await limits.take([mark])
    assert 55 < refused.value.retry_after <= 60


async def test_of_a_crowd_exactly_as_many_as_allowed_get_through(here: World) -> None:
    limits, mark = Limits(here.redis), Mark(FEW, "someone")
    results = await asyncio.gather(*(taken(limits, mark) for _ in range(200)))
    assert sum(results) == 3


async def test_a_place_that_was_given_back_can_be_taken_again(here: World) -> None:
    limits, mark = Limits(here.redis), Mark(FEW, "someone")
    for _ in range(20):
        await limits.take([mark])
        await limits.give_back([mark])
    await limits.give_back([mark])
    assert [await taken(limits, mark) for _ in range(4)] == [True, True, True, False]


async def test_one_full_counter_takes_no_place_under_the_others(here: World) -> None:
    limits, full, free = Limits(here.redis), Mark(FEW, "full"), Mark(FEW, "free")
    for _ in range(3):
        await limits.take([full])
    for _ in range(5):
        assert not await taken(limits, full, free)
    assert [await taken(limits, free) for _ in range(4)] == [True, True, True, False]


async def test_a_lock_ends_by_itself(here: World) -> None:
    limits, mark = Limits(here.redis), Mark(FEW, "someone")
    for _ in range(3):
        await limits.take([mark])
    await here.redis.expireat(mark.key, 1)
    assert await taken(limits, mark)


async def test_a_phone_gets_so_many_codes_a_day_and_no_more(here: World) -> None:
    for _ in range(SMS_PHONE.limit):
        await here.code(ZHANG.phone)
    with pytest.raises(Locked):
        await here.code(ZHANG.phone)


async def test_a_code_that_comes_too_soon_is_not_counted(here: World) -> None:
    await here.code(ZHANG.phone)
    for _ in range(2 * SMS_PHONE.limit):
        with pytest.raises(SmsTooSoon):
            await here.identity.send_code(ZHANG.phone, ADDRESS)
    await here.code(ZHANG.phone)


async def test_wrong_codes_lock_the_phone_whatever_the_device(here: World) -> None:
    for attempt in range(LOGIN_PHONE.limit):
        if attempt % TRIES == 0:
            code = await here.code(ZHANG.phone)
        with pytest.raises(CodeWrong):
            await here.identity.login_by_phone(
                ZHANG.phone, wrong(code), device(f"device {attempt}"), PRIVACY, ADDRESS
            )
    code = await here.code(ZHANG.phone)
    with pytest.raises(Locked) as refused:
        await here.identity.login_by_phone(ZHANG.phone, code, device("new"), PRIVACY, ADDRESS)
    assert refused.value.retry_after <= LOGIN_PHONE.window_s


async def test_wrong_codes_for_many_phones_lock_the_device(here: World) -> None:
    for attempt in range(LOGIN_DEVICE.limit):
        phone = f"139001390{attempt:02d}"
        code = await here.code(phone)
        with pytest.raises(CodeWrong):
            await here.identity.login_by_phone(phone, wrong(code), device(), PRIVACY, ADDRESS)
    code = await here.code(ZHANG.phone)
    with pytest.raises(Locked):
        await here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)
    await here.identity.login_by_phone(ZHANG.phone, code, device("other"), PRIVACY, ADDRESS)


async def test_one_address_cannot_guess_for_ever_and_another_is_free(here: World) -> None:
    parts = here.identity._parts
    rule = Rule("login-address", 2, 60)
    mark = parts.address_mark(rule, ADDRESS)
    for _ in range(2):
        await parts.limits.take([mark])
    assert not await taken(parts.limits, parts.address_mark(rule, ADDRESS))
    assert await taken(parts.limits, parts.address_mark(rule, "203.0.113.8"))


async def test_a_login_that_succeeds_is_no_try(here: World) -> None:
    for _ in range(SMS_PHONE.limit):
        await here.login(ZHANG)


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"

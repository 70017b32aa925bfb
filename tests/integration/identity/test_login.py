"""Logging in by phone."""

import asyncio
from collections import Counter

import pytest

from backend.identity.codes import TRIES
from backend.identity.errors import (
    CodeWrong,
    ConsentRequired,
    Locked,
    PhoneInvalid,
    SessionExpired,
    SmsTooSoon,
    SmsUnavailable,
)
from backend.identity.levels import Level
from backend.identity.models import Person as Account
from backend.identity.models import PhoneBinding
from backend.identity.service import Identity, Tokens
from tests.identity_world import ADDRESS, LI, PRIVACY, ZHANG, World, device

CROWD = 10_000


def other(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_a_first_login_makes_an_account_at_level_1(here: World) -> None:
    tokens = await here.login(ZHANG)
    assert tokens.level is Level.PHONE
    assert tokens.person.phone == "138****8001"
    assert tokens.person.name is None
    assert tokens.person.region_code == "440000"
    assert [consent.kind for consent in tokens.person.consents] == ["privacy"]
    session = await here.session(tokens)
    assert str(session.person_id) == tokens.person.id


async def test_the_same_phone_finds_the_same_account_however_it_is_written(here: World) -> None:
    first = await here.login(ZHANG)
    for written in ("+86 138 0013 8001", "138-0013-8001", "１３８００１３８００１"):
        code = await here.code(ZHANG.phone)
        again = await here.identity.login_by_phone(written, code, device(), PRIVACY, ADDRESS)
        assert again.person.id == first.person.id


async def test_a_phone_of_hong_kong_logs_in_with_its_country_code(here: World) -> None:
    tokens = await here.login("+85298765432")
    assert tokens.person.phone == "+852 ****5432"


@pytest.mark.one_store
@pytest.mark.parametrize("phone", ["12345", "", "85298765432", "+14155552671", "abc", "😀"])
async def test_what_is_no_mobile_number_gets_no_code(here: World, phone: str) -> None:
    with pytest.raises(PhoneInvalid):
        await here.identity.send_code(phone, ADDRESS)


async def test_a_code_has_six_digits_and_five_minutes(here: World) -> None:
    code = await here.code(ZHANG.phone)
    assert len(code) == 6
    assert code.isdigit()
    keys = [key async for key in here.redis.scan_iter("sms:*") if not key.endswith(b":pause")]
    assert len(keys) == 1
    assert 290_000 < await here.redis.pttl(keys[0]) <= 300_000


async def test_the_next_code_has_to_wait_a_minute_and_the_answer_says_how_long(
    here: World,
) -> None:
    await here.code(ZHANG.phone)
    with pytest.raises(SmsTooSoon) as refused:
        await here.identity.send_code(ZHANG.phone, ADDRESS)
    assert 55 < refused.value.context()["retry_after"] <= 60


async def test_a_newer_code_voids_the_older_one(here: World) -> None:
    old = await here.code(ZHANG.phone)
    new = await here.code(ZHANG.phone)
    if old != new:
        with pytest.raises(CodeWrong):
            await here.identity.login_by_phone(ZHANG.phone, old, device(), PRIVACY, ADDRESS)
    await here.identity.login_by_phone(ZHANG.phone, new, device(), PRIVACY, ADDRESS)


async def test_a_code_is_good_once(here: World) -> None:
    code = await here.code(ZHANG.phone)
    await here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)
    with pytest.raises(CodeWrong):
        await here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)


async def test_a_code_that_ran_out_is_refused(here: World) -> None:
    code = await here.code(ZHANG.phone)
    async for key in here.redis.scan_iter("sms:*"):
        await here.redis.expireat(key, 1)
    with pytest.raises(CodeWrong):
        await here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)


async def test_a_code_of_another_phone_is_refused(here: World) -> None:
    code = await here.code(ZHANG.phone)
    await here.code(LI.phone)
    with pytest.raises(CodeWrong):
        await here.identity.login_by_phone(LI.phone, code, device(), PRIVACY, ADDRESS)


async def test_five_wrong_tries_void_the_code(here: World) -> None:
    code = await here.code(ZHANG.phone)
    for _ in range(TRIES):
        with pytest.raises(CodeWrong):
            await here.identity.login_by_phone(ZHANG.phone, other(code), device(), PRIVACY, ADDRESS)
    with pytest.raises(CodeWrong):
        await here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)


async def test_without_consent_to_the_current_policy_nobody_gets_in_and_the_code_stays_good(
    here: World,
) -> None:
    code = await here.code(ZHANG.phone)
    with pytest.raises(ConsentRequired) as refused:
        await here.identity.login_by_phone(ZHANG.phone, code, device(), "2020-01-01", ADDRESS)
    assert refused.value.context() == {"consent": "privacy", "version": PRIVACY}
    assert await Account.all().count() == 0
    await here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)


async def test_outside_the_sandbox_no_code_is_shown_and_without_a_sender_none_is_sent(
    here: World,
) -> None:
    parts = here.identity._parts
    settled = type(here.settings)(
        keyring=here.settings.keyring,
        index_key=here.settings.index_key,
        signing_key=here.settings.signing_key,
    )
    serious = Identity(
        settled, parts.redis, parts.keyring, parts.index, parts.exchange, parts.wechat,
        parts.messages, parts.audit,
    )  # fmt: skip
    with pytest.raises(SmsUnavailable):
        await serious.send_code(ZHANG.phone, ADDRESS)


async def test_ten_thousand_logins_at_once_with_the_right_code_let_one_in(here: World) -> None:
    code = await here.code(ZHANG.phone)
    results = await asyncio.gather(
        *(
            here.identity.login_by_phone(ZHANG.phone, code, device(), PRIVACY, ADDRESS)
            for _ in range(CROWD)
        ),
        return_exceptions=True,
    )
    seen = Counter(type(result) for result in results)
    assert seen.pop(Tokens) == 1
    assert set(seen) <= {CodeWrong, Locked}
    assert await Account.all().count() == 1


async def test_two_first_logins_of_one_phone_at_once_make_one_account(here: World) -> None:
    accounts = here.identity._parts.accounts
    made = await asyncio.gather(*(accounts.make_for_phone("+8613800138001") for _ in range(20)))
    assert len({account.id for account in made}) == 1
    assert await Account.all().count() == 1
    assert await PhoneBinding.all().count() == 1


async def test_a_known_device_gets_level_3_back_and_another_does_not(here: World) -> None:
    await here.verified(ZHANG, "first")
    assert (await here.login(ZHANG, "first")).level is Level.REAL_NAME
    assert (await here.login(ZHANG, "second")).level is Level.PHONE


async def test_a_device_trusted_by_one_person_helps_nobody_else(here: World) -> None:
    await here.verified(ZHANG, "shared")
    await here.verified(LI, "other")
    assert (await here.login(LI, "shared")).level is Level.PHONE


async def test_before_the_match_a_new_device_shows_nothing_of_who_was_verified(
    here: World,
) -> None:
    await here.verified(ZHANG, "first")
    tokens = await here.login(ZHANG, "second")
    assert tokens.person.name is None
    assert tokens.person.id_number is None
    session = await here.session(tokens)
    assert [each.device_name for each in await here.identity.sessions(session)] == ["second device"]


async def test_the_owner_is_told_of_a_new_device(here: World) -> None:
    tokens = await here.login(ZHANG, "first")
    assert await here.titles(tokens) == []
    await here.login(ZHANG, "first")
    assert await here.titles(tokens) == []
    await here.login(ZHANG, "second")
    assert await here.titles(tokens) == ["新设备登录"]


async def test_logging_in_again_on_a_device_replaces_its_session(here: World) -> None:
    first = await here.login(ZHANG)
    second = await here.login(ZHANG)
    with pytest.raises(SessionExpired):
        await here.session(first)
    assert len(await here.identity.sessions(await here.session(second))) == 1


async def test_a_login_is_in_the_audit(here: World) -> None:
    tokens = await here.login(ZHANG)
    assert await here.actions(tokens.person.id) == ["identity.consent_given", "identity.login"]

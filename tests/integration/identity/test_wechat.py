"""WeChat's errors in our words, and its access token shared by all workers."""

import asyncio

import pytest

from backend.identity.errors import (
    ConsentRequired,
    Locked,
    PhoneInvalid,
    WeChatBlocked,
    WeChatCodeSpent,
    WeChatTooMany,
    WeChatUnavailable,
)
from backend.identity.levels import Level
from backend.identity.limits import WECHAT_DEVICE
from backend.identity.models import Person as Account
from backend.identity.models import WeChatBinding
from backend.sandbox.faults import FaultSpec
from backend.sandbox.wechat.server import Login, Phone
from backend.upstream.wechat import WeChat
from tests.identity_world import ADDRESS, LI, PRIVACY, World, device


async def test_a_code_is_good_once(here: World) -> None:
    code = here.wechat_state.logins.mint(Login("o-li"))
    await here.identity.login_by_wechat(code, device(), PRIVACY, ADDRESS)
    with pytest.raises(WeChatCodeSpent):
        await here.identity.login_by_wechat(code, device(), PRIVACY, ADDRESS)


@pytest.mark.parametrize("code", ["invented", "😀"])
async def test_an_invented_code_is_refused(here: World, code: str) -> None:
    with pytest.raises(WeChatCodeSpent):
        await here.identity.login_by_wechat(code, device(), PRIVACY, ADDRESS)


async def test_a_code_that_ran_out_is_refused(here: World) -> None:
    code = here.wechat_state.logins.mint(Login("o-li"), 0)
    with pytest.raises(WeChatCodeSpent):
        await here.identity.login_by_wechat(code, device(), PRIVACY, ADDRESS)


async def test_too_many_logins_of_one_account_have_to_wait(here: World) -> None:
    here.wechat_state.logins_per_minute = 0
    with pytest.raises(WeChatTooMany) as refused:
        await here.wechat_login("o-li")
    assert refused.value.context() == {"retry_after": 60}


async def test_a_blocked_account_is_refused_and_told_another_way(here: World) -> None:
    here.wechat_state.blocked.add("o-li")
    with pytest.raises(WeChatBlocked) as refused:
        await here.wechat_login("o-li")
    assert "手机号" in refused.value.detail


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "busy"])
async def test_a_wechat_that_fails_is_unavailable(here: World, kind: str) -> None:
    here.wechat_server.board.add(FaultSpec.model_validate({"kind": kind, "calls": 1}))
    with pytest.raises(WeChatUnavailable):
        await here.wechat_login("o-li")
    assert (await here.wechat_login("o-li")).level is Level.WECHAT


async def test_consent_comes_before_the_code_is_spent(here: World) -> None:
    code = here.wechat_state.logins.mint(Login("o-li"))
    with pytest.raises(ConsentRequired):
        await here.identity.login_by_wechat(code, device(), "2020-01-01", ADDRESS)
    await here.identity.login_by_wechat(code, device(), PRIVACY, ADDRESS)


async def test_guessing_codes_from_one_device_is_stopped(here: World) -> None:
    for _ in range(WECHAT_DEVICE.limit):
        with pytest.raises(WeChatCodeSpent):
            await here.identity.login_by_wechat("guess", device(), PRIVACY, ADDRESS)
    with pytest.raises(Locked):
        await here.identity.login_by_wechat("guess", device(), PRIVACY, ADDRESS)


async def test_a_phone_code_of_another_user_is_refused(here: World) -> None:
    session = await here.session(await here.wechat_login("o-li"))
    with pytest.raises(WeChatCodeSpent):
        await here.identity.add_wechat_phone(session, here.phone_code(LI.phone, "o-other"), ADDRESS)


async def test_a_phone_from_elsewhere_in_the_world_is_refused(here: World) -> None:
    session = await here.session(await here.wechat_login("o-li"))
    code = here.wechat_state.phones.mint(Phone("4155552671", "1"))
    with pytest.raises(PhoneInvalid):
        await here.identity.add_wechat_phone(session, code, ADDRESS)


async def test_one_wechat_account_logging_in_twice_at_once_makes_one_account(
    here: World,
) -> None:
    await asyncio.gather(*(here.wechat_login("o-li", f"device {n}") for n in range(10)))
    assert await Account.all().count() == 1
    assert await WeChatBinding.all().count() == 1


async def test_workers_share_one_access_token(here: World) -> None:
    workers = [WeChat(here.settings, here.redis, here.keyring) for _ in range(4)]
    try:
        phones = await asyncio.gather(
            *(
                worker.phone_for(here.phone_code("13800138000"), None)
                for worker in workers
                for _ in range(5)
            )
        )
    finally:
        for worker in workers:
            await worker.close()
    assert set(phones) == {"+8613800138000"}
    assert here.wechat_server.board.calls["/cgi-bin/token"] == 1


@pytest.mark.parametrize("end", [True, False], ids=["42001", "40001"])
async def test_a_token_that_wechat_ended_is_renewed_once_for_all(here: World, end: bool) -> None:
    await here.wechat.phone_for(here.phone_code("13800138000"), None)
    here.wechat_state.tokens.end_all(end)
    await asyncio.gather(
        *(here.wechat.phone_for(here.phone_code("13800138000"), None) for _ in range(10))
    )
    assert here.wechat_server.board.calls["/cgi-bin/token"] == 2


async def test_the_access_token_is_sealed_in_redis(here: World) -> None:
    await here.wechat.phone_for(here.phone_code("13800138000"), None)
    token = await here.wechat._tokens._read()
    assert token
    stored = await here.redis.get("wechat:{wx-test}:token")
    assert stored
    assert token.encode() not in stored


async def test_a_lock_that_a_dead_worker_left_does_not_stop_the_others(here: World) -> None:
    await here.redis.set("wechat:{wx-test}:token:lock", b"somebody", px=200)
    phone = await here.wechat.phone_for(here.phone_code("13800138000"), None)
    assert phone == "+8613800138000"

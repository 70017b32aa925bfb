"""Refresh tokens, devices, and log-outs that count everywhere at once."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest

from backend.identity.errors import (
    RefreshReused,
    SessionExpired,
    SessionMissing,
    SessionUnknown,
)
from backend.identity.families import GRACE_S, KEEP_ENDED_DAYS, REFRESH_SECONDS, TRUST_DAYS
from backend.identity.levels import Level
from backend.identity.models import SessionFamily, TrustedDevice
from backend.identity.service import Tokens
from backend.identity.sessions import ACCESS_SECONDS
from tests.identity_world import LI, ZHANG, World


async def grace_is_over(tokens: Tokens) -> None:
    """Let the grace after the last exchange pass."""
    past = datetime.now(UTC) - timedelta(seconds=GRACE_S + 1)
    await SessionFamily.filter(person_id=tokens.person.id).update(rotated_at=past)


async def test_a_refresh_gives_new_tokens_and_voids_the_old_access_token(here: World) -> None:
    first = await here.login(ZHANG)
    second = await here.identity.refresh(first.refresh_token)
    assert second.access_token != first.access_token
    assert second.refresh_token != first.refresh_token
    with pytest.raises(SessionExpired):
        await here.session(first)
    session = await here.session(second)
    assert session.session_id == (await here.session(second)).session_id


async def test_an_access_token_runs_out_after_a_quarter_of_an_hour(here: World) -> None:
    tokens = await here.login(ZHANG)
    keys = [key async for key in here.redis.scan_iter("s:*")]
    assert len(keys) == 1
    assert 0 < await here.redis.ttl(keys[0]) <= ACCESS_SECONDS
    await here.redis.expireat(keys[0], 1)
    with pytest.raises(SessionExpired):
        await here.session(tokens)
    assert (await here.identity.refresh(tokens.refresh_token)).level is Level.PHONE


async def test_asking_again_within_the_grace_gives_the_very_same_tokens(here: World) -> None:
    first = await here.login(ZHANG)
    second = await here.identity.refresh(first.refresh_token)
    again = await here.identity.refresh(first.refresh_token)
    assert (again.access_token, again.refresh_token) == (
        second.access_token,
        second.refresh_token,
    )
    await here.session(second)


async def test_a_crowd_with_one_token_gets_one_pair(here: World) -> None:
    first = await here.login(ZHANG)
    answers = await asyncio.gather(*(here.identity.refresh(first.refresh_token) for _ in range(50)))
    assert len({(each.access_token, each.refresh_token) for each in answers}) == 1
    await here.session(answers[0])
    await here.identity.refresh(answers[0].refresh_token)


async def test_a_token_used_again_after_the_grace_ends_the_family_and_tells_its_owner(
    here: World,
) -> None:
    first = await here.login(ZHANG)
    second = await here.identity.refresh(first.refresh_token)
    await grace_is_over(first)
    with pytest.raises(RefreshReused):
        await here.identity.refresh(first.refresh_token)
    with pytest.raises(SessionExpired):
        await here.session(second)
    with pytest.raises(SessionExpired):
        await here.identity.refresh(second.refresh_token)
    assert (await here.titles(first))[0] == "一台设备已被退出登录"
    assert "identity.refresh_reused" in await here.actions(first.person.id)


async def test_a_token_two_steps_old_ends_the_family_even_within_the_grace(here: World) -> None:
    first = await here.login(ZHANG)
    second = await here.identity.refresh(first.refresh_token)
    third = await here.identity.refresh(second.refresh_token)
    with pytest.raises(RefreshReused):
        await here.identity.refresh(first.refresh_token)
    with pytest.raises(SessionExpired):
        await here.session(third)


async def test_the_end_of_one_family_leaves_the_others_alone(here: World) -> None:
    first = await here.login(ZHANG, "first")
    other = await here.login(ZHANG, "other")
    await here.identity.refresh(first.refresh_token)
    await grace_is_over(first)
    with pytest.raises(RefreshReused):
        await here.identity.refresh(first.refresh_token)
    await here.session(other)


@pytest.mark.one_store
@pytest.mark.parametrize("token", ["", "x", "A" * 59, "😀" * 59, "a" * 256])
async def test_what_is_no_token_of_ours_is_no_session(here: World, token: str) -> None:
    with pytest.raises(SessionMissing):
        await here.identity.refresh(token)


async def test_an_invented_token_of_a_real_family_does_not_end_it(here: World) -> None:
    tokens = await here.login(ZHANG)
    raw = bytearray(base64.urlsafe_b64decode(tokens.refresh_token + "="))
    raw[12] ^= 1
    forged = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    with pytest.raises(SessionMissing):
        await here.identity.refresh(forged)
    await here.identity.refresh(tokens.refresh_token)


async def test_a_refresh_token_runs_out_after_thirty_days_without_use(here: World) -> None:
    tokens = await here.login(ZHANG)
    family = await SessionFamily.get(person_id=tokens.person.id)
    assert family.expires_at - family.rotated_at == timedelta(seconds=REFRESH_SECONDS)
    await SessionFamily.filter(id=family.id).update(expires_at=datetime.now(UTC))
    with pytest.raises(SessionExpired):
        await here.identity.refresh(tokens.refresh_token)


async def test_no_token_can_be_read_in_the_database(here: World) -> None:
    first = await here.login(ZHANG)
    second = await here.identity.refresh(first.refresh_token)
    family = await SessionFamily.get(person_id=first.person.id)
    stored = repr({name: getattr(family, name) for name in family._meta.db_fields})
    for tokens in (first, second):
        assert tokens.refresh_token not in stored
        assert tokens.access_token not in stored


async def test_the_list_of_devices_names_them_last_seen_first(here: World) -> None:
    await here.login(ZHANG, "first")
    second = await here.login(ZHANG, "second")
    found = await here.identity.sessions(await here.session(second))
    assert [each.device_name for each in found] == ["second device", "first device"]
    assert found[0].id == (await here.session(second)).session_id


async def test_logging_out_ends_the_session_and_its_refresh_token(here: World) -> None:
    tokens = await here.login(ZHANG)
    session = await here.session(tokens)
    await here.identity.end_session(session, session.session_id)
    with pytest.raises(SessionExpired):
        await here.session(tokens)
    with pytest.raises(SessionExpired):
        await here.identity.refresh(tokens.refresh_token)


async def test_one_can_log_another_device_out_and_it_is_trusted_no_more(here: World) -> None:
    lost = await here.verified(ZHANG, "lost")
    mine = await here.login(ZHANG, "mine")
    session = await here.session(mine)
    await here.identity.verify_name(session, ZHANG.name, ZHANG.id_number, "203.0.113.7")
    session = await here.session(mine)
    lost_id = (await here.session(lost)).session_id
    await here.identity.end_session(session, lost_id)
    with pytest.raises(SessionExpired):
        await here.session(lost)
    assert (await here.login(ZHANG, "lost")).level is Level.PHONE


async def test_logging_out_here_keeps_the_device_trusted(here: World) -> None:
    tokens = await here.verified(ZHANG)
    session = await here.session(tokens)
    await here.identity.end_session(session, session.session_id)
    assert (await here.login(ZHANG)).level is Level.REAL_NAME


async def test_the_session_of_another_person_cannot_be_ended(here: World) -> None:
    mine = await here.session(await here.login(ZHANG, "mine"))
    theirs = await here.login(LI, "theirs")
    with pytest.raises(SessionUnknown):
        await here.identity.end_session(mine, (await here.session(theirs)).session_id)
    await here.session(theirs)


@pytest.mark.parametrize("session_id", ["", "nothing", "😀", "A" * 400, "A" * 11, "\0" * 11])
async def test_a_session_that_is_not_there_cannot_be_ended(here: World, session_id: str) -> None:
    mine = await here.session(await here.login(ZHANG))
    with pytest.raises(SessionUnknown):
        await here.identity.end_session(mine, session_id)


async def test_before_the_match_other_devices_cannot_be_ended_one_by_one(here: World) -> None:
    owner = await here.verified(ZHANG, "zhang's")
    stranger = await here.session(await here.login(ZHANG, "new"))
    with pytest.raises(SessionUnknown):
        await here.identity.end_session(stranger, (await here.session(owner)).session_id)


async def test_logging_out_everywhere_ends_everything_and_every_trust(here: World) -> None:
    first = await here.verified(ZHANG, "first")
    second = await here.login(ZHANG, "second")
    await here.identity.end_all_sessions(await here.session(second))
    for tokens in (first, second):
        with pytest.raises(SessionExpired):
            await here.session(tokens)
        with pytest.raises(SessionExpired):
            await here.identity.refresh(tokens.refresh_token)
    assert (await here.login(ZHANG, "first")).level is Level.PHONE


async def test_a_refresh_and_a_logout_at_once_never_leave_a_session_behind(here: World) -> None:
    for _ in range(10):
        tokens = await here.login(ZHANG)
        session = await here.session(tokens)
        answers = await asyncio.gather(
            here.identity.refresh(tokens.refresh_token),
            here.identity.end_all_sessions(session),
            return_exceptions=True,
        )
        assert answers[1] is None
        assert [key async for key in here.redis.scan_iter("s:*")] == []


async def test_a_logout_that_failed_half_way_can_be_finished(here: World) -> None:
    tokens = await here.login(ZHANG)
    session = await here.session(tokens)
    # The row was written, then Redis was gone.
    await SessionFamily.filter(person_id=tokens.person.id).update(ended_at=datetime.now(UTC))
    await here.session(tokens)
    await here.identity.end_all_sessions(session)
    with pytest.raises(SessionExpired):
        await here.session(tokens)


async def test_what_has_served_its_time_is_forgotten(here: World) -> None:
    kept = await here.verified(ZHANG, "kept")
    gone = await here.verified(LI, "gone")
    long_ago = datetime.now(UTC) - timedelta(days=max(KEEP_ENDED_DAYS, TRUST_DAYS) + 1)
    await SessionFamily.filter(person_id=gone.person.id).update(ended_at=long_ago)
    await TrustedDevice.filter(person_id=gone.person.id).update(last_used_at=long_ago)
    assert await here.identity.purge() == 2
    assert await here.identity.purge() == 0
    await here.identity.refresh(kept.refresh_token)
    assert await SessionFamily.all().count() == 1


async def test_a_family_that_ran_out_is_ended_and_its_last_answer_forgotten(here: World) -> None:
    tokens = await here.login(ZHANG)
    await here.identity.refresh(tokens.refresh_token)
    await grace_is_over(tokens)
    await SessionFamily.filter(person_id=tokens.person.id).update(expires_at=datetime.now(UTC))
    await here.identity.purge()
    family = await SessionFamily.get(person_id=tokens.person.id)
    assert family.ended_reason == "expired"
    assert family.replay is None

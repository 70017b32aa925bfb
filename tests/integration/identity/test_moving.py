"""A phone or WeChat account that belongs to somebody else now, and a person with a new phone."""

import asyncio

import pytest

from backend.identity.errors import (
    ConsentRequired,
    FaceRequiredToMove,
    LevelTooLow,
    NotMatched,
    SessionExpired,
    WeChatBoundElsewhere,
)
from backend.identity.levels import Level
from backend.identity.models import Person as Account
from backend.identity.models import PhoneBinding, WeChatBinding
from backend.identity.service import Session, Tokens
from tests.identity_world import ADDRESS, CHEN, FACE, LI, ZHANG, Someone, World
from tests.integration.identity.test_face import picture


async def verify(here: World, session: Session, who: Someone) -> Tokens | None:
    """Verify as somebody; gives the tokens when the session goes over to another account."""
    done = await here.identity.verify_name(session, who.name, who.id_number, ADDRESS)
    return done.tokens


# The phone has a new owner


async def test_a_new_owner_of_a_phone_gets_an_account_of_their_own(here: World) -> None:
    before = await here.verified(ZHANG, "zhang's")
    tokens = await here.login(ZHANG.phone, "li's")
    moved = await verify(here, await here.session(tokens), LI)
    assert moved is not None
    assert moved.level is Level.REAL_NAME
    assert moved.person.id != before.person.id
    assert moved.person.name == "李**"
    assert moved.person.phone == "138****8001"
    assert [consent.kind for consent in moved.person.consents] == ["privacy"]
    assert (await here.identity.holder(await here.session(moved))).code == LI.id_number


async def test_the_former_owner_keeps_the_account_loses_the_sessions_and_is_told(
    here: World,
) -> None:
    before = await here.verified(ZHANG, "zhang's")
    tokens = await here.login(ZHANG.phone, "li's")
    await verify(here, await here.session(tokens), LI)
    for ended in (before, tokens):
        with pytest.raises(SessionExpired):
            await here.session(ended)
        with pytest.raises(SessionExpired):
            await here.identity.refresh(ended.refresh_token)
    account = await Account.get(id=before.person.id)
    assert account.status == "active"
    assert account.id_index is not None
    assert not await PhoneBinding.exists(person_id=account.id)
    assert (await here.titles(before))[0] == "手机号已与您的账号解除绑定"


async def test_the_phone_logs_in_to_its_new_owner_from_then_on(here: World) -> None:
    await here.verified(ZHANG, "zhang's")
    moved = await verify(here, await here.session(await here.login(ZHANG.phone, "li's")), LI)
    assert moved is not None
    again = await here.login(ZHANG.phone, "li's")
    assert again.person.id == moved.person.id
    assert again.level is Level.REAL_NAME


async def test_a_mismatch_moves_nothing(here: World) -> None:
    before = await here.verified(ZHANG, "zhang's")
    session = await here.session(await here.login(ZHANG.phone, "li's"))
    with pytest.raises(NotMatched):
        await here.identity.verify_name(session, "李小文", LI.id_number, ADDRESS)
    assert (await here.session(before)).level is Level.REAL_NAME


async def test_a_new_owner_sees_no_message_of_the_former_one(here: World) -> None:
    await here.verified(ZHANG, "zhang's")
    await here.login(ZHANG, "zhang's tablet")
    session = await here.session(await here.login(ZHANG.phone, "li's"))
    since = await here.identity.own_since(session)
    page = await here.messages.list(session.person_id, since=since)
    assert since is not None
    assert page.notes == []
    assert page.unread == 0


async def test_former_owner_comes_back_with_a_new_phone_and_their_face(here: World) -> None:
    before = await here.verified(ZHANG, "zhang's")
    await verify(here, await here.session(await here.login(ZHANG.phone, "li's")), LI)
    session = await here.session(await here.login("13900139009", "zhang's"))
    with pytest.raises(FaceRequiredToMove):
        await verify(here, session, ZHANG)
    await here.identity.give_consent(session, "face", FACE)
    back = await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert back.person.id == before.person.id
    assert back.person.phone == "139****9009"


# A person with another phone


async def changing_phone(here: World) -> tuple[Tokens, Tokens]:
    """Li has an account and logs in with a new phone; gives both tokens."""
    before = await here.verified(LI, "old phone")
    tokens = await here.login("13900139001", "new phone")
    with pytest.raises(FaceRequiredToMove) as refused:
        await verify(here, await here.session(tokens), LI)
    assert refused.value.context() == {"required_level": 4}
    return before, tokens


async def test_a_face_brings_the_new_phone_to_the_account_that_was_there(here: World) -> None:
    before, tokens = await changing_phone(here)
    session = await here.session(tokens)
    await here.identity.give_consent(session, "face", FACE)
    done = await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert done.tokens is not None
    assert done.level is Level.FACE
    assert done.person.id == before.person.id
    assert done.person.phone == "139****9001"
    assert {consent.kind for consent in done.person.consents} == {"privacy", "face"}
    # What was there before goes on and is told; what was only a phone is closed.
    assert (await here.session(before)).level is Level.REAL_NAME
    assert (await here.titles(before))[0] == "手机号已换绑"
    with pytest.raises(SessionExpired):
        await here.session(tokens)
    shell = await Account.get(id=tokens.person.id)
    assert (shell.status, shell.closed_reason) == ("closed", "merged")


async def test_the_old_phone_is_free_after_the_move(here: World) -> None:
    before, tokens = await changing_phone(here)
    session = await here.session(tokens)
    await here.identity.give_consent(session, "face", FACE)
    await here.identity.verify_face_photo(session, picture(), ADDRESS)
    fresh = await here.login(LI.phone, "somebody's")
    assert fresh.person.id != before.person.id


async def test_without_the_face_the_move_does_not_happen(here: World) -> None:
    before, tokens = await changing_phone(here)
    session = await here.session(tokens)
    with pytest.raises(ConsentRequired):
        await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert session.level is Level.PHONE
    assert (await here.identity.me(await here.session(before))).phone == "138****8002"


async def test_two_moves_at_once_end_in_one_account(here: World) -> None:
    before, tokens = await changing_phone(here)
    session = await here.session(tokens)
    await here.identity.give_consent(session, "face", FACE)
    results = await asyncio.gather(
        *(here.identity.verify_face_photo(session, picture(), ADDRESS) for _ in range(4)),
        return_exceptions=True,
    )
    moved = [result for result in results if not isinstance(result, BaseException)]
    assert moved
    assert all(result.person.id == before.person.id for result in moved)
    refused = [result for result in results if isinstance(result, BaseException)]
    # Who comes second finds the session gone, or nothing left that a face could do.
    assert {getattr(result, "code", "crash") for result in refused} <= {
        "identity.session_expired",
        "identity.face_check_unknown",
        "identity.level_too_low",
        "identity.consent_required",
    }
    assert await PhoneBinding.filter(person_id=before.person.id).count() == 1


async def test_a_recycled_phone_comes_to_the_account_of_its_new_owner_by_face(
    here: World,
) -> None:
    zhang = await here.verified(ZHANG, "zhang's")
    li = await here.verified(LI, "li's")
    session = await here.session(await here.login(ZHANG.phone, "li's new"))
    with pytest.raises(FaceRequiredToMove):
        await verify(here, session, LI)
    await here.identity.give_consent(session, "face", FACE)
    done = await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert done.person.id == li.person.id
    assert done.person.phone == "138****8001"
    with pytest.raises(SessionExpired):
        await here.session(zhang)
    assert (await here.titles(zhang))[0] == "手机号已与您的账号解除绑定"


async def test_a_face_consent_of_the_former_owner_is_not_the_new_owners(here: World) -> None:
    zhang = await here.session(await here.verified(ZHANG, "zhang's"))
    await here.identity.give_consent(zhang, "face", FACE)
    await here.verified(LI, "li's")
    session = await here.session(await here.login(ZHANG.phone, "li's new"))
    with pytest.raises(FaceRequiredToMove):
        await verify(here, session, LI)
    with pytest.raises(ConsentRequired):
        await here.identity.verify_face_photo(session, picture(), ADDRESS)
    await here.identity.give_consent(session, "face", FACE)
    done = await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert "face" in {consent.kind for consent in done.person.consents}


# WeChat


async def test_wechat_without_a_phone_is_level_0(here: World) -> None:
    tokens = await here.wechat_login("o-li")
    assert tokens.level is Level.WECHAT
    assert tokens.person.wechat
    with pytest.raises(LevelTooLow) as refused:
        await verify(here, await here.session(tokens), LI)
    assert refused.value.context() == {"required_level": 1}


async def test_the_phone_that_wechat_vouches_for_raises_to_level_1(here: World) -> None:
    tokens = await here.wechat_login("o-li")
    with_phone = await here.identity.add_wechat_phone(
        await here.session(tokens), here.phone_code(LI.phone, "o-li"), ADDRESS
    )
    assert with_phone.level is Level.PHONE
    assert with_phone.person.id == tokens.person.id
    assert with_phone.person.phone == "138****8002"
    with pytest.raises(SessionExpired):
        await here.session(tokens)
    assert (await here.wechat_login("o-li")).level is Level.PHONE


async def test_wechat_joins_the_account_that_its_phone_has_already(here: World) -> None:
    by_phone = await here.verified(LI, "browser")
    tokens = await here.wechat_login("o-li", "phone")
    joined = await here.identity.add_wechat_phone(
        await here.session(tokens), here.phone_code(LI.phone), ADDRESS
    )
    assert joined.person.id == by_phone.person.id
    assert joined.person.wechat
    assert joined.level is Level.PHONE
    assert (await here.wechat_login("o-li", "phone")).person.id == by_phone.person.id
    assert (await Account.get(id=tokens.person.id)).closed_reason == "merged"


async def test_another_wechat_account_with_the_phone_takes_the_place_of_the_first(
    here: World,
) -> None:
    for openid in ("o-old", "o-new"):
        session = await here.session(await here.wechat_login(openid, openid))
        code = here.phone_code(LI.phone)
        joined = await here.identity.add_wechat_phone(session, code, ADDRESS)
    assert await WeChatBinding.filter(person_id=joined.person.id).count() == 1
    assert (await here.wechat_login("o-new", "o-new")).person.id == joined.person.id
    assert (await here.wechat_login("o-old", "o-old")).person.id != joined.person.id


async def test_a_wechat_account_of_another_verified_person_is_refused(here: World) -> None:
    session = await here.session(await here.wechat_login("o-li", "li's"))
    tokens = await here.identity.add_wechat_phone(session, here.phone_code(LI.phone), ADDRESS)
    await verify(here, await here.session(tokens), LI)
    somewhere = await here.session(await here.wechat_login("o-li", "zhang's"))
    with pytest.raises(WeChatBoundElsewhere):
        await verify(here, somewhere, ZHANG)


async def test_a_recycled_phone_takes_the_wechat_account_along_that_proved_it(
    here: World,
) -> None:
    await here.verified(ZHANG, "zhang's")
    session = await here.session(await here.wechat_login("o-li", "li's"))
    tokens = await here.identity.add_wechat_phone(session, here.phone_code(ZHANG.phone), ADDRESS)
    moved = await verify(here, await here.session(tokens), LI)
    assert moved is not None
    assert moved.person.wechat
    assert (await here.wechat_login("o-li", "li's")).person.id == moved.person.id


async def test_a_verified_person_changes_the_phone_through_wechat(here: World) -> None:
    session = await here.session(await here.wechat_login("o-li", "li's"))
    tokens = await here.identity.add_wechat_phone(session, here.phone_code(LI.phone), ADDRESS)
    await verify(here, await here.session(tokens), LI)
    changed = await here.identity.add_wechat_phone(
        await here.session(tokens), here.phone_code("13900139002"), ADDRESS
    )
    assert changed.person.phone == "139****9002"
    assert changed.level is Level.REAL_NAME
    assert (await here.titles(changed))[0] == "手机号已换绑"


async def test_an_unverified_session_does_not_change_the_phone_of_a_verified_account(
    here: World,
) -> None:
    session = await here.session(await here.wechat_login("o-li", "li's"))
    tokens = await here.identity.add_wechat_phone(session, here.phone_code(LI.phone), ADDRESS)
    await verify(here, await here.session(tokens), LI)
    elsewhere = await here.session(await here.wechat_login("o-li", "new"))
    for phone in ("13900139003", CHEN.phone):
        if phone == CHEN.phone:
            await here.verified(CHEN, "chen's")
        with pytest.raises(LevelTooLow) as refused:
            await here.identity.add_wechat_phone(elsewhere, here.phone_code(phone), ADDRESS)
        assert refused.value.context() == {"required_level": 3}


async def test_a_verified_person_takes_over_a_phone_of_somebody_else(here: World) -> None:
    chen = await here.verified(CHEN, "chen's")
    session = await here.session(await here.wechat_login("o-li", "li's"))
    tokens = await here.identity.add_wechat_phone(session, here.phone_code(LI.phone), ADDRESS)
    await verify(here, await here.session(tokens), LI)
    changed = await here.identity.add_wechat_phone(
        await here.session(tokens), here.phone_code(CHEN.phone), ADDRESS
    )
    assert changed.person.phone == "138****8003"
    assert (await here.titles(chen))[0] == "手机号已与您的账号解除绑定"
    with pytest.raises(SessionExpired):
        await here.session(chen)


async def test_two_wechat_accounts_with_one_phone_at_once_do_not_crash(here: World) -> None:
    held = [
        await here.session(await here.wechat_login(openid, openid)) for openid in ("o-1", "o-2")
    ]
    results = await asyncio.gather(
        *(here.identity.add_wechat_phone(each, here.phone_code(LI.phone), ADDRESS) for each in held)
    )
    assert await PhoneBinding.all().count() == 1
    assert len({result.person.id for result in results}) == 1

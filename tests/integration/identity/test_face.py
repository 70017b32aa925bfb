"""The face: by photo, and by WeChat's two flows."""

import base64
import io

import pytest
from PIL import Image

from backend.identity.errors import (
    ConsentRequired,
    FaceCheckUnknown,
    FaceNotPassed,
    LevelTooLow,
    Locked,
    PictureInvalid,
    PictureTooLarge,
    WeChatRequired,
    WeChatUnavailable,
)
from backend.identity.face import PICTURE_BYTES
from backend.identity.levels import Level
from backend.identity.limits import FACE_PERSON
from backend.identity.service import Session, Tokens
from backend.sandbox.faults import FaultSpec
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError, UpstreamTimeout
from tests.identity_world import ADDRESS, FACE, LI, UNSEEN, ZHANG, Someone, World


def picture(kind: str = "JPEG") -> str:
    """A picture in base64."""
    file = io.BytesIO()
    Image.new("RGB", (120, 160), "#caa").save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


async def ready(here: World, who: Someone) -> Session:
    """A verified session that has agreed to the face notice."""
    session = await here.session(await here.verified(who))
    await here.identity.give_consent(session, "face", FACE)
    return session


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_photo_of_the_person_raises_to_level_4(here: World, kind: str) -> None:
    tokens = await here.verified(ZHANG)
    session = await here.session(tokens)
    await here.identity.give_consent(session, "face", FACE)
    done = await here.identity.verify_face_photo(session, picture(kind), ADDRESS)
    assert done.level is Level.FACE
    assert (await here.session(tokens)).level is Level.FACE
    assert (await here.identity.refresh(tokens.refresh_token)).level is Level.FACE


async def test_a_photo_is_compared_no_longer_than_the_phone_waits(here: World) -> None:
    session = await ready(here, ZHANG)
    with pytest.raises(UpstreamTimeout):
        await here.identity.verify_face_photo(session, picture(), ADDRESS, Deadline.after(0))
    done = await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert done.level is Level.FACE


async def test_a_new_login_never_brings_level_4_back(here: World) -> None:
    session = await ready(here, ZHANG)
    await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert (await here.login(ZHANG)).level is Level.REAL_NAME


async def test_the_face_needs_a_consent_of_its_own(here: World) -> None:
    session = await here.session(await here.verified(ZHANG))
    with pytest.raises(ConsentRequired) as refused:
        await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert refused.value.context() == {"consent": "face", "version": FACE}


async def test_a_consent_that_was_taken_back_counts_no_more(here: World) -> None:
    session = await ready(here, ZHANG)
    await here.identity.withdraw_consent(session, "face")
    with pytest.raises(ConsentRequired):
        await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert [each.kind for each in (await here.identity.me(session)).consents] == ["privacy"]


async def test_the_name_comes_before_the_face(here: World) -> None:
    session = await here.session(await here.login(ZHANG))
    await here.identity.give_consent(session, "face", FACE)
    with pytest.raises(LevelTooLow) as refused:
        await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert refused.value.context() == {"required_level": 3}


@pytest.mark.one_store
@pytest.mark.parametrize(
    "image", ["", "not base64!", "Zm9v", base64.b64encode(b"GIF89a....").decode(), "😀"]
)
async def test_what_is_no_picture_is_refused(here: World, image: str) -> None:
    session = await ready(here, ZHANG)
    with pytest.raises(PictureInvalid):
        await here.identity.verify_face_photo(session, image, ADDRESS)


async def test_a_picture_over_two_megabytes_is_refused(here: World) -> None:
    session = await ready(here, ZHANG)
    image = base64.b64encode(b"\xff\xd8\xff" + bytes(PICTURE_BYTES)).decode()
    with pytest.raises(PictureTooLarge):
        await here.identity.verify_face_photo(session, image, ADDRESS)


async def test_a_face_that_is_not_recognised_is_refused_and_the_tries_are_counted(
    here: World,
) -> None:
    session = await ready(here, UNSEEN)
    for _ in range(FACE_PERSON.limit):
        with pytest.raises(FaceNotPassed):
            await here.identity.verify_face_photo(session, picture(), ADDRESS)
    with pytest.raises(Locked):
        await here.identity.verify_face_photo(session, picture(), ADDRESS)


@pytest.mark.usefixtures("breakers_stay_closed")
async def test_an_authority_that_fails_is_no_try(here: World) -> None:
    session = await ready(here, ZHANG)
    calls = FACE_PERSON.limit + 1
    await here.gongan.fault("status", "identity.face", status=500, calls=calls)
    for _ in range(calls):
        with pytest.raises(UpstreamError):
            await here.identity.verify_face_photo(session, picture(), ADDRESS)
    done = await here.identity.verify_face_photo(session, picture(), ADDRESS)
    assert done.level is Level.FACE


# WeChat


async def in_wechat(here: World, who: Someone, openid: str = "o-zhang") -> Session:
    """A session through WeChat, verified and with consent."""
    tokens: Tokens = await here.wechat_login(openid)
    code = here.phone_code(who.phone, openid)
    tokens = await here.identity.add_wechat_phone(await here.session(tokens), code, ADDRESS)
    session = await here.session(tokens)
    await here.identity.verify_name(session, who.name, who.id_number, ADDRESS)
    session = await here.session(tokens)
    await here.identity.give_consent(session, "face", FACE)
    return session


async def test_wechats_current_flow_raises_to_level_4(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    opened = await here.identity.open_wechat_face(session, ADDRESS)
    assert 0 < opened.expires_in <= 600
    here.wechat_state.faces.decide(opened.verify_id, 10000)
    done = await here.identity.finish_wechat_face(session, opened.verify_id)
    assert done.level is Level.FACE


async def test_a_verification_that_wechat_does_not_confirm_raises_nothing(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    opened = await here.identity.open_wechat_face(session, ADDRESS)
    with pytest.raises(FaceNotPassed):
        await here.identity.finish_wechat_face(session, opened.verify_id)


async def test_a_verification_counts_once(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    opened = await here.identity.open_wechat_face(session, ADDRESS)
    here.wechat_state.faces.decide(opened.verify_id, 10000)
    await here.identity.finish_wechat_face(session, opened.verify_id)
    with pytest.raises(FaceCheckUnknown):
        await here.identity.finish_wechat_face(session, opened.verify_id)


async def test_a_verification_of_somebody_elses_session_is_unknown(here: World) -> None:
    mine = await in_wechat(here, ZHANG, "o-zhang")
    theirs = await in_wechat(here, LI, "o-li")
    opened = await here.identity.open_wechat_face(mine, ADDRESS)
    here.wechat_state.faces.decide(opened.verify_id, 10000)
    with pytest.raises(FaceCheckUnknown):
        await here.identity.finish_wechat_face(theirs, opened.verify_id)


async def test_the_flows_of_wechat_need_a_session_through_wechat(here: World) -> None:
    session = await ready(here, ZHANG)
    with pytest.raises(WeChatRequired):
        await here.identity.open_wechat_face(session, ADDRESS)
    with pytest.raises(WeChatRequired):
        await here.identity.classic_face_key(session, ADDRESS)
    with pytest.raises(WeChatRequired):
        await here.identity.verify_wechat_classic(session, "x", ADDRESS)


async def test_wechats_classic_flow_raises_to_level_4(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    key = await here.identity.classic_face_key(session, ADDRESS)
    assert key.user_id_key
    result = here.wechat_state.faces.classic("o-zhang", ZHANG.name, ZHANG.id_number, True)
    done = await here.identity.verify_wechat_classic(session, result, ADDRESS)
    assert done.level is Level.FACE


async def test_a_classic_result_counts_once(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    result = here.wechat_state.faces.classic("o-zhang", ZHANG.name, ZHANG.id_number, True)
    await here.identity.verify_wechat_classic(session, result, ADDRESS)
    with pytest.raises(FaceCheckUnknown):
        await here.identity.verify_wechat_classic(session, result, ADDRESS)


@pytest.mark.parametrize(
    ("openid", "who", "passed"),
    [("o-zhang", LI, True), ("o-li", ZHANG, True), ("o-zhang", ZHANG, False)],
    ids=["another person", "another WeChat account", "not passed"],
)
async def test_a_classic_result_that_is_not_of_this_person_here_is_refused(
    here: World, openid: str, who: Someone, passed: bool
) -> None:
    session = await in_wechat(here, ZHANG)
    result = here.wechat_state.faces.classic(openid, who.name, who.id_number, passed)
    with pytest.raises(FaceNotPassed):
        await here.identity.verify_wechat_classic(session, result, ADDRESS)


async def test_an_old_classic_result_is_refused(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    result = here.wechat_state.faces.classic("o-zhang", ZHANG.name, ZHANG.id_number, True)
    here.wechat_state.faces._results[result]["identify_time"] -= 3600
    with pytest.raises(FaceNotPassed):
        await here.identity.verify_wechat_classic(session, result, ADDRESS)


async def test_a_classic_result_that_wechat_never_gave_is_refused(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    with pytest.raises(WeChatUnavailable):
        await here.identity.verify_wechat_classic(session, "invented", ADDRESS)


async def test_a_wechat_that_fails_raises_nothing(here: World) -> None:
    session = await in_wechat(here, ZHANG)
    here.wechat_server.board.add(FaultSpec.model_validate({"kind": "malformed", "calls": 1}))
    with pytest.raises(WeChatUnavailable):
        await here.identity.open_wechat_face(session, ADDRESS)

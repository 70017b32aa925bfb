"""The logged-in person: preferences, consents, and the steps up to levels 3 and 4."""

from typing import Literal

from pydantic import Field, StrictBool
from sanic import Blueprint

from backend.identity.errors import (
    AgreementNotFound,
    AgreementOutdated,
    AlreadyVerified,
    AuthorityMissing,
    ConsentRequired,
    FaceCheckUnknown,
    FaceNotPassed,
    FaceRequiredToMove,
    GuardianRequired,
    IdNumberInvalid,
    LevelTooLow,
    Locked,
    NameInvalid,
    NotMatched,
    NumberReplaced,
    PersonDeceased,
    PictureInvalid,
    PictureTooLarge,
    WeChatBoundElsewhere,
    WeChatRequired,
    WeChatUnavailable,
)
from backend.identity.service import FACE_S, MATCH_S, Verified
from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from backend.upstream.errors import UpstreamError
from gateway.channels.citizen.people import ConsentOut, MeOut, TokensOut, me_out, tokens_out
from gateway.edge.access import Person
from gateway.edge.address import client_address
from gateway.edge.endpoint import Call, In, Out, endpoint

bp = Blueprint("citizen_me", url_prefix="/api/v1/citizen/me")

# 2 MB in base64, with room for what stands around it.
PHOTO_LIMIT = 3 * 1024 * 1024
_FACE = (LevelTooLow, ConsentRequired, Locked, FaceNotPassed)
_FACE_WECHAT = (*_FACE, WeChatRequired, WeChatUnavailable, FaceCheckUnknown)


class PreferencesIn(In):
    """What to change; what is left out stays."""

    elder: StrictBool | None = None
    region_code: str | None = Field(default=None, max_length=12, examples=["440100"])


class IdentityIn(In):
    """Name and number as they stand on the document."""

    name: str = Field(max_length=100, examples=["张建国"])
    id_number: str = Field(max_length=40, examples=["440106200002290032"])


class VerifiedOut(Out):
    """The level that was reached."""

    level: int = Field(ge=0, le=5)
    person: MeOut
    tokens: TokensOut | None = Field(
        description="to be used from now on, when the session went over to another account of "
        "this person; null otherwise"
    )


class ConsentIn(In):
    """What is agreed to."""

    kind: Literal["privacy", "face"]
    version: str = Field(max_length=16, examples=["2026-11-01"])


class PhotoIn(In):
    """A photo of the face."""

    image: str = Field(description="JPEG or PNG in base64, at most 2 MB")


class EmptyIn(In):
    """An empty object."""


class FaceCheckOut(Out):
    """A face verification that WeChat has opened."""

    verify_id: str
    expires_in: int = Field(description="seconds")


class FaceKeyOut(Out):
    """A key for ``wx.startFacialRecognitionVerify``."""

    user_id_key: str
    expires_in: int = Field(description="seconds")


class FaceResultIn(In):
    """A verification that the person went through."""

    verify_id: str = Field(min_length=1, max_length=512)


class ClassicResultIn(In):
    """What ``wx.startFacialRecognitionVerify`` gave."""

    verify_result: str = Field(min_length=1, max_length=4096)


@endpoint(bp, "GET", "", access=Person(), summary="Who I am, masked", answer=MeOut)
async def me(call: Call[None, None]) -> MeOut:
    """Name and number are shown from level 3 on."""
    return me_out(await call.province.identity.me(call.session))


@endpoint(
    bp,
    "PATCH",
    "/preferences",
    access=Person(),
    summary="How I want to see things",
    body=PreferencesIn,
    answer=MeOut,
    errors=(RegionCodeInvalid, RegionUnknown),
)
async def set_preferences(call: Call[PreferencesIn, None]) -> MeOut:
    """Elder version and region."""
    region = call.body.region_code
    if region is not None:
        region = call.province.regions.get(region).code
    return me_out(
        await call.province.identity.set_preferences(call.session, call.body.elder, region)
    )


@endpoint(
    bp,
    "POST",
    "/identity",
    access=Person(),
    summary="Verify my name and identity number (level 3)",
    body=IdentityIn,
    answer=VerifiedOut,
    errors=(
        LevelTooLow, NameInvalid, IdNumberInvalid, GuardianRequired, AlreadyVerified, NotMatched,
        PersonDeceased, NumberReplaced, FaceRequiredToMove, WeChatBoundElsewhere, Locked,
        AuthorityMissing, UpstreamError,
    ),
)  # fmt: skip
async def verify_name(call: Call[IdentityIn, None]) -> VerifiedOut:
    """A number that does not exist and one of somebody else get the same answer."""
    body = call.body
    return _verified(
        await call.province.identity.verify_name(
            call.session,
            body.name,
            body.id_number,
            client_address(call.request),
            call.deadline(MATCH_S),
            call.trace,
        )
    )


@endpoint(
    bp,
    "POST",
    "/consents",
    access=Person(),
    summary="Agree to a text",
    body=ConsentIn,
    answer=ConsentOut,
    status=201,
    errors=(AgreementOutdated,),
)
async def give_consent(call: Call[ConsentIn, None]) -> ConsentOut:
    """Recorded with version and time."""
    given = await call.province.identity.give_consent(
        call.session, call.body.kind, call.body.version
    )
    return ConsentOut.model_validate(given, from_attributes=True)


@endpoint(
    bp,
    "DELETE",
    "/consents/<kind:str>",
    access=Person(),
    summary="Take a consent back",
    errors=(AgreementNotFound,),
)
async def withdraw_consent(call: Call[None, None], kind: str) -> None:
    """Without the one to the privacy policy, every device is logged out."""
    await call.province.identity.withdraw_consent(call.session, kind)


@endpoint(
    bp,
    "POST",
    "/face/photo",
    access=Person(),
    summary="Verify my face by a photo (level 4)",
    body=PhotoIn,
    answer=VerifiedOut,
    body_limit=PHOTO_LIMIT,
    errors=(*_FACE, PictureInvalid, PictureTooLarge, AuthorityMissing, UpstreamError),
)
async def verify_photo(call: Call[PhotoIn, None]) -> VerifiedOut:
    """The photo is compared and forgotten."""
    return _verified(
        await call.province.identity.verify_face_photo(
            call.session,
            call.body.image,
            client_address(call.request),
            call.deadline(FACE_S),
            call.trace,
        )
    )


@endpoint(
    bp,
    "POST",
    "/face/wechat",
    access=Person(),
    summary="Open a face verification in WeChat",
    body=EmptyIn,
    answer=FaceCheckOut,
    errors=_FACE_WECHAT,
)
async def open_wechat_face(call: Call[EmptyIn, None]) -> FaceCheckOut:
    """For ``wx.requestFacialVerify``."""
    opened = await call.province.identity.open_wechat_face(
        call.session, client_address(call.request)
    )
    return FaceCheckOut(verify_id=opened.verify_id, expires_in=opened.expires_in)


@endpoint(
    bp,
    "POST",
    "/face/wechat/result",
    access=Person(),
    summary="Take in what became of it (level 4)",
    body=FaceResultIn,
    answer=VerifiedOut,
    errors=_FACE_WECHAT,
)
async def finish_wechat_face(call: Call[FaceResultIn, None]) -> VerifiedOut:
    """WeChat is asked; the client's word is not taken."""
    return _verified(
        await call.province.identity.finish_wechat_face(call.session, call.body.verify_id)
    )


@endpoint(
    bp,
    "POST",
    "/face/wechat/classic-key",
    access=Person(),
    summary="Begin WeChat's classic flow without holding the number",
    body=EmptyIn,
    answer=FaceKeyOut,
    errors=_FACE_WECHAT,
)
async def classic_face_key(call: Call[EmptyIn, None]) -> FaceKeyOut:
    """``userIdKey`` of ``wx.startFacialRecognitionVerify``."""
    key = await call.province.identity.classic_face_key(call.session, client_address(call.request))
    return FaceKeyOut(user_id_key=key.user_id_key, expires_in=key.expires_in)


@endpoint(
    bp,
    "POST",
    "/face/wechat/classic",
    access=Person(),
    summary="Take in a result of WeChat's classic flow (level 4)",
    body=ClassicResultIn,
    answer=VerifiedOut,
    errors=_FACE_WECHAT,
)
async def verify_wechat_classic(call: Call[ClassicResultIn, None]) -> VerifiedOut:
    """WeChat is asked; the client's word is not taken."""
    return _verified(
        await call.province.identity.verify_wechat_classic(
            call.session, call.body.verify_result, client_address(call.request)
        )
    )


def _verified(verified: Verified) -> VerifiedOut:
    tokens = verified.tokens
    return VerifiedOut(
        level=int(verified.level),
        person=me_out(verified.person),
        tokens=tokens_out(tokens) if tokens is not None else None,
    )

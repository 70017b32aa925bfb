"""Logging in and out, and the devices on which a person is logged in."""

from typing import Literal

from pydantic import Field
from sanic import Blueprint

from backend.identity.errors import (
    CodeWrong,
    ConsentRequired,
    LevelTooLow,
    Locked,
    PhoneInvalid,
    RefreshReused,
    SessionExpired,
    SessionMissing,
    SessionUnknown,
    SmsTooSoon,
    SmsUnavailable,
    WeChatBlocked,
    WeChatCodeSpent,
    WeChatTooMany,
    WeChatUnavailable,
)
from backend.identity.service import CODE_LIFE_S, CODE_PAUSE_S, Device
from gateway.channels.citizen.people import TokensOut, tokens_out
from gateway.edge.access import PUBLIC, Person
from gateway.edge.address import client_address
from gateway.edge.endpoint import Call, In, Out, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("citizen_sessions", url_prefix="/api/v1/citizen/sessions")

_WECHAT = (WeChatCodeSpent, WeChatTooMany, WeChatBlocked, WeChatUnavailable)


class DeviceIn(In):
    """The device that the client runs on."""

    key: str = Field(
        min_length=16, max_length=128, description="random; made once by the client and kept"
    )
    name: str = Field(min_length=1, max_length=64, examples=["Chrome on Linux"])
    platform: Literal["h5", "mp-weixin"]

    def as_device(self) -> Device:
        """For the domain."""
        return Device(self.key, self.name, self.platform)


class PhoneIn(In):
    """A phone that wants a code."""

    phone: str = Field(max_length=40, examples=["13800138000"])


class CodeSent(Out):
    """A code is on its way."""

    expires_in: int = Field(description="seconds", examples=[CODE_LIFE_S])
    resend_after: int = Field(description="seconds", examples=[CODE_PAUSE_S])
    sandbox_code: str | None = Field(description="the code itself, in the sandbox only")


class PhoneLoginIn(In):
    """A phone with its code."""

    phone: str = Field(max_length=40, examples=["13800138000"])
    code: str = Field(max_length=16, examples=["123456"])
    device: DeviceIn
    privacy_version: str = Field(max_length=16, description="that the person agreed to")


class WeChatLoginIn(In):
    """A code of ``wx.login``."""

    code: str = Field(min_length=1, max_length=256)
    device: DeviceIn
    privacy_version: str = Field(max_length=16, description="that the person agreed to")


class WeChatPhoneIn(In):
    """A code of ``getPhoneNumber``."""

    code: str = Field(min_length=1, max_length=256)


class RefreshIn(In):
    """A refresh token."""

    refresh_token: str = Field(max_length=256)


class SessionOut(Out):
    """A device on which the person is logged in."""

    id: str
    device_name: str
    platform: str
    current: bool
    created_at: Moment
    last_seen_at: Moment


class SessionList(Out):
    """All of them; there is only one page."""

    items: list[SessionOut]
    next_cursor: str | None = None


@endpoint(
    bp,
    "POST",
    "/sms-codes",
    access=PUBLIC,
    summary="Send an SMS code to a phone",
    body=PhoneIn,
    answer=CodeSent,
    status=202,
    errors=(PhoneInvalid, SmsTooSoon, Locked, SmsUnavailable),
)
async def send_code(call: Call[PhoneIn, None]) -> CodeSent:
    """Six digits, good for five minutes, one use and five tries."""
    code = await call.province.identity.send_code(call.body.phone, client_address(call.request))
    return CodeSent(expires_in=CODE_LIFE_S, resend_after=CODE_PAUSE_S, sandbox_code=code)


@endpoint(
    bp,
    "POST",
    "/phone",
    access=PUBLIC,
    summary="Log in by phone and SMS code",
    body=PhoneLoginIn,
    answer=TokensOut,
    status=201,
    errors=(PhoneInvalid, CodeWrong, ConsentRequired, Locked),
)
async def by_phone(call: Call[PhoneLoginIn, None]) -> TokensOut:
    """Level 1; level 3 again on a device that this person was verified on."""
    body = call.body
    return tokens_out(
        await call.province.identity.login_by_phone(
            body.phone,
            body.code,
            body.device.as_device(),
            body.privacy_version,
            client_address(call.request),
        )
    )


@endpoint(
    bp,
    "POST",
    "/wechat",
    access=PUBLIC,
    summary="Log in by WeChat",
    body=WeChatLoginIn,
    answer=TokensOut,
    status=201,
    errors=(ConsentRequired, Locked, *_WECHAT),
)
async def by_wechat(call: Call[WeChatLoginIn, None]) -> TokensOut:
    """Level 0, or 1 where a phone is known; level 3 as by phone."""
    body = call.body
    return tokens_out(
        await call.province.identity.login_by_wechat(
            body.code, body.device.as_device(), body.privacy_version, client_address(call.request)
        )
    )


@endpoint(
    bp,
    "POST",
    "/wechat-phone",
    access=Person(),
    summary="Take in the phone that WeChat vouches for",
    body=WeChatPhoneIn,
    answer=TokensOut,
    errors=(PhoneInvalid, LevelTooLow, Locked, *_WECHAT),
)
async def add_wechat_phone(call: Call[WeChatPhoneIn, None]) -> TokensOut:
    """New tokens of at least level 1; the present ones are void."""
    return tokens_out(
        await call.province.identity.add_wechat_phone(
            call.session, call.body.code, client_address(call.request)
        )
    )


@endpoint(
    bp,
    "POST",
    "/refresh",
    access=PUBLIC,
    summary="Exchange a refresh token for new tokens",
    body=RefreshIn,
    answer=TokensOut,
    errors=(SessionMissing, SessionExpired, RefreshReused),
)
async def refresh(call: Call[RefreshIn, None]) -> TokensOut:
    """Each token is good once; the same answer is given again for ten seconds."""
    return tokens_out(await call.province.identity.refresh(call.body.refresh_token))


@endpoint(
    bp,
    "GET",
    "",
    access=Person(),
    summary="The devices on which I am logged in",
    answer=SessionList,
)
async def list_sessions(call: Call[None, None]) -> SessionList:
    """Last seen first."""
    found = await call.province.identity.sessions(call.session)
    return SessionList(
        items=[
            SessionOut(
                id=each.id,
                device_name=each.device_name,
                platform=each.platform,
                current=each.id == call.session.session_id,
                created_at=each.created_at,
                last_seen_at=each.last_seen_at,
            )
            for each in found
        ]
    )


@endpoint(
    bp,
    "DELETE",
    "/current",
    access=Person(),
    summary="Log out here",
    errors=(SessionUnknown,),
)
async def end_current(call: Call[None, None]) -> None:
    """At once on every worker."""
    await call.province.identity.end_session(call.session, call.session.session_id)


@endpoint(
    bp,
    "DELETE",
    "/<session_id:str>",
    access=Person(),
    summary="Log one of my devices out",
    errors=(SessionUnknown,),
)
async def end_one(call: Call[None, None], session_id: str) -> None:
    """At once on every worker; the device has to be verified anew."""
    await call.province.identity.end_session(call.session, session_id)


@endpoint(bp, "DELETE", "", access=Person(), summary="Log out everywhere")
async def end_all(call: Call[None, None]) -> None:
    """At once on every worker; every device has to be verified anew."""
    await call.province.identity.end_all_sessions(call.session)

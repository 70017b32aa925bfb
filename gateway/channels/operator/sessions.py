"""Logging in to the console's API, and the sessions of the account."""

from pydantic import Field
from sanic import Blueprint

from backend.operators.errors import (
    AccountDisabled,
    AccountLocked,
    AccountPending,
    CodeWrong,
    EnrolmentExpired,
    EnrolmentRequired,
    InitialExpired,
    LoginLocked,
    LoginWrong,
    PasswordWeak,
    PasswordWrong,
    SessionExpired,
    SessionUnknown,
)
from backend.operators.service import IDLE_SECONDS, Opened
from gateway.channels.operator.officers import EVERY_ROLE, OfficerOut, officer_out
from gateway.edge.access import PUBLIC, Staff
from gateway.edge.address import client_address
from gateway.edge.endpoint import Call, In, Out, bearer, endpoint
from gateway.edge.moments import Moment

bp = Blueprint("operator_sessions", url_prefix="/api/v1/operator")

_STATES = (AccountPending, AccountLocked, AccountDisabled)
_ANYONE_IN = Staff(*EVERY_ROLE)


class LoginIn(In):
    """Who wants in."""

    username: str = Field(min_length=1, max_length=64, examples=["gd-yibao.clerk"])
    password: str = Field(min_length=1, max_length=256)
    code: str = Field(default="", max_length=16, description="TOTP; empty at the first login")


class SessionOut(Out):
    """An opened session."""

    access_token: str
    expires_in: int = Field(description="seconds, however busy")
    idle_seconds: int = Field(examples=[IDLE_SECONDS], description="without a request, until then")
    officer: OfficerOut


class TicketIn(In):
    """The ticket of ``operators.enrolment_required``."""

    ticket: str = Field(max_length=64)


class EnrolmentOut(Out):
    """What an authenticator app takes in."""

    username: str
    secret: str = Field(description="base32")
    uri: str = Field(description="otpauth://, for a QR code")
    bound: bool = Field(description="the device has it already: no code is asked for")


class EnrolIn(TicketIn):
    """The own password and the first code of the device."""

    password: str = Field(min_length=1, max_length=256)
    code: str = Field(
        default="", max_length=16, description="not needed if one came with the one-time password"
    )


class PasswordIn(In):
    """Another password."""

    old_password: str = Field(min_length=1, max_length=256)
    new_password: str = Field(min_length=1, max_length=256)
    code: str = Field(min_length=1, max_length=16, description="TOTP, not used before")


class LoginOut(Out):
    """A login that still holds."""

    id: str
    opened_at: Moment
    seen_at: Moment
    address: str
    own: bool = Field(description="the one that asks")


class LoginList(Out):
    """The account's logins, newest first."""

    items: list[LoginOut]


@endpoint(
    bp,
    "POST",
    "/sessions",
    access=PUBLIC,
    summary="Log in to the console by password and TOTP code",
    body=LoginIn,
    answer=SessionOut,
    errors=(LoginWrong, LoginLocked, EnrolmentRequired, InitialExpired, SessionExpired, *_STATES),
)
async def log_in(call: Call[LoginIn, None]) -> SessionOut:
    """One answer for whatever was wrong; a few failures lock for a quarter of an hour."""
    given, address = call.body, client_address(call.request)
    operators = call.province.operators
    return _opened(await operators.login(given.username, given.password, given.code, address))


@endpoint(
    bp,
    "POST",
    "/enrolments",
    access=PUBLIC,
    summary="What an authenticator app needs at the first login",
    body=TicketIn,
    answer=EnrolmentOut,
    errors=(EnrolmentExpired,),
)
async def enrolment(call: Call[TicketIn, None]) -> EnrolmentOut:
    """By the ticket that the one-time password gave."""
    found = await call.province.operators.enrolment(call.body.ticket)
    return EnrolmentOut(
        username=found.username, secret=found.secret, uri=found.uri, bound=found.bound
    )


@endpoint(
    bp,
    "POST",
    "/enrolments/complete",
    access=PUBLIC,
    summary="Set the own password and TOTP device; opens the first session",
    body=EnrolIn,
    answer=SessionOut,
    errors=(EnrolmentExpired, PasswordWeak, CodeWrong, SessionExpired, *_STATES),
)
async def enrol(call: Call[EnrolIn, None]) -> SessionOut:
    """A refusal leaves the ticket usable, ten times within its quarter of an hour."""
    given, address = call.body, client_address(call.request)
    operators = call.province.operators
    return _opened(await operators.enrol(given.ticket, given.password, given.code, address))


@endpoint(
    bp, "GET", "/sessions", access=_ANYONE_IN, summary="My logins that hold", answer=LoginList
)
async def my_logins(call: Call[None, None]) -> LoginList:
    """Newest first."""
    found = await call.province.operators.sessions(bearer(call.request))
    items = [
        LoginOut(
            id=one.id,
            opened_at=one.opened_at,
            seen_at=one.seen_at,
            address=one.address,
            own=one.own,
        )
        for one in found
    ]
    return LoginList(items=items)


@endpoint(bp, "DELETE", "/sessions/current", access=_ANYONE_IN, summary="Log out here")
async def log_out(call: Call[None, None]) -> None:
    """At once on every worker."""
    await call.province.operators.logout(call.officer, bearer(call.request))


@endpoint(
    bp,
    "DELETE",
    "/sessions/<session_id:str>",
    access=_ANYONE_IN,
    summary="End another of my logins",
    errors=(SessionUnknown,),
)
async def end_login(call: Call[None, None], session_id: str) -> None:
    """At once on every worker."""
    token = bearer(call.request)
    await call.province.operators.end_session(call.officer, token, session_id)


@endpoint(bp, "GET", "/me", access=_ANYONE_IN, summary="Who I am", answer=OfficerOut)
async def me(call: Call[None, None]) -> OfficerOut:
    """The account behind the token."""
    return officer_out(call.officer)


@endpoint(
    bp,
    "POST",
    "/me/password",
    access=_ANYONE_IN,
    summary="Set another password; my other logins end",
    body=PasswordIn,
    errors=(LoginLocked, PasswordWrong, PasswordWeak, CodeWrong),
)
async def change_password(call: Call[PasswordIn, None]) -> None:
    """By the present password and a code."""
    given, token = call.body, bearer(call.request)
    await call.province.operators.change_password(
        call.officer, token, given.old_password, given.new_password, given.code
    )


def _opened(opened: Opened) -> SessionOut:
    return SessionOut(
        access_token=opened.token,
        expires_in=opened.expires_in,
        idle_seconds=IDLE_SECONDS,
        officer=officer_out(opened.officer),
    )

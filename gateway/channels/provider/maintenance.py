"""Maintenance windows of a system."""

from uuid import UUID

from pydantic import AwareDatetime, Field
from sanic import Blueprint, HTTPResponse

from backend.exchange.errors import WindowInvalid, WindowUnknown
from backend.onboarding.errors import ReasonMissing, StateConflict, SystemUnknown
from backend.operators.service import Role
from gateway.channels.provider.shapes import (
    PREFIX,
    READERS,
    ReasonIn,
    WindowList,
    WindowOut,
    tagged,
    window_out,
)
from gateway.edge.access import Staff
from gateway.edge.endpoint import Call, In, endpoint

bp = Blueprint("provider_maintenance", url_prefix=PREFIX)

_MAY = Staff(Role.CLERK, Role.HEAD, Role.OPERATOR)


class WindowIn(In):
    """When a system will not answer, and what people are told."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    words: str = Field(min_length=1, max_length=200, examples=["系统升级维护"])


@endpoint(
    bp, "GET", "/<code:str>/maintenance", access=READERS,
    summary="Maintenance windows that run or are to come", answer=WindowList,
    errors=(SystemUnknown,),
)  # fmt: skip
async def list_windows(call: Call[None, None], code: str) -> HTTPResponse:
    """The next first."""
    found = await call.province.onboarding.serving.windows(call.officer, code)
    return tagged(call, WindowList(items=[window_out(one) for one in found]))


@endpoint(
    bp, "POST", "/<code:str>/maintenance", access=_MAY, summary="Announce maintenance ahead",
    body=WindowIn, answer=WindowOut, status=201,
    errors=(SystemUnknown, StateConflict, WindowInvalid),
)  # fmt: skip
async def announce(call: Call[WindowIn, None], code: str) -> WindowOut:
    """The system is not called in that time, and people read why."""
    given = call.body
    window = await call.province.onboarding.serving.announce(
        call.officer, code, given.starts_at, given.ends_at, given.words
    )
    return window_out(window)


@endpoint(
    bp, "POST", "/<code:str>/maintenance/<window_id:str>/cancellations", access=_MAY,
    summary="Take an announcement back, or end the maintenance early", body=ReasonIn,
    errors=(SystemUnknown, WindowUnknown, ReasonMissing),
)  # fmt: skip
async def cancel(call: Call[ReasonIn, None], code: str, window_id: str) -> None:
    """The system is called again within two seconds."""
    try:
        window = UUID(window_id)
    except ValueError:
        raise WindowUnknown from None
    await call.province.onboarding.serving.cancel(call.officer, code, window, call.body.reason)

"""A system's keys, addresses and maintenance windows."""

from datetime import datetime, timedelta, timezone
from uuid import UUID

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.exchange.errors import WindowInvalid, WindowUnknown
from backend.exchange.service import parse_key
from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import Crumb, PageCall, page
from gateway.console.pages.systems import CRUMBS, DEPARTMENT, READERS, SECURITY, NoteIn, ReasonIn

bp = Blueprint("console_systems_parts", url_prefix="/console/systems/<code:str>")

BEIJING = timezone(timedelta(hours=8))
KEY_TONES = {"declared": "info", "active": "success", "retired": "plain", "revoked": "danger"}
ADDRESS_TONES = {
    "pending": "info", "approved": "success", "refused": "danger", "revoked": "plain",
}  # fmt: skip
_BOTH = (*DEPARTMENT, *SECURITY)
_ANNOUNCE = (*DEPARTMENT, Role.OPERATOR)


class KeyIn(FormIn):
    """A further key."""

    id: str = Field(min_length=1, max_length=64)
    alg: str = Field(max_length=16)
    public: str = Field(min_length=1, max_length=100)
    proof: str = Field(min_length=1, max_length=200)


class OriginIn(NoteIn):
    """An address that is approved."""

    origin: str = Field(max_length=300)


class RefusalIn(ReasonIn):
    """An address that is not."""

    origin: str = Field(max_length=300)


class WindowIn(FormIn):
    """A window by Beijing time, as a browser's field gives it."""

    starts_at: str = Field(max_length=20)
    ends_at: str = Field(max_length=20)
    words: str = Field(min_length=1, max_length=200)


@page(bp, "GET", "/keys", roles=READERS, title="密钥")
async def keys(call: PageCall, code: str, key_id: str = "") -> HTTPResponse:
    """Every key, and the form for a new one; shown again after an act on one was refused."""
    found = await call.province.onboarding.keys.list(call.officer, code)
    return call.render("systems/keys.html", crumbs=await _crumbs(call, code), code=code,
                       found=found, tones=KEY_TONES)  # fmt: skip


@page(bp, "POST", "/keys", roles=DEPARTMENT, title="登记密钥", again=keys)
async def add_key(call: PageCall, code: str) -> HTTPResponse:
    """A rotation begins."""
    given = call.form.read(KeyIn)
    key = parse_key({"id": given.id, "alg": given.alg, "public": given.public})
    await call.province.onboarding.keys.add(call.officer, code, key, given.proof)
    return call.go(f"/console/systems/{code}/keys", "新密钥已登记，待安全管理员启用。")


@page(bp, "POST", "/keys/<key_id:str>/approve", roles=SECURITY, title="启用密钥", again=keys)
async def approve_key(call: PageCall, code: str, key_id: str) -> HTTPResponse:
    """Both count."""
    await call.province.onboarding.keys.approve(call.officer, code, key_id)
    return call.go(f"/console/systems/{code}/keys", "密钥已启用，新旧密钥同时有效。")


@page(bp, "POST", "/keys/<key_id:str>/retire", roles=_BOTH, title="停用密钥", again=keys)
async def retire_key(call: PageCall, code: str, key_id: str) -> HTTPResponse:
    """The old one counts no more."""
    await call.province.onboarding.keys.retire(call.officer, code, key_id)
    return call.go(f"/console/systems/{code}/keys", "密钥已停用。")


@page(bp, "POST", "/keys/<key_id:str>/revoke", roles=_BOTH, title="吊销密钥", again=keys)
async def revoke_key(call: PageCall, code: str, key_id: str) -> HTTPResponse:
    """At once."""
    reason = call.form.read(ReasonIn).reason
    await call.province.onboarding.keys.revoke(call.officer, code, key_id, reason)
    return call.go(f"/console/systems/{code}/keys", "密钥已吊销，立即生效。")


@page(bp, "GET", "/addresses", roles=READERS, title="接入地址")
async def addresses(call: PageCall, code: str) -> HTTPResponse:
    """Every address that was asked for."""
    found = await call.province.onboarding.addresses.list(call.officer, code)
    return call.render("systems/addresses.html", crumbs=await _crumbs(call, code), code=code,
                       found=found, tones=ADDRESS_TONES)  # fmt: skip


@page(bp, "POST", "/addresses/approve", roles=SECURITY, title="批准地址", again=addresses)
async def approve_address(call: PageCall, code: str) -> HTTPResponse:
    """The platform may call it."""
    given = call.form.read(OriginIn)
    await call.province.onboarding.addresses.approve(call.officer, code, given.origin, given.reason)
    return call.go(f"/console/systems/{code}/addresses", "地址已批准。")


@page(bp, "POST", "/addresses/refuse", roles=SECURITY, title="不批准地址", again=addresses)
async def refuse_address(call: PageCall, code: str) -> HTTPResponse:
    """It may not, or no more."""
    given = call.form.read(RefusalIn)
    await call.province.onboarding.addresses.refuse(call.officer, code, given.origin, given.reason)
    return call.go(f"/console/systems/{code}/addresses", "已记录，原因已通知对方。")


@page(bp, "GET", "/maintenance", roles=READERS, title="维护公告")
async def maintenance(call: PageCall, code: str, window_id: str = "") -> HTTPResponse:
    """What was announced, and the form; shown again after a cancellation was refused."""
    found = await call.province.onboarding.serving.windows(call.officer, code)
    return call.render("systems/maintenance.html", crumbs=await _crumbs(call, code), code=code,
                       found=found)  # fmt: skip


@page(bp, "POST", "/maintenance", roles=_ANNOUNCE, title="公告维护", again=maintenance)
async def announce(call: PageCall, code: str) -> HTTPResponse:
    """Ahead."""
    given = call.form.read(WindowIn)
    await call.province.onboarding.serving.announce(
        call.officer, code, _moment(given.starts_at), _moment(given.ends_at), given.words
    )
    return call.go(f"/console/systems/{code}/maintenance", "维护公告已发布。")


@page(bp, "POST", "/maintenance/<window_id:str>/cancel", roles=_ANNOUNCE, title="取消维护",
      again=maintenance)  # fmt: skip
async def cancel(call: PageCall, code: str, window_id: str) -> HTTPResponse:
    """Called again."""
    reason = call.form.read(ReasonIn).reason
    try:
        window = UUID(window_id)
    except ValueError:
        raise WindowUnknown from None
    await call.province.onboarding.serving.cancel(call.officer, code, window, reason)
    return call.go(f"/console/systems/{code}/maintenance", "维护公告已取消。")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        raise WindowInvalid("请填写日期和时间，如 2026-12-01 22:00。") from None


async def _crumbs(call: PageCall, code: str) -> tuple[Crumb, ...]:
    system = await call.province.onboarding.views.system(call.officer, code)
    return (*CRUMBS, (system.name, f"/console/systems/{code}"))

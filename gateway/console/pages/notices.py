"""The inbox of the console."""

from sanic import Blueprint, HTTPResponse

from gateway.console.frame import EVERY_ROLE, PageCall, page

bp = Blueprint("console_notices", url_prefix="/console/notices")


@page(bp, "GET", "", roles=EVERY_ROLE, title="通知", menu="通知", order=90)
async def notices(call: PageCall) -> HTTPResponse:
    """Newest first, a page at a time."""
    found = await call.province.operators.notices(call.officer, call.query("cursor") or None)
    return call.render("notices/list.html", found=found)


@page(bp, "POST", "/read", roles=EVERY_ROLE, title="全部标为已读")
async def read_all(call: PageCall) -> HTTPResponse:
    """Note that every notice was read."""
    await call.province.operators.mark_read(call.officer)
    return call.go("/console/notices", "所有通知已标为已读。")


@page(bp, "POST", "/<notice_id:str>/read", roles=EVERY_ROLE, title="标为已读")
async def read_one(call: PageCall, notice_id: str) -> HTTPResponse:
    """Note that one notice was read."""
    await call.province.operators.mark_read(call.officer, notice_id)
    return call.go("/console/notices", "已标为已读。")

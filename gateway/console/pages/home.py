"""The first page of the console: what waits for whoever looks at it."""

from sanic import Blueprint, HTTPResponse

from gateway.console.frame import EVERY_ROLE, PageCall, page
from gateway.console.waiting import Waiting, all_waiting, waits

bp = Blueprint("console_home", url_prefix="/console")


@page(bp, "GET", "", roles=EVERY_ROLE, title="首页")
async def home(call: PageCall) -> HTTPResponse:
    """Counts and links by role, from the hooks of the other pages."""
    waiting = await all_waiting(call)
    newest = await call.province.operators.notices(call.officer)
    return call.render(
        "home/home.html", title=f"{call.officer.name}，您好", waiting=waiting,
        notices=newest.notices[:5],
    )  # fmt: skip


@waits(*EVERY_ROLE)
async def unread(call: PageCall) -> list[Waiting]:
    """Notices that were not read."""
    return [Waiting("未读通知", call.unread, "/console/notices")]

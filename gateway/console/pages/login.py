"""Logging in to the console, the first login, and logging out."""

from markupsafe import Markup
from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.errors import EnrolmentRequired, PasswordWeak
from backend.operators.service import SHORTEST, Opened
from gateway.console import guards
from gateway.console.forms import FormIn
from gateway.console.frame import EVERY_ROLE, HOME, LOGIN, LONGEST_NEXT, PageCall, page

bp = Blueprint("console_login", url_prefix="/console")


class LoginIn(FormIn):
    """Who wants in."""

    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)
    code: str = Field(default="", max_length=16)


class EnrolIn(FormIn):
    """The own password, twice, and the first code."""

    ticket: str = Field(max_length=64)
    password: str = Field(min_length=1, max_length=256)
    repeated: str = Field(min_length=1, max_length=256)
    code: str = Field(default="", max_length=16)


@page(bp, "GET", "/login", roles=None, title="登录")
async def login_page(call: PageCall) -> HTTPResponse:
    """The form; in the sandbox with its accounts and their codes."""
    demo = await call.province.operators.demo_accounts()
    back = call.form.get("next") or call.query("next")
    return call.render(
        "login/login.html", demo=demo, next=_inside(back), expired=bool(call.query("expired"))
    )


@page(bp, "POST", "/login", roles=None, title="登录", again=login_page)
async def login(call: PageCall) -> HTTPResponse:
    """Open a session, or begin the first login."""
    given = call.form.read(LoginIn)
    operators = call.province.operators
    try:
        opened = await operators.login(given.username, given.password, given.code, call.address)
    except EnrolmentRequired as first:
        return await _show_enrolment(call, first.ticket)
    return _entered(call, opened, _inside(call.form.get("next")))


async def enrolment_again(call: PageCall) -> HTTPResponse:
    """The same step once more, after something in it was wrong."""
    return await _show_enrolment(call, call.form.get("ticket"))


@page(bp, "POST", "/enrolment", roles=None, title="首次登录", again=enrolment_again)
async def enrol(call: PageCall) -> HTTPResponse:
    """Set the own password and code."""
    given = call.form.read(EnrolIn)
    if given.password != given.repeated:
        raise PasswordWeak("两次输入的密码不一致，请重新输入。")
    opened = await call.province.operators.enrol(
        given.ticket, given.password, given.code, call.address
    )
    return _entered(call, opened, HOME)


@page(bp, "POST", "/logout", roles=EVERY_ROLE, title="退出")
async def logout(call: PageCall) -> HTTPResponse:
    """End this session."""
    await call.province.operators.logout(call.officer, call.token)
    response = call.go(LOGIN)
    guards.drop_cookie(call.request, response, guards.SESSION_COOKIE)
    return response


async def _show_enrolment(call: PageCall, ticket: str) -> HTTPResponse:
    found = await call.province.operators.enrolment(ticket)
    return call.render(
        "login/enrolment.html", title="首次登录", ticket=ticket, enrolment=found,
        qr=Markup(found.qr), shortest=SHORTEST,  # noqa: S704 (drawn by us from digits)
    )  # fmt: skip


def _entered(call: PageCall, opened: Opened, back: str) -> HTTPResponse:
    response = call.go(back)
    guards.set_cookie(call.request, response, guards.SESSION_COOKIE, opened.token)
    return response


def _inside(path: str) -> str:
    """Where to go after the login: a path of the console, or its first page."""
    plain = path.isprintable() and "\\" not in path and len(path) <= LONGEST_NEXT
    return path if path.startswith("/console/") and plain else HOME

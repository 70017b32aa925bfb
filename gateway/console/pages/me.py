"""The own account: who I am, where I am logged in, another password."""

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.errors import PasswordWeak
from backend.operators.service import SHORTEST
from gateway.console.forms import FormIn
from gateway.console.frame import EVERY_ROLE, PageCall, page

bp = Blueprint("console_me", url_prefix="/console/me")


class PasswordIn(FormIn):
    """Another password, twice."""

    old: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=1, max_length=256)
    repeated: str = Field(min_length=1, max_length=256)
    code: str = Field(min_length=1, max_length=16)


@page(bp, "GET", "", roles=EVERY_ROLE, title="我的账号", menu="我的账号", order=95)
async def me(call: PageCall) -> HTTPResponse:
    """Who I am, and my logins."""
    logins = await call.province.operators.sessions(call.token)
    named = [
        one.manifest.system.department.name
        for one in call.province.exchange.systems()
        if one.manifest.system.department.uscc == call.officer.department_uscc
    ]
    department = named[0] if named else call.officer.department_uscc
    return call.render("me/me.html", logins=logins, department=department, shortest=SHORTEST)


@page(bp, "POST", "/password", roles=EVERY_ROLE, title="修改密码", again=me)
async def change_password(call: PageCall) -> HTTPResponse:
    """Other logins end."""
    given = call.form.read(PasswordIn)
    if given.new != given.repeated:
        raise PasswordWeak("两次输入的新密码不一致，请重新输入。")
    await call.province.operators.change_password(
        call.officer, call.token, given.old, given.new, given.code
    )
    return call.go("/console/me", "密码已修改，其他登录已结束。")


@page(bp, "POST", "/sessions/<session_id:str>/end", roles=EVERY_ROLE, title="结束登录", again=me)
async def end_session(call: PageCall, session_id: str) -> HTTPResponse:
    """Another login of the same account."""
    await call.province.operators.end_session(call.officer, call.token, session_id)
    return call.go("/console/me", "那次登录已结束。")

"""Pushes through WeChat and SMS that reached nobody, and what to do about each."""

from typing import Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse

from backend.operators.service import Role
from gateway.console.forms import FormIn
from gateway.console.frame import PageCall, page
from gateway.console.waiting import Waiting, waits

bp = Blueprint("console_pushes", url_prefix="/console/pushes")

ROLES = (Role.OPERATOR,)
LIST = "/console/pushes"
CHANNELS = {"wechat": "微信订阅消息", "sms": "短信"}
STATES = {
    "failed": "没有发出", "unsure": "可能已发出", "dropped": "被拒绝", "waiting": "正在重试",
}  # fmt: skip
TONES = {"failed": "danger", "unsure": "warning", "dropped": "danger", "waiting": "info"}
_ADVICE = {
    "unreachable": "连不上对方：检查网络和对方的服务状态，恢复后点“再发一次”。",
    "no_answer": "对方没有回答是否收到。为免重复打扰，不再发送；消息在站内仍可看到。",
    "worker_ended": "发送途中后台进程中断。为免重复打扰，不再发送；消息在站内仍可看到。",
    "refused": "短信平台拒绝：核对签名、模板是否已报备，账户是否欠费。",
    "errcode 40037": "订阅消息模板编号不对：核对模板文件（SST_WECHAT_TEMPLATES）与小程序后台。",
    "errcode 47003": "模板字段不符：核对模板文件里的字段名和小程序后台的模板。",
    "errcode 41030": "跳转页面不存在：小程序要发布包含“消息”页的版本。",
    "errcode 45009": "微信调用次数已到上限，会自动重试；反复出现请申请提高上限。",
    "errcode 45011": "调用太快，会自动重试。",
    "errcode -1": "微信系统忙，会自动重试。",
}  # fmt: skip
_OTHERWISE = "按微信文档查这个错误码；消息在站内仍可看到。"


class ResendIn(FormIn):
    """Which of them."""

    channel: Literal["wechat", "sms"]
    reason: str = Field(max_length=32)


@page(bp, "GET", "", roles=ROLES, title="消息推送", menu="消息推送", order=62)
async def stuck(call: PageCall) -> HTTPResponse:
    """Of the last seven days, by channel and reason; nobody is named."""
    return call.render(
        "pushes/list.html", found=await call.province.push_trouble.stuck(call.officer),
        channels=CHANNELS, states=STATES, tones=TONES, advice=_advice,
        may_resend=call.officer.role is Role.OPERATOR,
    )  # fmt: skip


@page(bp, "POST", "/resend", roles=(Role.OPERATOR,), title="再发一次", again=stuck)
async def resend(call: PageCall) -> HTTPResponse:
    """What failed and is not older than three days."""
    given = call.form.read(ResendIn)
    many = await call.province.push_trouble.resend(call.officer, given.channel, given.reason)
    return call.go(LIST, f"已重新安排 {many} 条推送，请稍后查看结果。")


@waits(*ROLES)
async def waiting(call: PageCall) -> list[Waiting]:
    """Failures that somebody can put right."""
    found = await call.province.push_trouble.stuck(call.officer)
    many = sum(one.many for one in found if one.state in ("failed", "dropped"))
    return [Waiting("没有发出的消息推送", many, LIST)]


def _advice(reason: str) -> str:
    return _ADVICE.get(reason, _OTHERWISE)

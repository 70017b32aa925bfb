"""The assistant in the browser: asked in two taps, quoted, asked back, handed over."""

import re

from tests.e2e.app import App
from tests.e2e.people import Visitor


def test_from_home_to_an_answer_its_source_and_a_person(app: App, resident: Visitor) -> None:
    app.consented()
    resident.sit_down(app)
    app.open("pages/home/index")
    app.page.get_by_role("link", name=re.compile("智能客服")).click()
    app.at("assistant/talk")
    app.see("不会替您提交")
    field = app.page.get_by_label("您的问题")
    field.fill("身份证丢了补办要多少钱")
    app.press("发送")
    app.see("办事指南“身份证丢了补办”里写着", "收费吗", "[1] 收费吗", "转给工作人员")
    app.settle()
    app.shoot("assistant-answer")
    field.fill("公积金提取")
    field.press("Enter")
    app.see("您想问哪一件")
    app.shoot("assistant-choices")
    app.page.get_by_role("button", name=re.compile("租房提取公积金")).click()
    app.see("去填表（由您自己提交）")
    field.fill("明天会下雨吗")
    field.press("Enter")
    app.see("这个问题我不知道答案")
    app.settle()
    app.shoot("assistant-unknown")
    app.press("没有解决？转给工作人员")
    app.see("将以您的名义提交一件咨询")
    app.page.locator("#confirm-yes").click()
    app.see("已经转给工作人员")
    app.shoot("assistant-handed-over")
    app.page.get_by_role("link", name=re.compile("看这张工单")).click()
    app.at("voice/ticket")
    app.see("明天会下雨吗")

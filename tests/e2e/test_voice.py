"""A person judges and complains; a department answers in the console; the person says whether it
helped.
"""

import json
import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.upstream.signing import sign_request
from tests.e2e.accessibility import small_targets, small_texts, too_wide, violations
from tests.e2e.app import App
from tests.e2e.console import Console
from tests.e2e.people import Visitor, done, log_in, represents, somebody
from tests.provinces import Platform

COUNTER = "/api/v1/verifier/verifications"
WRITTEN_S = 30.0
NARROWEST = 320


def looked_at(province: Platform, http: httpx.Client, me: Visitor) -> None:
    """民政厅's counter scans the person's identity card instead of asking for a copy."""
    wallet = done(http.get("/api/v1/citizen/wallet", headers=me.header))["items"]
    card = next(one for one in wallet if one["name"] == "居民身份证")
    body = {"licence_id": card["id"], "fields": ["holder_name"]}
    code = done(http.post("/api/v1/citizen/presentations/codes", json=body, headers=me.header))
    found = department("minzheng")
    key = department_key(province.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    raw = json.dumps({"code": code["code"], "purpose": "婚姻登记"}).encode()
    headers = sign_request(key, "POST", COUNTER, "", raw) | {"content-type": "application/json"}
    done(http.post(COUNTER, content=raw, headers=headers))


@pytest.fixture(scope="module")
def served(province: Platform, http: httpx.Client) -> Visitor:
    """Somebody for whom a department did something that may be judged."""
    person = somebody(lambda one: one.licence_load == "normal" and not represents(one))
    visitor = log_in(http, person, 4)
    looked_at(province, http, visitor)
    until = time.monotonic() + WRITTEN_S
    path = "/api/v1/citizen/evaluations/waiting"
    while not http.get(path, headers=visitor.header).json()["items"]:
        assert time.monotonic() < until, "nothing may be judged"
        time.sleep(0.2)
    return visitor


def fit(app: App, name: str, *, elder: bool = False) -> None:
    """Kept as a picture, without a fault that axe or the sizes would show."""
    app.settle()
    app.shoot(f"voice-{name}{'-elder' if elder else ''}")
    assert violations(app.page) == [], name
    assert too_wide(app.page, NARROWEST) == 0, name
    assert small_targets(app.page, elder=elder) == [], name
    if elder:
        assert small_texts(app.page, elder=True) == [], name


def test_a_bad_evaluation_is_answered_and_heard(
    app: App, served: Visitor, open_console: Callable[[], Console]
) -> None:
    app.consented()
    served.sit_down(app)
    app.open("pages/me/index")
    app.tap("我的评价")
    app.at("voice/evaluations")
    app.see("民政厅查看居民身份证")
    fit(app, "waiting")
    app.tap("民政厅查看居民身份证")
    app.at("voice/judge")
    app.press("不满意")
    app.press("提交评价")
    app.see("请选一个原因或写几个字")
    app.press("没有一次性告知")
    app.fill("具体说说（选填）", "来了两趟才办成")
    fit(app, "judge")
    app.press("提交评价")
    app.at("voice/evaluation")
    app.see("谢谢您的评价", "有关部门正在核实整改")
    fit(app, "given")

    console = open_console()
    console.log_in("gd-minzheng.head")
    console.open("/console/evaluations")
    expect(console.page.get_by_text("来了两趟才办成")).to_be_visible()
    console.look("evaluations")
    console.page.get_by_role("link", name="查看工单").first.click()
    console.look("evaluation-order")
    console.confirm("反馈整改情况", "已反馈", text="已在窗口张贴一次性告知单")

    app.open("voice/evaluations")
    app.tap("已评价")
    app.see("请确认")
    app.tap("民政厅查看居民身份证")
    app.at("voice/evaluation")
    app.see("已在窗口张贴一次性告知单")
    fit(app, "answered")
    app.press("满意")
    app.see("平台正在复核")
    app.fill("追加评价（只能追加一次）", "确实贴出来了")
    app.press("追加")
    app.see("追加：确实贴出来了")


def test_a_complaint_is_handed_in_answered_and_judged(
    app: App, served: Visitor, open_console: Callable[[], Console]
) -> None:
    app.consented()
    served.sit_down(app)
    app.open("pages/me/index")
    app.tap("咨询投诉")
    app.at("voice/tickets")
    app.press("我要咨询投诉")
    app.at("voice/ask")
    app.press("提交")
    app.see("请选一种。", "请用一句话写清是什么事。")
    app.press("投诉")
    app.fill("一句话说明", "窗口提前下班")
    app.fill("详细情况", "下午四点就不办了")
    app.tap("找哪个部门")
    app.page.locator("#bottom-sheet").get_by_text("民政厅").first.click()
    fit(app, "ask")
    app.press("提交")
    app.at("voice/ticket")
    app.see("已提交", "正在办理")
    number = re.search(r"TS\d{20}", app.page.inner_text("body"))
    assert number
    fit(app, "ticket")

    console = open_console()
    console.log_in("gd-minzheng.clerk")
    console.open("/console/consultations")
    console.look("consultations")
    console.page.get_by_role("link", name=number[0]).click()
    console.look("consultation")
    console.confirm("答复", "已答复", text="已提醒窗口，下午五点半下班。")

    app.open("messages/inbox")
    app.tap("您的投诉有答复了")
    app.press("去看看")
    app.at("voice/ticket")
    app.see("已提醒窗口，下午五点半下班。")
    fit(app, "ticket-answered")
    app.press("评价这次答复")
    app.at("voice/judge")
    app.see(f"投诉的答复（{number[0]}）")
    app.press("满意")
    app.press("提交评价")
    app.at("voice/evaluation")
    app.open("voice/ticket", no=number[0])
    app.see("已办结", "您的评价：满意")


def test_quiet_hours_are_chosen_with_the_keyboard_alone(app: App, served: Visitor) -> None:
    app.consented()
    served.sit_down(app)
    app.open("messages/preferences")
    field = app.page.get_by_role("button", name=re.compile("^从几点开始"))
    field.focus()
    app.page.keyboard.press("Enter")
    sheet = app.page.get_by_role("dialog", name="从几点开始")
    expect(sheet).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(field).to_be_focused()
    app.page.keyboard.press("Enter")
    wanted = sheet.get_by_role("radio", name="21:30")
    for _ in range(60):
        if wanted.evaluate("(one) => one === document.activeElement"):
            break
        app.page.keyboard.press("Tab")
    app.page.keyboard.press("Enter")
    expect(sheet).to_have_count(0)
    app.open("messages/preferences")
    app.see("21:30")

"""After an application is handed in: the clerk's desk on one side, the phone on the other."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.app import PATIENCE_MS, App
from tests.e2e.applying import (
    LIVING,
    PERMIT,
    RECEIPT,
    Desk,
    choose_date,
    choose_place,
    handed_in,
    looked_at,
    photograph,
    start,
    with_card,
)
from tests.e2e.conftest import OpenApp
from tests.e2e.console import DESKTOP
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.e2e.tabs import Tabs
from tests.provinces import Platform

PHOTO, PROOF = "证件照", "就业、住所或就读证明"


@pytest.fixture(scope="module")
def applicant(http: httpx.Client) -> Visitor:
    """Somebody with an identity card in the wallet and no residence permit."""
    person = somebody(
        lambda one: (
            not one.residence_permit and one.licence_load == "normal" and not represents(one)
        )
    )
    visitor = log_in(http, person, 4)
    with_card(http, visitor)
    return visitor


@pytest.fixture
def desk(tabs: Tabs, province: Platform) -> Iterator[Desk]:
    """The public security department's desk on a desktop."""
    tab, url = tabs.take(DESKTOP), province.systems["gd-gongan"]
    tab.page.set_default_timeout(PATIENCE_MS)
    yield Desk(tab.page, url)
    tabs.give_back(tab, url)


def open_case(app: App, case_no: str) -> None:
    app.open("apply/case", no=case_no)


def read_message(app: App, title: str) -> None:
    """Open the newest message of this title and go where it leads."""
    app.open("messages/inbox")
    app.text(title).click()
    app.press("去看看")
    app.at("apply/case")
    app.settle()


def fill_in_permit(app: App, http: httpx.Client) -> str:
    """From the guide to the number; the photo is promised, the proof committed to."""
    start(app, http, PERMIT)
    # What its issuer did not tell within three seconds is typed; what was told is not typed again.
    app.see("来自 实名认证信息")
    if not app.page.get_by_label("户籍地址").first.input_value():
        app.fill("户籍地址", "湖南省长沙市岳麓区示范路9号")
    choose_place(app, "现居住地区")
    app.fill("现居住地址", "石牌街示范路2号502房")
    choose_date(app, "从哪天开始住", "2025", "3", "1")
    app.press("有稳定住处")
    app.press("只要电子证")
    app.see("已保存，换一台设备也能接着填")
    app.press("下一步")
    app.press("居民身份证：用我的电子证照")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("使用这张证照")
    app.see("用电子证照：居民身份证")
    app.press(f"{PHOTO}：先办，以后补交")
    app.press("15 天内")
    app.press(f"{PROOF}：签承诺书代替")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("签承诺书")
    app.see("已签承诺书")
    app.press("下一步")
    app.press("确认提交")
    app.at("apply/done")
    number = app.page.get_by_text(re.compile(r"^[0-9A-Z]{31}\d{8}\d{3,}$")).first
    case_no = number.inner_text()
    app.press("查看进度")
    app.at("apply/case")
    return case_no


def test_from_the_form_to_the_licence_and_the_evaluation(
    app: App, http: httpx.Client, applicant: Visitor, desk: Desk
) -> None:
    app.consented()
    applicant.sit_down(app)
    case_no = fill_in_permit(app, http)

    desk.open(case_no)
    expect(desk.page.get_by_text(re.compile("^来自")).first).to_be_visible()
    desk.page.locator("summary", has_text="一次告知补正").click()
    desk.page.get_by_label(PROOF, exact=True).check()
    desk.page.get_by_role("button", name="一次告知补正").click()
    desk.is_in(case_no, "待补正")

    read_message(app, "请补正材料")
    app.see("请您补正", f"请重新提供{PROOF}", "待补正")
    looked_at(app, "served-asked")
    app.open("pages/me/index")
    app.see("1 件等您处理")
    app.open("pages/home/index")
    app.see("请补正材料")
    app.text("请补正材料，").click()
    app.at("apply/case")
    app.press("现在补正")
    app.at("apply/fill")
    app.see("补正材料")
    photograph(app, PROOF, "租房合同.png")
    looked_at(app, "served-correcting")
    app.press("下一步")
    app.press("提交补正")
    app.at("apply/case")

    desk.is_in(case_no, "待受理")
    expect(desk.page.get_by_role("link", name="租房合同.png")).to_be_visible()
    desk.does("受理")
    desk.is_in(case_no, "已受理")

    read_message(app, "您的申请已受理")
    app.see("还要补交的材料", PHOTO)
    looked_at(app, "served-promised")
    app.press("现在补交")
    app.see("有一样交一样")
    photograph(app, PHOTO)
    app.press("下一步")
    app.press("提交补交材料")
    app.at("apply/case")
    desk.open(case_no)
    link = desk.page.get_by_role("link", name="照片.png")
    while link.count() == 0:
        desk.page.wait_for_timeout(200)
        desk.open(case_no)
    desk.does("准予")
    desk.is_in(case_no, "已办结")

    read_message(app, "您的申请已办成")
    app.see("已办结，欢迎评价本次服务", "办好的结果", "居住证")
    looked_at(app, "served-approved")
    app.press("去“证照”里看")
    app.at("pages/wallet/index")
    expect(app.page.get_by_text("居住证", exact=True).first).to_be_visible()
    open_case(app, case_no)
    app.press("评价这次服务")
    app.at("voice/judge")
    app.press("非常满意")
    app.press("提交评价")
    app.at("voice/evaluation")
    app.see("谢谢您的评价")
    open_case(app, case_no)
    app.see("已办结")
    app.not_see("评价这次服务")


def test_a_draft_goes_on_on_another_device(
    open_app: OpenApp, province: Platform, http: httpx.Client, applicant: Visitor
) -> None:
    first, second = open_app(province.url), open_app(province.url)
    for device in (first, second):
        device.consented()
        applicant.sit_down(device)
    start(first, http, RECEIPT)
    choose_place(first, "居住地区")
    first.fill("居住地址", "体育西路示范大厦1号")
    first.see("已保存，换一台设备也能接着填")

    second.open("apply/cases")
    looked_at(second, "served-drafts")
    second.text("草稿").click()
    second.at("apply/fill")
    expect(second.page.get_by_label("居住地址")).to_have_value("体育西路示范大厦1号")
    second.fill("居住地址", "体育西路示范大厦2号")
    second.see("已保存，换一台设备也能接着填")

    first.fill("居住地址", "体育西路示范大厦3号")
    first.see("这份草稿在别的设备上改过")
    looked_at(first, "served-conflict")
    first.press("载入最新内容")
    expect(first.page.get_by_label("居住地址")).to_have_value("体育西路示范大厦2号")
    first.press("不办了，删除草稿")
    first.page.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    second.open("apply/cases")
    second.not_see("草稿")


def test_a_refusal_says_why_and_what_can_be_done(
    open_app: OpenApp, province: Platform, http: httpx.Client, applicant: Visitor, desk: Desk
) -> None:
    case_no = handed_in(http, applicant)
    desk.open(case_no)
    desk.does("不予受理", reason="所填地址不在本机关管辖范围内")
    desk.is_in(case_no, "不予受理")
    app = open_app(province.url)
    app.consented(elder=True)
    applicant.sit_down(app)
    read_message(app, "您的申请未被受理")
    app.see("没有受理", "所填地址不在本机关管辖范围内", "行政复议", "行政诉讼")
    app.see("拨打 12345 问一问", "评价这次服务")
    looked_at(app, "served-refused", elder=True)


def test_urged_and_withdrawn(app: App, http: httpx.Client, applicant: Visitor, desk: Desk) -> None:
    case_no = handed_in(http, applicant, LIVING | {"address": "天河北路示范街8号"})
    app.consented()
    applicant.sit_down(app)
    open_case(app, case_no)
    app.press("催一催")
    app.fill("原因（选填）", "急用，孩子开学要交")
    app.press("提交催办")
    app.see("已催办，部门会尽快处理")
    desk.open(case_no)
    while "催办 1 次" not in desk.page.locator(".state").inner_text():
        desk.page.wait_for_timeout(200)
        desk.open(case_no)
    expect(desk.page.get_by_text("急用，孩子开学要交")).to_be_visible()
    open_case(app, case_no)
    app.press("催一催")
    app.press("提交催办")
    app.see("今天已经催办过")
    app.press("撤回申请")
    looked_at(app, "served-withdrawing")
    app.press("确认撤回")
    desk.is_in(case_no, "已撤回")
    read_message(app, "您的申请已撤回")
    app.see("已撤回", "本次申请已撤回，您可以重新申请")
    looked_at(app, "served-withdrawn")

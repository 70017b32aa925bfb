"""An application on the phone: the form, the materials, looked over, handed in."""

import time

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.accessibility import small_targets, small_texts, too_wide, violations
from tests.e2e.app import App
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.provinces import Platform

NARROWEST = 320
PERMIT, RECEIPT = "办居住证", "在外地租房登记居住"


@pytest.fixture(scope="module")
def applicant(http: httpx.Client) -> Visitor:
    """Somebody with an identity card in the wallet and no residence permit."""
    person = somebody(
        lambda one: (
            not one.residence_permit
            and one.licence_load == "normal"
            and one.car is not None
            and one.job is not None
            and not represents(one)
        )
    )
    visitor = log_in(http, person, 4)
    with_card(http, visitor)
    return visitor


def with_card(http: httpx.Client, visitor: Visitor) -> None:
    """Wait until the issuer of the identity card has answered, however busy the machine is."""
    for _ in range(60):
        held = http.get("/api/v1/citizen/wallet", headers=visitor.header).json()["items"]
        if any(one["name"] == "居民身份证" for one in held):
            return
        time.sleep(0.5)
    raise AssertionError("the identity card did not come into the wallet")


def item_id(http: httpx.Client, name: str) -> str:
    """Id of an item by its everyday name."""
    found = http.get("/api/v1/public/service-items", params={"q": name}).json()["items"]
    return str(next(one["id"] for one in found if one["plain_name"] == name))


def looked_at(app: App, name: str) -> None:
    """Kept as a picture, without a fault that axe or the sizes would show."""
    app.settle()
    app.shoot(name)
    assert violations(app.page) == []
    assert too_wide(app.page, NARROWEST) == 0
    assert small_targets(app.page, elder=False) == []


def choose_date(app: App, label: str, year: str, month: str, day: str) -> None:
    """Type a day into its three fields."""
    group = app.page.get_by_role("group", name=label)
    for part, value in (("年", year), ("月", month), ("日", day)):
        group.get_by_label(part, exact=True).fill(value)
        app.page.wait_for_timeout(150)


def choose_place(app: App, label: str) -> None:
    """The first county of the first city."""
    app.page.get_by_role("button", name=f"{label}：请选择").click()
    sheet = app.page.locator("#bottom-sheet")
    sheet.get_by_text("广州市", exact=True).click()
    sheet.get_by_text("天河区", exact=True).click()
    expect(sheet).to_have_count(0)


def start(app: App, http: httpx.Client, name: str) -> None:
    """From the guide to the form, for oneself."""
    app.open("guide/item", id=item_id(http, name))
    app.press("在线办理")
    app.at("apply/start")
    app.settle()
    app.page.get_by_role("button", name="我自己").click()
    app.at("apply/fill")


def test_a_citizen_fills_in_looks_over_and_hands_in(
    app: App, http: httpx.Client, applicant: Visitor
) -> None:
    app.consented()
    applicant.sit_down(app)
    start(app, http, PERMIT)
    # What a licence would say as well is left out where its issuer takes more than three seconds.
    app.see("来自 实名认证信息")
    looked_at(app, "apply-form")
    app.press("下一步")
    app.press("上一步")
    app.see(
        "请填写现居住地址",
        "请选择申领理由" if app.text("请选择申领理由").count() else "请填写申领理由",
    )
    choose_place(app, "现居住地区")
    app.fill("现居住地址", "石牌街示范路2号502房")
    choose_date(app, "从哪天开始住", "2025", "3", "1")
    app.press("有稳定工作")
    app.fill("工作单位", "广州示范贸易有限公司")
    app.press("只要电子证")
    app.fill("户籍地址", "湖南省长沙市岳麓区示范路9号")
    name = app.page.get_by_label("姓名").first
    app.fill("姓名", f"{name.input_value()}（曾用名）")
    app.see("您改过", "已保存，换一台设备也能接着填")
    looked_at(app, "apply-form-filled")

    app.press("下一步")
    app.press("居民身份证：用我的电子证照")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("使用这张证照")
    app.see("用电子证照：居民身份证")
    app.press("证件照：先办，以后补交")
    app.press("15 天内")
    app.press("就业、住所或就读证明：签承诺书代替")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("签承诺书")
    app.see("已签承诺书")
    looked_at(app, "apply-materials")

    app.press("下一步")
    app.see("石牌街示范路2号502房", "有稳定工作")
    looked_at(app, "apply-check")
    app.press("确认提交")
    app.at("apply/done")
    app.see("已提交", "办件编号")
    looked_at(app, "apply-done")
    app.press("查看进度")
    app.at("apply/case")


def test_the_form_holds_in_the_elder_version(
    open_app: OpenApp, province: Platform, http: httpx.Client, applicant: Visitor
) -> None:
    elder = open_app(province.url)
    elder.consented(elder=True)
    applicant.sit_down(elder)
    start(elder, http, RECEIPT)
    elder.settle()
    elder.shoot("apply-form-elder")
    assert violations(elder.page) == []
    assert small_targets(elder.page, elder=True) == []
    assert small_texts(elder.page, elder=True) == []

"""Something gets done: form, materials, a clerk, a correction, the licence in the wallet."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import small_targets, small_texts, too_wide, violations
from tests.e2e.app import PATIENCE_MS, App
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.provinces import Platform

NARROWEST = 320
PERMIT, RECEIPT = "办居住证", "在外地租房登记居住"


@pytest.fixture
def desk(app: App, province: Platform) -> Callable[[str], Page]:
    """The desk of a department in a tab of its own."""

    def open_desk(system: str) -> Page:
        page = app.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{province.systems[system]}/desk")
        return page

    return open_desk


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
    return log_in(http, person, 4)


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


def wait_for_case(page: Page, words: str) -> None:
    """Open the first waiting case of an item as soon as it has come in."""
    row = page.get_by_role("row").filter(has_text=words)
    for _ in range(60):
        if row.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    row.first.get_by_role("link").click()


def act(page: Page, title: str) -> None:
    """Open an act of the desk and carry it out."""
    place = page.locator("details").filter(has=page.get_by_text(title, exact=True))
    if place.first.get_attribute("open") is None:
        place.first.locator("summary").click()
    place.first.get_by_role("button", name=title).click()
    page.wait_for_load_state()


def see_in_time(app: App, words: str) -> None:
    """What the worker brings about."""
    for _ in range(60):
        app.settle()
        if app.text(words).is_visible():
            return
        app.page.wait_for_timeout(500)
        app.page.reload()
    raise AssertionError(f"{words} did not appear")


def test_a_citizen_applies_corrects_and_gets_the_licence(
    app: App, http: httpx.Client, applicant: Visitor, desk: Callable[[str], Page]
) -> None:
    app.consented()
    applicant.sit_down(app)
    start(app, http, PERMIT)
    app.see("来自 实名认证信息", "来自 公安厅·居民身份证")
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

    clerk = desk("gd-gongan")
    wait_for_case(clerk, "居住证申领")
    expect(clerk.get_by_text("来自gd-gongan").first).to_be_visible()
    assert violations(clerk) == []
    clerk.locator("summary", has_text="一次告知补正").click()
    clerk.get_by_role("checkbox", name="现居住地址").check()
    clerk.get_by_label("其他要求（每行一项）").fill("请写明楼栋号")
    act(clerk, "一次告知补正")
    expect(clerk.locator(".state")).to_contain_text("待补正")

    see_in_time(app, "请写明楼栋号")
    looked_at(app, "apply-case-correction")
    app.press("现在补正")
    app.at("apply/fill")
    app.fill("现居住地址", "石牌街示范路2号3栋502房")
    app.see("已保存")
    while app.page.get_by_role("button", name="下一步").filter(visible=True).count():
        app.press("下一步")
    app.press("提交补正")
    app.at("apply/case")

    for _ in range(60):
        clerk.reload()
        if "待受理" in (clerk.locator(".state").text_content() or ""):
            break
        clerk.wait_for_timeout(500)
    expect(clerk.get_by_text("石牌街示范路2号3栋502房")).to_be_visible()
    act(clerk, "受理")
    act(clerk, "准予")
    expect(clerk.locator(".state")).to_contain_text("已办结")

    see_in_time(app, "办好的结果")
    looked_at(app, "apply-case-closed")
    app.press("去“证照”里看")
    app.at("pages/wallet/index")
    see_in_time(app, "居住证")
    app.open("messages/inbox")
    app.see("请补正材料", "您的申请已办成")
    app.open("apply/cases")
    app.tap("办完的")
    app.see("办居住证", "已办结")
    looked_at(app, "apply-cases")


def test_a_refusal_comes_with_reasons_and_remedies_in_the_elder_version_too(
    open_app: OpenApp,
    province: Platform,
    http: httpx.Client,
    applicant: Visitor,
    desk: Callable[[str], Page],
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
    choose_place(elder, "居住地区")
    elder.fill("居住地址", "石牌街示范路2号")
    choose_date(elder, "从哪天开始住", "2026", "10", "1")
    elder.press("单位宿舍")
    elder.fill("联系电话", "13800138000")
    while elder.page.get_by_role("button", name="下一步").filter(visible=True).count():
        elder.press("下一步")
        if elder.page.get_by_text("居民身份证：").count():
            break
    elder.press("居民身份证：用我的电子证照")
    elder.page.get_by_role("checkbox").filter(visible=True).first.click()
    elder.press("使用这张证照")
    elder.see("用电子证照：居民身份证")
    elder.press("下一步")
    elder.press("确认提交")
    elder.at("apply/done")
    elder.press("查看进度")

    clerk = desk("gd-gongan")
    wait_for_case(clerk, "居住登记（流动人口）")
    place = clerk.locator("details").filter(has=clerk.get_by_text("不予受理", exact=True)).first
    place.locator("summary").click()
    place.get_by_label("理由").fill("居住地不在本辖区")
    act(clerk, "不予受理")
    expect(clerk.locator(".state")).to_contain_text("不予受理")

    see_in_time(elder, "居住地不在本辖区")
    elder.see("没有受理", "行政复议")
    elder.shoot("apply-case-refused-elder")
    assert violations(elder.page) == []
    assert small_targets(elder.page, elder=True) == []
    assert small_texts(elder.page, elder=True) == []

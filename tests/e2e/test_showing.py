"""亮证 between two phones: the code, the question, what the other side sees, receipt and log."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.app import App
from tests.e2e.codes import driver, read, show, sound
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor, log_in
from tests.provinces import Platform

_KEPT = "JSON.stringify({...localStorage, ...sessionStorage})"


@pytest.fixture(scope="module")
def holder(http: Any) -> Visitor:
    """Somebody with an identity card and a car."""
    return log_in(http, driver(), 3)


@pytest.fixture
def phone(app: App, holder: Visitor) -> App:
    app.consented()
    holder.sit_down(app)
    return app


@pytest.fixture
def other(open_app: OpenApp, province: Platform) -> App:
    """The phone of whoever scans."""
    app = open_app(province.url)
    app.consented()
    return app


def choose(phone: App, *facts: str) -> None:
    """Show these facts as well."""
    phone.press("只显示…，改对方会看到的内容")
    for fact in facts:
        phone.press(fact)
    before = read(phone)
    phone.press("按这些出示")
    phone.see(*facts)
    expect(phone.page.locator(".qr")).to_be_visible(timeout=15_000)
    assert read(phone) != before


def scan(other: App, text: str, name: str = "示范酒店前台") -> None:
    """Look at a licence by what was scanned."""
    other.open("licence/verify")
    other.fill("对方的码", text)
    if name:
        other.fill("您是谁（对方会看到）", name)
    other.press("住宿登记")
    other.press("核验")


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_shown_asked_agreed_seen_and_written_down(
    app: App, other: App, holder: Visitor, tmp_path: Path, elder: bool
) -> None:
    app.consented(elder=elder)
    holder.sit_down(app)
    text = show(app)
    assert re.search(r"/verify#c=[A-Z2-7]{26}$", text)
    assert sound(app, "show-code", elder=elder) == {}
    app.press("只显示…，改对方会看到的内容")
    assert sound(app, "show-options", elder=elder) == {}
    app.press("关闭")
    choose(app, "年满18周岁", "性别")
    scan(other, read(app))
    other.see("等对方同意")
    app.see("有人要看您的证照", "示范酒店前台（自称）", "住宿登记", "没有登录")
    assert sound(app, "show-asked", elder=elder) == {}
    app.press("性别")
    app.press("同意")
    other.see("证照有效", "居民身份证", "年满18周岁", "是")
    other.not_see("性别", holder.person["name"])
    app.see("对方已看到", "示范酒店前台（自称）", "回执编号")
    assert sound(app, "show-receipt", elder=elder) == {}
    app.press("看用证记录")
    app.at("data/usages")
    app.see("今天", "示范酒店前台（自称）", "亮证出示（经本人确认）", "年满18周岁")
    assert sound(app, "usages", elder=elder) == {}
    with app.page.expect_download() as arriving:
        app.press("导出全部记录")
    arriving.value.save_as(tmp_path / "usages.csv")
    table = (tmp_path / "usages.csv").read_bytes()
    assert table.startswith("\ufeff时间,证照,核验方".encode())
    assert "示范酒店前台（自称）" in table.decode("utf-8-sig")


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_a_look_that_was_wrong_is_complained_about(
    app: App, other: App, http: Any, elder: bool
) -> None:
    app.consented(elder=elder)
    log_in(http, driver(), 3).sit_down(app)
    scan(other, show(app, "机动车行驶证"), name="示范停车场")
    app.see("对方已看到", "示范停车场（自称）")
    app.press("看用证记录")
    app.press("这次不对，投诉：示范停车场（自称），机动车行驶证")
    app.press("提交投诉")
    app.see("请先选哪里不对")
    app.press("不是我本人出示的")
    app.fill("补充说明（可以不填）", "我没有去过")
    assert sound(app, "complaint", elder=elder) == {}
    app.press("提交投诉")
    app.see("已收到投诉，正在核实", "不是我本人出示的：我没有去过")
    assert sound(app, "complaint-sent", elder=elder) == {}
    app.press("关闭")
    app.not_see("提交投诉", "已收到投诉")


def test_whoever_declines_shows_nothing(phone: App, other: App) -> None:
    scan(other, show(phone))
    phone.see("有人要看您的证照")
    phone.press("不同意")
    phone.see("您没有同意", "什么也没有看到")
    other.see("持证人没有同意")
    other.not_see("颁发机关")
    other.shoot("verify-declined")
    phone.press("再出示一次")
    expect(phone.page.locator(".qr")).to_be_visible()


def test_a_person_verifies_in_their_own_name(
    phone: App, other: App, owner: Visitor, holder: Visitor
) -> None:
    owner.sit_down(other)
    scan(other, show(phone), name="")
    phone.see("（个人）", "实名的个人")
    phone.press("同意")
    other.see("证照有效", "居民身份证", "颁发机关")
    other.not_see(holder.person["name"])
    phone.see("对方已看到")


def test_a_type_that_asks_nobody_is_seen_at_once_and_only_once(phone: App, other: App) -> None:
    text = show(phone, "机动车行驶证")
    scan(other, text)
    other.see("证照有效", "机动车行驶证")
    assert sound(other, "verify-shown") == {}
    phone.see("对方已看到", "示范酒店前台（自称）")
    scan(other, text)
    other.see("码已经用过")
    assert sound(other, "verify-used") == {}


def test_the_code_renews_itself_and_the_old_one_is_void(phone: App, other: App) -> None:
    phone.hold_the_clock()
    old = show(phone)
    shown = phone.page.locator(".qr img").first.get_attribute("src")
    phone.page.clock.run_for(46_000)
    renewed = phone.page.locator(f'.qr img:not([src="{shown}"])').first
    expect(renewed).to_be_attached(timeout=15_000)
    assert read(phone) != old
    scan(other, old)
    other.see("码已经用过")


def test_nothing_is_left_behind_when_the_page_is_left(phone: App, holder: Visitor) -> None:
    code = show(phone)[-26:]
    choose(phone, "年满18周岁")
    phone.press("证照")
    phone.at("pages/wallet/index")
    assert phone.page.locator(".qr").count() == 0
    assert code not in phone.page.evaluate(_KEPT)
    phone.press("亮码")
    expect(phone.page.locator(".qr")).to_be_visible(timeout=15_000)
    phone.not_see("年满18周岁（只回答是或否）")


def test_from_a_licence_to_its_code(phone: App) -> None:
    phone.open("pages/wallet/index")
    phone.text("机动车行驶证").click()
    phone.at("licence/detail")
    phone.press("亮码出示")
    phone.at("pages/code/index")
    on = phone.page.get_by_role("radio", name="机动车行驶证").filter(visible=True).first
    expect(on).to_have_attribute("aria-checked", "true")
    expect(phone.page.locator(".qr")).to_be_visible(timeout=15_000)


def test_by_keyboard_alone(phone: App) -> None:
    show(phone)
    phone.page.get_by_role("button", name="只显示…，改对方会看到的内容").focus()
    phone.page.keyboard.press("Enter")
    sheet = phone.page.get_by_role("dialog")
    expect(sheet).to_be_focused()
    box = sheet.get_by_role("checkbox", name="年满18周岁")
    box.focus()
    phone.page.keyboard.press("Space")
    expect(box).to_have_attribute("aria-checked", "true")
    phone.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    opener = phone.page.get_by_role("button", name="只显示…，改对方会看到的内容")
    expect(opener).to_be_focused()


def test_without_a_network_no_code_is_promised(phone: App) -> None:
    show(phone)
    phone.context.set_offline(True)
    phone.press("机动车行驶证")
    phone.see("没有连上网络")
    phone.shoot("offline-show")
    phone.context.set_offline(False)
    phone.press("再试一次")
    expect(phone.page.locator(".qr")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_the_verify_page_is_for_everybody_and_says_what_is_missing(app: App, elder: bool) -> None:
    app.consented(elder=elder)
    app.open("licence/verify")
    app.press("核验")
    app.see("请扫码，或输入对方屏幕上", "请写明您是谁")
    assert sound(app, "verify-form", elder=elder) == {}
    scan(app, "A" * 26)
    app.see("码无效或已过期")
    app.press("再核验一张")
    app.see("扫对方“亮码”页上的码")


def test_too_low_a_level_is_told_what_helps(app: App, newcomer: Visitor) -> None:
    app.consented()
    newcomer.sit_down(app)
    app.open("data/usages")
    app.see("需要实名认证")
    app.shoot("locked-usages")
    app.open("pages/code/index")
    app.see("需要实名认证", "核验别人的证照")
    app.shoot("locked-code")


def test_nobody_has_looked(app: App, nobody: Visitor) -> None:
    app.consented()
    nobody.sit_down(app)
    app.open("data/usages")
    app.see("还没有人看过您的证照", "去亮码")
    assert sound(app, "empty-usages") == {}


def test_without_a_network_the_log_stays(phone: App, other: App) -> None:
    scan(other, show(phone, "机动车行驶证"))
    phone.see("对方已看到")
    phone.press("看用证记录")
    phone.at("data/usages")
    phone.see("示范酒店前台（自称）")
    phone.context.set_offline(True)
    phone.press("全部证照")
    phone.see("没有更新成功", "机动车行驶证")
    phone.context.set_offline(False)
    phone.press("再试一次")
    phone.not_see("没有更新成功")

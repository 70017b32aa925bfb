"""From the first start to a licence in the hand, all by tapping."""

import re
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.app import App
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor
from tests.provinces import Platform


@pytest.fixture(scope="module")
def demo(http: httpx.Client) -> dict[str, dict[str, str]]:
    """The demo people by name."""
    people = http.get("/api/v1/public/bootstrap").json()["demo_people"]
    return {person["name"]: person for person in people}


def _log_in_by_phone(app: App, phone: str) -> None:
    app.at("login/login")
    app.fill("手机号", phone)
    app.press("获取验证码")
    app.see("您的验证码是")
    app.press("填入验证码")
    app.press("登录")


def test_consent_login_real_name_wallet_and_licence(
    app: App, demo: dict[str, dict[str, str]]
) -> None:
    mother = demo["李晓雯"]
    app.open()
    app.at("login/consent")
    app.see("先说清楚怎样保护您的信息")
    app.shoot("journey-1-consent")
    app.press("阅读《隐私政策》全文")
    app.see("收起全文")
    app.press("同意并继续")

    app.see("登录后，先看到自己的事")
    app.press("登录")
    _log_in_by_phone(app, mother["phone"])
    app.see("需要实名认证")
    app.settle()
    app.shoot("journey-2-home-level-1")
    app.not_see("累计缴费")

    app.press("去认证")
    app.at("login/identity")
    app.fill("姓名", mother["name"])
    app.fill("身份证号", mother["id_number"][:-1] + "x")
    app.press("开始核对")
    app.see("身份证号")
    app.fill("身份证号", mother["id_number"])
    app.press("开始核对")
    app.see("社会保险", "累计缴费")
    app.settle()
    app.shoot("journey-3-home-level-3")

    app.press("证照")
    app.at("pages/wallet/index")
    app.see("居民身份证", "出生医学证明")
    app.settle()
    app.shoot("journey-4-wallet")
    app.tap("居民身份证")
    app.at("licence/detail")
    _read_a_licence(app, mother["id_number"])


def _face_for(purpose: str) -> re.Pattern[str]:
    return re.compile(rf"/face\.png\?purpose={quote(purpose)}$")


def _read_a_licence(app: App, number: str) -> None:
    masked = f"{number[:3]}***********{number[-4:]}"
    app.see(masked)
    app.not_see(number)
    app.press("显示证照号码")
    app.see(number, "30 秒后自动遮住")
    app.shoot("journey-5-licence-revealed")
    app.press("遮住证照号码")
    app.not_see(number)

    with app.page.expect_response(_face_for("租房")) as face:
        app.press("租房")
    assert face.value.headers["content-type"] == "image/png"
    expect(app.page.get_by_role("img", name=re.compile("水印“租房”"))).to_be_visible()
    app.press("其他用途")
    app.fill("写明用途", "办理入职")
    with app.page.expect_response(_face_for("办理入职")):
        app.press("印到水印里")
    expect(app.page.get_by_role("img", name=re.compile("水印“办理入职”"))).to_be_visible()
    app.shoot("journey-6-licence-purpose")


def test_a_revealed_number_hides_itself(app: App, resident: Visitor) -> None:
    app.consented()
    resident.sit_down(app)
    app.hold_the_clock()
    app.open("pages/wallet/index")
    app.tap("居民身份证")
    app.at("licence/detail")
    app.press("显示证照号码")
    app.see("30 秒后自动遮住")
    expect(app.page.get_by_label("遮住证照号码")).to_be_visible()
    app.page.clock.fast_forward(31_000)
    expect(app.page.get_by_label("显示证照号码")).to_be_visible()


def test_who_does_not_consent_reads_guides_and_is_asked_at_the_log_in(app: App) -> None:
    app.open()
    app.see("不同意，先看看")
    app.press("不同意，先看看")
    app.see("大家常办")
    app.press("办事")
    app.see("按主题找")
    app.press("我的")
    app.press("登录")
    app.at("login/login")
    app.fill("手机号", "13900000000")
    app.press("获取验证码")
    app.see("请先阅读并勾选同意")
    app.shoot("login-without-consent")


def test_wrong_entries_say_what_to_look_at(app: App) -> None:
    app.consented()
    app.open("login/login")
    app.fill("手机号", "1390000")
    app.press("获取验证码")
    app.see("手机号是 11 位数字")
    app.fill("手机号", "13912345678")
    app.press("获取验证码")
    app.see("您的验证码是")
    app.fill("短信验证码", "000000")
    app.press("登录")
    app.see("没有登录成功")
    app.shoot("login-wrong-code")


def test_logging_out_leaves_nothing_of_the_person(open_app: OpenApp, province: Platform) -> None:
    app = open_app(province.url)
    app.consented()
    app.open("login/login")
    _log_in_by_phone(app, "13911112222")
    app.see("登录成功")
    app.open("pages/me/index")
    app.see("139****2222")
    app.press("退出登录")
    app.page.get_by_role("alertdialog").get_by_role("button", name="退出登录").click()
    app.see("还没有登录")
    stored = app.page.evaluate("JSON.stringify(localStorage)")
    assert "2222" not in stored
    assert "access" not in stored

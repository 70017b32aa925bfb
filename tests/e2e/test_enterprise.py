"""The enterprise's door: who may in, what stands there, and who may not."""

import base64
import re

import httpx
import pytest
from playwright.sync_api import Browser, expect

from backend.sandbox.population.cast import cast
from backend.upstream.signing import SigningKey
from tests.e2e.accessibility import too_wide, violations
from tests.e2e.app import App
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.provinces import Platform


@pytest.fixture(scope="module")
def stranger_uscc(http: httpx.Client, owner: Visitor) -> str:
    """An enterprise of the cast, which is not the owner's."""
    mine = http.get("/api/v1/enterprise/enterprises", headers=owner.header).json()["items"]
    uscc = cast()[2].enterprises[0].uscc
    assert uscc not in [one["uscc"] for one in mine]
    return uscc


def test_the_short_address_leads_to_the_door(app: App, province: Platform) -> None:
    app.consented()
    app.page.goto(f"{province.url}/enterprise")
    app.at("enterprise/picker")
    app.see("登录后查看")
    app.shoot("enterprise-logged-out")


def test_the_face_opens_the_door(app: App, http: httpx.Client) -> None:
    visitor = log_in(http, cast()[2].people[0], 3)
    app.consented()
    visitor.sit_down(app)
    app.open("enterprise/picker")
    app.see("需要人脸核验")
    app.press("去核验")
    app.at("login/face")
    app.see("先征得您的同意")
    app.settle()
    app.shoot("face-consent")
    app.press("同意")
    app.press("使用演示照片")
    app.see("照片已备好")
    app.press("提交核验")
    app.at("enterprise/picker")
    app.see("登记您为法定代表人或经营者的企业")
    app.settle()
    app.shoot("enterprise-picker")


def test_to_do_doors_licences_and_another_enterprise(app: App, owner: Visitor) -> None:
    app.consented()
    owner.sit_down(app)
    app.open("enterprise/picker")
    app.page.get_by_role("listitem").first.get_by_role("link").click()
    app.at("enterprise/home")
    app.see("待办", "专属政策", "专属办事", "专属服务", "智能客服", "企业证照", "登记信息")
    app.settle()
    app.page.get_by_role("link", name=re.compile("^专属政策")).first.click()
    app.at("policies/list")
    app.press("返回")
    app.at("enterprise/home")
    app.tap("营业执照")
    app.at("enterprise/licence")
    app.see("证照号码", "颁发机构")
    app.press("返回")
    app.tap("招聘用工")
    app.at("guide/search")
    app.see("发布招聘岗位", "不收费")
    expect(app.page.get_by_role("heading", level=1)).to_have_text("招聘用工")
    app.shoot("enterprise-recruit")
    app.press("返回")
    app.at("enterprise/home")
    app.press("切换企业")
    app.at("enterprise/picker")


def test_an_enterprises_licences_stay_without_a_network(app: App, owner: Visitor) -> None:
    app.consented()
    owner.sit_down(app)
    app.open("enterprise/picker")
    app.page.get_by_role("listitem").first.get_by_role("link").click()
    app.at("enterprise/home")
    app.settle()
    home = app.page.url
    app.tap("营业执照")
    app.at("enterprise/licence")
    face = app.page.get_by_role("img", name="营业执照图片")
    expect(face).to_be_visible()
    app.page.wait_for_function("Object.keys(localStorage).some(key => key.includes('kept-face.'))")
    app.page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    app.page.reload()
    app.settle()
    expect(face).to_be_visible()
    app.see("没有网络，这是", "存下的图片")
    app.page.goto(home)
    app.page.reload()
    app.settle()
    app.see("现在没有网络", "营业执照", "登记信息")
    app.shoot("enterprise-offline")
    app.page.unroute("**/api/**")


def test_the_door_to_business_matters(app: App, owner: Visitor) -> None:
    app.consented()
    owner.sit_down(app)
    app.open("enterprise/picker")
    app.page.get_by_role("listitem").first.get_by_role("link").click()
    app.settle()
    app.page.get_by_role("link", name=re.compile("专属办事")).first.click()
    app.at("guide/search")
    app.see("企业办事")
    expect(app.page.get_by_role("listitem").filter(visible=True).first).to_be_visible()


def test_the_door_to_help_answers_for_the_enterprise(app: App, owner: Visitor) -> None:
    app.consented()
    owner.sit_down(app)
    app.open("enterprise/picker")
    app.page.get_by_role("listitem").first.get_by_role("link").click()
    app.settle()
    app.page.get_by_role("link", name=re.compile("智能客服")).click()
    app.at("assistant/talk")
    app.see("招了新员工社保怎么加")


def test_somebody_elses_enterprise_is_refused_with_the_reason(
    app: App, owner: Visitor, stranger_uscc: str
) -> None:
    app.consented()
    owner.sit_down(app)
    app.open("enterprise/home", uscc=stranger_uscc)
    app.see("您不是这家企业的法定代表人")
    app.shoot("enterprise-refused")
    app.press("选择我的企业")
    app.at("enterprise/picker")


def test_a_desktop_shows_two_columns(open_app: OpenApp, province: Platform, owner: Visitor) -> None:
    desk = open_app(province.url, 1280, 860)
    desk.consented()
    owner.sit_down(desk)
    desk.open("enterprise/picker")
    desk.page.get_by_role("listitem").first.get_by_role("link").click()
    desk.at("enterprise/home")
    desk.see("登记信息")
    desk.settle()
    boxes = [desk.text(words).bounding_box() for words in ("待办", "企业证照")]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[1]["x"] > boxes[0]["x"] + 300
    assert abs(boxes[1]["y"] - boxes[0]["y"]) < 120
    assert violations(desk.page) == []
    assert too_wide(desk.page, 1280) == 0
    desk.shoot("desktop-enterprise")


def test_nobody_elses_register_entry_is_an_honest_empty_page(app: App, nobody: Visitor) -> None:
    app.consented()
    nobody.sit_down(app)
    app.open("enterprise/picker")
    app.see("没有查到您的企业", "12345")
    app.shoot("enterprise-none")


def test_an_agent_is_invited_accepts_switches_and_is_out(
    open_app: OpenApp, province: Platform, http: httpx.Client, owner: Visitor
) -> None:
    """The representative's phone and the agent's, side by side."""
    someone = somebody(lambda person: not represents(person))
    agent = log_in(http, someone, 4)
    boss, phone = open_app(province.url), open_app(province.url)
    for device, visitor in ((boss, owner), (phone, agent)):
        device.consented()
        visitor.sit_down(device)
    boss.open("enterprise/picker")
    boss.page.get_by_role("listitem").first.get_by_role("link").click()
    boss.at("enterprise/home")
    name = boss.page.locator(".company-name").filter(visible=True).inner_text()
    boss.tap("成员与授权")
    boss.at("enterprise/members")
    boss.see("正在替", name, "还没有办事人")
    boss.press("邀请成员")
    boss.at("enterprise/invite")
    boss.fill("对方的真实姓名", someone.name)
    boss.fill("对方的手机号", agent.phone)
    boss.settle()
    boss.shoot("corp-invite")
    boss.press("邀请办事人")
    boss.see("邀请已发出")
    boss.press("看成员")
    boss.at("enterprise/members")
    boss.see("等对方答复")

    phone.open("enterprise/picker")
    phone.tap("企业的邀请")
    phone.at("enterprise/invitations")
    phone.see(name, "邀请您担任办事人")
    phone.shoot("corp-invitation")
    phone.press(f"接受{name}的邀请")
    phone.at("enterprise/home")
    phone.see(name, "您是办事人", "企业办件")
    expect(phone.page.get_by_text("企业证照").filter(visible=True)).to_have_count(0)
    phone.shoot("corp-agent-home")
    phone.tap("企业办件")
    phone.at("apply/cases")
    phone.see("正在替", name, "没有正在办的事")
    phone.press("切换替谁办事")
    phone.at("enterprise/picker")
    phone.see("授权您办事的企业", "替我自己办")
    phone.shoot("corp-switcher")

    boss.open("enterprise/members", uscc=_uscc(http, owner))
    boss.page.get_by_role("button", name=re.compile("^收回：")).first.click()
    boss.see("收回授权？")
    boss.press("收回")
    boss.see("已收回，立刻失效")
    boss.shoot("corp-members")
    phone.page.get_by_role("listitem").first.get_by_role("link").click()
    phone.at("enterprise/home")
    phone.see("不能再替这家企业办事", "已被收回或已终止")
    phone.shoot("corp-ended")
    phone.press("看我能替谁办事")
    phone.at("enterprise/picker")
    phone.see("没有查到您的企业")


def test_the_electronic_licence_opens_the_door_without_the_face(
    app: App, province: Platform, http: httpx.Client, owner: Visitor
) -> None:
    """Somebody whom the representative added as 办事人 in the licence; a code is good once."""
    someone, uscc = somebody(lambda person: not represents(person)), _uscc(http, owner)
    visitor = log_in(http, someone, 3)
    bearer = {"uscc": uscc, "name": someone.name, "id_number": someone.id_number}
    control = f"{province.systems['gd-shijian']}/_control"
    httpx.post(f"{control}/licence-bearers", json=bearer).raise_for_status()
    app.consented()
    visitor.sit_down(app)
    app.open("enterprise/picker")
    app.see("需要人脸核验")
    app.tap("用电子营业执照登录")
    app.at("enterprise/enter")
    app.fill("执照码", "2345-6789-ABCD")
    app.press("登录企业")
    app.see("没有登录成", "没有查到这个电子营业执照码")
    app.settle()
    app.shoot("licence-login-refused")
    shown = httpx.post(
        f"{control}/licence-codes", json={"uscc": uscc, "id_number": someone.id_number}
    ).json()["code"]
    app.fill("执照码", shown.lower())
    app.press("登录企业")
    app.at("enterprise/home")
    app.see("您是办事人", "凭电子营业执照", "企业办件")
    app.settle()
    app.shoot("licence-login-home")
    app.press("切换企业")
    app.at("enterprise/picker")
    app.see("授权您办事的企业", "看我的全部企业")
    app.settle()
    app.shoot("licence-login-picker")
    app.tap("退出电子营业执照登录")
    app.see("需要人脸核验")


def _uscc(http: httpx.Client, owner: Visitor) -> str:
    found = http.get("/api/v1/enterprise/enterprises", headers=owner.header).json()["items"]
    return str(found[0]["uscc"])


def test_a_program_is_registered_and_ended(app: App, http: httpx.Client, owner: Visitor) -> None:
    app.consented()
    owner.sit_down(app)
    app.open("enterprise/home", uscc=_uscc(http, owner))
    app.tap("软件接入")
    app.at("enterprise/machines")
    app.press("登记一个软件")
    app.at("enterprise/machine")
    app.press("登记")
    app.see("请给软件起个名字", "请粘贴公钥")
    app.fill("软件名称", "仓储系统")
    key = base64.b64encode(SigningKey.from_seed("x", b"k" * 32).public.text.encode()).decode()
    app.fill("公钥", key)
    app.press("登记")
    app.see("公钥格式不对")
    key = SigningKey.from_seed("x", b"k" * 32).public_base64
    app.fill("公钥", key)
    app.press("登记")
    app.see("已登记", "ent-")
    app.press("看已登记的软件")
    app.at("enterprise/machines")
    app.see("仓储系统", "查看办件；每天最多 1000 次")
    app.settle()
    app.shoot("corp-machines")
    app.press("停用仓储系统")
    app.press("停用")
    app.see("已停用，立刻失效")


def test_a_licence_code_leaves_its_page_when_its_minute_is_over(
    browser: Browser, province: Platform
) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 812})
    page.clock.install()
    page.goto(f"{province.systems['gd-shijian']}/licence-app")
    page.get_by_role("button").first.click()
    expect(page.get_by_role("img", name="电子营业执照二维码")).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text("秒后失效")
    page.clock.fast_forward(61_000)
    expect(page.get_by_role("timer")).to_have_text("已失效，请换一个")
    expect(page.locator("#code")).to_have_count(0)
    page.close()

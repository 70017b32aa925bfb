"""One licence for one errand, a child's wallet, a copy that anyone can check: on two phones."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from backend.sandbox.population.people import Person
from tests.e2e.app import App
from tests.e2e.codes import JSQR, read, sound
from tests.e2e.conftest import OpenApp
from tests.e2e.lent import CARD, family
from tests.e2e.people import Visitor, log_in
from tests.provinces import Platform

# The picture as whoever received it scans it: the code is in its lower right quarter.
_SCAN = """async () => {
  const picture = new Image()
  picture.src = [...document.querySelectorAll('.picture img')].find((one) => one.src).src
  await picture.decode()
  const canvas = document.createElement('canvas')
  const [left, top] = [Math.round(picture.width / 2), Math.round(picture.height / 2)]
  canvas.width = picture.width - left
  canvas.height = picture.height - top
  const context = canvas.getContext('2d')
  context.drawImage(picture, -left, -top)
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
  return jsQR(data, width, height).data
}"""


@pytest.fixture(scope="module")
def kin() -> tuple[Person, Person]:
    """A parent and their child."""
    return family()


@pytest.fixture(scope="module")
def parent(http: httpx.Client, kin: tuple[Person, Person]) -> Visitor:
    return log_in(http, kin[0], 3)


@pytest.fixture(scope="module")
def friend(http: httpx.Client) -> Visitor:
    return log_in(http, family()[0], 3)


@pytest.fixture
def phone(app: App, parent: Visitor) -> App:
    app.consented()
    parent.sit_down(app)
    return app


@pytest.fixture
def other(open_app: OpenApp, province: Platform, friend: Visitor) -> App:
    """The friend's phone."""
    app = open_app(province.url)
    app.consented()
    friend.sit_down(app)
    return app


def follow(app: App, link: str) -> None:
    """Open what a code on another screen says."""
    assert link.startswith(f"{app.origin}/#/")
    app.page.goto("about:blank")
    app.page.goto(link)
    app.settle()


def test_a_licence_is_lent_taken_used_shown_and_taken_back(
    phone: App, other: App, kin: tuple[Person, Person]
) -> None:
    phone.open("pages/wallet/index")
    phone.text(CARD).click()
    phone.tap("授权他人用证")
    phone.at("lending/lend")
    phone.press("姓名（完整内容）")
    phone.press("代领材料")
    phone.press("3 次")
    phone.press("授权")
    phone.see("授权给对方使用？", "接受邀请的人", "只能看到1 项内容", "用途“代领材料”")
    assert sound(phone, "lend-confirm") == {}
    phone.press("确认授权")
    phone.see("授权已做好，等对方接受")
    link = read(phone)
    assert sound(phone, "lend-invitation") == {}

    follow(other, link)
    other.at("lending/take")
    other.press("接受邀请")
    other.at("lending/borrowed")
    other.see("代领材料", "可用 3 次", "姓名")
    other.press("使用一次，查看内容")
    other.see("会算 1 次，还剩 3 次")
    other.press("使用一次")
    other.see("这次看到的内容", kin[0].name, "还可用 2 次（共 3 次）")
    other.shoot("borrowed-used")
    other.press("亮码给办事人员看")
    other.at("lending/show")
    expect(other.page.locator(".qr")).to_be_visible()
    assert "/verify#c=" in read(other)
    other.see("对方看到一次，算用一次，还剩 2 次")

    phone.press("看我的授权")
    phone.at("lending/loans")
    phone.text(CARD).click()
    phone.at("lending/loan")
    phone.see("还可用 2 次（共 3 次）", "（个人）")
    phone.shoot("loan-used")
    phone.press("收回授权")
    phone.press("收回")
    phone.see("已收回")
    other.press("返回")
    other.at("lending/borrowed")
    other.see("已收回", "这项授权已经结束")

    # A department's system, chosen by its name, may use it in the person's absence.
    phone.open("pages/wallet/index")
    phone.text(CARD).click()
    phone.tap("授权他人用证")
    phone.press("选单位")
    phone.press("授权")
    phone.see("请选择给哪个单位用。")
    phone.fill("单位的名称", "民政")
    phone.see("广东省民政厅")
    assert sound(phone, "lend-system") == {}
    phone.page.get_by_role("list", name="可以授权的单位").get_by_role("link").first.click()
    phone.press("授权")
    phone.see("授权给对方使用？", "广东省民政厅")
    phone.press("确认授权")
    phone.see("已授权给 广东省民政厅", "每次使用都会告诉您")
    phone.press("看我的授权")
    phone.at("lending/loans")
    phone.see("广东省民政厅")


def test_a_company_is_lent_to_and_whoever_acts_for_it_uses_the_licence(
    phone: App, open_app: OpenApp, province: Platform, owner: Visitor, http: httpx.Client
) -> None:
    firm = http.get("/api/v1/enterprise/enterprises", headers=owner.header).json()["items"][0]
    phone.open("pages/wallet/index")
    phone.text(CARD).click()
    phone.tap("授权他人用证")
    phone.press("填公司")
    phone.fill("公司的统一社会信用代码", firm["uscc"][:-2] + "00")
    phone.press("查这家公司")
    phone.see("代码对不上")
    phone.fill("公司的统一社会信用代码", firm["uscc"])
    phone.press("查这家公司")
    phone.see(firm["name"])
    assert sound(phone, "lend-company") == {}
    phone.press("授权")
    phone.see("授权给对方使用？", firm["name"])
    phone.press("确认授权")
    phone.see(f"已授权给 {firm['name']}", "法定代表人")

    boss = open_app(province.url)
    boss.consented()
    owner.sit_down(boss)
    boss.open("enterprise/home", uscc=firm["uscc"])
    boss.tap("别人授权企业的证照")
    boss.at("lending/loans")
    boss.see("别人授权企业的", CARD)
    assert sound(boss, "company-loans") == {}
    boss.text(CARD).click()
    boss.at("lending/borrowed")
    boss.see(firm["name"], "可用 1 次")
    boss.press("使用一次，查看内容")
    boss.press("使用一次")
    boss.see("这次看到的内容", "有效")


def test_a_child_is_carried_and_a_relative_carries(
    phone: App, other: App, kin: tuple[Person, Person]
) -> None:
    phone.open("pages/me/index")
    phone.tap("家人证照")
    phone.at("lending/family")
    phone.tap("添加孩子")
    phone.text("出生医学证明", exact=True).click()
    phone.fill("孩子的身份证号", "440106201801010000")
    phone.press("核对并添加")
    phone.see("身份证号")
    phone.fill("孩子的身份证号", kin[1].id_number)
    phone.press("核对并添加")
    phone.at("lending/member")
    phone.see("保管到满 14 周岁前", "出生医学证明")
    phone.text("出生医学证明").click()
    phone.at("lending/licence")
    phone.see("不是您本人的证照")
    phone.press("亮码出示")
    phone.at("lending/show")
    expect(phone.page.locator(".qr")).to_be_visible()
    phone.open("lending/family")
    phone.tap("请家人帮我保管")
    phone.press("做一个邀请")
    phone.see("邀请已做好，等家人接受")
    link = read(phone)
    assert sound(phone, "family-invitation") == {}

    follow(other, link)
    other.press("接受邀请")
    other.at("lending/member")
    other.see(CARD)
    phone.open("lending/mandates")
    phone.press("授权代办")
    phone.see("授权代办？", "所有事项")
    phone.press("确认授权")
    phone.see("可替我办所有事项")
    assert sound(phone, "mandate-given") == {}
    other.open("lending/mandates", side="received")
    other.see("我可以替")
    assert sound(other, "mandate-received") == {}
    phone.page.get_by_role("button", name="收回：").filter(visible=True).first.click()
    phone.press("收回")
    expect(phone.page.get_by_text("可替我办所有事项")).to_have_count(0)
    other.open("lending/mandates", side="received")
    other.see("还没有家人请您代办", "还没有授权您代办")
    phone.open("lending/family")
    phone.shoot("family-full")
    phone.page.get_by_role("button", name="收回：").filter(visible=True).first.click()
    phone.press("收回")
    phone.see("没有人在保管您的证照")
    other.open("lending/family")
    other.see("没有人在保管您的证照")
    expect(other.page.locator(".lent-card").filter(visible=True)).to_have_count(0)


def test_a_copy_is_made_kept_checked_by_anyone_and_withdrawn(
    phone: App, open_app: OpenApp, province: Platform, tmp_path: Path, kin: tuple[Person, Person]
) -> None:
    phone.open("lending/copies")
    phone.press("做一份加注件")
    phone.text(CARD).click()
    phone.press("入学报名")
    phone.press("做加注件")
    phone.see("请写明给谁用")
    phone.fill("给谁（单位或人的名字）", "示范实验小学")
    phone.press("做加注件")
    phone.at("lending/copy")
    phone.see("真实有效", "示范实验小学")
    expect(phone.page.locator(".picture img").first).to_be_attached()
    assert sound(phone, "copy") == {}
    phone.page.evaluate(JSQR.read_text(encoding="utf-8"))
    link = phone.page.evaluate(_SCAN)
    with phone.page.expect_download() as arriving:
        phone.press("下载 PDF")
    arriving.value.save_as(tmp_path / "copy.pdf")
    assert (tmp_path / "copy.pdf").read_bytes().startswith(b"%PDF-")

    stranger = open_app(province.url)
    follow(stranger, link)
    stranger.at("lending/check")
    stranger.see("真实有效", "示范实验小学", "入学报名")
    stranger.not_see(kin[0].name)
    assert sound(stranger, "check-valid") == {}
    phone.press("作废这份加注件")
    phone.press("作废")
    phone.see("重新做一份")
    stranger.press("再查一份")
    stranger.see("已作废", "请不要再使用")
    assert sound(stranger, "check-withdrawn") == {}
    stranger.fill("加注件编号", "A" * 24)
    stranger.press("再查一份")
    stranger.see("没有查到", "不是本平台出具的")


def test_without_a_network_lists_stay_and_nothing_typed_is_lost(phone: App) -> None:
    phone.open("lending/loans")
    phone.see("用证授权")
    phone.context.set_offline(True)
    phone.press("别人授权我")
    phone.see("没有连上网络")
    phone.context.set_offline(False)
    phone.press("再试一次")
    phone.see("还没有人授权您用证")

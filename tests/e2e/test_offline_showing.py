"""A licence shown by a phone without a network, and checked by a verifier without one."""

import time

import httpx
import pytest
from playwright.sync_api import expect

from backend.presentation import statuslist
from backend.presentation.jose import KeySet
from backend.presentation.packing import joined
from backend.presentation.reasons import Reason, Refused
from backend.presentation.verifying import Facts, verify
from tests.e2e.app import App
from tests.e2e.codes import driver, read, show, sound
from tests.e2e.people import Visitor, log_in

VERIFICATION = "/api/v1/public/verification"
KEPT = "localStorage.getItem('sst.kept-credentials')"


@pytest.fixture(scope="module")
def holder(http: httpx.Client) -> Visitor:
    return log_in(http, driver(), 3)


@pytest.fixture
def phone(app: App, holder: Visitor) -> App:
    app.consented()
    holder.sit_down(app)
    return app


def keep(phone: App, name: str = "居民身份证") -> None:
    """Keep a licence on the phone while there is a network."""
    show(phone, name)
    phone.press("没有网络时出示 先存到这台手机，断网也能用")
    phone.at("licence/offline")
    phone.press("存到这台手机")
    phone.see("给谁看", "只回答是或否")


def present(phone: App, *facts: str, who: str = "示范酒店前台", nonce: str = "42") -> str:
    """Make the codes without a network, and scan all of them."""
    phone.fill("给谁看", who)
    phone.fill("对方给的编号（没有就不填）", nonce)
    for fact in facts:
        phone.press(fact)
    phone.press("生成出示码")
    expect(phone.page.locator(".qr")).to_be_visible()
    texts = [read(phone)]
    for _ in range(int(texts[0].split(":")[1].split("/")[1]) - 1):
        phone.press("下一张码")
        texts.append(read(phone))
    assert len(set(texts)) == len(texts)
    return joined(texts)


def checked(http: httpx.Client, presentation: str, audience: str, nonce: str) -> Facts:
    """What a verifier makes of it with the published keys and lists."""
    keys = KeySet.read(http.get(f"{VERIFICATION}/keys").json())
    names = http.get(f"{VERIFICATION}/status-lists").json()["items"]
    answers = [http.get(f"{VERIFICATION}/status-lists/{name}").text for name in names]
    lists = {one.uri: one for one in (statuslist.read(answer, keys) for answer in answers)}
    return verify(presentation, keys, lists, audience=audience, nonce=nonce, now=int(time.time()))


def test_chosen_facts_go_over_in_codes_without_a_network(
    phone: App, http: httpx.Client, holder: Visitor
) -> None:
    keep(phone)
    phone.context.set_offline(True)
    presentation = present(phone, "年满18周岁", "性别")
    facts = checked(http, presentation, "示范酒店前台", "42")
    assert facts.type_name == "居民身份证"
    assert facts.shown["age_over_18"] is True
    assert set(facts.shown) == {"age_over_18", "sex"}
    with pytest.raises(Refused) as refused:
        checked(http, presentation, "别的酒店", "42")
    assert refused.value.reason is Reason.WRONG_AUDIENCE
    phone.press("结束出示")
    phone.not_see("结束出示")
    expect(phone.page.get_by_role("checkbox", name="年满18周岁")).to_have_attribute(
        "aria-checked", "false"
    )


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_the_off_line_page_is_fit_for_everybody(app: App, holder: Visitor, elder: bool) -> None:
    app.consented(elder=elder)
    holder.sit_down(app)
    show(app, "机动车行驶证")
    app.press("没有网络时出示 先存到这台手机，断网也能用")
    app.see("退出登录就删除")
    assert sound(app, "offline-keep", elder=elder) == {}
    app.press("存到这台手机")
    app.press("生成出示码")
    app.see("请写对方的名称")
    assert sound(app, "offline-form", elder=elder) == {}
    present(app, "号牌号码", "车辆识别代号")
    assert sound(app, "offline-codes", elder=elder) == {}
    app.open("licence/offline")
    app.see("机动车行驶证", "存到这台手机")
    assert sound(app, "offline-list", elder=elder) == {}


def test_the_wallet_and_the_way_to_the_codes_stay_without_a_network(phone: App) -> None:
    keep(phone)
    phone.open("pages/wallet/index")
    phone.see("居民身份证")
    phone.page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    phone.page.reload()
    phone.settle()
    phone.see("没有更新成功", "居民身份证", "的数据")
    phone.shoot("offline-wallet-kept")
    phone.press("亮码")
    phone.see("没有连上网络")
    phone.page.get_by_role("button", name="没有网络时出示", exact=True).click()
    phone.at("licence/offline")
    phone.see("给谁看")


def test_the_last_known_face_stays_with_its_age(phone: App) -> None:
    """On line, off line, and off line at another door; nothing of it survives the log-out."""
    phone.open("pages/wallet/index")
    phone.text("机动车驾驶证").click()
    phone.at("licence/detail")
    face = phone.page.get_by_role("img", name="机动车驾驶证图片")
    expect(face).to_be_visible()
    phone.page.wait_for_function(
        "Object.keys(localStorage).some(key => key.includes('kept-face.'))"
    )
    phone.page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    phone.page.reload()
    phone.settle()
    expect(face).to_be_visible()
    phone.see("没有网络，这是", "存下的图片")
    phone.shoot("offline-face-kept")
    phone.page.unroute("**/api/**")


def test_it_goes_when_it_is_deleted_and_with_the_log_in(app: App, http: httpx.Client) -> None:
    phone = app
    phone.consented()
    log_in(http, driver(), 3).sit_down(phone)
    keep(phone)
    assert phone.page.evaluate(KEPT)
    phone.press("从这台手机删除")
    phone.see("从这台手机删除？")
    phone.press("删除")
    phone.see("先存到这台手机")
    assert phone.page.evaluate(KEPT) is None
    phone.press("存到这台手机")
    phone.see("给谁看")
    phone.open("pages/me/index")
    phone.press("退出登录")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="退出登录").click()
    phone.see("还没有登录")
    assert phone.page.evaluate(KEPT) is None
    kept = "Object.keys(localStorage).filter(key => key.includes('kept'))"
    assert phone.page.evaluate(kept) == []


def test_without_a_network_nothing_can_be_kept_anew(phone: App) -> None:
    show(phone)
    phone.press("没有网络时出示 先存到这台手机，断网也能用")
    phone.at("licence/offline")
    phone.context.set_offline(True)
    phone.see("没有连上网络")
    phone.context.set_offline(False)
    phone.press("存到这台手机")
    phone.see("给谁看")

"""新生儿出生 as one thing: one form on the phone, the clerks at their desks, all of it done."""

import time
from typing import Any

import httpx
import pytest

from tests.e2e.accessibility import small_targets, too_wide, violations
from tests.e2e.app import App
from tests.e2e.applying import NARROWEST, choose_date, looked_at, with_card
from tests.e2e.conftest import OpenApp
from tests.e2e.people import CITIZEN, Visitor, done, log_in, represents, somebody
from tests.integration.one_thing.test_over_http import NEWBORN, SYSTEMS
from tests.provinces import Platform

WITHIN_S = 120


@pytest.fixture(scope="module")
def parent(http: httpx.Client) -> Visitor:
    """Somebody with an identity card, level 4, whose child was born."""
    visitor = log_in(
        http, somebody(lambda one: one.licence_load == "normal" and not represents(one)), 4
    )
    with_card(http, visitor)
    return visitor


def filled_elsewhere(http: httpx.Client, who: Visitor) -> None:
    """On another device the rest of the form is filled in."""
    drafts = done(http.get(f"{CITIZEN}/cases/drafts", headers=who.header))["items"]
    path = (
        f"{CITIZEN}/cases/drafts/{next(one['id'] for one in drafts if one['kind'] == 'one_thing')}"
    )
    draft = done(http.get(path, headers=who.header))
    typed = ("child", "born_on")
    body = {
        "version": draft["version"],
        "values": {name: one for name, one in NEWBORN.items() if name not in typed},
    }
    done(http.patch(path, json=body, headers=who.header))


def granted(http: httpx.Client, province: Platform, who: Visitor, run: str, code: str) -> None:
    """The clerk of a step grants it, as soon as it has arrived."""
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        found = done(http.get(f"{CITIZEN}/one-things/runs/{run}", headers=who.header))
        case: dict[str, Any] | None = next(
            one["case"] for one in found["steps"] if one["code"] == code
        )
        if case is not None and case["delivered"]:
            number = case["case_no"]
            desk = f"{province.systems[SYSTEMS[number[:17]]]}/_control/cases/{number}"
            assert httpx.post(desk, json={"action": "approve"}, timeout=15).status_code == 200
            return
        time.sleep(0.3)
    raise AssertionError(f"the step {code} did not reach its department")


def test_a_newborn_from_one_form_to_the_wallet(
    app: App, http: httpx.Client, province: Platform, parent: Visitor
) -> None:
    app.consented()
    parent.sit_down(app)
    app.open("pages/services/index")
    app.tap("一件事一次办")
    app.at("onething/list")
    app.tap("孩子出生后要办的事")
    app.at("onething/guide")
    app.see("出生医学证明", "“出生医学证明”办好后自动接着办", "必办")
    looked_at(app, "one-thing-guide")
    app.press("在线办理")
    app.at("apply/fill")
    app.fill("孩子姓名", "安安")
    choose_date(app, "出生日期", "2026", "11", "1")
    app.see("已保存，换一台设备也能接着填")
    filled_elsewhere(http, parent)
    app.page.reload()
    app.see("孩子姓名")
    looked_at(app, "one-thing-form")

    app.press("下一步")
    app.see("不用交，来自“出生医学证明”这一步")
    app.press("居民身份证：用我的电子证照")
    app.page.get_by_role("checkbox").filter(visible=True).first.click()
    app.press("使用这张证照")
    app.see("用电子证照：居民身份证")
    looked_at(app, "one-thing-materials")
    app.press("下一步")
    app.press("确认提交")
    app.at("onething/done")
    app.see("已提交", "办件编号", "办好后自动提交")
    looked_at(app, "one-thing-done")
    app.press("查看进度")
    app.at("onething/progress")
    app.see("4 件事，已办好 0 件")
    looked_at(app, "one-thing-progress")

    run = done(http.get(f"{CITIZEN}/one-things/runs", headers=parent.header))["items"][0]["id"]
    for code in ("birth", "home", "insurance", "card"):
        granted(http, province, parent, run, code)
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        found = done(http.get(f"{CITIZEN}/one-things/runs/{run}", headers=parent.header))
        if found["ended"]:
            break
        time.sleep(0.3)
    app.page.reload()
    app.see("4 件事都办好了")
    looked_at(app, "one-thing-progress-done")
    app.open("pages/wallet/index")
    app.see("居民户口簿", "出生医学证明")


def test_the_pages_hold_in_the_elder_version(
    open_app: OpenApp, province: Platform, parent: Visitor
) -> None:
    elder = open_app(province.url)
    elder.consented(elder=True)
    parent.sit_down(elder)
    for page, query in (("onething/list", {}), ("onething/guide", {"code": "newborn"})):
        elder.open(page, **query)
        elder.settle()
        elder.shoot(f"{page.replace('/', '-')}-elder")
        assert violations(elder.page) == []
        assert small_targets(elder.page, elder=True) == []
        assert too_wide(elder.page, NARROWEST) == 0

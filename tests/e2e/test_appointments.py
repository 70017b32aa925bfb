"""From the guide to a time at a counter near by, to its code, and out of it again."""

import re

from playwright.sync_api import Geolocation, expect

from tests.e2e.accessibility import small_targets, small_texts, too_wide, violations
from tests.e2e.app import App
from tests.e2e.people import Visitor

NARROWEST = 320
SHIPAI: Geolocation = {"latitude": 23.125, "longitude": 113.361}


def _fit(app: App, name: str, *, elder: bool = False) -> None:
    app.settle()
    app.shoot(f"appointments-{name}{'-elder' if elder else ''}")
    wrong = {
        "axe": violations(app.page),
        "small targets": small_targets(app.page, elder=elder),
        "small texts": small_texts(app.page, elder=elder),
        "wider than 320": too_wide(app.page, NARROWEST),
    }
    assert {kind: found for kind, found in wrong.items() if found} == {}


def _book(app: App, *, elder: bool) -> None:
    """From the list of places to the booking."""
    app.see("就近办")
    _fit(app, "places", elder=elder)
    app.page.get_by_role("list", name="办事地点").get_by_role("link").first.click()
    app.at("appointments/book")
    _book_here(app, elder=elder)


def _book_here(app: App, *, elder: bool) -> None:
    """The last time of the last day: whatever the time is now, it can still be cancelled."""
    app.see("哪一天", "什么时间")
    app.page.get_by_role("radiogroup", name="哪一天").get_by_role("radio").last.click()
    times = app.page.get_by_role("radiogroup", name="什么时间").get_by_role("radio")
    times.last.click()
    _fit(app, "book", elder=elder)
    app.page.get_by_role("button", name=re.compile("^预约 ")).click()
    app.at("appointments/detail")
    app.see("预约成功", "已预约")
    _fit(app, "detail", elder=elder)


def test_a_time_near_by_is_booked_shown_and_cancelled(app: App, resident: Visitor) -> None:
    app.context.grant_permissions(["geolocation"], origin=app.origin)
    app.context.set_geolocation(SHIPAI)
    app.consented()
    resident.sit_down(app)
    app.open("guide/search", q="社保卡")
    app.tap("办社保卡")
    app.at("guide/item")
    app.press("就近办、预约取号")
    app.at("appointments/places")
    app.press("离我最近")
    app.see("按离您的远近排列", "精确到约 100 米")
    _book(app, elder=False)
    code = app.page.get_by_role("img", name=re.compile("预约码 YY"))
    expect(code).to_be_visible()
    app.open("appointments/list")
    app.see("办社保卡", "已预约")
    _fit(app, "list")
    app.tap("办社保卡")
    app.at("appointments/detail")
    app.press("取消预约")
    question = app.page.get_by_role("alertdialog")
    expect(question).to_contain_text("名额会让给别人")
    question.get_by_role("button", name="取消预约").click()
    app.see("已取消", "再约一次")
    _fit(app, "cancelled")
    app.open("appointments/list")
    app.see("没有待办的预约")
    _fit(app, "list-empty")


def test_in_the_elder_version_and_without_a_location(app: App, resident: Visitor) -> None:
    app.consented(elder=True)
    resident.sit_down(app)
    app.open("appointments/places")
    _fit(app, "places", elder=True)
    app.page.get_by_role("list", name="办事地点").get_by_role("link").first.click()
    app.at("appointments/place")
    app.see("在这里能约的事")
    _fit(app, "place", elder=True)
    app.page.get_by_role("list", name="能约的事").get_by_role("link").first.click()
    app.at("appointments/book")
    _book_here(app, elder=True)
    app.open("appointments/list")
    _fit(app, "list", elder=True)


def test_places_and_bookings_without_a_network(app: App, resident: Visitor) -> None:
    app.consented()
    resident.sit_down(app)
    app.open("appointments/list")
    app.context.set_offline(True)
    app.press("以前的")
    app.see("没有连上网络")
    app.shoot("appointments-offline")
    app.context.set_offline(False)
    app.press("再试一次")
    app.settle()
    app.not_see("没有连上网络")


def test_a_place_that_is_gone(app: App) -> None:
    app.consented()
    app.open("appointments/place", code="nowhere-at-all")
    app.see("没有找到", "12345")
    _fit(app, "place-gone")

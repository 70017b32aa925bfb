"""The elder version: seen from the home page, kept on the device, and with the person."""

import re

import httpx

from tests.e2e.app import App
from tests.e2e.people import Visitor


def _body_size(app: App) -> str:
    size: str = (
        app.page.locator(".app-page")
        .filter(visible=True)
        .evaluate("(page) => getComputedStyle(page).fontSize")
    )
    return size


def test_one_tap_from_the_home_page_and_one_back(app: App) -> None:
    app.consented()
    app.open("pages/home/index")
    assert _body_size(app) == "16px"
    app.press("长辈版")
    app.see("已打开长辈版")
    assert _body_size(app) == "20px"
    app.press("办事")
    app.see("按主题找")
    assert _body_size(app) == "20px"
    app.press("首页")
    app.press("标准版")
    assert _body_size(app) == "16px"


def test_it_stays_after_a_restart(app: App) -> None:
    app.consented()
    app.open("settings/elder")
    app.page.get_by_role("switch").click()
    app.open("pages/services/index")
    assert _body_size(app) == "20px"


def test_the_choice_is_kept_with_the_person(
    app: App, newcomer: Visitor, http: httpx.Client
) -> None:
    app.consented()
    newcomer.sit_down(app)
    app.open("settings/elder")
    for elder in (True, False):
        with app.page.expect_response(re.compile("/me/preferences$")):
            app.page.get_by_role("switch").click()
        me = http.get("/api/v1/citizen/me", headers=newcomer.header).json()
        assert me["elder"] is elder

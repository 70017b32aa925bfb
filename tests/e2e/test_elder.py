"""The elder version: seen from the home page, kept on the device, and with the person."""

import re

import httpx
import pytest

from tests.e2e.app import App
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor
from tests.provinces import Platform


def _body_size(app: App) -> str:
    size: str = (
        app.page.locator(".app-page")
        .filter(visible=True)
        .evaluate("(page) => getComputedStyle(page).fontSize")
    )
    return size


_LINES = """(one) => {
  const words = document.createRange()
  words.selectNodeContents(one)
  return new Set([...words.getClientRects()].map((box) => Math.round(box.top))).size
}"""


def _lines(app: App, words: str) -> set[int]:
    """Into how many lines that fall apart which say exactly this, as far as they can be seen."""
    shown = app.page.get_by_text(words, exact=True).filter(visible=True).all()
    return {one.evaluate(_LINES) for one in shown}


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


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("width", [375, 320])
def test_the_head_of_the_wallet_is_one_row(
    open_app: OpenApp, province: Platform, resident: Visitor, elder: bool, width: int
) -> None:
    app = open_app(province.url, width)
    app.consented(elder=elder)
    resident.sit_down(app)
    app.open("pages/wallet/index")
    boxes = [app.control(name).bounding_box() for name in ("刷新证照", "排序，改证照的顺序和常用")]
    boxes.append(app.text("张证照").bounding_box())
    middles = [box["y"] + box["height"] / 2 for box in boxes if box is not None]
    assert len(middles) == 3
    assert max(middles) - min(middles) < 1


def test_a_pill_is_as_large_as_it_looks_and_short_words_stay_in_one_piece(
    app: App, resident: Visitor, http: httpx.Client
) -> None:
    app.consented(elder=True)
    resident.sit_down(app)
    app.open("voice/ask")
    for pill in app.page.locator(".chip").filter(visible=True).all():
        box = pill.bounding_box()
        assert box is not None
        assert box["height"] >= 50
    assert _lines(app, "找哪个部门") == {1}
    app.open("appointments/place", code="440106-hall")
    assert _lines(app, "预约") == {1}
    wallet = http.get("/api/v1/citizen/wallet", headers=resident.header).json()
    app.open("lending/lend", id=wallet["items"][0]["id"], name="证照")
    assert _lines(app, "发邀请") == {1}

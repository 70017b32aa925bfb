"""With a keyboard and no mouse."""

import re

import httpx
from playwright.sync_api import expect

from tests.e2e.app import App
from tests.e2e.people import Visitor, not_online


def _focused(app: App) -> str:
    name: str = app.page.evaluate(
        "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText)"
        ".trim()"
    )
    return name


def _tab_to(app: App, name: str, at_most: int = 60) -> None:
    for _ in range(at_most):
        app.page.keyboard.press("Tab")
        if re.search(name, _focused(app)):
            return
    raise AssertionError(f"{name!r} is not reached within {at_most} stops")


def test_from_services_to_a_guide(app: App) -> None:
    app.consented()
    app.open("pages/services/index")
    _tab_to(app, "跳到主要内容")
    app.page.keyboard.press("Enter")
    _tab_to(app, "^户籍证件")
    app.page.keyboard.press("Enter")
    app.at("guide/search")
    app.see("给孩子上户口")
    _tab_to(app, "给孩子上户口")
    app.page.keyboard.press("Enter")
    app.at("guide/item")
    app.see("需要什么材料")


def test_filters_answer_to_space_and_say_their_state(app: App) -> None:
    app.consented()
    app.open("pages/services/index")
    chip = app.page.get_by_role("checkbox", name="只看可网上办")
    expect(chip).not_to_be_checked()
    chip.focus()
    app.page.keyboard.press("Space")
    expect(chip).to_be_checked()


def test_a_licence_is_opened_and_its_number_revealed(app: App, resident: Visitor) -> None:
    app.consented()
    resident.sit_down(app)
    app.open("pages/wallet/index")
    _tab_to(app, "^居民身份证")
    app.page.keyboard.press("Enter")
    app.at("licence/detail")
    app.see("证照号码")
    _tab_to(app, "^显示证照号码$")
    app.page.keyboard.press("Enter")
    app.see("30 秒后自动遮住")
    # The label follows the value by a turn of the page: wait for it, on the very same element.
    expect(app.page.locator("*:focus")).to_have_attribute("aria-label", "遮住证照号码")


def test_the_sheet_keeps_the_focus_until_it_closes(app: App, http: httpx.Client) -> None:
    app.consented()
    app.open("guide/item", id=not_online(http))
    app.see("需要什么材料")
    app.page.get_by_role("button", name="看看怎么办").focus()
    app.page.keyboard.press("Enter")
    sheet = app.page.get_by_role("dialog")
    for _ in range(12):
        app.page.keyboard.press("Tab")
        assert sheet.evaluate("(one) => one.contains(document.activeElement)")
    app.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)

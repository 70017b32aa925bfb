"""Finding out how something is done: themes, places, words, guides."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.app import App
from tests.e2e.people import Visitor, not_online


@pytest.fixture
def phone(app: App) -> App:
    app.consented()
    return app


def test_theme_to_guide_with_the_legal_text_last(phone: App) -> None:
    phone.open("pages/services/index")
    phone.see("按主题找", "按部门找", "广东省可办事项")
    phone.tap("户籍证件")
    phone.at("guide/search")
    phone.see("给孩子上户口")
    phone.tap("给孩子上户口")
    phone.at("guide/item")
    parts = ["出生登记", "谁能办", "需要什么材料", "多久办好", "收费吗", "去哪里办", "办理流程"]
    phone.see(*parts, "常见问题", "法律依据", "出生医学证明")
    words = phone.page.locator("#main").filter(visible=True).inner_text()
    heads = ["需要什么材料", "办理流程", "常见问题", "法律依据"]
    assert [words.index(head) for head in heads] == sorted(words.index(head) for head in heads)
    phone.press("过了一个月还能上吗")
    phone.see("一个月是申报的期限")


def test_what_cannot_be_applied_for_here_says_how_it_is_done(
    phone: App, http: httpx.Client
) -> None:
    phone.open("guide/item", id=not_online(http))
    phone.press("看看怎么办")
    sheet = phone.page.get_by_role("dialog")
    expect(sheet).to_contain_text("这件事现在不能网上申请")
    expect(sheet).to_contain_text("到窗口办")
    expect(sheet).to_contain_text("政务服务热线")
    expect(sheet).to_be_focused()
    phone.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(phone.page.get_by_role("button", name="看看怎么办")).to_be_focused()


def test_the_audience_changes_themes_and_items(phone: App) -> None:
    phone.open("pages/services/index")
    phone.press("企业办事")
    phone.see("设立变更", "行业准营")
    phone.not_see("婚育收养")
    phone.settle()
    phone.shoot("services-enterprise")


def test_pages_of_a_list_follow_one_another(phone: App) -> None:
    phone.open("pages/services/index")
    rows = phone.page.get_by_role("listitem").filter(visible=True)
    expect(rows).to_have_count(20)
    phone.press_at_the_end("加载更多")
    expect(rows).to_have_count(40)
    names = rows.all_inner_texts()
    assert len(set(names)) == len(names)


def test_only_what_can_be_done_online(phone: App) -> None:
    phone.open("pages/services/index")
    phone.press("只看可网上办")
    phone.settle()
    rows = phone.page.get_by_role("listitem").filter(visible=True)
    assert all(re.search("全程网办|可网上办", text) for text in rows.all_inner_texts())


@pytest.mark.parametrize(
    ("typed", "found"),
    [("上户口", "给孩子上户口"), ("gongjijin", "公积金"), ("gjj", "公积金"), ("身分证", "身份证")],
)
def test_search_takes_words_pinyin_and_mistakes(phone: App, typed: str, found: str) -> None:
    phone.open("guide/search")
    field = phone.page.get_by_label("要办的事")
    field.fill(typed)
    field.press("Enter")
    phone.see(found)
    phone.settle()


def test_search_asks_whether_something_near_was_meant(phone: App) -> None:
    phone.open("guide/search", q="公机金提取")
    phone.see("您是不是要找")
    phone.shoot("search-suggestion")


def test_what_was_searched_for_stays_on_the_device_until_it_is_cleared(phone: App) -> None:
    phone.open("guide/search")
    field = phone.page.get_by_label("要办的事")
    field.fill("护照")
    field.press("Enter")
    phone.settle()
    phone.press("清空")
    phone.see("搜过的")
    phone.shoot("search-history")
    phone.press("搜索 护照")
    phone.settle()
    phone.press("清空")
    phone.press("清空搜索记录")
    phone.not_see("搜过的")


def test_search_without_a_hit_says_what_else_to_do(phone: App) -> None:
    phone.open("guide/search", q="𬭚䶮㛃")
    phone.see("没有找到相关事项", "12345")
    phone.shoot("search-empty")


def test_another_place_changes_what_can_be_done_and_says_why(
    phone: App, http: httpx.Client
) -> None:
    city, item = _missing_somewhere(http)
    phone.open("pages/services/index")
    phone.press("当前地区 广东省，切换")
    phone.at("guide/region")
    phone.tap(city["name"])
    phone.see(f"{city['name']}（全市）")
    phone.settle()
    phone.shoot("region-city")
    phone.tap(f"{city['name']}（全市）")
    phone.at("pages/services/index")
    phone.see(f"{city['name']}可办事项")

    phone.open("guide/search", q=item["name"])
    phone.see(item["unavailable_reason"])
    phone.settle()
    phone.shoot("search-unavailable")
    phone.tap(item["plain_name"])
    phone.see(f"{city['name']}暂时不能办", "看看怎么办")
    phone.settle()
    phone.shoot("guide-unavailable")


def _missing_somewhere(http: httpx.Client) -> tuple[dict[str, str], dict[str, str]]:
    """A city, and an item that it does not offer."""
    cities = http.get("/api/v1/public/regions", params={"parent": "440000"}).json()["items"]
    for city in cities:
        cursor: str | None = None
        while True:
            query = {"region": city["code"], "limit": 50, **({"cursor": cursor} if cursor else {})}
            page = http.get("/api/v1/public/service-items", params=query).json()
            for item in page["items"]:
                if not item["available"]:
                    return city, item
            cursor = page["next_cursor"]
            if cursor is None:
                break
    raise AssertionError("every city offers everything")


def test_places_down_to_the_county(phone: App) -> None:
    phone.open("guide/region")
    phone.tap("广州市")
    phone.see("天河区")
    phone.tap("天河区")
    phone.at("")
    phone.see("天河区")
    phone.open("guide/region")
    phone.see("现在看的是", "天河区")
    expect(phone.page.get_by_label("所在层级")).to_contain_text("广州市")


def test_the_place_follows_the_person(phone: App, newcomer: Visitor, http: httpx.Client) -> None:
    newcomer.sit_down(phone)
    phone.open("guide/region")
    with phone.page.expect_response(re.compile("/me/preferences$")):
        phone.tap("深圳市")
        phone.tap("深圳市（全市）")
    me = http.get("/api/v1/citizen/me", headers=newcomer.header).json()
    assert me["region_code"] == "440300"


def test_what_is_one_thing_comes_before_its_parts(phone: App) -> None:
    phone.open("pages/home/index")
    phone.tap("新生儿")
    phone.at("guide/search")
    phone.see("孩子出生后要办的事", "给孩子上户口")
    words = phone.page.locator("#main").filter(visible=True).inner_text()
    assert words.index("孩子出生后要办的事") < words.index("给孩子上户口")
    phone.tap("孩子出生后要办的事")
    phone.at("onething/guide")

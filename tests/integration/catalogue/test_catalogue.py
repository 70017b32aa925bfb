"""The catalogue on real databases: publishing, pages, regions, other workers."""

import asyncio
import time

import pytest
from tortoise.transactions import in_transaction

from backend.catalogue import service
from backend.catalogue.errors import CursorInvalid, ItemNotFound, ItemsRefused
from backend.catalogue.items import Department
from backend.catalogue.service import Card, Catalogue, CatalogueQuery
from backend.regions.errors import RegionCodeInvalid, RegionUnknown
from tests.catalogue_items import DEPARTMENT, documents, full_item, shipped, system
from tests.regions import REGIONS


@pytest.fixture
async def empty(database: str) -> Catalogue:
    """A catalogue without items."""
    return Catalogue(REGIONS)


@pytest.fixture
async def full(empty: Catalogue) -> Catalogue:
    """A catalogue with all that the sandbox ships."""
    for department, document in documents():
        await empty.replace_items(system(f"gd-{department.code}", department), document)
    return empty


async def everything(catalogue: Catalogue, query: CatalogueQuery) -> list[Card]:
    """All pages of a list, put together."""
    cards: list[Card] = []
    cursor: str | None = None
    while True:
        page = await catalogue.list(
            CatalogueQuery(
                audience=query.audience, region=query.region, text=query.text,
                online=query.online, theme=query.theme, department=query.department,
                limit=query.limit, cursor=cursor,
            )
        )  # fmt: skip
        cards += page.cards
        cursor = page.next_cursor
        if cursor is None:
            assert page.total == len(cards)
            return cards


async def test_all_that_is_shipped_is_published_and_listed_once(full: Catalogue) -> None:
    cards = await everything(full, CatalogueQuery(limit=17))
    assert sorted(card.row.task_code for card in cards) == sorted(
        item.task_code for item in shipped()
    )
    hot = [card.row.hot for card in cards]
    assert hot == sorted(hot, reverse=True)
    assert len({card.row.department_code for card in cards[:9]}) == 9


async def test_filters_are_combined(full: Catalogue) -> None:
    query = CatalogueQuery(
        audience="citizen", theme="marriage-birth", department="minzheng", online=False
    )
    found = {card.row.plain_name for card in await everything(full, query)}
    assert "领结婚证" in found
    for card in await everything(full, query):
        assert card.row.citizen
        assert "marriage-birth" in card.row.themes
        assert card.row.department_code == "minzheng"


async def test_online_leaves_out_what_needs_the_counter(full: Catalogue) -> None:
    cards = await everything(full, CatalogueQuery(online=True))
    assert cards
    assert all(card.row.online for card in cards)


async def test_what_a_place_does_not_offer_is_shown_last_with_the_reason(full: Catalogue) -> None:
    cards = await everything(full, CatalogueQuery(region="440106", limit=9))
    assert len(cards) == len(shipped())
    available = [card.available for card in cards]
    assert available == sorted(available, reverse=True)
    elsewhere = next(card for card in cards if card.row.plain_name == "深圳颐年卡")
    assert elsewhere.unavailable_reason == "天河区暂未开通，可到深圳市办理"
    assert (elsewhere.region_code, elsewhere.region_name) == ("440106", "天河区")
    here = next(card for card in cards if card.row.plain_name == "广州老年人优待卡")
    assert (here.available, here.unavailable_reason) == (True, None)


async def test_the_reason_names_the_nearest_places_first(full: Catalogue) -> None:
    cards = await everything(full, CatalogueQuery(region="440604"))
    card = next(card for card in cards if card.row.plain_name == "收楼当天领房产证")
    assert card.unavailable_reason == "禅城区暂未开通，可到南海区、顺德区、番禺区等6地办理"


async def test_seen_from_the_province_what_a_city_offers_is_available_there(
    full: Catalogue,
) -> None:
    cards = await everything(full, CatalogueQuery(region="440000"))
    assert all(card.available for card in cards)
    one = next(card for card in cards if card.row.plain_name == "深圳颐年卡")
    assert (one.region_code, one.region_name) == ("440300", "深圳市")


async def test_a_street_has_what_its_city_has(full: Catalogue) -> None:
    cards = await everything(full, CatalogueQuery(region="441900003"))
    names = {card.row.plain_name: card.available for card in cards}
    assert names["东莞医保换门诊点"]
    assert not names["深圳颐年卡"]


async def test_search_takes_filters_and_regions_along(full: Catalogue) -> None:
    query = CatalogueQuery(text="gongjijin", audience="enterprise", region="440106", limit=2)
    cards = await everything(full, query)
    assert cards
    assert all(card.row.enterprise for card in cards)
    assert all(card.region_code == "440106" for card in cards)


async def test_a_mistake_is_answered_with_a_sentence(full: Catalogue) -> None:
    page = await full.list(CatalogueQuery(text="身分证"))
    assert page.suggestion == "您是不是要找“身份证”"
    assert page.cards[0].row.plain_name == "第一次办身份证"


async def test_the_guide_holds_every_element_and_the_names_of_its_codes(full: Catalogue) -> None:
    (item,) = [one for one in shipped() if one.plain_name == "深圳颐年卡"]
    detail = await full.get(item.task_code, "440106")
    assert not detail.card.available
    assert detail.elements["task_type_name"] == "公共服务"
    assert detail.elements["region_names"] == ["深圳市"]
    assert detail.elements["by_law"] == ["《深圳经济特区养老服务条例》"]
    assert detail.elements["materials"][0]["licence_type_code"] == "11100000000013127D001"


async def test_an_item_that_does_not_exist_is_not_found(full: Catalogue) -> None:
    with pytest.raises(ItemNotFound):
        await full.get("11440000MB9X00111Q4440709999999")


async def test_themes_and_departments_count_their_items(full: Catalogue) -> None:
    themes = {theme.code: count for theme, count in await full.themes("citizen")}
    assert themes["marriage-birth"] == sum("marriage-birth" in item.themes for item in shipped())
    assert all(theme.audience == "enterprise" for theme, _ in await full.themes("enterprise"))
    departments = await full.departments()
    assert sum(count for *_, count in departments) == len(shipped())
    assert ("gongan", "广东省公安厅", "公安厅") in [tuple(one[:3]) for one in departments]


async def test_the_download_holds_every_item_in_the_order_of_its_code(full: Catalogue) -> None:
    codes = [elements["task_code"] async for elements in full.download()]
    assert codes == sorted(item.task_code for item in shipped())


async def test_an_unknown_region_is_refused(empty: Catalogue) -> None:
    with pytest.raises(RegionUnknown):
        await empty.list(CatalogueQuery(region="449999"))
    with pytest.raises(RegionCodeInvalid):
        await empty.list(CatalogueQuery(region="广州"))


@pytest.mark.one_store
@pytest.mark.parametrize("cursor", ["", "%%%", "AAAA", "eA", "中文"])
async def test_what_is_no_cursor_is_refused(full: Catalogue, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        await full.list(CatalogueQuery(cursor=cursor))
    with pytest.raises(CursorInvalid):
        await full.list(CatalogueQuery(cursor=cursor, text="公积金"))


async def test_a_cursor_of_another_list_is_refused(full: Catalogue) -> None:
    page = await full.list(CatalogueQuery(limit=3))
    assert page.next_cursor
    with pytest.raises(CursorInvalid):
        await full.list(CatalogueQuery(limit=3, audience="citizen", cursor=page.next_cursor))


async def test_a_cursor_whose_item_was_withdrawn_is_refused(empty: Catalogue) -> None:
    items = [full_item(catalog_code=f"440109{number:06d}") for number in range(1, 6)]
    await empty.replace_items(system(), items)
    page = await empty.list(CatalogueQuery(limit=2))
    await empty.replace_items(system(), items[3:])
    other = Catalogue(REGIONS)
    with pytest.raises(CursorInvalid):
        await other.list(CatalogueQuery(limit=2, cursor=page.next_cursor))


async def test_publishing_again_replaces_only_what_this_system_published(
    empty: Catalogue,
) -> None:
    await empty.replace_items(system(), [full_item(), full_item(catalog_code="440109001001")])
    other = DEPARTMENT.model_copy(update={"code": "lingyi", "uscc": "11440000MB9X00111Q"})
    await empty.replace_items(system("gd-lingyi", other), [full_item()])
    assert await empty.replace_items(system(), [full_item(plain_name="换了名字")]) == 1
    names = [card.row.plain_name for card in await everything(Catalogue(REGIONS), CatalogueQuery())]
    assert sorted(names) == ["办一件测试的事", "换了名字"]


async def test_a_system_cannot_take_another_systems_item(empty: Catalogue) -> None:
    await empty.replace_items(system(), [full_item()])
    with pytest.raises(ItemsRefused) as refused:
        await empty.replace_items(system("gd-other"), [full_item()])
    assert "其他系统" in refused.value.errors[0]["message"]


async def test_refused_items_leave_everything_as_it_was(empty: Catalogue) -> None:
    await empty.replace_items(system(), [full_item()])
    spoilt = [full_item(plain_name="好的"), full_item(catalog_code="440109001001", faqs=[])]
    with pytest.raises(ItemsRefused) as refused:
        await empty.replace_items(system(), spoilt)
    assert refused.value.errors == [
        {
            "pointer": "/1/faqs",
            "element": "常见问题",
            "message": "测试事项：行政许可事项应至少有一个常见问题",
        }
    ]
    (card,) = await everything(empty, CatalogueQuery())
    assert card.row.plain_name == "办一件测试的事"


async def test_the_same_item_twice_in_one_registration_is_refused(empty: Catalogue) -> None:
    with pytest.raises(ItemsRefused) as refused:
        await empty.replace_items(system(), [full_item(), full_item()])
    assert "重复" in refused.value.errors[0]["message"]


async def test_a_misspelt_part_of_the_short_form_is_named(empty: Catalogue) -> None:
    with pytest.raises(ItemsRefused) as refused:
        await empty.replace_items(system(), {"items": [], "catalog_department": "09", "preset": {}})
    assert [one["pointer"] for one in refused.value.errors] == ["/preset"]


async def test_an_item_offered_in_a_place_that_does_not_exist_is_refused(
    empty: Catalogue,
) -> None:
    with pytest.raises(ItemsRefused) as refused:
        await empty.replace_items(system(), [full_item(regions=["440000", "449999"])])
    assert refused.value.errors[0]["pointer"] == "/0/regions/1"


async def test_another_worker_looks_for_changes_once_a_second(empty: Catalogue) -> None:
    assert service._CHECK_S == 1
    other = Catalogue(REGIONS)
    assert (await other.list(CatalogueQuery())).total == 0
    await empty.replace_items(system(), [full_item()])
    # Of this, all but two seconds is what a busy machine may stand still for.
    until = time.monotonic() + 20
    while (await other.list(CatalogueQuery())).total == 0:
        assert time.monotonic() < until, "the other worker still shows the old catalogue"
        await asyncio.sleep(0.05)


async def test_systems_that_publish_at_the_same_moment_wait_for_each_other(
    empty: Catalogue,
) -> None:
    async def publish(code: str, document: object, department: Department) -> None:
        async with in_transaction():
            await empty.replace_items(system(code, department), document)

    await asyncio.gather(
        *(publish(f"gd-{found.code}", document, found) for found, document in documents())
    )
    assert len(await everything(empty, CatalogueQuery())) == len(list(shipped()))

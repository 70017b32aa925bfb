"""The public endpoints of the catalogue, as the front end calls them on a running province."""

import csv
import io

import httpx
import pytest

from tests.catalogue_items import shipped

ITEMS = "/api/v1/public/service-items"


async def test_cards_have_what_the_front_end_shows(http: httpx.AsyncClient) -> None:
    page = (await http.get(ITEMS, params={"audience": "citizen", "region": "440106"})).json()
    assert page["total"] > 80
    assert page["suggestion"] is None
    card = page["items"][0]
    assert set(card) == {
        "id", "task_code", "name", "plain_name", "department", "audience", "themes", "region",
        "available", "unavailable_reason", "online", "visits", "promise", "fee", "min_level", "hot",
    }  # fmt: skip
    assert card["id"] == card["task_code"]
    assert card["region"] == {"code": "440106", "name": "天河区"}


async def test_pages_lead_through_the_whole_catalogue(http: httpx.AsyncClient) -> None:
    seen: list[str] = []
    params: dict[str, str | int] = {"limit": 50, "region": "441900"}
    while True:
        page = (await http.get(ITEMS, params=params)).json()
        seen += [card["id"] for card in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert sorted(seen) == sorted(item.task_code for item in shipped())


async def test_what_a_place_lacks_is_shown_with_the_reason(http: httpx.AsyncClient) -> None:
    params = {"q": "颐年卡", "region": "441900"}
    card = (await http.get(ITEMS, params=params)).json()["items"][0]
    assert card["available"] is False
    assert card["unavailable_reason"] == "东莞市暂未开通，可到深圳市办理"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("上户口", "给孩子上户口"), ("huzhao", "办护照"), ("身分证", "第一次办身份证")],
)
async def test_search(http: httpx.AsyncClient, typed: str, expected: str) -> None:
    page = (await http.get(ITEMS, params={"q": typed})).json()
    assert page["items"][0]["plain_name"] == expected
    assert (page["suggestion"] is not None) == (typed == "身分证")


async def test_filters_as_the_front_end_sends_them(http: httpx.AsyncClient) -> None:
    params = {"theme": "corp-tax", "department": "shuiwu", "online": "1", "limit": "100"}
    page = (await http.get(ITEMS, params=params)).json()
    assert page["items"]
    for card in page["items"]:
        assert card["department"] == {"code": "shuiwu", "name": "国家税务总局广东省税务局"}
        assert "corp-tax" in card["themes"]
        assert card["online"]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"audience": "dog"}, 400, "request.invalid"),
        ({"limit": "0"}, 400, "request.invalid"),
        ({"limit": "101"}, 400, "request.invalid"),
        ({"colour": "red"}, 400, "request.invalid"),
        ({"q": "x" * 101}, 400, "request.invalid"),
        ({"cursor": "nonsense"}, 400, "catalogue.cursor_invalid"),
        ({"region": "abcdef"}, 400, "regions.code_invalid"),
        ({"region": "449999"}, 404, "regions.unknown"),
    ],
)
async def test_what_cannot_be_answered_is_refused(
    http: httpx.AsyncClient, params: dict[str, str], status: int, code: str
) -> None:
    answer = await http.get(ITEMS, params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_guide_has_all_elements_and_an_entity_tag(http: httpx.AsyncClient) -> None:
    (item,) = [one for one in shipped() if one.plain_name == "给孩子上户口"]
    answer = await http.get(f"{ITEMS}/{item.task_code}", params={"region": "440100"})
    guide = answer.json()
    assert guide["plain_name"] == "给孩子上户口"
    elements = guide["elements"]
    assert elements["task_name"] == "出生登记"
    assert elements["by_law"] == ["《中华人民共和国户口登记条例》第七条"]
    assert elements["materials"][0]["material_name"] == "出生医学证明"
    assert len(elements["faqs"]) == 3
    again = await http.get(
        f"{ITEMS}/{item.task_code}",
        params={"region": "440100"},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_the_list_is_not_sent_again_to_who_has_it(http: httpx.AsyncClient) -> None:
    first = await http.get(ITEMS, params={"limit": 5})
    tag = {"if-none-match": first.headers["etag"]}
    assert (await http.get(ITEMS, params={"limit": 5}, headers=tag)).status_code == 304
    assert (await http.get(ITEMS, params={"limit": 6}, headers=tag)).status_code == 200


async def test_an_item_that_does_not_exist_is_404(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ITEMS}/11440000MB9X00111Q4440709999999")
    assert (answer.status_code, answer.json()["code"]) == (404, "catalogue.item_not_found")


async def test_the_download_as_json_is_the_whole_catalogue(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ITEMS}/download")
    assert answer.headers["content-disposition"] == 'attachment; filename="service-items.json"'
    assert answer.headers["x-request-id"]
    assert [item["task_code"] for item in answer.json()["items"]] == sorted(
        item.task_code for item in shipped()
    )


async def test_the_download_as_csv_opens_in_a_spreadsheet(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ITEMS}/download", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert head[:4] == ["实施编码", "基本编码", "事项名称", "通俗名称"]
    assert len(rows) == len(shipped())
    assert {len(row) for row in rows} == {len(head)}


async def test_the_download_in_another_format_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{ITEMS}/download", params={"format": "xlsx"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


async def test_themes_and_departments(http: httpx.AsyncClient) -> None:
    themes = (await http.get("/api/v1/public/themes", params={"audience": "citizen"})).json()
    assert {theme["audience"] for theme in themes["items"]} == {"citizen"}
    assert all(theme["icon"] and theme["count"] > 0 for theme in themes["items"])
    both = (await http.get("/api/v1/public/themes")).json()
    assert len(both["items"]) > len(themes["items"])
    departments = (await http.get("/api/v1/public/departments")).json()["items"]
    assert len(departments) == 9
    assert sum(one["count"] for one in departments) == len(shipped())


async def test_regions_from_province_to_street(http: httpx.AsyncClient) -> None:
    regions = "/api/v1/public/regions"
    cities = (await http.get(regions, params={"parent": "440000"})).json()
    assert len(cities["items"]) == 21
    assert cities["next_cursor"] is None
    assert cities["items"][0] == {
        "code": "440100", "name": "广州市", "level": 2, "parent_code": "440000",
        "has_children": True,
    }  # fmt: skip
    street = (await http.get(f"{regions}/441900003")).json()
    assert [step["name"] for step in street["path"]][:2] == ["广东省", "东莞市"]
    assert (street["level"], street["has_children"]) == (4, False)
    provinces = (await http.get(regions)).json()["items"]
    assert "440000" in {region["code"] for region in provinces}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("regions?parent=449999", 404, "regions.unknown"),
        ("regions?parent=abcdef", 400, "regions.code_invalid"),
        ("regions/449999", 404, "regions.unknown"),
        ("regions/x", 400, "regions.code_invalid"),
        ("themes?audience=dog", 400, "request.invalid"),
    ],
)
async def test_unknown_regions_and_audiences_are_refused(
    http: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await http.get(f"/api/v1/public/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)

"""服务专员 over HTTP: what a department sets in the console is what its enterprises see."""

import re

import httpx

from tests.console_world import token_of
from tests.integration import cast
from tests.integration.people import bearer, citizen
from tests.provinces import Platform

API = "/api/v1/enterprise/enterprises"
PAGE = "/console/contacts"


async def in_console(http: httpx.AsyncClient, platform: Platform, username: str) -> None:
    """Sit down at the console as a demo account."""
    http.cookies.set("sst_console", await token_of(http, platform, username), path="/console")


def csrf_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert found
    return found[1]


async def test_an_enterprise_sees_whom_a_department_appointed_until_it_ends(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    company = cast.company(platform)
    boss = bearer(await citizen(http, company.legal_representative, level=4))
    url = f"{API}/{company.uscc}/contacts"
    before = (await http.get(url, headers=boss)).json()["items"]
    # The departments of the sandbox have appointed somebody for the whole province.
    assert len({one["department_name"] for one in before}) == len(before) == 2
    assert all(one["phone"] and one["helps_with"] for one in before)
    await in_console(http, platform, "gd-shuiwu.head")
    form = {
        "csrf": csrf_in(await http.get(PAGE)), "name": "江晚晴", "title": "税费服务专员",
        "phone": "020-12366", "helps_with": "发票、退税", "hours": "工作日 9:00-17:00",
        "region_code": "", "industry": "", "usccs": company.uscc,
    }  # fmt: skip
    wrong = await http.post(PAGE, data=form | {"phone": "找我"})
    assert wrong.status_code == 400
    nobody = await http.post(PAGE, data=form | {"usccs": ""})
    assert (nobody.status_code, "至少写明地区、行业或企业" in nobody.text) == (400, True)
    made = await http.post(PAGE, data=form)
    assert (made.status_code, made.headers["location"]) == (303, PAGE)
    shown = (await http.get(url, headers=boss)).json()["items"]
    assert {name: shown[0][name] for name in ("name", "title", "phone", "helps_with", "hours")} == {
        name: form[name] for name in ("name", "title", "phone", "helps_with", "hours")
    }
    assert shown[1:] == before
    listed = await http.get(PAGE)
    (end,) = re.findall(rf'action="({PAGE}/[0-9a-f-]+/end)"', listed.text)
    ended = await http.post(end, data={"csrf": csrf_in(listed)})
    assert ended.status_code == 303
    assert (await http.get(url, headers=boss)).json()["items"] == before
    again = await http.post(end, data={"csrf": csrf_in(listed)})
    assert (again.status_code, "已经停用" in again.text) == (404, True)
    stranger = bearer(await citizen(http, cast.somebody(platform), 4))
    refused = await http.get(url, headers=stranger)
    assert (refused.status_code, refused.json()["code"]) == (
        403, "enterprise.not_representative",
    )  # fmt: skip

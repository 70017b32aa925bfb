"""Who read my data, and what data there are: from a department's call to what the person reads."""

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from backend.sandbox.departments.registry import department
from backend.sandbox.keys import department_key
from backend.sandbox.population.people import Person
from gateway.cli.sharing import SHARES, SandboxShare, ask
from tests.e2e.accessibility import small_targets, small_texts, too_wide, violations
from tests.e2e.app import App
from tests.e2e.conftest import OpenApp
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.provinces import Platform

CASE = "440000202611230001"
FUND, MARRIAGE, POPULATION = SHARES[:3]
WRITTEN_S = 30.0


def read_by(province: Platform, share: SandboxShare, person: Person) -> None:
    """A department asks another one about somebody, by a signed call under its grant."""
    found = department(share.system.removeprefix("gd-"))
    key = department_key(province.data_dir / "sandbox" / "keys", found.key_id, found.key_alg)
    subject = (person.id_type, person.id_number, person.name)
    ask(province.url, found, key, share.resource, [subject], None, CASE)


@pytest.fixture(scope="module")
def watched(province: Platform, http: httpx.Client) -> Visitor:
    """Somebody single with a job, of whom three departments have asked; the log has it."""
    person = somebody(
        lambda one: one.job is not None and one.licence_load == "normal" and not represents(one)
    )
    visitor = log_in(http, person, 3)
    for share in (FUND, MARRIAGE, POPULATION):
        read_by(province, share, person)
    until = time.monotonic() + WRITTEN_S
    while len(http.get("/api/v1/citizen/readings", headers=visitor.header).json()["items"]) < 3:
        assert time.monotonic() < until, "the readings are not in the person's log"
        time.sleep(0.2)
    return visitor


@pytest.fixture
def phone(app: App, watched: Visitor) -> App:
    app.consented()
    watched.sit_down(app)
    return app


def test_a_department_reads_and_the_person_sees_who_what_why_and_for_which_matter(
    phone: App,
) -> None:
    phone.open("pages/me/index")
    phone.tap("谁用过我的数据")
    phone.at("data/readings")
    phone.see("今天", "民政厅", "广东省民政厅", "住房公积金缴存信息")
    phone.see(
        FUND.purpose, FUND.legal_basis, f"办件号 {CASE}", "已提供给这个部门", "有疑问可拨 12345"
    )
    labels = phone.page.get_by_role("list", name="其中的内容").filter(has_text="余额")
    expect(labels.get_by_role("listitem")).to_have_count(len(FUND.fields))
    assert violations(phone.page) == []
    phone.shoot("readings")


def test_one_department_alone_and_all_of_them_again(phone: App) -> None:
    phone.open("data/readings")
    cards = phone.page.locator(".log-card").filter(visible=True)
    expect(cards).to_have_count(3)
    phone.press("民政厅")
    expect(cards).to_have_count(1)
    phone.see(FUND.purpose)
    phone.not_see(POPULATION.purpose)
    phone.press("全部部门")
    expect(cards).to_have_count(3)


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_readings_are_fit_for_everybody(app: App, watched: Visitor, elder: bool) -> None:
    app.consented(elder=elder)
    watched.sit_down(app)
    app.open("data/readings")
    app.see("民政厅")
    app.shoot(f"readings-{'elder' if elder else 'normal'}")
    assert violations(app.page) == []
    assert small_targets(app.page, elder=elder) == []
    assert small_texts(app.page, elder=elder) == []
    assert too_wide(app.page, 320) == 0


def test_nobody_sees_the_readings_of_another(app: App, resident: Visitor) -> None:
    app.consented()
    resident.sit_down(app)
    app.open("data/readings")
    app.see("还没有部门查过您的数据")
    app.not_see(FUND.purpose)


def test_without_a_network_the_readings_stay(phone: App) -> None:
    phone.open("data/readings")
    phone.see("民政厅")
    phone.context.set_offline(True)
    phone.press("人社厅")
    phone.see("没有更新成功", "民政厅")
    phone.shoot("offline-readings")
    phone.context.set_offline(False)
    phone.press("再试一次")
    phone.not_see("没有更新成功")
    phone.see(FUND.purpose)


def test_home_and_a_licence_lead_to_the_readings_too(phone: App) -> None:
    phone.open("pages/home/index")
    phone.tap("谁用过我的数据")
    phone.at("data/readings")
    phone.press("返回")
    phone.open("pages/wallet/index")
    phone.text("居民身份证").click()
    phone.at("licence/detail")
    phone.tap("谁用过我的数据")
    phone.at("data/readings")


def test_anybody_looks_through_the_data_that_departments_have(app: App, tmp_path: Path) -> None:
    app.consented()
    app.open("pages/me/index")
    app.tap("数据家底公开")
    app.at("data/catalogue")
    app.see("人口基本信息", "符合条件才能用", "各部门都能直接用")
    app.press("不共享")
    app.see("居民身份证指纹登记信息", "依据是《中华人民共和国居民身份证法》")
    app.not_see("人口基本信息")
    app.shoot("data-not-shared")
    app.tap("居民身份证指纹登记信息")
    app.at("data/resource")
    app.see("不予共享", "不共享的依据", "不向社会开放")
    app.press("返回")
    app.at("data/catalogue")
    app.press("不限")
    app.fill("数据名称", "hunyin")
    app.see("婚姻登记信息")
    app.not_see("居民身份证指纹登记信息")
    with app.page.expect_download() as arriving:
        app.press("下载全部目录")
    arriving.value.save_as(tmp_path / "all.csv")
    table = (tmp_path / "all.csv").read_text("utf-8-sig")
    assert table.startswith("资源代码,名称")
    assert "居民身份证指纹登记信息" in table
    assert "婚姻登记信息" in table


def test_the_data_of_one_department(open_app: OpenApp, province: Platform) -> None:
    app = open_app(province.url)
    app.consented()
    app.open("data/catalogue")
    app.press("全部部门，换一个部门")
    app.see("看哪个部门的数据")
    assert violations(app.page) == []
    app.shoot("data-departments")
    app.press("民政厅")
    app.see("婚姻登记信息")
    app.not_see("人口基本信息", "看哪个部门的数据")
    app.fill("数据名称", "没有这种数据的")
    app.see("没有找到这样的数据")
    app.press("看全部目录")
    app.see("人口基本信息")
    app.press_at_the_end("加载更多")
    app.see("已全部显示")


def test_a_resource_that_is_not_there_says_so(app: App) -> None:
    app.consented()
    app.open("data/resource", code="301154-9999")
    app.see("没有找到")
    app.press("返回")
    app.see("大家常办")

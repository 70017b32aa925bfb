"""Days that are not good ones: nothing there, no network, systems down, not allowed."""

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Route, expect

from backend.sandbox.population.cast import cast
from tests.e2e.accessibility import small_targets, violations
from tests.e2e.app import PHONE, App
from tests.e2e.conftest import H5
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.e2e.tabs import Tabs

BROKEN = (
    b'{"type":"about:blank","title":"Unavailable","status":503,"code":"gateway.unavailable",'
    b'"detail":"\xe7\xb3\xbb\xe7\xbb\x9f\xe7\xb9\x81\xe5\xbf\x99\xef\xbc\x8c\xe8\xaf\xb7\xe7\xa8\x8d'
    b'\xe5\x90\x8e\xe5\x86\x8d\xe8\xaf\x95\xe3\x80\x82","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}'
)


class _Broken(SimpleHTTPRequestHandler):
    """A gateway that still serves pages, and 503 for everything else."""

    def do_GET(self) -> None:
        if self.path.startswith("/api/"):
            self._refuse()
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self._refuse()

    def _refuse(self) -> None:
        self.send_response(503)
        self.send_header("content-type", "application/problem+json")
        self.send_header("content-length", str(len(BROKEN)))
        self.end_headers()
        self.wfile.write(BROKEN)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def broken_gateway() -> Iterator[str]:
    """Where a gateway answers that cannot reach its stores."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Broken, directory=str(H5.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


PAGES = {
    "home": ("pages/home/index", {}),
    "services": ("pages/services/index", {}),
    "search": ("guide/search", {"q": "身份证"}),
    "guide": ("guide/item", {"id": "x"}),
    "region": ("guide/region", {}),
    "wallet": ("pages/wallet/index", {}),
    "code": ("pages/code/index", {}),
    "licence": ("licence/detail", {"id": "x"}),
    "messages": ("messages/inbox", {}),
    "devices": ("settings/devices", {}),
    "enterprises": ("enterprise/picker", {}),
    "enterprise": ("enterprise/home", {"uscc": "x"}),
    "enterprise-licence": ("enterprise/licence", {"uscc": "x", "id": "y"}),
    "agreements": ("settings/agreements", {"kind": "privacy"}),
    "readings": ("data/readings", {}),
    "usages": ("data/usages", {}),
    "data": ("data/catalogue", {}),
    "data-resource": ("data/resource", {"code": "x"}),
    "loans": ("lending/loans", {}),
    "family": ("lending/family", {}),
    "copies": ("lending/copies", {}),
    "copy-check": ("lending/check", {"code": "ABCDEFGHIJKLMNOPQRSTUVWX"}),
}


@pytest.fixture(scope="module")
def cut_off(tabs: Tabs, broken_gateway: str, owner: Visitor) -> Iterator[App]:
    """A phone on which the app runs that has such a gateway; it stays on."""
    app = App(tabs.take(PHONE), broken_gateway)
    app.consented()
    owner.sit_down(app)
    app.open()
    yield app
    tabs.give_back(app.tab, app.origin)


@pytest.mark.parametrize("name", PAGES)
def test_a_gateway_in_trouble_leaves_a_way_on_every_page(cut_off: App, name: str) -> None:
    path, query = PAGES[name]
    cut_off.go(path, **query)
    cut_off.see("再试一次")
    assert violations(cut_off.page) == []
    cut_off.shoot(f"error-{name}")
    faults, foreign = cut_off.said()
    assert faults == [], "errors in scripts"
    assert foreign == [], "requests to other hosts"


@pytest.mark.parametrize(
    "name", ["wallet", "code", "enterprises", "messages", "devices", "readings"]
)
def test_who_is_not_logged_in_is_led_to_the_log_in(app: App, name: str) -> None:
    app.consented()
    path, query = PAGES[name]
    app.open(path, **query)
    app.press("去登录")
    app.at("login/login")


@pytest.mark.parametrize("name", ["wallet", "code", "licence", "readings"])
def test_too_low_a_level_says_what_it_unlocks(app: App, newcomer: Visitor, name: str) -> None:
    app.consented()
    newcomer.sit_down(app)
    path, query = PAGES[name]
    app.open(path, **query)
    app.see("需要实名认证", "约 1 分钟")
    app.shoot(f"locked-{name}")
    app.press("去认证")
    app.at("login/identity")
    app.press("返回")
    app.at(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wallet", "还没有电子证照"),
        ("messages", "消息"),
        ("enterprises", "没有查到您的企业"),
        ("readings", "还没有部门查过您的数据"),
        ("loans", "还没有授权别人用证"),
        ("family", "没有人在保管您的证照"),
        ("copies", "还没有做过加注件"),
    ],
)
def test_who_has_nothing_reads_so(app: App, nobody: Visitor, name: str, words: str) -> None:
    app.consented()
    nobody.sit_down(app)
    path, query = PAGES[name]
    app.open(path, **query)
    app.see(words)
    assert violations(app.page) == []
    app.shoot(f"empty-{name}")


@pytest.mark.parametrize(("path", "query"), [("guide/item", {"id": "x"})])
def test_an_address_that_leads_nowhere_says_so(app: App, path: str, query: dict[str, str]) -> None:
    app.consented()
    app.open(path, **query)
    app.see("没有找到", "拨打 12345 问一问")
    app.shoot("missing-guide")
    app.press("返回")
    app.see("大家常办")


def test_a_licence_that_is_nobodys_says_so(app: App, resident: Visitor) -> None:
    app.consented()
    resident.sit_down(app)
    app.open("licence/detail", id="aaaaaaaaaaaa")
    app.see("没有找到")
    app.shoot("missing-licence")


def test_an_issuer_that_is_down_costs_its_own_licences_only(
    app: App, http: httpx.Client, faults: Callable[..., None]
) -> None:
    # Somebody whose wallet has never been opened: nothing of it is known from before.
    visitor = log_in(http, cast()[0].people[0], 3)
    faults("gd-yibao", "status", operation="licences.query")
    faults("gd-minzheng", "hang", operation="licences.query")
    app.consented()
    visitor.sit_down(app)
    app.open("pages/wallet/index")
    app.see("居民身份证", "医保局暂时不可用", "民政厅暂时不可用")
    app.not_see("医保电子凭证", "结婚证")
    app.press("已失效的证照 1 张")
    app.see("居住证", "已过期")
    app.page.get_by_role("button", name=re.compile("已查询")).click()
    app.see("2 个没有回应")
    assert violations(app.page) == []
    app.shoot("wallet-issuers-down")


def test_a_system_that_is_down_costs_its_own_section_only(
    app: App, http: httpx.Client, faults: Callable[..., None]
) -> None:
    # Somebody whose home page was never opened: what was there minutes ago would be shown.
    visitor = log_in(http, somebody(lambda one: one.job is not None and not represents(one)), 3)
    faults("gd-gjj", "hang")
    app.consented()
    visitor.sit_down(app)
    app.open("pages/home/index")
    app.see("社会保险", "累计缴费", "暂时不可用")
    app.settle()
    app.shoot("home-one-system-down")


def test_without_a_network_what_was_there_stays_and_the_way_back_works(
    app: App, resident: Visitor
) -> None:
    app.consented()
    resident.sit_down(app)
    app.open("pages/wallet/index")
    app.see("居民身份证")
    app.context.set_offline(True)
    app.press("刷新证照")
    app.see("没有网络", "没有更新成功", "居民身份证")
    app.shoot("offline-wallet")
    app.context.set_offline(False)
    app.press("刷新证照")
    app.not_see("没有更新成功", "没有网络")


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_the_home_page_stays_without_a_network_for_its_owner_alone(
    app: App, resident: Visitor, nobody: Visitor, elder: bool
) -> None:
    app.consented(elder=elder)
    resident.sit_down(app)
    app.open("pages/home/index")
    app.see("我的账户", "我的证照", "居民身份证")
    app.page.route("**/api/**", lambda route: route.abort("internetdisconnected"))
    app.page.reload()
    app.settle()
    app.see("没有更新成功，显示", "没有存在手机里", "我的证照", "居民身份证")
    app.not_see("我的账户", "累计缴费")
    assert violations(app.page) == []
    assert small_targets(app.page, elder=elder) == []
    app.shoot(f"offline-home-kept-{'elder' if elder else 'normal'}")
    app.rewrite(tokens=nobody.kept(), person=nobody.person)
    app.page.reload()
    app.settle()
    app.see("没有连上网络")
    app.not_see("没有更新成功", "居民身份证")
    app.page.unroute("**/api/**")
    app.press("再试一次")
    app.see("谁用过我的数据")


def test_without_a_network_a_list_can_be_asked_for_again(app: App) -> None:
    app.consented()
    app.open("pages/services/index")
    app.context.set_offline(True)
    app.press_at_the_end("加载更多")
    app.see("没有连上网络")
    app.shoot("offline-services")
    app.context.set_offline(False)
    app.press_at_the_end("再试一次")
    expect(app.page.get_by_role("listitem").filter(visible=True)).to_have_count(40)


def test_a_device_that_was_logged_out_elsewhere_is_led_to_the_log_in(
    app: App, http: httpx.Client
) -> None:
    visitor = log_in(http, None, 1)
    app.consented()
    visitor.sit_down(app)
    app.open("pages/me/index")
    app.see("退出登录")
    assert http.delete("/api/v1/citizen/sessions", headers=visitor.header).is_success
    app.open("settings/devices")
    app.press("去登录")
    app.at("login/login")


def test_a_page_that_was_never_fetched_leads_back_and_comes_with_the_network(
    app: App, owner: Visitor
) -> None:
    app.consented(elder=True)
    owner.sit_down(app)
    # Before the rest of the pages is fetched behind the first one.
    app.page.route("**/assets/*code-index*", lambda route: route.abort())
    app.open("pages/home/index")
    app.press("亮码")
    app.see("没有连上网络，这一页没有打开", "12345")
    app.context.set_offline(True)
    app.press("再试一次")
    app.see("网络还没有恢复")
    app.shoot("page-not-fetched")
    assert violations(app.page) == []
    assert small_targets(app.page, elder=True) == []
    app.press("返回")
    app.see("标准版")
    app.context.set_offline(False)
    app.press("亮码")
    app.page.unroute_all()
    app.press("再试一次")
    app.see("对方会看到")
    app.faults.clear()  # The browser tells of each part that it could not fetch.


def test_a_licence_that_does_not_hold_is_not_offered_to_be_shown(
    app: App, http: httpx.Client, resident: Visitor
) -> None:
    wallet = http.get("/api/v1/citizen/wallet", headers=resident.header).json()
    licence = wallet["items"][0]["id"]

    def lost(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, json={**answer.json(), "status": "LOST", "status_label": "已挂失"}
        )

    app.consented()
    resident.sit_down(app)
    app.open("licence/detail", id=licence)
    app.see("亮码出示", "授权他人用证")
    app.page.route(f"**/citizen/wallet/{licence}", lost)
    app.open("licence/detail", id=licence)
    app.see("目前不能使用", "看怎样换证、补证", "用证记录")
    app.not_see("亮码出示", "授权他人用证")

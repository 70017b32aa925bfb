"""Every page, normal and elder: axe-core, sizes, widths, and a picture to look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.e2e.accessibility import small_targets, small_texts, tight_lines, too_wide, violations
from tests.e2e.affairs import Affairs, affairs_of
from tests.e2e.app import PHONE, App, agreed
from tests.e2e.conftest import OpenApp
from tests.e2e.lent import CARD, Lent, lend
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.e2e.tabs import Tabs
from tests.provinces import Platform

NARROWEST = 320
# The public key of RFC 8032's first test vector.
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
LOGGED_OUT = ("login/login", "login/consent", "lending/check", "lending/check?code")
PAGES = (
    *("pages/home/index", "pages/services/index", "pages/code/index", "pages/wallet/index"),
    *("pages/me/index", "login/login", "login/consent", "login/identity", "login/face"),
    *("guide/item", "guide/region", "guide/search", "guide/search?theme", "licence/detail"),
    *("licence/verify", "licence/offline", "licence/add", "data/usages"),
    *("settings/devices", "settings/consents", "settings/elder", "settings/agreements"),
    *("settings/agreements?kind", "messages/inbox", "messages/preferences"),
    *("data/readings", "data/catalogue", "data/resource"),
    *("enterprise/picker", "enterprise/home", "enterprise/licence", "enterprise/show"),
    *("enterprise/members", "enterprise/invite", "enterprise/invitations"),
    *("enterprise/machines", "enterprise/machine", "enterprise/enter"),
    "apply/cases?uscc",
    *("lending/loans", "lending/loans?taken", "lending/loan", "lending/lend", "lending/lend?id"),
    "lending/lend?system",
    *("lending/mandates", "lending/mandates?received"),
    *("lending/take", "lending/borrowed", "lending/show", "lending/family", "lending/invite"),
    *("lending/child", "lending/member", "lending/licence", "lending/copies"),
    *("lending/makecopy", "lending/copy", "lending/check", "lending/check?code"),
    *("onething/list", "onething/guide"),
    *("voice/evaluations", "voice/tickets", "voice/ask", "voice/judge", "voice/evaluation"),
    *("voice/ticket", "apply/start", "apply/fill", "apply/done", "apply/cases", "apply/case"),
    *("appointments/places", "appointments/place", "appointments/book", "appointments/list"),
    *("appointments/detail", "assistant/talk", "assistant/talk?uscc"),
    *("policies/list", "policies/list?uscc", "policies/policy", "policies/benefit"),
    *("policies/data", "policies/publicity"),
)
WIDE = (
    *("pages/home/index", "pages/services/index", "pages/wallet/index", "guide/item"),
    *("data/readings", "data/catalogue", "data/resource", "policies/list"),
)


@dataclass(frozen=True)
class Known:
    """Something to open, of which there is one in this province."""

    item: str
    licence: str
    uscc: str
    permit: str
    resource: str
    benefit: str
    lent: Lent
    mine: Affairs

    def query(self, name: str) -> dict[str, str]:
        """What the address of a page needs."""
        return {
            "guide/item": {"id": self.item},
            "onething/guide": {"code": "newborn"},
            "guide/search?theme": {"theme": "household", "title": "户籍证件"},
            "licence/detail": {"id": self.licence},
            "settings/agreements?kind": {"kind": "privacy"},
            "data/resource": {"code": self.resource},
            "lending/loans?taken": {"side": "taken"},
            "lending/loan": {"id": self.lent.loan},
            "lending/lend?id": {"id": self.lent.licence, "name": CARD},
            "lending/lend?system": {"id": self.lent.licence, "name": CARD, "who": "system"},
            "lending/mandates?received": {"side": "received"},
            "lending/take": {"kind": "loan", "code": "7H3K5QZ2M4XW"},
            "lending/borrowed": {"id": self.lent.loan},
            "lending/show": {"loan": self.lent.loan},
            "lending/member": {"id": self.lent.member},
            "lending/licence": {"member": self.lent.member, "id": self.lent.licence},
            "lending/makecopy": {"id": self.lent.licence, "name": CARD},
            "lending/copy": {"id": self.lent.copy["id"]},
            "lending/check?code": {"code": self.lent.copy["code"]},
            "voice/judge": {"kind": "case", "id": self.mine.ended},
            "voice/evaluation": {"id": self.mine.evaluation},
            "voice/ticket": {"no": self.mine.ticket},
            "apply/start": {"item": self.mine.item, "id": self.mine.item},
            "apply/fill": {"draft": self.mine.draft},
            "apply/done": {"case": self.mine.case_no},
            "apply/case": {"no": self.mine.case_no},
            "appointments/places": {"item": self.mine.booked_item, "name": "办社保卡"},
            "appointments/place": {"code": self.mine.place},
            "appointments/book": {"place": self.mine.place, "item": self.mine.booked_item},
            "appointments/detail": {"id": self.mine.booking},
            "enterprise/home": {"uscc": self.uscc},
            "policies/list?uscc": {"uscc": self.uscc},
            "policies/policy": {"code": "changshou-baojian"},
            "policies/benefit": {"id": self.benefit},
            "apply/cases?uscc": {"uscc": self.uscc},
            "enterprise/members": {"uscc": self.uscc},
            "enterprise/invite": {"uscc": self.uscc},
            "assistant/talk?uscc": {"uscc": self.uscc},
            "enterprise/machines": {"uscc": self.uscc},
            "enterprise/machine": {"uscc": self.uscc},
            "enterprise/licence": {"uscc": self.uscc, "id": self.permit},
            "enterprise/show": {"uscc": self.uscc, "id": self.permit, "name": "营业执照"},
        }.get(name, {})


@pytest.fixture(scope="session")
def known(province: Platform, http: httpx.Client, owner: Visitor, resident: Visitor) -> Known:
    """Found by asking the gateway."""

    def ask(path: str) -> Any:
        return http.get(f"/api/v1{path}", headers=owner.header).raise_for_status().json()

    uscc = ask("/enterprise/enterprises")["items"][0]["uscc"]
    invited = {"role": "ADMINISTRATOR", "name": "张小明", "phone": "13800138000"}
    members = f"/api/v1/enterprise/enterprises/{uscc}/members"
    http.post(members, json=invited, headers=owner.header).raise_for_status()
    taken_out(province, http, owner, uscc)
    program = {"name": "财务系统", "scopes": ["cases.read"], "public": KEY}
    machines = members.replace("/members", "/machines")
    http.post(machines, json=program, headers=owner.header).raise_for_status()
    path, why = "/api/v1/citizen/policies/gaoling-jintie/review", {"words": "请再看看"}
    return Known(
        item=ask("/public/service-items?q=出生登记")["items"][0]["id"],
        licence=ask("/citizen/wallet")["items"][0]["id"],
        uscc=uscc,
        permit=ask(f"/enterprise/enterprises/{uscc}")["wallet"]["items"][0]["id"],
        resource=ask("/public/data-resources?q=婚姻")["items"][0]["address_code"],
        benefit=http.post(path, json=why, headers=owner.header).raise_for_status().json()["id"],
        lent=lend(http, owner, resident),
        mine=affairs_of(province, http, owner),
    )


def taken_out(province: Platform, http: httpx.Client, owner: Visitor, uscc: str) -> None:
    """Somebody who came in by the enterprise's licence, and was taken out: barred since."""
    someone = somebody(lambda person: not represents(person))
    bearer = {"uscc": uscc, "name": someone.name, "id_number": someone.id_number}
    control = f"{province.systems['gd-shijian']}/_control"
    httpx.post(f"{control}/licence-bearers", json=bearer).raise_for_status()
    del bearer["name"]
    shown = httpx.post(f"{control}/licence-codes", json=bearer).raise_for_status().json()
    visitor, api = log_in(http, someone, 3), "/api/v1/enterprise"
    http.post(f"{api}/licence-logins", json=shown, headers=visitor.header).raise_for_status()
    members = f"{api}/enterprises/{uscc}/members"
    found = http.get(members, headers=owner.header).raise_for_status().json()["items"]
    (member,) = [one["id"] for one in found if one["by_licence"]]
    http.delete(f"{members}/{member}", headers=owner.header).raise_for_status()


@dataclass
class Phones:
    """Phones on which the app stays open, one for each person and one for nobody."""

    tabs: Tabs
    origin: str
    on: dict[str, App] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    def show(self, visitor: Visitor | None, name: str, query: dict[str, str], elder: bool) -> App:
        """A page on the phone of somebody; a page that is open just changes to this version."""
        key = visitor.phone if visitor else ""
        app = self.on.get(key)
        if app is None:
            app = self.on[key] = App(self.tabs.take(PHONE), self.origin)
            app.consented()
            if visitor is not None:
                visitor.sit_down(app)
            app.open()
        tokens = {"tokens": visitor.kept()} if visitor else {}
        app.rewrite(preferences=agreed(elder=elder), **tokens)
        if self.shown.pop(key, None) == name:
            app.settle()
        else:
            app.go(name.split("?")[0], **query)
        self.shown[key] = name
        return app


@pytest.fixture(scope="module")
def phones(tabs: Tabs, province: Platform) -> Iterator[Phones]:
    """None is on at first."""
    made = Phones(tabs, province.url)
    yield made
    for app in made.on.values():
        tabs.give_back(app.tab, app.origin)


@pytest.fixture(scope="session")
def who(owner: Visitor, newcomer: Visitor, resident: Visitor) -> dict[str, Visitor]:
    """Whose device each page is opened on; each step of stepping up has somebody before it."""
    return {
        **{"": owner, "login/identity": newcomer, "login/face": resident},
        **{
            f"lending/{name}": resident
            for name in ("borrowed", "show", "member", "licence", "mandates?received")
        },
        "lending/loans?taken": resident,
    }


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_fit_for_everybody(
    open_app: OpenApp,
    phones: Phones,
    known: Known,
    who: dict[str, Visitor],
    name: str,
    elder: bool,
) -> None:
    if name == "login/consent":
        app = open_app(phones.origin)
        app.remember(preferences={"elder": elder, "region": None, "privacy": None})
        app.open(name)
        app.at(name)
    else:
        visitor = None if name in LOGGED_OUT else who.get(name, who[""])
        app = phones.show(visitor, name, known.query(name), elder)
    app.shoot(f"page-{name.replace('/', '-').replace('?', '-')}-{'elder' if elder else 'normal'}")
    wrong: dict[str, Any] = {
        "axe": violations(app.page),
        "small targets": small_targets(app.page, elder=elder),
        "small texts": small_texts(app.page, elder=elder),
        "tight lines": tight_lines(app.page) if elder else [],
        "wider than 320": too_wide(app.page, NARROWEST),
    }
    wrong["errors in scripts"], wrong["requests to other hosts"] = app.said()
    assert {kind: found for kind, found in wrong.items() if found} == {}


@pytest.mark.parametrize("name", WIDE)
def test_a_page_is_fit_for_a_desktop(
    open_app: OpenApp, province: Platform, known: Known, owner: Visitor, name: str
) -> None:
    desk = open_app(province.url, 1280, 860)
    desk.consented()
    owner.sit_down(desk)
    desk.open(name, **known.query(name))
    desk.shoot(f"desktop-{name.replace('/', '-')}")
    assert violations(desk.page) == []
    assert too_wide(desk.page, 1280) == 0

"""Steps that journeys of applying have in common, on the phone and over HTTP."""

import base64
import time
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.accessibility import small_targets, small_texts, too_wide, violations
from tests.e2e.app import PATIENCE_MS, App
from tests.e2e.people import CITIZEN, Visitor, done
from tests.sandbox_world import picture

NARROWEST = 320
PERMIT, RECEIPT = "办居住证", "在外地租房登记居住"
CARD = "居民身份证"
LIVING = {
    "region_code": "440106", "address": "石牌街示范路2号502房", "since": "2025-03-01",
    "lives_in": "单位宿舍", "phone": "13800138000",
}  # fmt: skip


def with_card(http: httpx.Client, visitor: Visitor) -> str:
    """Wait until the issuer of the identity card has answered; gives the id of the licence."""
    for _ in range(60):
        held = http.get(f"{CITIZEN}/wallet", headers=visitor.header).json()["items"]
        for one in held:
            if one["name"] == CARD:
                return str(one["id"])
        time.sleep(0.5)
    raise AssertionError("the identity card did not come into the wallet")


def item_of(http: httpx.Client, name: str) -> dict[str, Any]:
    """The card of an item by its everyday name."""
    found = http.get("/api/v1/public/service-items", params={"q": name}).json()["items"]
    card: dict[str, Any] = next(one for one in found if one["plain_name"] == name)
    return card


def looked_at(app: App, name: str, *, elder: bool = False) -> None:
    """Kept as a picture, without a fault that axe or the sizes would show."""
    app.settle()
    app.shoot(f"{name}-elder" if elder else name)
    wrong = violations(app.page)
    assert wrong == [], (name, wrong)
    assert too_wide(app.page, NARROWEST) == 0, name
    assert small_targets(app.page, elder=elder) == [], name
    if elder:
        assert small_texts(app.page, elder=True) == [], name


def choose_date(app: App, label: str, year: str, month: str, day: str) -> None:
    """Type a day into its three fields."""
    group = app.page.get_by_role("group", name=label)
    for part, value in (("年", year), ("月", month), ("日", day)):
        group.get_by_label(part, exact=True).fill(value)
        app.page.wait_for_timeout(150)


def choose_place(app: App, label: str) -> None:
    """The first county of the first city."""
    app.page.get_by_role("button", name=f"{label}：请选择").click()
    sheet = app.page.locator("#bottom-sheet")
    sheet.get_by_text("广州市", exact=True).click()
    sheet.get_by_text("天河区", exact=True).click()
    expect(sheet).to_have_count(0)


def start(app: App, http: httpx.Client, name: str) -> None:
    """From the guide to the form, for oneself."""
    app.open("guide/item", id=str(item_of(http, name)["id"]))
    app.press("在线办理")
    app.at("apply/start")
    app.settle()
    app.page.get_by_role("button", name="我自己").click()
    app.at("apply/fill")
    # The address changes before the page is there: nothing is being loaded then, and nothing shown.
    app.page.locator('uni-page[data-page="apply/fill"] [role=heading]').first.wait_for()


def photograph(app: App, material: str, name: str = "照片.png") -> None:
    """Take a picture of a material, from the step of materials."""
    group = app.page.get_by_role("group", name=material, exact=True)
    group.get_by_role("button", name=f"{material}：拍照或上传").click()
    with app.page.expect_file_chooser() as chooser:
        group.get_by_role("button", name="拍照或选照片").click()
    file = FilePayload(name=name, mimeType="image/png", buffer=base64.b64decode(picture(320)))
    chooser.value.set_files(file)
    expect(group.get_by_text("已上传 1 份")).to_be_visible()


def handed_in(http: httpx.Client, visitor: Visitor, values: dict[str, Any] | None = None) -> str:
    """A registration of residence, applied for over HTTP; gives its number."""
    item = item_of(http, RECEIPT)["id"]
    body: dict[str, Any] = {"item_code": item, "for": {"kind": "self", "id": ""}}
    drafts, header = f"{CITIZEN}/cases/drafts", visitor.header
    draft = done(http.post(drafts, json=body, headers=header))
    path = f"{drafts}/{draft['id']}"
    body = {"version": draft["version"], "values": values or LIVING}
    draft = done(http.patch(path, json=body, headers=header))
    card = with_card(http, visitor)
    body = {"version": draft["version"], "how": "licence", "licence_id": card}
    draft = done(http.put(f"{path}/materials/m1", json=body, headers=header))
    body = {"version": draft["version"]}
    submitted = done(http.post(f"{path}/submission", json=body, headers=header))
    return str(submitted["case_no"])


@dataclass
class Desk:
    """A clerk's browser at the desk of a department."""

    page: Page
    url: str

    def open(self, case_no: str) -> None:
        """A case, once it has been delivered."""
        address = f"{self.url}/desk/cases/{case_no}"
        until = time.monotonic() + PATIENCE_MS / 1000
        while (answer := self.page.goto(address)) is not None and answer.status == 404:
            assert time.monotonic() < until, "the department does not have the case"
            self.page.wait_for_timeout(200)

    def is_in(self, case_no: str, state: str) -> None:
        """Wait until the department has it in this state."""
        until = time.monotonic() + PATIENCE_MS / 1000
        self.open(case_no)
        while not self.page.locator(".state").inner_text().startswith(state):
            assert time.monotonic() < until, f"the case is not in {state}"
            self.page.wait_for_timeout(200)
            self.open(case_no)

    def does(self, act: str, **fields: str) -> None:
        """Unfold what can be done, fill it in, do it."""
        unfolded = self.page.locator("details").filter(
            has=self.page.locator("summary", has_text=act)
        )
        unfolded.locator("summary").first.click()
        for name, words in fields.items():
            unfolded.locator(f"[name={name}]").fill(words)
        unfolded.get_by_role("button", name=act, exact=True).click()
        expect(self.page.get_by_role("alert")).to_have_count(0)

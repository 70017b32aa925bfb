"""The front end as a person uses it: what is seen, what is tapped, what went wrong meanwhile."""

import json
import re
import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from playwright.sync_api import ConsoleMessage, Error, Locator, Request, expect

from tests.e2e.tabs import Tab
from tests.servers import ROOT

SCREENSHOTS = ROOT / "tests" / "output" / "screenshots"
PRIVACY_VERSION = "2026-11-01"
PHONE = (375, 812)
TALLEST = 4000
# A slow machine is no fault of the page; what never comes fails all the same.
PATIENCE_MS = 20_000
HANDED_ON_MS = 150
# What an answer makes a page ask for next is asked for at once; half a second, as Playwright's
# "networkidle" waits, is a tenth of the whole run.
QUIET_MS = 100
expect.set_options(timeout=PATIENCE_MS)
Role = Literal["button", "link", "radio", "checkbox", "switch"]
ROLES: tuple[Role, ...] = ("button", "link", "radio", "checkbox", "switch")
# The browser's own note of an answer that is not 2xx; the pages show what it means.
_ANSWERED = re.compile("Failed to load resource")
# The address changes before its page is there.
_SETTLED = """() => {
  const shown = (one) => one.getClientRects().length > 0
  const path = location.hash.slice(2).split('?')[0]
  const pages = [...document.querySelectorAll('uni-page')].filter(shown)
  return pages.some((one) => path === '' || one.dataset.page === path)
    && ![...document.querySelectorAll('.skeleton, .waiting, .renewing')].some(shown)
}"""
_AFTER_PATH = re.compile(r"\?.*$")
_REWRITE = """(values) => {
  Object.entries(values).forEach(([key, value]) => localStorage.setItem(key, value))
  window.dispatchEvent(new StorageEvent('storage'))
}"""


def agreed(*, elder: bool) -> dict[str, Any]:
    """What a device remembers on which the privacy policy was agreed to."""
    choice = {"choice": "agreed", "version": PRIVACY_VERSION}
    return {"elder": elder, "region": None, "privacy": choice}


def _hash(path: str, query: dict[str, str]) -> str:
    return f"#/{path}?{urlencode(query)}" if query else f"#/{path}"


def _wrapped(values: dict[str, Any]) -> dict[str, str]:
    """Values as uni-app keeps them, by their keys in the storage."""
    return {
        f"sst.{name.replace('_', '-')}": json.dumps(
            {"type": "object", "data": value}, ensure_ascii=False
        )
        for name, value in values.items()
    }


class App:
    """One browser tab with the front end in it.

    Attributes:
        page: the tab; context: what it keeps and is allowed.
        foreign: addresses asked for outside the gateway's origin.
        faults: errors that scripts raised or wrote to the console.
    """

    def __init__(self, tab: Tab, origin: str) -> None:
        self.tab, self.origin = tab, origin
        self.page, self.context = tab.page, tab.page.context
        self.foreign: list[str] = []
        self.faults: list[str] = []
        self._loading: set[Request] = set()
        self._asked = 0
        self.page.set_default_timeout(PATIENCE_MS)
        tab.listen("request", self._requested)
        tab.listen("requestfinished", self._answered)
        tab.listen("requestfailed", self._answered)
        tab.listen("console", self._said)
        tab.listen("pageerror", self._raised)

    def _requested(self, request: Request) -> None:
        self._asked += 1
        self._loading.add(request)
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.foreign.append(request.url)

    def _answered(self, request: Request) -> None:
        self._loading.discard(request)

    def _raised(self, error: Error) -> None:
        self.faults.append(str(error))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _ANSWERED.search(message.text):
            self.faults.append(message.text)

    def said(self) -> tuple[list[str], list[str]]:
        """Faults and foreign addresses since it was asked last, where the app stays open."""
        found = self.faults[:], self.foreign[:]
        self.faults.clear()
        self.foreign.clear()
        return found

    def remember(self, **values: Any) -> None:
        """Put values where the app keeps what it remembers on this device, before it starts."""
        script = "([site, values]) => { if (location.origin === site) Object.entries(values)"
        script += ".forEach(([key, value]) => localStorage.getItem(key) ?? "
        script += "localStorage.setItem(key, value)) }"
        self.tab.before_each_document(f"({script})({json.dumps([self.origin, _wrapped(values)])})")

    def consented(self, *, elder: bool = False) -> None:
        """The device agreed to the privacy policy on an earlier visit."""
        self.remember(preferences=agreed(elder=elder))

    def hold_the_clock(self) -> None:
        """Time passes for the app as the test lets it; nobody else can use this tab again."""
        self.tab.spent = True
        self.page.clock.install()

    def open(self, path: str = "", **query: str) -> None:
        """Open a page by its address, as a bookmark would."""
        self.page.goto("about:blank")
        self._loading.clear()
        self.page.goto(f"{self.origin}/{_hash(path, query)}")
        self.settle()

    def go(self, path: str, **query: str) -> None:
        """Open a page by its address in the app that runs, as somebody who changes the address."""
        if f"#/{path}" == _AFTER_PATH.sub("", self.page.url.removeprefix(f"{self.origin}/")):
            # For another query alone the app leaves the page as it is.
            self.open(path, **query)
            return
        self.page.evaluate("(hash) => { location.hash = hash }", _hash(path, query))
        self.at(path)
        self.settle()

    def rewrite(self, **values: Any) -> None:
        """Change what the device remembers while the app runs, as another tab of it would."""
        self.page.evaluate(_REWRITE, _wrapped(values))

    def settle(self) -> None:
        """Wait until nothing is being loaded and no skeleton is left."""
        until = time.monotonic() + PATIENCE_MS / 1000
        asked = -1
        while self._loading or asked != self._asked:
            assert time.monotonic() < until, [request.url for request in self._loading]
            asked = self._asked
            self.page.wait_for_function(_SETTLED)
            self.page.wait_for_timeout(QUIET_MS)

    def at(self, path: str) -> None:
        """Wait until a page is on top."""
        self.page.wait_for_url(re.compile(rf"#/{re.escape(path)}(\?|$)"))

    def text(self, words: str, *, exact: bool = False) -> Locator:
        """Words that can be seen."""
        return self.page.get_by_text(words, exact=exact).filter(visible=True).first

    def see(self, *words: str) -> None:
        """All these words appear."""
        for one in words:
            expect(self.text(one)).to_be_visible()

    def not_see(self, *words: str) -> None:
        """None of these words can be seen."""
        for one in words:
            shown = self.page.get_by_text(one).filter(visible=True)
            expect(shown).to_have_count(0)

    def tap(self, name: str) -> None:
        """Tap what carries exactly these words."""
        self.text(name, exact=True).click()

    def control(self, name: str) -> Locator:
        """A control that can be seen, by its accessible name."""
        roles: list[Locator] = [
            self.page.get_by_role(role, name=re.compile(rf"^{re.escape(name)}$")) for role in ROLES
        ]
        found = roles[0]
        for one in roles[1:]:
            found = found.or_(one)
        return found.filter(visible=True).first

    def press(self, name: str) -> None:
        """Tap a control by its accessible name, as a screen reader would."""
        self.control(name).click()

    def press_at_the_end(self, name: str) -> None:
        """Tap what stands at the end of a list, without scrolling there.

        Scrolling alone asks for the next page, and what was to be pressed may go with its answer.
        """
        self.control(name).evaluate("(one) => one.click()")

    def fill(self, label: str, value: str) -> None:
        """Type into a field by its label."""
        self.page.get_by_label(label).filter(visible=True).first.fill(value)
        # uni-app hands typed text to the page at most once in 100 ms; nobody taps faster.
        self.page.wait_for_timeout(HANDED_ON_MS)

    def shoot(self, name: str) -> Path:
        """Keep a picture of the whole page, bars at its ends."""
        size = self.page.viewport_size or {"width": PHONE[0], "height": PHONE[1]}
        height = self.page.evaluate("document.documentElement.scrollHeight")
        # To change the size is half of what a picture costs, and many pages need no more than one.
        tall = height > size["height"]
        if tall:
            whole = min(height, TALLEST)
            self.page.set_viewport_size({"width": size["width"], "height": whole})
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        if tall:
            self.page.set_viewport_size(size)
        return path

"""A browser with the console in it, for the tests that drive it."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Request, Response, expect

from gateway.console.guards import SESSION_COOKIE
from tests.e2e.accessibility import rule_breaks, small_texts, too_wide
from tests.e2e.app import PATIENCE_MS, SCREENSHOTS
from tests.e2e.tabs import Tab

DESKTOP, PHONE, NARROW = (1280, 800), (375, 812), 320
# The table of demo codes has the word in its name too.
CODE = re.compile("^动态码")
OpenConsole = Callable[[str], "Console"]


class Console:
    """A browser with the console in it.

    Attributes:
        kept: sessions of those who have logged in before, by username: a code counts once in half
            a minute, and nobody need wait for the next one.
        faults: what the browser complained of; foreign: requests to other hosts.
    """

    def __init__(self, tab: Tab, origin: str, password: str, kept: dict[str, str]) -> None:
        self.tab, self.page = tab, tab.page
        self.origin, self.password, self.kept = origin, password, kept
        self.faults: list[str] = []
        self.foreign: list[str] = []
        self.page.set_default_timeout(PATIENCE_MS)
        tab.listen("console", self._said)
        tab.listen("pageerror", self._raised)
        tab.listen("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def _raised(self, error: Error) -> None:
        self.faults.append(str(error))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:")):
            self.foreign.append(request.url)

    def open(self, path: str = "/console") -> Response | None:
        """Open an address."""
        return self.page.goto(self.origin + path)

    def code(self, username: str) -> str:
        """The code that the sandbox shows on the login page, waited for if need be."""
        row = self.page.get_by_role("row", name=re.compile(rf"^{re.escape(username)} "))
        for _ in range(175):
            shown = row.locator("code").inner_text()
            if shown.isdigit():
                return shown
            self.page.wait_for_timeout(200)
            self.page.reload()
        raise AssertionError(f"no code for {username}")

    def log_in(self, username: str) -> None:
        """As a demo account: by the session of an earlier test, while it lasts."""
        greeting = self.page.get_by_role("heading", level=1)
        cookies, host = self.page.context, urlsplit(self.origin).hostname or ""
        if token := self.kept.get(username):
            cookies.add_cookies(
                [{"name": SESSION_COOKIE, "value": token, "domain": host, "path": "/console"}]
            )
            self.open()
            if "您好" in greeting.inner_text():
                return
        self.open("/console/login")
        code = self.code(username)
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(self.password)
        self.page.get_by_role("textbox", name=CODE).fill(code)
        self.page.get_by_role("button", name="登录").click()
        expect(greeting).to_contain_text("您好")
        held = {cookie["name"]: cookie["value"] for cookie in cookies.cookies()}
        self.kept[username] = held[SESSION_COOKIE]

    def shoot(self, name: str) -> Path:
        """Keep a picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"console-{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def is_fit(self, name: str) -> None:
        """axe-core finds nothing, nothing is too small to hit or read, nothing is cut off."""
        assert rule_breaks(self.page) == [], name
        assert small_texts(self.page, elder=False) == [], name
        assert too_wide(self.page, NARROW) == 0, name

    def look(self, name: str) -> None:
        """Fit for everybody, with a picture of it on a desktop and on a phone."""
        self.shoot(name)
        self.is_fit(name)
        self.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        assert too_wide(self.page, PHONE[0]) == 0, name
        self.shoot(f"{name}-phone")
        self.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})

    def press(self, label: str, **fields: str) -> None:
        """A button that does it at once."""
        for name, words in fields.items():
            self.page.get_by_label(name).fill(words)
        self.page.get_by_role("button", name=label, exact=True).click()

    def confirm(self, label: str, told: str, **fields: str) -> None:
        """A button that asks first, the fields of its question by their names, and what is said."""
        self.page.locator("summary", has_text=re.compile(f"^{label}$")).click()
        question = self.page.locator("details[open]").filter(has_text=re.compile(f"确认{label}"))
        for name, words in fields.items():
            question.locator(f"[name={name}]").fill(words)
        question.get_by_role("button", name=f"确认{label}").click()
        expect(self.page.get_by_role("status")).to_contain_text(told)

    def focused(self) -> str:
        """The name of what has the focus."""
        name: str = self.page.evaluate(
            """() => {
              const one = document.activeElement
              const label = one.labels && one.labels[0]
              return (one.getAttribute('aria-label') ?? label?.innerText ?? one.innerText).trim()
            }"""
        )
        return name

    def tab_to(self, name: str, at_most: int = 60) -> None:
        """Go on by the Tab key until something of this name has the focus."""
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            if re.search(name, self.focused()):
                return
        raise AssertionError(f"{name!r} is not reached within {at_most} stops")

    def typed(self, name: str, words: str) -> None:
        """Reach a field by the Tab key and type into it."""
        self.tab_to(name)
        self.page.keyboard.type(words)

"""Tabs of a browser that are wiped and handed on to the next test.

A new browser context has a process of its own, which compiles every script anew and runs it slowly
at first: seven seconds of a core for a page and what is asserted of it, where a process that has
seen the scripts before takes two. So a test gets a tab in which nothing is left of the one before
it but what a browser keeps of files that never change.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize

# Some pages are no place to keep anything.
_FORGET = "() => { try { sessionStorage.clear() } catch { /* nothing was kept */ } }"
_BLANK = "about:blank"
Listener = Callable[[Any], None]


@dataclass(eq=False)
class Tab:
    """One tab, in a browser context of its own.

    Attributes:
        page: the tab itself.
        spent: something was done to it that cannot be undone; nobody gets it after this test.
    """

    page: Page
    cdp: CDPSession
    spent: bool = False
    _scripts: list[str] = field(default_factory=list)
    _listeners: list[tuple[str, Listener]] = field(default_factory=list)

    def listen(self, event: str, listener: Listener) -> None:
        """Tell of an event of the page, also of those while it is wiped, and not after that."""
        self.page.on(event, listener)  # type: ignore[call-overload]
        self._listeners.append((event, listener))

    def before_each_document(self, script: str) -> None:
        """Run a script in each new document before the document's own, until the tab is wiped."""
        made = self.cdp.send("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        self._scripts.append(made["identifier"])

    def wipe(self, origin: str) -> None:
        """Forget all that was kept by pages of an origin, allowed, bent or opened."""
        page, context = self.page, self.page.context
        for other in context.pages:
            if other is not page:
                other.close()
        page.unroute_all()
        context.set_offline(False)
        page.evaluate(_FORGET)
        page.goto(_BLANK)
        kept = {"origin": origin, "storageTypes": "all"}
        self.cdp.send("Storage.clearDataForOrigin", kept)
        context.clear_cookies()
        context.clear_permissions()
        while self._scripts:
            script = {"identifier": self._scripts.pop()}
            self.cdp.send("Page.removeScriptToEvaluateOnNewDocument", script)
        self.cdp.send("Page.resetNavigationHistory")
        while self._listeners:
            page.remove_listener(*self._listeners.pop())


class Tabs:
    """The tabs of one browser; the one that was made first is the first to be used again."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._made: list[Tab] = []
        self._free: list[Tab] = []

    def take(self, size: tuple[int, int]) -> Tab:
        """A wiped tab of this size, in CSS pixels."""
        width, height = size
        wanted: ViewportSize = {"width": width, "height": height}
        if not self._free:
            return self._make(wanted)
        tab = min(self._free, key=self._made.index)
        self._free.remove(tab)
        if tab.page.viewport_size != wanted:
            tab.page.set_viewport_size(wanted)
        return tab

    def give_back(self, tab: Tab, origin: str) -> None:
        """Wipe a tab that was on pages of an origin and keep it, or end it when it is spent."""
        if tab.spent or tab.page.is_closed():
            self._made.remove(tab)
            tab.page.context.close()
            return
        tab.wipe(origin)
        self._free.append(tab)

    def _make(self, size: ViewportSize) -> Tab:
        context = self._browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
        )
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        # Without it the scripts that are added are not run.
        cdp.send("Page.enable")
        self._made.append(Tab(page, cdp))
        return self._made[-1]

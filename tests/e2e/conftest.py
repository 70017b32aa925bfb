"""A province, a browser, and an app in it that must end without a fault."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from gateway.cli.secrets import demo_secrets
from tests.e2e.app import PHONE, App
from tests.e2e.console import DESKTOP, Console
from tests.e2e.people import Visitor, log_in, represents, somebody
from tests.e2e.tabs import Tabs
from tests.provinces import Platform, one_machine
from tests.servers import ROOT

H5 = ROOT / "miniprogram" / "dist" / "build" / "h5" / "index.html"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

OpenApp = Callable[..., App]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def province(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running province that serves the built front end."""
    assert H5.is_file(), "the front end is not built: npm run build:h5 in miniprogram/"
    with one_machine(tmp_path_factory.mktemp("province"), seeded) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium; CHROMIUM names another one."""
    named = [os.environ.get("CHROMIUM"), shutil.which("chromium"), shutil.which("google-chrome")]
    path = next((one for one in named if one), None)
    assert path, "no Chromium: apt-get install chromium fonts-noto-cjk, or set CHROMIUM"
    running = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield running
    running.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    """Tabs that one test hands on to the next."""
    return Tabs(browser)


@pytest.fixture
def open_app(tabs: Tabs) -> Iterator[OpenApp]:
    """Make a device with the app of some origin; at the end none may have a fault to show."""
    opened: list[App] = []

    def make(origin: str, width: int = PHONE[0], height: int = PHONE[1]) -> App:
        opened.append(App(tabs.take((width, height)), origin))
        return opened[-1]

    yield make
    for app in opened:
        tabs.give_back(app.tab, app.origin)
    for app in opened:
        assert app.foreign == [], "requests to other hosts"
        assert app.faults == [], "errors in scripts"


@pytest.fixture(scope="session")
def console_sessions() -> dict[str, str]:
    """The console's session of each demo account that has logged in."""
    return {}


@pytest.fixture
def open_console(
    tabs: Tabs, province: Platform, console_sessions: dict[str, str]
) -> Iterator[Callable[[], Console]]:
    """Make a desktop with the console; at the end none may have complained."""
    opened: list[Console] = []
    secrets = demo_secrets(province.data_dir, province.data_dir / "shengshitong.db")

    def make() -> Console:
        tab = tabs.take(DESKTOP)
        opened.append(Console(tab, province.url, secrets["SST_DEMO_PASSWORD"], console_sessions))
        return opened[-1]

    yield make
    for console in opened:
        tabs.give_back(console.tab, console.origin)
    for console in opened:
        assert console.faults == [], "the browser complained (of our own policy, say)"
        assert console.foreign == [], "requests to other hosts"


@pytest.fixture
def app(open_app: OpenApp, province: Platform) -> App:
    """A phone on which the app was never opened."""
    return open_app(province.url)


@pytest.fixture(scope="session")
def http(province: Platform) -> Iterator[httpx.Client]:
    """A client of the gateway, for what is not the journey itself."""
    with httpx.Client(base_url=province.url, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def owner(http: httpx.Client) -> Visitor:
    """Somebody with many things: proven by face, legal representative of an enterprise."""
    return log_in(http, somebody(represents), 4)


@pytest.fixture(scope="session")
def resident(http: httpx.Client) -> Visitor:
    """Somebody with licences, proven by name and number."""
    fits = somebody(lambda one: one.job is not None and one.car is not None and not represents(one))
    return log_in(http, fits, 3)


@pytest.fixture(scope="session")
def nobody(http: httpx.Client) -> Visitor:
    """Somebody of whom no system knows anything but the identity."""
    return log_in(http, somebody(lambda one: one.licence_load == "none"), 4)


@pytest.fixture(scope="session")
def newcomer(http: httpx.Client) -> Visitor:
    """Somebody who has given a phone number and nothing else."""
    return log_in(http, None, 1)


@pytest.fixture
def faults(province: Platform) -> Iterator[Callable[..., None]]:
    """Switch a fault on at a provincial system; all are off again after the test."""
    used: set[str] = set()

    def switch(system: str, kind: str, **more: object) -> None:
        used.add(system)
        url = f"{province.systems[system]}/_control/faults"
        assert httpx.post(url, json={"kind": kind, **more}).is_success

    yield switch
    for system in used:
        assert httpx.delete(f"{province.systems[system]}/_control/faults").is_success

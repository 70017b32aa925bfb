"""A system rests at a time that it announced: what people read on the home page, and where."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.cli.secrets import demo_secrets
from tests.e2e.accessibility import violations
from tests.e2e.app import App
from tests.e2e.people import Visitor
from tests.provinces import Platform

Announce = Callable[[str, timedelta, timedelta, str], None]


CLERK = "gd-renshe.clerk"
# A code is shown and counts once in half a minute; registrations are read every two seconds.
LONGEST_S = 40.0


def until(found: Callable[[], Any]) -> Any:
    """What is found, as soon as there is something."""
    end = time.monotonic() + LONGEST_S
    while not (something := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return something


@pytest.fixture
def clerk(province: Platform, http: httpx.Client) -> dict[str, str]:
    """Headers of a department's clerk; the sandbox shows the code on the login page."""
    shown = re.compile(rf">\s*{CLERK}\s*<.*?<code[^>]*>\s*(\S+)\s*</code>", re.DOTALL)

    def code() -> str:
        row = shown.search(http.get("/console/login").text)
        assert row, f"no code is shown for {CLERK}"
        return row[1] if row[1].isdigit() else ""

    secrets = demo_secrets(province.data_dir, province.data_dir / "shengshitong.db")
    body = {"username": CLERK, "password": secrets["SST_DEMO_PASSWORD"], "code": until(code)}
    answer = http.post("/api/v1/operator/sessions", json=body)
    assert answer.is_success, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def announce(http: httpx.Client, clerk: dict[str, str]) -> Iterator[Announce]:
    """Announce that a system rests; after the test it is called again."""
    made: list[str] = []

    def tell(system: str, after: timedelta, lasting: timedelta, words: str) -> None:
        begin = datetime.now(UTC) + after
        body = {
            "starts_at": begin.isoformat(),
            "ends_at": (begin + lasting).isoformat(),
            "words": words,
        }
        url = f"/api/v1/provider/systems/{system}/maintenance"
        answer = http.post(url, json=body, headers=clerk)
        assert answer.status_code == 201, answer.text
        made.append(f"{url}/{answer.json()['id']}/cancellations")

    yield tell
    for url in made:
        assert http.post(url, json={"reason": "已完成"}, headers=clerk).is_success


def test_maintenance_is_said_ahead_on_the_section_of_its_system_alone(
    app: App, http: httpx.Client, resident: Visitor, announce: Announce
) -> None:
    announce("gd-renshe", timedelta(hours=2), timedelta(hours=1), "系统升级")
    until(lambda: http.get("/api/v1/public/bootstrap").json()["maintenance"])
    app.consented()
    resident.sit_down(app)
    app.open("pages/home/index")
    app.see("社会保险", "累计缴费", "系统维护（系统升级）")
    section = app.page.locator(".section", has_text="系统维护（系统升级）").filter(visible=True)
    assert section.count() == 1
    assert "社会保险" in section.inner_text()
    assert violations(app.page) == []
    app.shoot("home-maintenance-announced")

"""A whole province gets a new key and lets the old one go; whoever uses it notices nothing."""

import asyncio
import base64
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.audit.models import AuditEntry
from backend.store.database import close_database, open_database
from backend.store.keyring import KeyRing
from backend.store.resealing import all_sealed, reseal_table
from tests.console_world import shown_code
from tests.integration import cast
from tests.integration.people import CITIZEN, bearer, citizen
from tests.provinces import Platform, running, single
from tests.servers import ROOT

# 公共场所卫生许可, an item with materials.
ITEM = "11440000MB9X0016214440123004003"
PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF").decode()
WITHIN_S = 60
# Tables into which the day below writes; all others are looked at as well.
FILLED = {
    "person", "phone_binding", "session_family", "case_draft", "case_file", "case_step",
    "case_event", "case_outbox", "case_material_file", "case_material_file (files)", "message",
    "operator_account", "operator_notice", "service_contact", "keyed_answer",
}  # fmt: skip

Start = Callable[[str], AbstractContextManager[Platform]]


@pytest.fixture
def start(seeded: Path, tmp_path: Path) -> Start:
    """Starts a province of this test's own, each time with another ring, on what is there.

    What depends on the kind of database is tested table by table (``test_resealing.py``).
    """
    instance = single(tmp_path, seeded)
    assert instance.secrets  # made now: a start finds them

    @contextmanager
    def started(ring: str) -> Iterator[Platform]:
        file = instance.data_dir / "secrets.env"
        kept = file.read_text("utf-8")
        file.write_text(re.sub(r"(?m)^SST_KEYRING=.*$", f"SST_KEYRING={ring}", kept), "utf-8")
        # As another start would: it knows nothing but what lies in the folder.
        with running("new-key", replace(instance)) as platform:
            yield platform

    return started


async def test_what_the_old_key_sealed_is_all_there_without_it(start: Start) -> None:
    old, new = (f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for name in "on")
    with start(old) as platform:
        async with httpx.AsyncClient(base_url=platform.url, timeout=30) as http:
            me, case, draft = await a_day(http, platform)
            before = await shown(http, platform, me, case, draft)
        assert (await asyncio.to_thread(reseal, platform)).returncode == 0

    with start(f"{new},{old}") as platform:
        await asyncio.to_thread(killed, platform)
        done = await asyncio.to_thread(reseal, platform)
        assert done.returncode == 0, done.stdout + done.stderr
        told = dict.fromkeys(re.findall(r"(?m)^(\S+(?: \(files\))?) +n +\d+ *$", done.stdout))
        assert set(told) >= FILLED, done.stdout
        assert not re.search(r"(?m) o +\d+ *$", done.stdout)
        again = await asyncio.to_thread(reseal, platform)
        assert again.returncode == 0
        assert "sealed anew" in again.stdout
        assert not re.search(r"sealed anew [1-9]", again.stdout)
        await only_opens_by(platform, new)

    with start(new) as platform:
        async with httpx.AsyncClient(base_url=platform.url, timeout=30) as http:
            assert await shown(http, platform, me, case, draft) == before
        # Without the key that seals it says so, and names what is lost by its row.
        lost = await asyncio.to_thread(reseal, platform, SST_KEYRING=old)
        assert lost.returncode == 1
        assert re.search(r"(?m)^无法打开 does not open: person [0-9a-f-]{36} name$", lost.stderr)
        assert "in no ring" in lost.stdout


def killed(platform: Platform) -> None:
    """Run the command, and end it as it begins to seal."""
    with subprocess.Popen(
        command(), cwd=ROOT, env=environ(platform), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.kill()


def command() -> list[str]:
    """As it is typed on a server."""
    return [sys.executable, "-m", "gateway.cli", "reseal"]


def environ(platform: Platform) -> dict[str, str]:
    """Of a process of this province."""
    return {**os.environ, **platform.environ}


def reseal(platform: Platform, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the command beside the province."""
    return subprocess.run(
        command(),
        cwd=ROOT,
        env={**environ(platform), **more},
        capture_output=True,
        text=True,
        check=False,
    )


async def only_opens_by(platform: Platform, new: str) -> None:
    """No value of any table is left that another key sealed."""
    name, _, key = new.partition(":")
    ring = KeyRing({name: base64.b64decode(key)})
    await open_database(platform.environ["DATABASE_URL"])
    try:
        entries = await AuditEntry.filter(action="keyring.reseal").order_by("id")
        tallies = [await reseal_table(ring, one, lambda _: None) for one in all_sealed()]
    finally:
        await close_database()
    assert all(one.is_done(name) and not one.anew for one in tallies)
    assert sum(one.looked for one in tallies) > 100
    # Who was killed could say nothing any more.
    assert [(one.actor, one.detail["key"], one.detail["whole"]) for one in entries] == [
        ("command-line", "o", True), ("command-line", "n", True), ("command-line", "n", True)
    ]  # fmt: skip
    assert [one.detail["anew"] > 0 for one in entries] == [False, True, False]


async def a_day(http: httpx.AsyncClient, platform: Platform) -> tuple[dict[str, str], str, str]:
    """Somebody applies for their enterprise, with files, and begins another application."""
    company = cast.company(platform)
    me = bearer(await citizen(http, company.legal_representative, level=4))
    cases = f"/api/v1/enterprise/enterprises/{company.uscc}/cases"
    drafts = [await filled(http, me, cases) for _ in range(2)]
    url = f"{cases}/drafts/{drafts[0]['id']}/submission"
    done = await http.post(url, json={"version": drafts[0]["version"]}, headers=me)
    assert done.status_code == 201, done.text
    case_no = done.json()["case_no"]
    await until(http, me, f"{cases}/{case_no}", "delivered")
    desk = f"{platform.systems['gd-shenpi']}/_control/cases/{case_no}"
    decided = await http.post(desk, json={"action": "approve"})
    assert decided.status_code == 200, decided.text
    await until(http, me, f"{cases}/{case_no}", "ended")
    await settled(http, me, f"{cases}/{case_no}")
    return me, f"{cases}/{case_no}", f"{cases}/drafts/{drafts[1]['id']}"


async def until(http: httpx.AsyncClient, me: dict[str, str], case: str, reached: str) -> None:
    """Wait until the case is there."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if (await http.get(case, headers=me)).json()[reached]:
                return
            await asyncio.sleep(0.3)


async def settled(http: httpx.AsyncClient, me: dict[str, str], case: str) -> None:
    """Wait until nothing comes after the decision any more: others are told of it."""
    seen: Any = None
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = (await http.get(case, headers=me)).json()
            if found == seen:
                return
            seen = found
            await asyncio.sleep(3)


async def filled(http: httpx.AsyncClient, me: dict[str, str], cases: str) -> dict[str, Any]:
    """A draft with every file that it needs."""
    keyed = {**me, "idempotency-key": secrets.token_urlsafe(16)}
    opened = await http.post(f"{cases}/drafts", json={"item_code": ITEM}, headers=keyed)
    assert opened.status_code == 201, opened.text
    draft = opened.json()
    path = f"{cases}/drafts/{draft['id']}"
    for material in draft["materials"]:
        if material["lacking"]:
            file = {"name": f"{material['code']}.pdf", "content": PDF}
            added = await http.post(
                f"{path}/materials/{material['code']}/files", json=file, headers=me
            )
            assert added.status_code == 201, added.text
    found: dict[str, Any] = (await http.get(path, headers=me)).json()
    return found


async def shown(
    http: httpx.AsyncClient, platform: Platform, me: dict[str, str], case: str, draft: str
) -> dict[str, Any]:
    """What the person and an administrator see of what is sealed."""
    pages: dict[str, Any] = {}
    for path in (f"{CITIZEN}/me", f"{CITIZEN}/messages", f"{CITIZEN}/wallet", case, draft):
        answer = await http.get(path, headers=me)
        assert answer.status_code == 200, answer.text
        pages[path] = answer.json()
    pages[f"{CITIZEN}/wallet"] = sorted(
        (one["id"], one["name"]) for one in pages[f"{CITIZEN}/wallet"]["items"]
    )
    files = [one for each in pages[draft]["materials"] for one in each["files"]]
    assert files
    for one in files:
        answer = await http.get(f"{draft}/files/{one['id']}", headers=me)
        assert answer.content.startswith(b"%PDF-"), answer.text
    pages["accounts"] = await accounts(http, platform)
    return pages


async def accounts(http: httpx.AsyncClient, platform: Platform) -> Any:
    """The console's accounts as an administrator sees them, who logs in anew."""
    given = {
        "username": "sysadmin", "code": await shown_code(http, "sysadmin"),
        "password": platform.environ["SST_DEMO_PASSWORD"],
    }  # fmt: skip
    opened = await http.post("/api/v1/operator/sessions", json=given)
    assert opened.is_success, opened.text
    answer = await http.get("/api/v1/operator/accounts", headers=bearer(opened.json()))
    assert answer.status_code == 200, answer.text
    return sorted((one["username"], one["name"]) for one in answer.json()["items"])

"""Joining over HTTP on a running province: the API, the console's pages and the command line."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import jsonschema_rs
import pytest
from typer.testing import CliRunner

from backend.operators.service import Officer, Role
from backend.operators.sessions import Sessions
from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import open_redis
from gateway.cli.provider import app
from gateway.console import guards
from tests.onboarding_world import document, proof, signing_key
from tests.provinces import Platform

SYSTEMS = "/api/v1/provider/systems"
GJJ = "gd-gjj"
PATIENCE_S = 60.0
T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], wanted: T) -> None:
    """Ask until the answer is this one; workers look at the registry every two seconds."""
    ends = asyncio.get_running_loop().time() + PATIENCE_S
    while (found := await ask()) != wanted:
        assert asyncio.get_running_loop().time() < ends, found
        await asyncio.sleep(0.1)


@dataclass
class Desk:
    """An officer at the API."""

    http: httpx.AsyncClient
    token: str

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request."""
        given = {"authorization": f"Bearer {self.token}", **headers}
        if method == "POST":
            given["idempotency-key"] = str(uuid.uuid4())
        return await self.http.request(method, f"{SYSTEMS}{path}", json=body, headers=given)

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        """One request that is granted."""
        answer = await self.ask(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """One that is not."""
        answer = await self.ask(method, path, body)
        return answer.status_code, answer.json()["code"]


@dataclass
class Desks:
    """Everybody who takes part."""

    clerk: Desk
    stranger: Desk
    operator: Desk
    second: Desk
    security: Desk
    uscc: str


@pytest.fixture
async def desks(platform: Platform, http: httpx.AsyncClient) -> AsyncIterator[Desks]:
    """Of the housing fund, of another department, and of the platform."""
    settings = Settings.from_environ(platform.environ)
    redis = open_redis(settings.redis_url)
    sessions = Sessions(redis, KeyRing(settings.keyring), lambda: datetime.now(UTC))

    async def desk(role: Role, uscc: str | None = None) -> Desk:
        officer = Officer(uuid.uuid4(), f"{role}-x", "测试", role, uscc)
        return Desk(http, await sessions.open(officer, "203.0.113.9"))

    operator = await desk(Role.OPERATOR)
    uscc = (await operator.done("GET", f"/{GJJ}"))["department_uscc"]
    yield Desks(
        await desk(Role.CLERK, uscc), await desk(Role.CLERK, "11440000MB9X00015F"), operator,
        await desk(Role.OPERATOR), await desk(Role.SECURITY_ADMIN), uscc,
    )  # fmt: skip
    await redis.aclose()


async def test_a_change_of_a_real_system_goes_all_the_way(desks: Desks) -> None:
    clerk, operator = desks.clerk, desks.operator
    served = (await clerk.done("GET", f"/{GJJ}"))["published"]["number"]
    manifest = (await clerk.done("GET", f"/{GJJ}/revisions/{served}"))["manifest"]
    assert await clerk.refused("POST", "", {"manifest": manifest}) == (
        409, "onboarding.content_unchanged",
    )  # fmt: skip
    was = manifest["limits"]["concurrency"]
    manifest["limits"]["concurrency"] = was + 1
    draft = await clerk.done("POST", "", {"manifest": manifest})
    number, at = draft["number"], f"/{GJJ}/revisions/{draft['number']}"
    assert draft["state"] == "draft"
    assert (await clerk.done("GET", f"{at}/checks"))["errors"] == []
    assert (await clerk.done("POST", f"{at}/submissions", {}))["state"] == "submitted"
    assert await clerk.refused("POST", f"{at}/reviews") == (403, "operators.role_missing")
    await operator.done("POST", f"{at}/reviews")
    diff = await operator.done("GET", f"{at}/diff")
    assert [one["text"] for one in diff["changes"]] == [f"限额 › 并发上限：{was} → {was + 1}"]
    assert diff["breaking"] == []
    await operator.done("POST", f"{at}/approvals", {})
    run = await clerk.done("POST", f"{at}/conformance-runs")
    async with asyncio.timeout(PATIENCE_S):
        while run["state"] == "running":
            await asyncio.sleep(0.2)
            run = await clerk.done("GET", f"/{GJJ}/conformance-runs/{run['id']}")
    assert run["state"] == "passed", [
        one for one in run["report"]["checks"] if one["outcome"] == "failed"
    ]
    assert (await operator.done("POST", f"{at}/publications", {}))["state"] == "published"
    system = await clerk.done("GET", f"/{GJJ}")
    assert (system["published"]["number"], system["opened"]) == (number, None)
    history = await clerk.done("GET", f"/{GJJ}/history?limit=3")
    assert [one["act"] for one in history["items"]] == ["supersede", "publish", "conform"]
    assert history["next_cursor"]


async def test_reads_carry_an_entity_tag(desks: Desks) -> None:
    for path in ("", f"/{GJJ}", f"/{GJJ}/revisions", f"/{GJJ}/history", f"/{GJJ}/keys"):
        first = await desks.clerk.ask("GET", path)
        again = await desks.clerk.ask("GET", path, **{"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), path


async def test_what_is_wrong_is_said_with_its_place(desks: Desks) -> None:
    key = signing_key("gd-api-1")
    raw = document(key, "gd-api")
    broken = {**raw, "system": {**raw["system"], "level": 9}}
    answer = await desks.stranger.ask("POST", "", {"manifest": broken})
    assert answer.status_code == 400
    assert answer.json()["code"] == "exchange.manifest_refused"
    assert answer.json()["errors"][0]["pointer"] == "/system/level"
    refused = [
        (desks.clerk, "POST", "", {"manifest": raw}, (403, "onboarding.department_differs")),
        (desks.stranger, "GET", f"/{GJJ}", None, (404, "onboarding.system_unknown")),
        (desks.operator, "GET", "/gd-none", None, (404, "onboarding.system_unknown")),
        (desks.operator, "GET", f"/{'g' * 300}", None, (404, "onboarding.system_unknown")),
        (desks.operator, "POST", f"/{GJJ}/keys/{'k' * 300}/revocations", {"reason": "泄露"},
         (403, "operators.role_missing")),
        (desks.security, "POST", f"/{GJJ}/keys/{'k' * 300}/revocations", {"reason": "泄露"},
         (404, "onboarding.key_unknown")),
        (desks.operator, "GET", f"/{GJJ}/revisions/x", None, (404, "onboarding.revision_unknown")),
        (desks.operator, "GET", f"/{GJJ}/revisions/1/diff?against={2**31}", None,
         (400, "request.invalid")),
        (desks.operator, "POST", f"/{GJJ}/rollbacks", {"revision": 2**64, "reason": "错"},
         (400, "request.invalid")),
        (desks.clerk, "GET", f"/{GJJ}/conformance-runs/x", None, (404, "onboarding.run_unknown")),
        (desks.clerk, "GET", f"/{GJJ}/history?cursor=x", None, (400, "onboarding.cursor_invalid")),
        (desks.clerk, "POST", f"/{GJJ}/maintenance/x/cancellations", {"reason": "错"},
         (404, "exchange.window_unknown")),
        (desks.clerk, "POST", f"/{GJJ}/keys",
         {"id": "k", "alg": "rsa", "public": "x", "proof": "x"},
         (400, "exchange.manifest_refused")),
    ]  # fmt: skip
    for desk, method, path, body, expected in refused:
        assert await desk.refused(method, path, body) == expected, path


def _nested(levels: int) -> Any:
    found: Any = []
    for _ in range(levels):
        found = [found]
    return found


async def test_a_manifest_that_cannot_be_a_manifest_is_refused_and_hurts_nobody(
    desks: Desks, http: httpx.AsyncClient
) -> None:
    raw = document(signing_key("gd-api-2"), "gd-api")
    deep = {**raw, "service_items": {"items": [], "x": _nested(500)}}
    assert await desks.stranger.refused("POST", "", {"manifest": deep}) == (
        400, "exchange.manifest_refused",
    )  # fmt: skip
    form = {"csrf": guards.csrf_of(desks.stranger.token), "text": ""}
    cookie = {"cookie": f"sst_console={desks.stranger.token}"}
    for content, words in (
        (b"", "清单是空的"),
        ("名称: 省".encode("gbk"), "UTF-8"),
        (b"[" * 100_000, "嵌套太深"),
        (b"#" * 10_000_000, "至多 4 MB"),
        (b"a: &a [*a]", "引用了它自己"),
    ):
        files = {"manifest": ("m.yaml", content)}
        answer = await http.post("/console/systems/new", data=form, files=files, headers=cookie)
        assert (answer.status_code, words in answer.text) == (400, True), words


async def test_keys_addresses_and_a_return_over_the_api(desks: Desks) -> None:
    stranger, security = desks.stranger, desks.security
    code = f"gd-{uuid.uuid4().hex[:8]}"
    key = signing_key(f"{code}-1")
    raw = document(key, code)
    raw["licence_types"], raw["service_items"] = [], []
    number = (await stranger.done("POST", "", {"manifest": raw}))["number"]
    at = f"/{code}/revisions/{number}"
    wrong = {"proofs": {key.key_id: "AA=="}}
    assert await stranger.refused("POST", f"{at}/submissions", wrong) == (
        400, "onboarding.key_proof_wrong",
    )  # fmt: skip
    proofs = {key.key_id: proof(key, code)}
    await stranger.done("POST", f"{at}/submissions", {"note": "初次接入", "proofs": proofs})
    keys = (await security.done("GET", f"/{code}/keys"))["items"]
    assert [(one["id"], one["state"], one["proven"]) for one in keys] == [
        (key.key_id, "declared", "signature")
    ]
    await desks.operator.done("POST", f"{at}/reviews")
    assert await desks.operator.refused("POST", f"{at}/approvals", {}) == (
        409, "onboarding.address_unapproved",
    )  # fmt: skip
    addresses = (await security.done("GET", f"/{code}/addresses"))["items"]
    assert {one["state"] for one in addresses} == {"pending"}
    body = {"origin": addresses[0]["origin"]}
    listed = await security.done("POST", f"/{code}/addresses/approvals", body)
    assert listed["items"][0]["state"] == "approved"
    await security.done("POST", f"/{code}/addresses/refusals", {**body, "reason": "换域名"})
    await desks.operator.done("POST", f"{at}/returns", {"reason": "联系电话不对"})
    shown = await stranger.done("GET", at)
    assert (shown["state"], shown["note"]) == ("draft", "初次接入")
    assert (await stranger.done("POST", f"{at}/discards"))["state"] == "discarded"


async def test_maintenance_is_public_and_ends_when_it_is_taken_back(
    desks: Desks, http: httpx.AsyncClient
) -> None:
    starts = datetime.now(UTC) + timedelta(days=1)
    window = await desks.clerk.done(
        "POST", f"/{GJJ}/maintenance",
        {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=2)).isoformat(),
         "words": "系统升级维护"},
    )  # fmt: skip

    async def told() -> list[str]:
        found = (await http.get("/api/v1/public/maintenance")).json()["items"]
        return [one["words"] for one in found if one["system"] == GJJ]

    await eventually(told, ["系统升级维护"])
    at = f"/{GJJ}/maintenance/{window['id']}/cancellations"
    await desks.operator.done("POST", at, {"reason": "改期"})
    nothing: list[str] = []
    await eventually(told, nothing)


async def test_what_a_suspended_system_offers_stays_listed_and_says_so(
    desks: Desks, http: httpx.AsyncClient
) -> None:
    words = "公积金系统暂停服务，请到窗口办理。"

    async def told() -> set[tuple[bool, str | None]]:
        found = (await http.get("/api/v1/public/service-items?department=gjj")).json()["items"]
        return {(one["available"], one["unavailable_reason"]) for one in found}

    given = {"reason": "应答有误", "words": words}
    assert (await desks.security.done("POST", f"/{GJJ}/suspensions", given))["state"] == "suspended"
    expected: set[tuple[bool, str | None]] = {(False, words)}
    try:
        await eventually(told, expected)
    finally:
        await desks.security.done("POST", f"/{GJJ}/resumptions", {"reason": "已更正"})
    expected = {(True, None)}
    await eventually(told, expected)


async def test_the_published_schema_takes_what_the_gateway_serves(
    desks: Desks, http: httpx.AsyncClient
) -> None:
    answer = await http.get("/manifest-schema.json")
    assert answer.headers["content-type"] == "application/schema+json"
    validator = jsonschema_rs.Draft202012Validator(answer.json())
    listed = await desks.operator.done("GET", "?limit=100")
    joined = [one for one in listed["items"] if one["published"]]
    assert len(joined) >= 9
    for one in joined:
        at = f"/{one['code']}/revisions/{one['published']['number']}"
        manifest = (await desks.operator.done("GET", at))["manifest"]
        assert [error.message for error in validator.iter_errors(manifest)] == []


@pytest.mark.parametrize(
    "path",
    ["", "/new", f"/{GJJ}", f"/{GJJ}/revisions/1", f"/{GJJ}/keys", f"/{GJJ}/addresses",
     f"/{GJJ}/maintenance"],
)  # fmt: skip
async def test_every_page_shows_itself(
    desks: Desks, http: httpx.AsyncClient, platform: Platform, path: str
) -> None:
    for desk in (desks.clerk, desks.operator, desks.security):
        if path == "/new" and desk is not desks.clerk:
            continue
        answer = await http.get(
            f"/console/systems{path}", headers={"cookie": f"sst_console={desk.token}"}
        )
        assert answer.status_code == 200, (path, answer.text[:500])
        assert "接入系统" in answer.text


def test_the_command_line_speaks_to_the_api(platform: Platform, tmp_path: Path) -> None:
    """A token file of one's own; what the gateway refuses is said in one line."""
    run = CliRunner()
    token = tmp_path / "token"
    common = ["--gateway", platform.url, "--token-file", str(token)]
    missing = run.invoke(app, [*common, "list"])
    assert missing.exit_code == 1
    assert "provider login" in missing.output
    empty = tmp_path / "m.yaml"
    empty.write_text("system: {code: X}\n", encoding="utf-8")
    broken = run.invoke(app, [*common, "submit", str(empty)])
    assert broken.exit_code == 1
    assert "  /manifest_version 缺少必填项\n" in broken.output
    token.write_text("rubbish", encoding="utf-8")
    for nowhere in ("http://127.0.0.1:9", "http://127.0.0.1:x", "nonsense"):
        lost = run.invoke(app, ["--gateway", nowhere, "--token-file", str(token), "list"])
        assert (lost.exit_code, f"网关 {nowhere} 没有应答" in lost.output) == (1, True)
    refused = run.invoke(app, [*common, "list"])
    assert refused.exit_code == 1
    assert "operators.session" in refused.output

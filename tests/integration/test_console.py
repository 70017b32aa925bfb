"""The console over HTTP: its sessions by API and by cookie, in the sandbox and outside it."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from backend.store.embedded import free_port
from gateway.console import guards
from tests.console_world import bearer_of, log_in, shown_code
from tests.provinces import Platform
from tests.servers import ROOT

SENTENCE = "用户名、密码或动态码不对"


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    return found[1]


async def test_a_session_by_the_api_from_login_to_logout(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    answer = await log_in(http, platform, "gd-gjj.clerk")
    assert answer.status_code == 200, answer.text
    opened = answer.json()
    assert opened["officer"]["role"] == "clerk"
    assert (opened["expires_in"], opened["idle_seconds"]) == (8 * 3600, 900)
    header = {"authorization": f"Bearer {opened['access_token']}"}
    me = (await http.get("/api/v1/operator/me", headers=header)).json()
    assert me == opened["officer"]
    listed = (await http.get("/api/v1/operator/sessions", headers=header)).json()["items"]
    assert [one["own"] for one in listed if one["own"]] == [True]
    ended = await http.delete("/api/v1/operator/sessions/current", headers=header)
    assert ended.status_code == 204
    after = await http.get("/api/v1/operator/me", headers=header)
    assert (after.status_code, after.json()["code"]) == (401, "operators.session_expired")


async def test_a_wrong_login_is_one_problem(http: httpx.AsyncClient) -> None:
    given = {"username": "gd-gjj.clerk", "password": "x", "code": "000000"}
    answer = await http.post("/api/v1/operator/sessions", json=given)
    assert (answer.status_code, answer.json()["code"]) == (401, "operators.login_wrong")


async def test_accounts_and_the_audit_by_the_api(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    system = await bearer_of(http, platform, "sysadmin")
    security = await bearer_of(http, platform, "secadmin")
    auditor = await bearer_of(http, platform, "auditor")
    accounts = "/api/v1/operator/accounts"
    name = f"by-api-{platform.name}"
    wanted = {"username": name, "name": "新人", "role": "operator"}
    made = await http.post(accounts, json=wanted, headers=system)
    assert made.status_code == 201, made.text
    account = made.json()["account"]
    assert account["state"] == "pending"
    taken = await http.post(accounts, json=wanted, headers=system)
    assert (taken.status_code, taken.json()["code"]) == (409, "operators.username_taken")
    done = await http.post(f"{accounts}/{account['id']}/activate", headers=security)
    assert done.status_code == 204
    first = {"username": name, "password": made.json()["one_time_password"], "code": ""}
    refused = await http.post("/api/v1/operator/sessions", json=first)
    assert refused.json()["code"] == "operators.enrolment_required"
    ticket = {"ticket": refused.json()["ticket"]}
    enrolment = (await http.post("/api/v1/operator/enrolments", json=ticket)).json()
    assert enrolment["uri"].startswith("otpauth://")
    query = {"subject": f"officer:{account['id']}"}
    found = await http.get("/api/v1/operator/audit", params=query, headers=auditor)
    assert [one["action"] for one in found.json()["items"]] == [
        "operators.account_activated",
        "operators.account_created",
    ]
    file = await http.get("/api/v1/operator/audit/download", params=query, headers=auditor)
    assert file.headers["content-type"].startswith("text/csv")
    assert len(file.content.decode("utf-8-sig").splitlines()) == 3
    notices = (await http.get("/api/v1/operator/notices", headers=security)).json()
    assert any(name in one["text"] for one in notices["items"])


async def test_the_form_opens_a_session_in_a_cookie_and_leads_on(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    page = await http.get("/console/login", params={"next": "/console/me"})
    form = {
        "csrf": csrf_in(page.text), "next": "/console/me", "username": "gd-gjj.head",
        "password": platform.environ["SST_DEMO_PASSWORD"],
        "code": await shown_code(http, "gd-gjj.head"),
    }  # fmt: skip
    answer = await http.post("/console/login", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/me")
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if "sst_console=" in one]
    assert {"HttpOnly", "SameSite=Strict", "Path=/console"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    me = await http.get("/console/me")
    assert "gd-gjj.head" in me.text
    assert me.headers["cache-control"] == "no-store"
    out = await http.post("/console/logout", data={"csrf": csrf_in(me.text)})
    assert out.headers["location"] == "/console/login"
    assert (await http.get("/console/me")).status_code == 303


async def test_a_session_that_ended_is_said_to_have_ended(http: httpx.AsyncClient) -> None:
    http.cookies.set(guards.SESSION_COOKIE, "A" * 64, path="/console")
    answer = await http.get("/console/audit?action=x.&cursor=1")
    where = httpx.URL(answer.headers["location"])
    assert where.path == "/console/login"
    assert where.params["next"] == "/console/audit?action=x.&cursor=1"
    page = await http.get(str(where))
    assert "登录已过期" in page.text
    http.cookies.set(guards.SESSION_COOKIE, "A" * 64, path="/console")
    sent = await http.post("/console/me/password", data={"old": "x"})
    assert sent.status_code == 401
    assert "登录已过期，请重新登录" in sent.text


async def test_a_form_of_another_visit_is_refused(http: httpx.AsyncClient) -> None:
    await http.get("/console/login")
    form = {"csrf": guards.csrf_of("another visit"), "username": "x", "password": "y"}
    answer = await http.post("/console/login", data=form)
    assert answer.status_code == 403
    assert "console.csrf" in answer.text


@pytest.mark.parametrize("path", ["/console/accounts/%00", "/console/login?next=%00"])
async def test_characters_that_no_text_has_are_a_refusal_and_no_failure(
    http: httpx.AsyncClient, platform: Platform, path: str
) -> None:
    token = (await bearer_of(http, platform, "sysadmin"))["authorization"][7:]
    answer = await http.get(path, headers={"cookie": f"{guards.SESSION_COOKIE}={token}"})
    assert answer.status_code in (400, 404)


async def test_what_is_typed_comes_back_escaped(http: httpx.AsyncClient) -> None:
    page = await http.get("/console/login")
    bad = '"><script>alert(1)</script>'
    form = {"csrf": csrf_in(page.text), "username": bad, "password": "y", "next": bad}
    answer = await http.post("/console/login", data=form)
    assert answer.status_code == 401
    assert SENTENCE in answer.text
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.fixture(scope="module")
def real(platform: Platform) -> Iterator[str]:
    """The same province served as outside the sandbox, behind a proxy that speaks https."""
    port = free_port()
    environ = {**platform.environ, "SST_SANDBOX": "", "SST_TRUSTED_PROXIES": "1"}
    command = [sys.executable, "-m", "gateway.cli", "gateway"]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, cwd=ROOT, env={**environ, "SST_PORT": str(port)}) as process:
        try:
            _wait_for(process, url)
            yield url
        finally:
            process.terminate()


def _wait_for(process: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            if httpx.get(f"{url}/healthz").is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)


def test_outside_the_sandbox_no_code_and_no_demo_account_is_shown(
    real: str, platform: Platform
) -> None:
    inside = httpx.get(f"{platform.url}/console/login").text
    assert "sysadmin" in inside
    page = httpx.get(f"{real}/console/login").text
    assert "<h1>登录</h1>" in page
    for word in ("sysadmin", "SST_DEMO_PASSWORD", "演示", "gd-yibao.clerk"):
        assert word not in page


def test_behind_https_the_cookies_are_secure(real: str) -> None:
    answer = httpx.get(f"{real}/console/login", headers={"x-forwarded-proto": "https"})
    assert "Secure" in answer.headers["set-cookie"]


async def test_opening_what_a_notice_is_about_counts_as_reading_it(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    header = await bearer_of(http, platform, "operator")
    cookie = {"cookie": f"sst_console={header['authorization'].removeprefix('Bearer ')}"}
    inbox = "/api/v1/operator/notices"
    before = (await http.get(inbox, headers=header)).json()
    unread = [one for one in before["items"] if not one["read"] and one["link"]]
    assert unread
    page = await http.get(unread[0]["link"], headers=cookie)
    assert page.status_code == 200
    after = (await http.get(inbox, headers=header)).json()
    assert {one["id"]: one["read"] for one in after["items"]}[unread[0]["id"]]
    assert after["unread"] < before["unread"]

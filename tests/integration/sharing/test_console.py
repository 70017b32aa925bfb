"""The console pages of sharing, and the staff API, on a running gateway."""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.operators.service import Officer, Role
from backend.operators.sessions import Sessions
from backend.sandbox.departments.registry import department
from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import open_redis
from gateway.console.guards import SESSION_COOKIE, csrf_of
from tests.provinces import Platform

PAGES = (
    "resources", "resources/301146-0001", "applications", "applications?inbox=1", "grants",
    "calls", "calls?refused=1", "statistics", "overdue", "corrections", "disputes",
)  # fmt: skip
WATCHED = ("resources", "resources/301146-0001", "grants", "calls", "statistics")
API = ("applications", "grants", "corrections", "disputes", "statistics", "calls", "overdue")
LAST_DAY = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()

Tokens = dict[str, str]


@pytest.fixture
async def tokens(platform: Platform) -> AsyncIterator[Tokens]:
    """Console sessions of two departments and of the platform."""
    settings = Settings.from_environ(platform.environ)
    redis = open_redis(settings.redis_url)
    held = Sessions(redis, KeyRing(settings.keyring), lambda: datetime.now(UTC))
    wanted: dict[str, tuple[Role, str | None]] = {
        "operator": (Role.OPERATOR, None), "security": (Role.SECURITY_ADMIN, None)
    }  # fmt: skip
    for code in ("shuiwu", "weijian"):
        uscc = department(code).described["uscc"]
        wanted |= {f"{code}-clerk": (Role.CLERK, uscc), f"{code}-head": (Role.HEAD, uscc)}
    yield {
        name: await held.open(Officer(uuid.uuid4(), name, "测试", role, uscc), "203.0.113.9")
        for name, (role, uscc) in wanted.items()
    }
    await redis.aclose()


def cookies(token: str) -> dict[str, str]:
    return {"cookie": f"{SESSION_COOKIE}={token}"}


async def post(http: httpx.AsyncClient, token: str, path: str, **form: Any) -> httpx.Response:
    data = {"csrf": csrf_of(token), **form}
    return await http.post(f"/console/sharing/{path}", data=data, headers=cookies(token))


async def test_every_page_opens_for_whom_it_is_meant(
    http: httpx.AsyncClient, tokens: Tokens
) -> None:
    for name in ("operator", "security", "shuiwu-clerk", "weijian-head"):
        business = name != "security"
        for page in PAGES if business else WATCHED:
            answer = await http.get(f"/console/sharing/{page}", headers=cookies(tokens[name]))
            assert answer.status_code == 200, (name, page, answer.text[-500:])
        headers = {"authorization": f"Bearer {tokens[name]}"}
        for path in API if business else ("grants", "statistics", "calls"):
            answer = await http.get(f"/api/v1/exchange/{path}", headers=headers)
            assert answer.status_code == 200, (name, path, answer.text)


async def test_from_the_catalogue_to_a_suspended_grant_by_forms(
    http: httpx.AsyncClient, tokens: Tokens
) -> None:
    clerk, head, provider = tokens["shuiwu-clerk"], tokens["shuiwu-head"], tokens["weijian-head"]
    form = await http.get("/console/sharing/resources/301162-0002/apply", headers=cookies(clerk))
    assert form.status_code == 200
    assert "签发日期" in form.text
    typed = {
        "system": "gd-shuiwu", "resource": "301162/0002", "fields": ["status"],
        "purpose": "核验子女教育专项附加扣除", "legal_basis": "《个人所得税法》第六条",
        "scenario": "汇算清缴", "mode": "interface", "case_bound": "no", "daily_quota": "100",
        "addresses": "10.0.0.1\n10.1.0.0/16", "valid_until": LAST_DAY,
    }  # fmt: skip
    wrong = await post(http, clerk, "resources/301162-0002/apply", **{**typed, "purpose": ""})
    assert wrong.status_code == 400
    assert "汇算清缴" in wrong.text, "what was typed is still there"
    made = await post(http, clerk, "resources/301162-0002/apply", **typed)
    assert made.status_code == 303, made.text
    where = made.headers["location"].removeprefix("/console/sharing/")
    for token, act, more in (
        (clerk, "submit", {}),
        (head, "approve", {}),
        (tokens["operator"], "approve", {}),
        (provider, "ask_extension", {"reason": "需要会商"}),
        (tokens["operator"], "extend", {}),
        (provider, "consent", {}),
    ):
        done = await post(http, token, f"{where}/{act}", **more)
        assert done.status_code == 303, (act, done.text[-800:])
    shown = await http.get(f"/console/sharing/{where}", headers=cookies(clerk))
    assert "已同意" in shown.text
    grant = re.search(r"/console/sharing/(grants/[0-9a-f-]{36})", shown.text)
    assert grant is not None
    suspended = await post(http, provider, f"{grant[1]}/suspend", reason="异常调用")
    assert suspended.status_code == 303
    seen = await http.get(f"/console/sharing/{grant[1]}", headers=cookies(clerk))
    assert "已暂停" in seen.text
    assert "异常调用" in seen.text
    doubt = {"code_type": "111", "code": "440106200002290032", "name": "李晓雯",
             "field": "status", "claim": "状态有误"}  # fmt: skip
    assert (await post(http, clerk, f"{grant[1]}/correction", **doubt)).status_code == 303
    listed = await http.get("/console/sharing/corrections", headers=cookies(provider))
    assert "状态有误" in listed.text
    assert "440106200002290032" not in listed.text
    late = await http.get("/console/sharing/overdue", headers=cookies(provider))
    assert "数据校核申请的答复" in late.text


async def test_a_form_of_somebody_else_and_one_without_its_token(
    http: httpx.AsyncClient, tokens: Tokens
) -> None:
    clerk = tokens["shuiwu-clerk"]
    bare = await http.post(
        "/console/sharing/resources/301162-0002/apply", data={"purpose": "x"},
        headers=cookies(clerk),
    )  # fmt: skip
    assert bare.status_code == 403
    unknown = await post(http, clerk, f"applications/{uuid.uuid4()}/submit")
    assert unknown.status_code == 404
    for path in ("corrections", "disputes", "disputes/of"):
        teller = tokens["shuiwu-head"]
        for given in ({}, {"act": "correct", "words": "x"}, {"act": "settle", "words": "x"}):
            refused = await post(http, teller, f"{path}/{uuid.uuid4()}", **given)
            assert refused.status_code in (400, 404), (path, refused.text[-500:])
    nothing = await post(http, tokens["shuiwu-head"], f"grants/{uuid.uuid4()}/revoke", reason="x")
    assert nothing.status_code == 404
    missing = await http.get("/console/sharing/grants/x", headers=cookies(clerk))
    assert missing.status_code == 404


async def test_the_staff_api_takes_an_application_to_a_grant(
    http: httpx.AsyncClient, tokens: Tokens
) -> None:
    def bearer(name: str) -> dict[str, str]:
        return {"authorization": f"Bearer {tokens[name]}"}

    wish = {
        "system": "gd-weijian", "resource": "104001/0001", "fields": ["credit_grade"],
        "purpose": "医疗机构校验", "legal_basis": "《医疗机构管理条例》第二十一条",
        "scenario": "校验", "case_bound": False, "daily_quota": 10, "valid_until": LAST_DAY,
    }  # fmt: skip
    base = "/api/v1/exchange/applications"
    made = await http.post(base, json=wish, headers=bearer("weijian-clerk"))
    assert made.status_code == 201, made.text
    where = f"{base}/{made.json()['id']}"
    # The provider hears of it once it was reviewed.
    unheard = (404, "sharing.application_unknown")
    early = await http.get(where, headers=bearer("shuiwu-clerk"))
    assert (early.status_code, early.json()["code"]) == unheard
    early = await http.post(f"{where}/consent", headers=bearer("shuiwu-head"))
    assert (early.status_code, early.json()["code"]) == unheard
    early = await http.post(f"{where}/approve", headers=bearer("weijian-head"))
    assert (early.status_code, early.json()["code"]) == (409, "sharing.act_not_possible")
    for name, act in (
        ("weijian-clerk", "submit"), ("weijian-head", "approve"), ("operator", "approve"),
        ("shuiwu-head", "consent"),
    ):  # fmt: skip
        done = await http.post(f"{where}/{act}", headers=bearer(name))
        assert done.status_code == 200, done.text
    seen = (await http.get(where, headers=bearer("operator"))).json()
    assert (seen["state"], seen["due"]["kind"]) == ("granted", "delivery")
    assert [step["act"] for step in seen["steps"]][-1] == "consent"
    grant = f"/api/v1/exchange/grants/{seen['grant']}"
    assert (await http.get(grant, headers=bearer("operator"))).json()["used_today"] == 0
    ended = await http.post(
        f"{grant}/revoke", json={"reason": "目的已实现"}, headers=bearer("weijian-head")
    )
    assert ended.json()["state"] == "revoked"

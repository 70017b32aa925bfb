"""The home page over a running province: every system has its own fate."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest

from backend.home.sections import home_key
from backend.identity import sessions
from backend.identity.holders import Holders, holder_key
from backend.identity.levels import Level
from backend.numbers.service import Holder
from backend.settings import Settings
from backend.store.keyring import KeyRing
from backend.store.redis import open_redis
from tests.integration.cast import somebody
from tests.provinces import Platform

ACCOUNTS = {
    "social_security": "gd-renshe",
    "medical_insurance": "gd-yibao",
    "housing_fund": "gd-gjj",
    "tax": "gd-shuiwu",
    "driver": "gd-gongan",
    "property": "gd-ziran",
}


@dataclass
class Visitor:
    """Somebody whose name was just verified, and whom no other test looks at."""

    http: httpx.AsyncClient
    platform: Platform
    token: str

    async def home(self) -> dict[str, dict[str, Any]]:
        answer = await self.http.get("/api/v1/citizen/home", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return {section["code"]: section for section in answer.json()["sections"]}

    async def section(self, code: str) -> httpx.Response:
        return await self.http.get(f"/api/v1/citizen/home/sections/{code}", headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def calls(self, system: str) -> int:
        answer = await self.http.get(f"{self.platform.systems[system]}/_control/calls")
        return int(answer.json()["calls"].get("sections.query", 0))

    @asynccontextmanager
    async def fault(self, system: str, **fault: Any) -> AsyncIterator[None]:
        address = f"{self.platform.systems[system]}/_control/faults"
        (await self.http.post(address, json=fault)).raise_for_status()
        try:
            yield
        finally:
            (await self.http.delete(address)).raise_for_status()


async def make_visitor(http: httpx.AsyncClient, platform: Platform, level: Level) -> Visitor:
    settings = Settings.from_environ(platform.environ)
    redis = open_redis(settings.redis_url)
    person = somebody(platform)
    person_id, session_id = uuid.uuid4(), sessions.new_session_id()
    subject = sessions.subject_of(person_id)
    token, record = sessions.issue(person_id, session_id, level)
    await redis.set(sessions.session_key(subject, session_id), record, ex=600)
    if level >= Level.REAL_NAME:
        holders = Holders(redis, KeyRing(settings.keyring, settings.cipher))
        await holders.keep(subject, Holder(person.id_type, person.id_number, person.name))
    await redis.aclose()
    return Visitor(http, platform, token)


@pytest.fixture
async def visitor(http: httpx.AsyncClient, platform: Platform) -> Visitor:
    return await make_visitor(http, platform, Level.REAL_NAME)


def known(section: dict[str, Any]) -> bool:
    return section["status"] in ("fresh", "none")


async def test_every_system_answers_for_its_own_section(visitor: Visitor) -> None:
    home = await visitor.home()
    assert list(home) == [*ACCOUNTS, "licences", "messages"]
    for code, system in ACCOUNTS.items():
        assert known(home[code])
        assert home[code]["source"]["code"] == system
        assert home[code]["as_of"]


async def test_a_second_look_asks_no_system_again(visitor: Visitor) -> None:
    first = await visitor.home()
    before = [await visitor.calls(system) for system in ACCOUNTS.values()]
    second = await visitor.home()
    assert [await visitor.calls(system) for system in ACCOUNTS.values()] == before
    assert {code: second[code] for code in ACCOUNTS} == {code: first[code] for code in ACCOUNTS}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "hang"},
        {"kind": "status", "status": 500},
        {"kind": "truncate"},
        {"kind": "wrong_signature"},
        {"kind": "malformed"},
        {"kind": "slow", "ms": 3000},
    ],
    ids=lambda fault: fault["kind"],
)
async def test_a_broken_system_costs_its_own_section_only(
    visitor: Visitor, fault: dict[str, Any]
) -> None:
    async with visitor.fault("gd-gjj", operation="sections.query", **fault):
        home = await visitor.home()
        assert home["housing_fund"]["status"] == "unavailable"
        assert "暂时不可用" in home["housing_fund"]["reason"]
        assert "系统暂时不可用，请稍后再试" in home["housing_fund"]["note"]
        assert all(known(home[code]) for code in ACCOUNTS if code != "housing_fund")
    again = await visitor.section("housing_fund")
    assert known(again.json())


async def test_what_was_known_is_shown_with_its_age_while_a_system_is_down(
    visitor: Visitor,
) -> None:
    settings = Settings.from_environ(visitor.platform.environ)
    first = (await visitor.home())["housing_fund"]
    await _grow_old(settings, visitor.token)
    async with visitor.fault("gd-gjj", operation="sections.query", kind="hang"):
        stale = (await visitor.home())["housing_fund"]
    if first["status"] == "fresh":
        assert stale["status"] == "stale"
        assert stale["headline"] == first["headline"]
        assert re.search(r"系统暂时不可用，显示(今天|昨天) \d\d:\d\d的数据$", stale["note"])
    assert first["note"] is None
    assert stale["as_of"] == first["as_of"]


async def _grow_old(settings: Settings, token: str) -> None:
    """Make what is kept an hour older than it is."""
    subject = sessions.parse(token).subject
    redis, ring = open_redis(settings.redis_url), KeyRing(settings.keyring, settings.cipher)
    context = f"home:{subject}".encode()
    stored = await redis.get(home_key(subject))
    assert isinstance(stored, bytes)
    kept = orjson.loads(ring.open(stored, context))
    older = {code: [at - 3600, as_of, data] for code, (at, as_of, data) in kept.items()}
    await redis.set(home_key(subject), ring.seal(orjson.dumps(older), context))
    await redis.aclose()


async def test_below_level_3_everything_personal_is_locked_and_says_what_unlocks_it(
    http: httpx.AsyncClient, platform: Platform
) -> None:
    # An account that exists: at level 1 the home page looks into the inbox.
    sent = await http.post("/api/v1/citizen/sessions/sms-codes", json={"phone": "19912345678"})
    bootstrap = (await http.get("/api/v1/public/bootstrap")).json()
    tokens = await http.post(
        "/api/v1/citizen/sessions/phone",
        json={
            "phone": "19912345678",
            "code": sent.json()["sandbox_code"],
            "device": {"key": "k" * 24, "name": "test", "platform": "h5"},
            "privacy_version": bootstrap["privacy"]["version"],
        },
    )
    home = await Visitor(http, platform, tokens.json()["access_token"]).home()
    for code in (*ACCOUNTS, "licences"):
        assert home[code]["status"] == "locked"
        assert home[code]["required_level"] == 3
        assert home[code]["headline"] is None


async def test_a_section_that_nobody_answers_for_is_404(visitor: Visitor) -> None:
    answer = await visitor.section("horoscope")
    assert (answer.status_code, answer.json()["code"]) == (404, "home.section_not_found")
    for code in ("licences", "messages"):
        assert (await visitor.section(code)).status_code == 200


async def test_the_catalogue_of_facts_never_shows_the_whole_number(visitor: Visitor) -> None:
    answer = await visitor.http.get("/api/v1/citizen/home", headers=visitor.headers)
    settings = Settings.from_environ(visitor.platform.environ)
    redis = open_redis(settings.redis_url)
    holders = Holders(redis, KeyRing(settings.keyring, settings.cipher))
    subject = sessions.parse(visitor.token).subject
    stored = await redis.get(holder_key(subject))
    assert isinstance(stored, bytes)
    holder = holders.opened(subject, stored)
    await redis.aclose()
    assert holder is not None
    assert holder.code not in answer.text

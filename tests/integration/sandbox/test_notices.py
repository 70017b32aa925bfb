"""Change notices: signed, in full, in order, and not lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from backend.sandbox.departments.notices import PATH
from backend.upstream.signing import verify_request
from tests.integration.sandbox.orders import change, file_of, licence_order, of_kind
from tests.sandbox_world import HUSBAND, WIFE, Running, holder, running, serving


@dataclass
class Platform:
    """Takes notices as the gateway does; ``answers`` are statuses to give before 200."""

    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    headers: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        """One notice."""
        body = await request.read()
        notice = json.loads(body)
        self.attempts.append(notice)
        self.headers.append(({k.lower(): v for k, v in request.headers.items()}, body))
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        self.taken.append(notice)
        self.arrived.set()
        return web.json_response({"applied": True})

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The first notices, as soon as there are so many."""
        async with asyncio.timeout(30):
            while len(self.taken) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.taken


@pytest.fixture
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    """A receiving server and its address."""
    platform = Platform()
    app = web.Application()
    app.router.add_post(PATH, platform.receive)
    async with serving(app) as url:
        yield platform, url


@pytest.fixture
async def telling(
    platform: tuple[Platform, str], tmp_path: Path
) -> AsyncIterator[tuple[Running, Platform]]:
    """公安厅, telling the platform."""
    async with AsyncExitStack() as stack:
        gongan = await stack.enter_async_context(running("gongan", tmp_path, platform[1]))
        yield gongan, platform[0]


async def test_a_change_is_told_to_the_platform_signed_and_in_full(
    telling: tuple[Running, Platform],
) -> None:
    gongan, platform = telling
    revision = await change(gongan, "licences", licence_order("set_status", status="LOST"))
    (notice,) = await platform.wait_for(1)
    assert notice["holder"] == holder(HUSBAND)
    assert notice["revision"] == revision
    file = await file_of(gongan)
    assert notice["licences"] == file["licences"]
    headers, body = platform.headers[0]
    public = gongan.key.public
    signed = verify_request(lambda _: public, "POST", PATH, "", headers, body)
    assert signed.key_id == "gd-gongan-1"


async def test_notices_come_in_order_although_the_first_is_refused_for_a_while(
    telling: tuple[Running, Platform],
) -> None:
    gongan, platform = telling
    platform.answers[:] = [503, 429]
    revisions = [
        await change(gongan, "licences", licence_order("set_status", status=status))
        for status in ("LOST", "VALID", "SUSPENDED")
    ]
    taken = await platform.wait_for(3)
    assert [notice["revision"] for notice in taken] == revisions
    assert [of_kind(notice, "机动车驾驶证")["status"] for notice in taken] == [
        "LOST",
        "VALID",
        "SUSPENDED",
    ]
    ids = [notice["notice_id"] for notice in platform.attempts]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids)) == 3


async def test_a_notice_that_is_wrong_for_good_holds_up_no_other(
    telling: tuple[Running, Platform],
) -> None:
    gongan, platform = telling
    platform.answers[:] = [422]
    await change(gongan, "licences", licence_order("set_status", status="LOST"))
    await change(gongan, "licences", licence_order("set_status", status="VALID"))
    (taken,) = await platform.wait_for(1)
    assert of_kind(taken, "机动车驾驶证")["status"] == "VALID"
    notices = (await gongan.control("GET", "state")).body["notices"]
    assert notices == {"waiting": 0, "delivered": 1, "refused": 1, "attempts": 2}


async def test_a_change_may_be_kept_silent(telling: tuple[Running, Platform]) -> None:
    gongan, platform = telling
    order = licence_order("set_status", status="LOST", notify=False)
    silent = await change(gongan, "licences", order)
    told = await change(gongan, "licences", licence_order("set_status", status="VALID"))
    (notice,) = await platform.wait_for(1)
    assert notice["revision"] == told == silent + 1


async def test_both_holders_of_a_joint_licence_are_told(
    platform: tuple[Platform, str], tmp_path: Path
) -> None:
    async with running("weijian", tmp_path, platform[1]) as weijian:
        order = {
            "action": "withdraw",
            "holder": holder(WIFE),
            "type": "出生医学证明",
        }
        await change(weijian, "licences", order)
        taken = await platform[0].wait_for(3)
    names = {notice["holder"]["name"] for notice in taken}
    assert names == {"王小明", "李娜", "王伟"}
    assert all(notice["licences"] == [] for notice in taken)


async def test_notices_outlive_a_restart(platform: tuple[Platform, str], tmp_path: Path) -> None:
    async with running("gongan", tmp_path) as gongan:
        await change(gongan, "licences", licence_order("set_status", status="LOST"))
        assert (await gongan.control("GET", "state")).body["notices"]["waiting"] == 1
    async with running("gongan", tmp_path, platform[1]):
        (notice,) = await platform[0].wait_for(1)
    assert of_kind(notice, "机动车驾驶证")["status"] == "LOST"


async def test_a_platform_that_is_away_gets_its_notices_when_it_is_back(tmp_path: Path) -> None:
    platform = Platform()
    app = web.Application()
    app.router.add_post(PATH, platform.receive)
    async with serving(web.Application()) as url:
        port = int(url.rpartition(":")[2])
    async with running("gongan", tmp_path, url) as gongan:
        await change(gongan, "licences", licence_order("set_status", status="LOST"))
        async with asyncio.timeout(20):
            while not (await gongan.control("GET", "state")).body["notices"]["attempts"]:
                pass
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        (notice,) = await platform.wait_for(1)
        await runner.cleanup()
    assert notice["holder"] == holder(HUSBAND)

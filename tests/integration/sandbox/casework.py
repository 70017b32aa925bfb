"""Cases for the desks of the tiny province, and a platform that takes what they tell."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from backend.sandbox.cases.items import items_of
from backend.sandbox.population.people import Person
from tests.sandbox_world import HUSBAND, Answer, Running, holder

AT = "2026-11-25T10:00:00.000+08:00"
RECEIPT = "居住证申领"


def item_code(system: Running, name: str) -> str:
    """Code of a department's item by its name."""
    return next(code for code, item in items_of(system.department).items() if item.name == name)


def submission(
    system: Running, item: str, number: int = 1, person: Person = HUSBAND, **more: Any
) -> dict[str, Any]:
    """An application as the platform hands it over."""
    code = item_code(system, item)
    return {
        "request_id": str(uuid.uuid4()),
        "case_no": f"{code}20261125{number:04d}",
        "item_code": code,
        "item_version": 1,
        "submitted_at": AT,
        "applicant": holder(person),
        "agent": None,
        "contact_phone": "+8613800138000",
        "form": {"purpose": "工作"},
        "provenance": {},
        "materials": [{"code": "m1", "name": "居民身份证", "how": "shared"}],
        **more,
    }


def word(case_no: str, reason: str = "家里急用") -> dict[str, Any]:
    """What ``cases.withdraw`` and ``cases.urge`` take."""
    return {"request_id": str(uuid.uuid4()), "case_no": case_no, "at": AT, "reason": reason}


def supplement(case_no: str, **more: Any) -> dict[str, Any]:
    """What ``cases.supplement`` takes."""
    return {
        "request_id": str(uuid.uuid4()),
        "case_no": case_no,
        "at": AT,
        "form": {"purpose": "上学"},
        "provenance": {},
        "materials": [],
        **more,
    }


async def hand_in(system: Running, item: str = RECEIPT, **more: Any) -> str:
    """Submit an application that has to be taken; returns its number."""
    body = submission(system, item, **more)
    answer = await system.call("cases.submit", body)
    assert answer.status == 200, answer.body
    return str(body["case_no"])


async def act(system: Running, case_no: str, action: str, **more: Any) -> Answer:
    """What the clerk does."""
    return await system.control("POST", f"cases/{case_no}", {"action": action, **more})


async def record(system: Running, case_no: str, after_seq: int = 0) -> dict[str, Any]:
    """What ``cases.query`` says."""
    answer = await system.call("cases.query", {"case_no": case_no, "after_seq": after_seq})
    assert (answer.status, answer.signed) == (200, True), answer.body
    found: dict[str, Any] = answer.body
    return found


@dataclass
class Platform:
    """Takes events and notices as the gateway does; ``answers`` are statuses to give before 200."""

    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        """One event."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.attempts.append((request.method, request.path, headers, body))
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        self.taken.append(json.loads(body))
        self.arrived.set()
        return web.json_response({"taken": "applied", "state": "accepted", "seq": 1})

    async def notice(self, request: web.Request) -> web.Response:
        """One change notice."""
        self.notices.append(await request.json())
        self.arrived.set()
        return web.json_response({"applied": True})

    async def wait_for(self, events: int, notices: int = 0) -> list[dict[str, Any]]:
        """The first events, as soon as there are so many of both kinds."""
        async with asyncio.timeout(30):
            while len(self.taken) < events or len(self.notices) < notices:
                self.arrived.clear()
                await self.arrived.wait()
        return self.taken

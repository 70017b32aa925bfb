"""Changes by officials: the files follow, revisions grow, and the platform hears of it in order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from backend.numbers.licence_identifier import parse_identifier
from backend.sandbox.departments.notices import PATH
from backend.sandbox.population.people import Person
from backend.upstream.signing import verify_request
from tests.integration.sandbox.conftest import Start
from tests.sandbox_world import (
    COMPANY,
    HUSBAND,
    TODAY,
    USCC,
    WIFE,
    WITHOUT,
    Running,
    company_holder,
    holder,
    picture,
    running,
    serving,
)

NEW_NUMBER = "440106198402280132"


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
        async with asyncio.timeout(10):
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


async def _change(system: Running, what: str, order: dict[str, Any]) -> int:
    answer = await system.control("POST", what, order)
    assert answer.status == 200, answer.body
    revision: int = answer.body["revision"]
    return revision


async def _file(system: Running, person: Person = HUSBAND) -> dict[str, Any]:
    found: dict[str, Any] = (await system.call("licences.query", {"holder": holder(person)})).body
    return found


def _of(file: dict[str, Any], name: str) -> dict[str, Any]:
    return next(licence for licence in file["licences"] if licence["licence_name"] == name)


def _licence_order(action: str, kind: str = "机动车驾驶证", **more: Any) -> dict[str, Any]:
    return {"action": action, "holder": holder(HUSBAND), "type": kind, **more}


async def test_a_new_status_is_seen_at_once_and_raises_the_revision(gongan: Running) -> None:
    before = await _file(gongan)
    revision = await _change(gongan, "licences", _licence_order("set_status", status="LOST"))
    after = await _file(gongan)
    assert after["revision"] == revision == before["revision"] + 1
    assert _of(after, "机动车驾驶证")["status"] == "LOST"
    assert (await _file(gongan, WIFE))["revision"] == before["revision"]


async def test_a_renewed_licence_keeps_its_serial_and_has_the_next_version(
    gongan: Running,
) -> None:
    before = parse_identifier(_of(await _file(gongan), "机动车驾驶证")["licence_identifier"])
    order = _licence_order("reissue", valid_to="2040-01-01", extend_info={"classes": "C1D"})
    await _change(gongan, "licences", order)
    licence = _of(await _file(gongan), "机动车驾驶证")
    after = parse_identifier(licence["licence_identifier"])
    assert (after.serial, after.version) == (before.serial, before.version + 1)
    assert licence["licence_version"] == "002"
    assert licence["issue_date"] == TODAY.isoformat()
    assert licence["valid_to"] == "2040-01-01"
    assert licence["extend_info"]["classes"] == "C1D"


async def test_a_withdrawn_licence_is_gone(gongan: Running) -> None:
    await _change(gongan, "licences", _licence_order("withdraw"))
    names = [licence["licence_name"] for licence in (await _file(gongan))["licences"]]
    assert names == ["居民身份证", "机动车行驶证"]


async def test_a_new_licence_opens_a_file_where_there_was_none(start: Start) -> None:
    renshe = await start("renshe")
    order = {
        "action": "issue",
        "holder": holder(WITHOUT),
        "type": "职业资格证书",
        "number": "Y000000001",
        "valid_to": "2030-01-01",
        "extend_info": {"occupation": "电工"},
    }
    before = await _file(renshe, WITHOUT)
    await _change(renshe, "licences", order)
    await _change(renshe, "licences", {**order, "number": "Y000000002"})
    file = await _file(renshe, WITHOUT)
    assert file["revision"] == before["revision"] + 2
    assert [one["licence_number"] for one in file["licences"]] == ["Y000000001", "Y000000002"]
    identifiers = {str(parse_identifier(one["licence_identifier"])) for one in file["licences"]}
    assert len(identifiers) == 2


async def test_a_joint_licence_changes_for_all_its_holders(start: Start) -> None:
    minzheng = await start("minzheng")
    order = {"action": "set_status", "holder": holder(WIFE), "type": "结婚证", "status": "LOST"}
    await _change(minzheng, "licences", order)
    for person in (HUSBAND, WIFE):
        file = await _file(minzheng, person)
        assert _of(file, "结婚证")["status"] == "LOST"


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        (_licence_order("set_status", "结婚证"), 404, "control.type_unknown"),
        (_licence_order("withdraw", "居住证"), 404, "control.licence_not_found"),
        (_licence_order("withdraw", number="none"), 404, "control.licence_not_found"),
        (
            {**_licence_order("withdraw"), "holder": {**holder(HUSBAND), "code": NEW_NUMBER}},
            404,
            "control.holder_unknown",
        ),
        (_licence_order("destroy"), 400, "control.order_invalid"),
        (_licence_order("set_status", status="GONE"), 400, "control.order_invalid"),
    ],
)
async def test_an_order_that_fits_nothing_is_refused_and_changes_nothing(
    gongan: Running, order: dict[str, Any], status: int, code: str
) -> None:
    before = await _file(gongan)
    answer = await gongan.control("POST", "licences", order)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert {**await _file(gongan), "as_of": ""} == {**before, "as_of": ""}


async def test_of_several_alike_the_number_says_which(start: Start) -> None:
    renshe = await start("renshe")
    order = {"action": "issue", "holder": holder(HUSBAND), "type": "职业资格证书"}
    for number in ("Y1", "Y2"):
        await _change(renshe, "licences", {**order, "number": number})
    answer = await renshe.control("POST", "licences", {**order, "action": "withdraw"})
    assert (answer.status, answer.body["code"]) == (409, "control.licence_ambiguous")
    await _change(renshe, "licences", {**order, "action": "withdraw", "number": "Y1"})
    numbers = [one["licence_number"] for one in (await _file(renshe))["licences"]]
    assert "Y2" in numbers
    assert "Y1" not in numbers


async def test_after_a_death_nothing_is_matched_and_all_is_cancelled(gongan: Running) -> None:
    await _change(gongan, "people", {"action": "died", "id_number": HUSBAND.id_number})
    query = {"name": HUSBAND.name, "id_type": "111", "id_number": HUSBAND.id_number}
    assert (await gongan.call("identity.match", query)).body["result"] == "deceased"
    statuses = {licence["status"] for licence in (await _file(gongan))["licences"]}
    assert statuses == {"CANCELLED"}


async def test_a_replaced_number_is_said_to_be_and_the_new_one_holds_the_licences(
    gongan: Running,
) -> None:
    before = await _file(gongan)
    order = {
        "action": "replace_number",
        "id_number": HUSBAND.id_number,
        "new_number": NEW_NUMBER,
    }
    await _change(gongan, "people", order)
    old = {"name": HUSBAND.name, "id_type": "111", "id_number": HUSBAND.id_number}
    assert (await gongan.call("identity.match", old)).body["result"] == "replaced"
    new = (await gongan.call("identity.match", {**old, "id_number": NEW_NUMBER})).body
    assert new["result"] == "match"
    assert new["previous_numbers"] == [HUSBAND.id_number]
    empty = await _file(gongan)
    assert empty["licences"] == []
    assert empty["revision"] > before["revision"]
    renewed = {"holder": {**holder(HUSBAND), "code": NEW_NUMBER}}
    licences = (await gongan.call("licences.query", renewed)).body["licences"]
    assert len(licences) == len(before["licences"])
    card = next(one for one in licences if one["licence_name"] == "居民身份证")
    assert (card["licence_number"], card["licence_version"]) == (NEW_NUMBER, "002")


async def test_a_replaced_number_stands_on_the_joint_licence_of_the_other(start: Start) -> None:
    minzheng = await start("minzheng")
    order = {
        "action": "replace_number",
        "id_number": HUSBAND.id_number,
        "new_number": NEW_NUMBER,
    }
    await _change(minzheng, "people", order)
    hers = _of(await _file(minzheng, WIFE), "结婚证")
    assert hers["holder_code"] == f"{NEW_NUMBER}^{WIFE.id_number}"


async def test_a_number_that_has_a_file_cannot_be_given_away(gongan: Running) -> None:
    order = {
        "action": "replace_number",
        "id_number": HUSBAND.id_number,
        "new_number": WIFE.id_number,
    }
    answer = await gongan.control("POST", "people", order)
    assert (answer.status, answer.body["code"]) == (409, "control.number_taken")
    missing = await gongan.control("POST", "people", {**order, "new_number": None})
    assert (missing.status, missing.body["code"]) == (400, "control.new_number_missing")


async def test_the_machine_recognises_whom_it_is_told_to(gongan: Running) -> None:
    query = {"name": HUSBAND.name, "id_number": HUSBAND.id_number, "image": picture()}
    order = {"action": "set_face", "id_number": HUSBAND.id_number, "face_ok": False}
    await _change(gongan, "people", order)
    assert (await gongan.call("identity.face", query)).body["passed"] is False
    await gongan.control("PUT", "face", {"passed": True})
    assert (await gongan.call("identity.face", query)).body["passed"] is True
    await gongan.control("PUT", "face", {"passed": False, "reason": "演示"})
    assert (await gongan.call("identity.face", query)).body["reason"] == "演示"
    await gongan.control("PUT", "face", {"passed": None})
    await _change(gongan, "people", {**order, "face_ok": True})
    assert (await gongan.call("identity.face", query)).body["passed"] is True


async def test_a_new_legal_representative_takes_over_in_the_register(shijian: Running) -> None:
    order = {
        "uscc": USCC,
        "legal_representative": {"name": WIFE.name, "id_number": WIFE.id_number},
    }
    await _change(shijian, "enterprises", order)

    async def represented(person: Person) -> list[str]:
        query = {"id_number": person.id_number, "name": person.name}
        answer = await shijian.call("enterprises.represented", query)
        return [enterprise["uscc"] for enterprise in answer.body["enterprises"]]

    assert USCC not in await represented(HUSBAND)
    assert await represented(WIFE) == [USCC]
    answer = await shijian.call("licences.query", {"holder": company_holder(COMPANY)})
    licence = _of(answer.body, "营业执照")
    assert licence["extend_info"]["legal_representative"] == WIFE.name
    assert licence["licence_version"] == "002"


async def test_a_closed_enterprise_loses_its_licences(shijian: Running) -> None:
    await _change(shijian, "enterprises", {"uscc": USCC, "status": "吊销"})
    found = (await shijian.call("enterprises.get", {"uscc": USCC})).body["enterprise"]
    assert found["status"] == "吊销"
    answer = await shijian.call("licences.query", {"holder": company_holder(COMPANY)})
    assert {licence["status"] for licence in answer.body["licences"]} == {"FORFEITED"}
    person = await shijian.control(
        "POST", "enterprises", {"uscc": HUSBAND.id_number, "status": "注销"}
    )
    assert person.status == 404


async def test_a_section_can_be_given_other_data(gongan: Running) -> None:
    query = {"section": "driver", "holder": holder(HUSBAND)}
    order = {"code": HUSBAND.id_number, "section": "driver", "data": {"points": 11}}
    await _change(gongan, "sections", order)
    assert (await gongan.call("sections.query", query)).body["data"] == {"points": 11}
    await _change(gongan, "sections", {**order, "data": None})
    assert (await gongan.call("sections.query", query)).body["data"] is None


async def test_a_change_is_told_to_the_platform_signed_and_in_full(
    telling: tuple[Running, Platform],
) -> None:
    gongan, platform = telling
    revision = await _change(gongan, "licences", _licence_order("set_status", status="LOST"))
    (notice,) = await platform.wait_for(1)
    assert notice["holder"] == holder(HUSBAND)
    assert notice["revision"] == revision
    file = await _file(gongan)
    assert notice["licences"] == file["licences"]
    headers, body = platform.headers[0]
    public = gongan.key.private.public_key()
    signed = verify_request(lambda _: public, "POST", PATH, "", headers, body)
    assert signed.key_id == "gd-gongan-1"


async def test_notices_come_in_order_although_the_first_is_refused_for_a_while(
    telling: tuple[Running, Platform],
) -> None:
    gongan, platform = telling
    platform.answers[:] = [503, 429]
    revisions = [
        await _change(gongan, "licences", _licence_order("set_status", status=status))
        for status in ("LOST", "VALID", "SUSPENDED")
    ]
    taken = await platform.wait_for(3)
    assert [notice["revision"] for notice in taken] == revisions
    assert [_of(notice, "机动车驾驶证")["status"] for notice in taken] == [
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
    await _change(gongan, "licences", _licence_order("set_status", status="LOST"))
    await _change(gongan, "licences", _licence_order("set_status", status="VALID"))
    (taken,) = await platform.wait_for(1)
    assert _of(taken, "机动车驾驶证")["status"] == "VALID"
    notices = (await gongan.control("GET", "state")).body["notices"]
    assert notices == {"waiting": 0, "delivered": 1, "refused": 1, "attempts": 2}


async def test_a_change_may_be_kept_silent(telling: tuple[Running, Platform]) -> None:
    gongan, platform = telling
    order = _licence_order("set_status", status="LOST", notify=False)
    silent = await _change(gongan, "licences", order)
    told = await _change(gongan, "licences", _licence_order("set_status", status="VALID"))
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
        await _change(weijian, "licences", order)
        taken = await platform[0].wait_for(3)
    names = {notice["holder"]["name"] for notice in taken}
    assert names == {"王小明", "李娜", "王伟"}
    assert all(notice["licences"] == [] for notice in taken)


async def test_notices_outlive_a_restart(platform: tuple[Platform, str], tmp_path: Path) -> None:
    async with running("gongan", tmp_path) as gongan:
        await _change(gongan, "licences", _licence_order("set_status", status="LOST"))
        assert (await gongan.control("GET", "state")).body["notices"]["waiting"] == 1
    async with running("gongan", tmp_path, platform[1]):
        (notice,) = await platform[0].wait_for(1)
    assert _of(notice, "机动车驾驶证")["status"] == "LOST"


async def test_a_platform_that_is_away_gets_its_notices_when_it_is_back(tmp_path: Path) -> None:
    platform = Platform()
    app = web.Application()
    app.router.add_post(PATH, platform.receive)
    async with serving(web.Application()) as url:
        port = int(url.rpartition(":")[2])
    async with running("gongan", tmp_path, url) as gongan:
        await _change(gongan, "licences", _licence_order("set_status", status="LOST"))
        async with asyncio.timeout(5):
            while not (await gongan.control("GET", "state")).body["notices"]["attempts"]:
                pass
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        (notice,) = await platform.wait_for(1)
        await runner.cleanup()
    assert notice["holder"] == holder(HUSBAND)

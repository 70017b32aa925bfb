"""Cases at a department: taken once, moved only as its table allows, told until it is heard."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, web

from backend.sandbox.cases.callbacks import PATH
from backend.sandbox.departments.notices import PATH as NOTICES
from backend.upstream.signing import verify_request
from tests.integration.sandbox.casework import (
    Platform,
    act,
    hand_in,
    record,
    submission,
    supplement,
    word,
)
from tests.sandbox_world import HUSBAND, Running, holder, running, serving


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[tuple[Running, Platform]]:
    """公安厅 with a platform to tell."""
    platform = Platform()
    app = web.Application()
    app.router.add_post(PATH, platform.receive)
    app.router.add_post(NOTICES, platform.notice)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(app))
        yield await stack.enter_async_context(running("gongan", tmp_path, url)), platform


async def _all(system: Running) -> list[dict[str, Any]]:
    return list((await system.control("GET", "cases")).body["cases"])


async def test_an_application_is_receipted_and_on_file(gongan: Running) -> None:
    body = submission(gongan, "居住证申领")
    answer = await gongan.call("cases.submit", body)
    assert answer.status == 200
    assert answer.signed
    assert answer.body["case_no"] == body["case_no"]
    assert answer.body["taken"] is True
    assert answer.body["department_case_no"].startswith("GONGAN-2026")
    found = await record(gongan, body["case_no"])
    assert (found["known"], found["state"], found["last_seq"]) == (True, "submitted", 0)
    assert found["received_at"] == answer.body["received_at"]


async def test_what_comes_again_gets_the_first_receipt_and_opens_no_second_case(
    gongan: Running,
) -> None:
    body = submission(gongan, "居住证申领")
    first, again, *_ = await asyncio.gather(*(gongan.call("cases.submit", body) for _ in range(5)))
    other = await gongan.call("cases.submit", {**body, "request_id": str(uuid.uuid4())})
    assert first.body == again.body == other.body
    assert await _all(gongan) == [
        {"case_no": body["case_no"], "state": "submitted", "last_seq": 0, "submissions": 2}
    ]


async def test_a_request_id_belongs_to_one_call(gongan: Running) -> None:
    body = submission(gongan, "居住证申领")
    await gongan.call("cases.submit", body)
    other = {**body, "case_no": body["case_no"][:-4] + "0002"}
    refused = await gongan.call("cases.submit", other)
    assert (refused.status, refused.body["code"]) == (409, "provider.request_id_taken")
    assert len(await _all(gongan)) == 1


@pytest.mark.parametrize("operation", ["cases.supplement", "cases.withdraw", "cases.urge"])
async def test_words_about_a_case_that_is_not_here_are_refused(
    gongan: Running, operation: str
) -> None:
    case_no = submission(gongan, "居住证申领")["case_no"]
    make = supplement if operation == "cases.supplement" else word
    refused = await gongan.call(operation, make(case_no))
    assert (refused.status, refused.body["code"]) == (404, "provider.case_unknown")


async def test_a_case_that_is_not_here_is_said_not_to_be_known(gongan: Running) -> None:
    found = await record(gongan, submission(gongan, "居住证申领")["case_no"])
    assert found["known"] is False
    assert found["state"] is None
    assert found["events"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"case_no": "1"},
        {"materials": [{"code": "m1", "name": "证", "how": "by hand"}]},
        {"applicant": {"code_type": "111"}},
        {"surprise": 1},
    ],
)
async def test_what_breaks_the_schema_is_refused_and_not_kept(
    gongan: Running, change: dict[str, Any]
) -> None:
    refused = await gongan.call("cases.submit", submission(gongan, "居住证申领", **change))
    assert (refused.status, refused.body["code"]) == (400, "provider.input_invalid")
    assert await _all(gongan) == []


async def test_a_correction_comes_in_and_the_case_waits_again(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    asked = [{"material": "m1", "what": "请重新拍摄"}, {"field": "/purpose", "what": "请写明用途"}]
    assert (await act(gongan, case_no, "correct", reason="材料不齐", items=asked)).status == 200
    file = {
        "id": str(uuid.uuid4()),
        "name": "身份证.jpg",
        "media_type": "image/jpeg",
        "bytes": 9,
        "sha256": "0" * 64,
    }
    given = supplement(
        case_no, materials=[{"code": "m1", "name": "居民身份证", "how": "upload", "files": [file]}]
    )
    first = await gongan.call("cases.supplement", given)
    assert first.body["taken"] is True
    assert (await gongan.call("cases.supplement", given)).body == first.body
    found = (await gongan.control("GET", f"cases/{case_no}")).body
    assert found["state"] == "submitted"
    assert found["submission"]["form"] == {"purpose": "上学"}
    assert [m["how"] for m in found["submission"]["materials"]] == ["upload"]
    assert [event["event"] for event in found["events"]] == ["correction_requested", "supplemented"]
    notice = found["events"][0]
    assert notice["items"][0] == {"material": "m1", "field": None, "what": "请重新拍摄"}
    assert notice["due_on"] > notice["at"][:10]


async def test_what_nobody_waits_for_changes_nothing(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    late = await gongan.call("cases.supplement", supplement(case_no))
    assert late.body["taken"] is False
    assert "待受理" in late.body["reason"]
    assert (await record(gongan, case_no))["events"] == []


async def test_promised_materials_come_later_without_a_step(gongan: Running) -> None:
    promised = [{"code": "m1", "name": "照片", "how": "promised", "due_on": "2026-12-10"}]
    case_no = await hand_in(gongan, materials=promised)
    await act(gongan, case_no, "accept")
    given = [{"code": "m1", "name": "照片", "how": "shared"}]
    answer = await gongan.call("cases.supplement", supplement(case_no, materials=given))
    assert answer.body["taken"] is True
    found = (await gongan.control("GET", f"cases/{case_no}")).body
    assert (found["state"], found["last_seq"]) == ("accepted", 1)
    assert found["submission"]["materials"] == given


async def test_it_is_taken_back_until_it_is_accepted(gongan: Running) -> None:
    case_no, other = await hand_in(gongan), await hand_in(gongan, number=2)
    assert (await gongan.call("cases.withdraw", word(case_no))).body["taken"] is True
    assert (await record(gongan, case_no))["state"] == "withdrawn"
    await act(gongan, other, "accept")
    refused = await gongan.call("cases.withdraw", word(other))
    assert refused.body["taken"] is False
    assert "已受理" in refused.body["reason"]


async def test_urging_is_counted_once_for_each_request(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    asked = word(case_no)
    for _ in range(3):
        await gongan.call("cases.urge", asked)
    assert (await gongan.control("GET", f"cases/{case_no}")).body["urged"] == 1


async def test_granting_puts_a_licence_on_file_and_tells_of_both(
    told: tuple[Running, Platform],
) -> None:
    system, platform = told
    case_no = await hand_in(system)
    decided = await act(system, case_no, "approve")
    assert decided.body["state"] == "closed"
    events = await platform.wait_for(5, notices=1)
    assert [event["event"] for event in events] == [
        "accepted", "review_started", "decision_started", "approved", "result_delivered",
    ]  # fmt: skip
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    identifier = events[3]["result"]["licence_identifier"]
    held = platform.notices[0]["licences"]
    assert [one["licence_name"] for one in held if one["licence_identifier"] == identifier] == [
        "居住证"
    ]


async def test_an_item_without_a_licence_results_in_a_document(gongan: Running) -> None:
    case_no = await hand_in(gongan, "居住登记（流动人口）")
    events = (await act(gongan, case_no, "approve")).body["events"]
    result = next(event["result"] for event in events if event["event"] == "approved")
    assert result["kind"] == "document"
    assert result["document"]["content"].startswith("JVBERi0")


async def test_a_refusal_gives_reasons_and_remedies(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    assert (await act(gongan, case_no, "deny")).body["code"] == "control.reason_missing"
    found = (await act(gongan, case_no, "deny", reason="居住不满半年")).body
    denied = next(event for event in found["events"] if event["event"] == "denied")
    assert denied["reason"] == "居住不满半年"
    assert "行政复议" in denied["remedies"]


async def test_founding_a_company_puts_it_into_the_register(shijian: Running) -> None:
    form = {"name": "广州新办示范有限公司", "capital": 50, "address": "广州市天河区示范路2号"}
    case_no = await hand_in(shijian, "有限责任公司设立登记", form=form)
    await act(shijian, case_no, "approve")
    person = {"id_number": HUSBAND.id_number, "name": HUSBAND.name}
    mine = (await shijian.call("enterprises.represented", person)).body["enterprises"]
    founded = next(one for one in mine if one["name"] == form["name"])
    company = {"code_type": "001", "code": founded["uscc"], "name": founded["name"]}
    held = (await shijian.call("licences.query", {"holder": company})).body["licences"]
    assert [(one["licence_name"], one["licence_number"]) for one in held] == [
        ("营业执照", founded["uscc"])
    ]


async def test_a_step_that_the_state_does_not_allow_is_refused(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    for action, more in [("end_special", {}), ("deliver", {}), ("extend", {"reason": "复杂"})]:
        refused = await act(gongan, case_no, action, **more)
        assert (refused.status, refused.body["code"]) == (409, "control.step_impossible")
    assert (await record(gongan, case_no))["last_seq"] == 0


async def test_a_special_procedure_ends_in_review(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    await act(gongan, case_no, "accept")
    await act(gongan, case_no, "review")
    started = await act(gongan, case_no, "start_special", reason="实地看", special="现场核查")
    assert started.body["state"] == "special_procedure"
    assert (await act(gongan, case_no, "end_special")).body["state"] == "in_review"


async def test_events_are_signed_in_order_and_sent_until_they_are_taken(
    told: tuple[Running, Platform],
) -> None:
    system, platform = told
    platform.answers = [500, 503, 429]
    case_no = await hand_in(system)
    await act(system, case_no, "accept")
    await act(system, case_no, "review")
    events = await platform.wait_for(2)
    assert [event["event"] for event in events] == ["accepted", "review_started"]
    assert len(platform.attempts) == 5
    for method, path, headers, body in platform.attempts:
        assert verify_request(
            lambda key_id: system.key.public if key_id == system.key.key_id else None,
            method, path, "", headers, body,
        ).key_id == system.key.key_id  # fmt: skip


async def test_events_that_were_not_taken_survive_a_restart(tmp_path: Path) -> None:
    async with running("gongan", tmp_path) as system:
        case_no = await hand_in(system)
        await act(system, case_no, "accept")
        assert (await system.control("GET", "cases")).body["events_waiting"] == 1
    platform = Platform()
    app = web.Application()
    app.router.add_post(PATH, platform.receive)
    async with serving(app) as url, running("gongan", tmp_path, url) as system:
        events = await platform.wait_for(1)
        assert events[0]["event"] == "accepted"
        found = await record(system, case_no)
        assert found["events"] == events
        assert found["state"] == "accepted"


async def test_an_event_that_will_never_be_taken_holds_up_no_other(
    told: tuple[Running, Platform],
) -> None:
    system, platform = told
    platform.answers = [422]
    case_no = await hand_in(system)
    await act(system, case_no, "accept")
    await act(system, case_no, "review")
    assert [event["event"] for event in await platform.wait_for(1)] == ["review_started"]
    found = (await system.control("GET", f"cases/{case_no}")).body
    assert found["events"][0]["taken"] == "refused 422"


async def test_events_go_out_again_when_they_are_asked_for(
    told: tuple[Running, Platform],
) -> None:
    system, platform = told
    case_no = await hand_in(system)
    await act(system, case_no, "accept")
    await platform.wait_for(1)
    await system.control("POST", "case-events", {"case_no": case_no})
    one, again = await platform.wait_for(2)
    assert one == again


async def test_a_call_that_is_cut_off_was_carried_out(gongan: Running) -> None:
    await gongan.control("POST", "faults", {"kind": "cut", "operation": "cases.submit", "calls": 1})
    body = submission(gongan, "居住证申领")
    with pytest.raises(ClientError):
        await gongan.call("cases.submit", body)
    assert (await record(gongan, body["case_no"]))["known"] is True
    assert (await gongan.call("cases.submit", body)).body["taken"] is True
    assert len(await _all(gongan)) == 1


async def test_an_answer_that_comes_twice_is_no_answer_to_the_next_call(gongan: Running) -> None:
    await gongan.control("POST", "faults", {"kind": "twice", "operation": "cases.submit"})
    for number in (1, 2, 3):
        body = submission(gongan, "居住证申领", number=number)
        answer = await gongan.call("cases.submit", body)
        assert answer.signed
        assert answer.body["case_no"] == body["case_no"]


async def test_an_error_after_the_deed_leaves_the_deed(gongan: Running) -> None:
    fault = {"kind": "status", "operation": "cases.submit", "after": True, "calls": 1}
    await gongan.control("POST", "faults", fault)
    body = submission(gongan, "居住证申领")
    assert (await gongan.call("cases.submit", body)).status == 503
    assert len(await _all(gongan)) == 1


async def test_events_are_doubled_and_lost_by_faults(told: tuple[Running, Platform]) -> None:
    system, platform = told
    case_no = await hand_in(system)
    for kind in ("cut", "twice"):
        await system.control(
            "POST", "faults", {"kind": kind, "operation": "cases.events", "calls": 1}
        )
    await act(system, case_no, "accept")
    one, again = await platform.wait_for(2)
    assert one == again
    await act(system, case_no, "review")
    events = await platform.wait_for(4)
    assert [event["event"] for event in events[2:]] == ["review_started", "review_started"]


async def test_a_machine_decides_while_it_is_told_to(told: tuple[Running, Platform]) -> None:
    system, platform = told
    order = {"mode": "auto", "corrections": 100, "refusals": 0}
    assert (await system.control("PUT", "clerk", order)).status == 200
    case_no = await hand_in(system)
    asked = (await platform.wait_for(1))[0]
    assert asked["event"] == "correction_requested"
    await system.call("cases.supplement", supplement(case_no))
    events = await platform.wait_for(7, notices=1)
    assert events[-1]["event"] == "result_delivered"
    assert (await record(system, case_no))["state"] == "closed"


async def test_the_applicant_is_who_the_licence_is_for(gongan: Running) -> None:
    case_no = await hand_in(gongan)
    await act(gongan, case_no, "approve", facts={"issuing_office": "示范分局"})
    held = (await gongan.call("licences.query", {"holder": holder(HUSBAND)})).body["licences"]
    issued = [one for one in held if one["licence_name"] == "居住证"]
    assert issued[0]["extend_info"]["issuing_office"] == "示范分局"

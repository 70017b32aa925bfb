"""Corrections, disputes, usage and deliveries."""

import asyncio
import dataclasses
import json
import time
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.numbers.service import Holder
from backend.operators.errors import RoleMissing
from backend.operators.service import Role
from backend.sharing.errors import (
    ActNotPossible,
    CorrectionUnknown,
    DisputeUnknown,
    FieldNotGranted,
    FileExpired,
    FileFailed,
    FileNotReady,
    FileUnknown,
    GrantRevoked,
    GrantUnknown,
    ReasonMissing,
    RequestReused,
)
from backend.sharing.files import MOST_FAILURES
from backend.sharing.models import CallRecord, FileChunk, FileDelivery
from backend.sharing.service import CorrectionAct, DisputeAct, Query, Stage
from tests.integration.sharing.test_applications import at
from tests.sandbox_world import HUSBAND, MANY, WIFE
from tests.sharing_world import ADDRESS, PURPOSE, RESOURCE, TRACE, SharingWorld, officer, query

WHO = Holder(HUSBAND.id_type, HUSBAND.id_number, HUSBAND.name)


async def test_a_doubt_is_answered_in_ten_working_days(world: SharingWorld) -> None:
    grant = await world.grant()
    desk, by = world.sharing.corrections, world.officers
    made = await desk.ask(by["gongan-clerk"], grant.id, WHO, "balance", "余额与银行流水不符")
    assert made.due is not None
    assert made.due.due_on == date(2026, 12, 7)
    (seen,) = await desk.all(by["gjj-clerk"])
    assert (seen.subject, seen.claim) == (WHO, "余额与银行流水不符")
    (platform,) = await desk.all(by["operator"])
    assert (platform.subject, platform.claim) == (None, None)
    with pytest.raises(RoleMissing):
        await desk.answer(by["gongan-head"], made.row.id, CorrectionAct.CORRECT, "已改")
    with pytest.raises(ReasonMissing):
        await desk.answer(by["gjj-head"], made.row.id, CorrectionAct.UPHOLD, "")
    done = await desk.answer(by["gjj-head"], made.row.id, CorrectionAct.CORRECT, "确有错误,已更正")
    assert (done.row.state, done.answer, done.due) == ("corrected", "确有错误,已更正", None)
    with pytest.raises(ActNotPossible):
        await desk.answer(by["gjj-head"], made.row.id, CorrectionAct.UPHOLD, "又无误")
    assert not await desk.all(by["gjj-clerk"], only_open=True)


async def test_doubts_that_are_refused(world: SharingWorld) -> None:
    grant = await world.grant()
    desk, by = world.sharing.corrections, world.officers
    with pytest.raises(FieldNotGranted):
        await desk.ask(by["gongan-clerk"], grant.id, WHO, "monthly_deposit", "不对")
    with pytest.raises(GrantUnknown):
        await desk.ask(by["gjj-clerk"], grant.id, WHO, "balance", "不对")
    with pytest.raises(CorrectionUnknown):
        await desk.answer(by["gjj-head"], uuid.uuid4(), CorrectionAct.UPHOLD, "无误")


async def test_a_dispute_goes_up_step_by_step(world: SharingWorld) -> None:
    desk, by = world.sharing.disputes, world.officers
    made = await at(world, Stage.PROVIDER)
    await world.sharing.applications.refuse(by["gjj-head"], made.row.id, "超出职责范围")
    with pytest.raises(ReasonMissing):
        await desk.raise_(by["gongan-head"], made.row.id, " ")
    with pytest.raises(RoleMissing):
        await desk.raise_(by["gongan-clerk"], made.row.id, "属于法定职责")
    dispute = await desk.raise_(by["gongan-head"], made.row.id, "属于法定职责")
    with pytest.raises(RoleMissing):
        await desk.act(by["operator"], dispute.id, DisputeAct.SETTLE, "协商期间不由平台决定")
    await desk.act(by["gongan-head"], dispute.id, DisputeAct.ESCALATE, "协商不成")
    with pytest.raises(RoleMissing):
        await desk.act(by["gjj-head"], dispute.id, DisputeAct.SETTLE, "我说了算")
    await desk.act(by["gongan-head"], dispute.id, DisputeAct.ESCALATE, "不接受协调意见")
    done = await desk.act(by["operator"], dispute.id, DisputeAct.SETTLE, "省政府决定应当共享")
    assert (done.state, done.outcome) == ("settled", "省政府决定应当共享")
    assert [step.act for step in await desk.steps(done)] == [
        "raise", "escalate", "escalate", "settle"
    ]  # fmt: skip
    with pytest.raises(ActNotPossible):
        await desk.act(by["gongan-head"], dispute.id, DisputeAct.ESCALATE, "再来")
    stranger = officer(Role.HEAD, "11440000MB9X0012XG")
    with pytest.raises(DisputeUnknown):
        await desk.act(stranger, dispute.id, DisputeAct.ESCALATE, "路过")
    assert not await desk.all(stranger)
    assert len(await desk.all(by["gjj-head"])) == 1


async def test_usage_by_day_system_and_resource(world: SharingWorld) -> None:
    grant = await world.grant(daily_quota=10)
    await world.ask(HUSBAND, WIFE)
    await world.ask(MANY)
    await world.sharing.drain()
    today = datetime.now(UTC).date()
    days = (date(today.year, 1, 1), date(today.year + 1, 1, 1))
    desk, by = world.sharing.statistics, world.officers
    (usage,) = await desk.usage(by["gjj-head"], *days, "resource")
    assert (usage.name, usage.calls, usage.succeeded, usage.subjects) == (RESOURCE, 2, 2, 3)
    assert usage.success_rate == 1.0
    assert usage.p99_ms is not None
    assert sum(usage.buckets) == 2
    (by_system,) = await desk.usage(by["operator"], *days, "system")
    assert by_system.name == "gd-gongan"
    assert await desk.usage(by["operator"], *days, "day", of="gd-gjj") == []
    stranger = officer(Role.HEAD, "11440000MB9X0012XG")
    assert await desk.usage(stranger, *days, "day") == []
    (quota,) = await desk.quotas([grant])
    assert quota.used == 3
    page = await world.sharing.readings.calls(by["gjj-head"], None, None, False, None)
    assert [call.subjects for call in page.calls] == [1, 2]
    assert not (await world.sharing.readings.calls(stranger, None, None, False, None)).calls
    assert not (await world.sharing.readings.calls(by["operator"], None, None, True, None)).calls


# Deliveries

LONG = [HUSBAND, WIFE, MANY] * 150


async def order(world: SharingWorld, ordered: Query) -> Any:
    return await world.sharing.order_file(
        world.system("gd-gongan"), RESOURCE, ordered, ADDRESS, TRACE
    )


def long_query(**changes: Any) -> Query:
    return dataclasses.replace(query(*LONG), **changes)


async def content(world: SharingWorld, delivery: Any, address: str = ADDRESS) -> list[Any]:
    pieces = await world.sharing.file_content(world.system("gd-gongan"), delivery.id, address)
    raw = b"".join([piece async for piece in pieces])
    return [json.loads(line) for line in raw.splitlines()]


async def test_a_delivery_holds_everybody_in_order_and_each_piece_is_a_call(
    world: SharingWorld,
) -> None:
    await world.grant(mode="file")
    ordered = long_query()
    delivery = await order(world, ordered)
    with pytest.raises(FileNotReady):
        await content(world, delivery)
    assert (await order(world, ordered)).id == delivery.id
    with pytest.raises(RequestReused):
        await order(world, dataclasses.replace(ordered, case_no="other"))
    assert await world.sharing.deliver_files() == 3
    ready = await world.sharing.file(world.system("gd-gongan"), delivery.id)
    assert (ready.state, ready.done, ready.subjects) == ("ready", 450, 450)
    lines = await content(world, delivery)
    assert [line["subject"] for line in lines] == list(range(450))
    assert set(lines[0]["record"]) == {"employer", "balance", "state"}
    await world.sharing.drain()
    assert await CallRecord.all().count() == 3
    (reading,) = (await world.sharing.readings_of(WHO, None, None)).readings[:1]
    assert reading.purpose == PURPOSE
    assert (await FileDelivery.get(id=delivery.id)).query is None, "whom it was about is forgotten"
    with pytest.raises(FileUnknown):
        await world.sharing.file(world.system("gd-gjj"), delivery.id)


async def test_a_killed_worker_goes_on_where_it_was(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant(mode="file")
    delivery = await order(world, long_query())
    files, asked = world.sharing._files, []
    plain = files._ask_part

    async def dies(*arguments: Any) -> bytes:
        asked.append(arguments[2])
        if len(asked) == 2:
            raise KeyboardInterrupt
        return await plain(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_ask_part", dies)
        with pytest.raises(KeyboardInterrupt):
            await world.sharing.deliver_files()
    assert await FileChunk.all().count() == 1
    assert await world.sharing.deliver_files() is None, "it is still the other's"
    monkeypatch.setattr(files, "_clock", lambda: time.time() + 61)

    async def lives(*arguments: Any) -> bytes:
        asked.append(arguments[2])
        return await plain(*arguments)

    monkeypatch.setattr(files, "_ask_part", lives)
    assert await world.sharing.deliver_files() == 2
    assert asked == [0, 1, 1, 2]
    assert len(await content(world, delivery)) == 450


async def test_a_delivery_fails_in_the_end_and_says_why(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant(mode="file")
    delivery = await order(world, long_query())
    await world.gjj.control("POST", "faults", {"kind": "status", "status": 500})
    now = [time.time()]
    monkeypatch.setattr(world.sharing._files, "_clock", lambda: now[0])
    for _ in range(MOST_FAILURES):
        await world.sharing.deliver_files()
        now[0] += 400
    failed = await world.sharing.file(world.system("gd-gongan"), delivery.id)
    assert failed.state == "failed"
    assert failed.reason.startswith("upstream.")
    with pytest.raises(FileFailed):
        await content(world, delivery)
    await world.gjj.control("DELETE", "faults")


@pytest.mark.parametrize("pages", ["nobody new", "the same again", "a circle of cursors"])
async def test_an_owner_whose_pages_never_end_fails_the_delivery_and_stands_in_the_log(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch, pages: str
) -> None:
    await world.grant(mode="file")
    delivery = await order(world, long_query())
    asked: list[str | None] = []

    async def crooked(_: Any, __: str, payload: dict[str, Any], *___: Any) -> dict[str, Any]:
        asked.append(payload["cursor"])
        items = [{"subject": 0, "record": None}]
        if pages == "nobody new" and len(asked) > 1:
            items = []
        if pages == "a circle of cursors":
            items = [{"subject": len(asked) % 3, "record": None}]
        following = "a" if payload["cursor"] == "b" else "b"
        return {"as_of": "2026-11-23T10:00:00+08:00", "items": items, "next_cursor": following}

    monkeypatch.setattr(world.exchange, "call", crooked)
    async with asyncio.timeout(20):
        await world.sharing.deliver_files()
    failed = await world.sharing.file(world.system("gd-gongan"), delivery.id)
    assert (failed.state, failed.reason) == ("failed", "sharing.record_refused")
    assert len(asked) <= 4
    await world.sharing.drain()
    assert await CallRecord.filter(result="sharing.record_refused").count() == 1


async def test_a_revoked_grant_and_seven_days_end_a_delivery(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = await world.grant(mode="file")
    delivery = await order(world, long_query())
    await world.sharing.deliver_files()
    await world.sharing.grants.revoke(world.officers["operator"], grant.id, "违规")
    with pytest.raises(GrantRevoked):
        await content(world, delivery)
    monkeypatch.setattr(world.sharing._files, "_clock", lambda: time.time() + 8 * 86400)
    with pytest.raises(FileExpired):
        await content(world, delivery)
    assert await world.sharing.purge() == 1
    assert await FileChunk.all().count() == 0
    assert await CallRecord.all().count() == 0
    await world.sharing.drain()
    assert await CallRecord.all().count() == 3, "the call records stay"

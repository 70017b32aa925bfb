"""What a call leaves behind: what the person reads of it, figures, and who is told of misuse."""

from typing import Any

import pytest

from backend.sharing.errors import (
    FieldNotGranted,
    PurposeDiffers,
    RecordRefused,
    SharingError,
)
from backend.sharing.grants import SUSPICIOUS
from backend.sharing.models import CallDay, CallRecord, ShareGrant
from backend.store.redis import Redis
from tests.sandbox_world import CHILD, HUSBAND, WIFE
from tests.sharing_world import (
    CASE,
    LAW,
    PURPOSE,
    RESOURCE,
    SharingWorld,
    the_holder,
)


async def test_the_person_sees_who_read_what_and_why(world: SharingWorld) -> None:
    await world.grant()
    await world.ask(HUSBAND)
    await world.ask(CHILD)
    await world.sharing.drain()
    page = await world.sharing.readings_of(the_holder(HUSBAND), None, None)
    (reading,) = page.readings
    assert reading.system == ("gd-gongan", "公安厅")
    assert reading.department == "广东省公安厅"
    assert reading.resource == (RESOURCE, "住房公积金缴存信息")
    assert [field.label for field in reading.fields] == ["缴存单位", "账户余额", "账户状态"]
    assert (reading.purpose, reading.legal_basis, reading.case_no) == (PURPOSE, LAW, CASE)
    assert reading.result == "read"
    (nothing,) = (await world.sharing.readings_of(the_holder(CHILD), None, None)).readings
    assert nothing.result == "none"
    assert not (await world.sharing.readings_of(the_holder(WIFE), None, None)).readings
    assert not (await world.sharing.readings_of(the_holder(HUSBAND), "gd-gjj", None)).readings


async def test_readings_come_in_pages(world: SharingWorld) -> None:
    await world.grant()
    for _ in range(25):
        await world.ask(HUSBAND)
    await world.sharing.drain()
    first = await world.sharing.readings_of(the_holder(HUSBAND), None, None)
    second = await world.sharing.readings_of(the_holder(HUSBAND), None, first.next_cursor)
    assert (len(first.readings), len(second.readings), second.next_cursor) == (20, 5, None)
    assert not {each.id for each in first.readings} & {each.id for each in second.readings}
    with pytest.raises(SharingError):
        await world.sharing.readings_of(the_holder(HUSBAND), None, "rubbish")


async def test_a_drain_that_was_cut_off_loses_and_doubles_nothing(
    world: SharingWorld, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant()
    await world.ask(HUSBAND)

    async def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    client = world.sharing._ledger._redis
    with monkeypatch.context() as patch:
        patch.setattr(client, "xtrim", killed)
        with pytest.raises(KeyboardInterrupt):
            await world.sharing.drain()
    assert await redis.xlen("calls:{gd-gongan}") == 1
    await world.ask(WIFE)
    await world.sharing.drain()
    assert await CallRecord.all().count() == 2
    assert (await CallDay.get(system_code="gd-gongan")).calls == 2
    assert await redis.xlen("calls:{gd-gongan}") == 0


async def test_a_first_answer_stops_the_delivery_clock(world: SharingWorld) -> None:
    grant = await world.grant()
    assert (await world.sharing.clocks.running([grant.application_id]))[
        grant.application_id
    ].kind == "delivery"
    await world.ask(HUSBAND)
    await world.sharing.drain()
    assert (await ShareGrant.get(id=grant.id)).first_used_at is not None
    assert not await world.sharing.clocks.running([grant.application_id])


async def test_who_is_refused_again_and_again_is_pointed_out_once_a_day(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant()
    told: list[str] = []

    async def notify(**notice: Any) -> None:
        told.append(f"{notice['role']} {notice['kind']}")

    monkeypatch.setattr(world.operators, "notify", notify)
    for _ in range(SUSPICIOUS - 1):
        with pytest.raises(PurposeDiffers):
            await world.ask(HUSBAND, purpose="市场推广")
    await world.sharing.drain()
    await world.sharing.remind()
    assert told == []
    with pytest.raises(FieldNotGranted):
        await world.ask(HUSBAND, fields=["monthly_deposit"])
    await world.sharing.drain()
    for _ in range(2):
        await world.sharing.remind()
    assert told == ["operator sharing.misuse", "head sharing.misuse"]


async def test_an_owner_whose_answers_do_not_fit_is_told_and_not_the_caller_blamed(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant()
    told: list[str] = []

    async def notify(**notice: Any) -> None:
        told.append(f"{notice['role']} {notice['kind']} {notice['department_uscc']}")

    async def crooked(*_: Any) -> dict[str, Any]:
        items = [{"subject": 0, "record": {"employer": 7, "balance": 1.5, "state": "正常"}}]
        return {"as_of": "2026-11-23T10:00:00+08:00", "items": items, "next_cursor": None}

    monkeypatch.setattr(world.operators, "notify", notify)
    monkeypatch.setattr(world.exchange, "call", crooked)
    for _ in range(SUSPICIOUS + 1):
        with pytest.raises(RecordRefused):
            await world.ask(HUSBAND)
    await world.sharing.drain()
    for _ in range(2):
        await world.sharing.remind()
    owner = world.gjj.manifest.system.department.uscc
    assert told == [
        "operator sharing.record_refused None",
        f"head sharing.record_refused {owner}",
        f"clerk sharing.record_refused {owner}",
    ]
    day = await CallDay.get(resource_code=RESOURCE)
    assert (day.refused, day.failed) == (0, SUSPICIOUS + 1)

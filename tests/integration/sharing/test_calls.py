"""Calls under a grant, and every way in which one is refused."""

import asyncio
import dataclasses
import time
import uuid
from typing import Any

import pytest

from backend.sharing.errors import (
    AddressNotAllowed,
    CaseMissing,
    FieldNotGranted,
    GrantExpired,
    GrantMissing,
    GrantRevoked,
    GrantSuspended,
    ModeNotOffered,
    PurposeDiffers,
    QuotaUsedUp,
    RecordRefused,
    RequestReused,
    ResourceNotShared,
    ResourceUnknown,
    SharingError,
    SubjectKindWrong,
)
from backend.sharing.models import CallDay, CallRecord, CallSubject
from backend.store.redis import Redis
from backend.upstream.errors import UpstreamError
from tests.sandbox_world import CHILD, HUSBAND, MANY, WIFE
from tests.sharing_world import (
    ADDRESS,
    CASE,
    CLOSED_RESOURCE,
    OPEN_RESOURCE,
    POPULATION,
    PURPOSE,
    RESOURCE,
    SharingWorld,
    query,
    the_holder,
)


async def test_only_granted_fields_come_back(world: SharingWorld) -> None:
    await world.grant()
    answer = await world.ask(HUSBAND, CHILD)
    assert answer["resource"] == RESOURCE
    employed, child = answer["items"]
    assert set(employed["record"]) == {"employer", "balance", "state"}
    assert employed["record"]["state"] == "正常"
    assert child == {"subject": 1, "record": None}
    fewer = await world.ask(HUSBAND, fields=["state"])
    assert fewer["items"] == [{"subject": 0, "record": {"state": "正常"}}]


async def test_whatever_the_owner_sends_the_rest_stays_here(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant()
    record: dict[str, Any] = {
        "employer": "某公司", "balance": 1.5, "state": "正常", "monthly_deposit": 900, "secret": "x"
    }  # fmt: skip

    async def generous(*_: Any) -> dict[str, Any]:
        items = [{"subject": 0, "record": record}]
        return {"as_of": "2026-11-23T10:00:00+08:00", "items": items, "next_cursor": None}

    monkeypatch.setattr(world.exchange, "call", generous)
    answer = await world.ask(HUSBAND)
    assert answer["items"][0]["record"] == {"employer": "某公司", "balance": 1.5, "state": "正常"}
    for wrong in ({"balance": "many"}, {"state": None}, {"employer": 7}):
        record.update(wrong)
        with pytest.raises(RecordRefused):
            await world.ask(HUSBAND)
        record.update({"balance": 1.5, "state": "正常", "employer": "某公司"})


async def refused(world: SharingWorld, error: type[SharingError], **changes: Any) -> SharingError:
    """A call that is refused, asks nobody, counts nothing, and is written down."""
    request_id = str(uuid.uuid4())
    with pytest.raises(error) as caught:
        await world.ask(HUSBAND, request_id=request_id, **changes)
    assert type(caught.value) is error
    await world.sharing.drain()
    row = await CallRecord.get(request_id=request_id)
    assert (row.result, row.subjects) == (error.code, 0)
    return caught.value


async def test_without_a_grant(world: SharingWorld) -> None:
    await refused(world, GrantMissing)


async def test_an_unknown_resource(world: SharingWorld) -> None:
    with pytest.raises(ResourceUnknown):
        await world.ask(HUSBAND, code="301146/9999")


async def test_a_resource_that_is_not_shared(world: SharingWorld) -> None:
    error = await refused(world, ResourceNotShared, code=CLOSED_RESOURCE, by="gd-gjj")
    assert "居民身份证法" in error.detail


async def test_another_purpose(world: SharingWorld) -> None:
    await world.grant()
    await refused(world, PurposeDiffers, purpose="市场推广")


async def test_a_field_that_was_not_granted(world: SharingWorld) -> None:
    await world.grant()
    error = await refused(world, FieldNotGranted, fields=["state", "monthly_deposit"])
    assert error.context() == {"fields": ["monthly_deposit"]}


async def test_without_a_case_where_one_is_needed(world: SharingWorld) -> None:
    await world.grant()
    await refused(world, CaseMissing, case_no=None)


async def test_without_a_case_where_none_is_needed(world: SharingWorld) -> None:
    await world.grant(case_bound=False)
    assert (await world.ask(HUSBAND, case_no=None))["items"][0]["record"]


async def test_from_an_address_that_is_not_allowed(world: SharingWorld) -> None:
    await world.grant(addresses=["10.1.2.0/24", "fd00::1"])
    await refused(world, AddressNotAllowed, address="10.1.3.3")
    assert (await world.ask(HUSBAND, address=ADDRESS))["items"]
    assert (await world.ask(HUSBAND, address="fd00::1"))["items"]


async def test_a_kind_of_number_that_the_resource_does_not_know(world: SharingWorld) -> None:
    await world.grant()
    company = {"code_type": "001", "code": "91440106MA5TXTX10A", "name": "某公司"}
    with pytest.raises(SubjectKindWrong):
        await world.ask(subjects=[company])


async def test_a_mode_that_was_not_granted(world: SharingWorld) -> None:
    await world.grant(mode="file")
    await refused(world, ModeNotOffered)


async def test_after_the_last_day(world: SharingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = await world.grant()
    monkeypatch.setattr(world.sharing._asking, "_clock", lambda: time.time() + 10 * 365 * 86400)
    await refused(world, GrantExpired)
    assert grant.valid_until.year == 2028


async def test_the_quota_counts_subjects_and_says_when_to_come_again(world: SharingWorld) -> None:
    await world.grant(daily_quota=3)
    await world.ask(HUSBAND, WIFE)
    with pytest.raises(QuotaUsedUp) as caught:
        await world.ask(HUSBAND, WIFE)
    assert 0 < caught.value.retry_after <= 86400
    assert caught.value.context()["quota"] == 3
    await world.ask(HUSBAND)
    with pytest.raises(QuotaUsedUp):
        await world.ask(WIFE)


async def test_the_same_request_again_is_counted_and_recorded_once(world: SharingWorld) -> None:
    await world.grant(daily_quota=1)
    request_id = str(uuid.uuid4())
    first = await world.ask(HUSBAND, request_id=request_id)
    again = await world.ask(HUSBAND, request_id=request_id)
    assert first["items"] == again["items"]
    with pytest.raises(RequestReused):
        await world.ask(WIFE, request_id=request_id)
    await world.sharing.drain()
    row, refusal = await CallRecord.filter(request_id=request_id).order_by("result")
    assert (row.result, row.subjects, row.case_no) == ("ok", 1, CASE)
    assert (refusal.result, refusal.subjects) == ("sharing.request_id_reused", 0)
    day = await CallDay.get(system_code="gd-gongan")
    assert (day.calls, day.succeeded, day.refused) == (3, 2, 1)


async def test_an_id_that_was_used_before_hides_no_reading(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant()
    await world.grant(resource=OPEN_RESOURCE, fields=["state"])
    request_id = str(uuid.uuid4())
    await world.ask(HUSBAND, request_id=request_id)
    await world.ask(HUSBAND, request_id=request_id, code=OPEN_RESOURCE)
    await world.sharing.drain()
    seen = (await world.sharing.readings_of(the_holder(HUSBAND), None, None)).readings
    assert {each.resource[0] for each in seen} == {RESOURCE, OPEN_RESOURCE}
    # Two days later Redis has forgotten the request; the log has not.
    monkeypatch.setattr(world.sharing._asking, "_clock", lambda: time.time() + 2 * 86400)
    for key in [key async for key in world.sharing.grants._redis.scan_iter("request:*")]:
        await world.sharing.grants._redis.delete(key)
    await world.ask(HUSBAND, request_id=request_id)
    await world.ask(WIFE, request_id=str(uuid.uuid4()))
    await world.sharing.drain()
    seen = (await world.sharing.readings_of(the_holder(HUSBAND), None, None)).readings
    assert len(seen) == 3


async def test_a_call_that_failed_can_be_made_again_and_is_then_a_reading(
    world: SharingWorld,
) -> None:
    await world.grant(daily_quota=1)
    request_id = str(uuid.uuid4())
    await world.gjj.control("POST", "faults", {"kind": "status", "status": 500})
    with pytest.raises(UpstreamError):
        await world.ask(HUSBAND, request_id=request_id)
    await world.sharing.drain()
    assert (await CallRecord.get(request_id=request_id)).result == "upstream.unavailable"
    (tried,) = (await world.sharing.readings_of(the_holder(HUSBAND), None, None)).readings
    assert tried.result == "failed"
    await world.gjj.control("DELETE", "faults")
    await world.ask(HUSBAND, request_id=request_id)
    await world.sharing.drain()
    assert (await CallRecord.get(request_id=request_id)).result == "ok"
    (read,) = (await world.sharing.readings_of(the_holder(HUSBAND), None, None)).readings
    assert read.result == "read"


async def test_pages_of_one_query(world: SharingWorld) -> None:
    await world.grant(daily_quota=3)
    request_id, people = str(uuid.uuid4()), (HUSBAND, WIFE, MANY)
    first = await world.ask(*people, request_id=request_id, limit=2)
    assert [item["subject"] for item in first["items"]] == [0, 1]
    second = await world.ask(*people, request_id=request_id, limit=2, cursor=first["next_cursor"])
    assert [item["subject"] for item in second["items"]] == [2]
    assert second["next_cursor"] is None


async def test_two_hundred_people_in_one_query(world: SharingWorld) -> None:
    await world.grant()
    answer = await world.ask(*([HUSBAND, WIFE] * 100))
    assert len(answer["items"]) == 200
    await world.sharing.drain()
    assert await CallSubject.all().count() == 2


async def test_suspended_resumed_and_revoked_at_once_on_a_worker_that_does_not_know(
    world: SharingWorld,
) -> None:
    grant = await world.grant()
    provider = world.officers["gjj-head"]
    await world.sharing.grants.suspend(provider, grant.id, "超范围使用")
    # No reload in between: the mark alone refuses.
    await refused(world, GrantSuspended)
    await world.sharing.reload()
    await refused(world, GrantSuspended)
    await world.sharing.grants.resume(provider, grant.id, "已整改")
    await world.sharing.reload()
    assert (await world.ask(HUSBAND))["items"]
    await world.sharing.grants.revoke(provider, grant.id, "使用目的已实现")
    await refused(world, GrantRevoked)
    await world.sharing.reload()
    await refused(world, GrantRevoked)


async def test_a_lost_mark_does_not_open_a_revoked_grant(world: SharingWorld, redis: Redis) -> None:
    grant = await world.grant()
    await world.sharing.grants.revoke(world.officers["operator"], grant.id, "违规使用")
    await redis.delete(f"revoked:{{{grant.id}}}")
    await world.sharing.reload()
    await refused(world, GrantRevoked)


async def test_nothing_is_handed_out_that_cannot_be_written_down(
    world: SharingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.grant()

    async def broken(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(world.sharing._ledger, "write", broken)
    with pytest.raises(SharingError) as caught:
        await world.ask(HUSBAND)
    assert caught.value.code == "sharing.log_unavailable"


async def test_of_many_at_once_no_more_come_through_than_the_quota_holds(
    world: SharingWorld,
) -> None:
    await world.grant(daily_quota=5)
    asked = [world.ask(HUSBAND) for _ in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, dict) for one in answers) == 5
    assert sum(isinstance(one, QuotaUsedUp) for one in answers) == 15


async def test_the_other_way_round_is_another_grant(world: SharingWorld) -> None:
    await world.grant()
    with pytest.raises(GrantMissing):
        await world.ask(HUSBAND, code=POPULATION, by="gd-gjj")
    await world.grant(system="gd-gjj", resource=POPULATION, fields=["sex", "life_status"])
    answer = await world.ask(HUSBAND, code="101001-0001", by="gd-gjj")
    assert answer["items"][0]["record"] == {"sex": "男", "life_status": "正常"}


def test_a_query_is_the_same_whatever_its_page() -> None:
    one, key = query(HUSBAND), b"k" * 32
    digest = one.digest(key, RESOURCE)
    assert digest == dataclasses.replace(one, cursor="2", limit=1).digest(key, RESOURCE)
    assert digest != dataclasses.replace(one, case_no="other").digest(key, RESOURCE)
    assert digest != one.digest(key, POPULATION)
    assert digest != one.digest(b"another", RESOURCE)


async def test_without_a_case_the_platform_reads_only_what_is_granted_like_that(
    world: SharingWorld,
) -> None:
    """Forms and policies ask with nobody's case and from the platform's own address."""
    sharing, reader = world.sharing, "gd-gongan"
    for purpose, bound in (
        ("有办件时", {"case_bound": True}),
        ("从某地址", {"case_bound": False, "addresses": ["10.0.0.0/8"]}),
    ):
        await world.grant(purpose=purpose, **bound)
        assert sharing.purpose_of(reader, RESOURCE) is None
        assert not sharing.may_read(reader, RESOURCE, "balance")
    grant = await world.grant(case_bound=False)
    assert sharing.purpose_of(reader, RESOURCE) == PURPOSE
    assert sharing.may_read(reader, RESOURCE, "balance")
    assert not sharing.may_read(reader, RESOURCE, "last_deposit_month")
    assert sharing.purpose_of("gd-gjj", RESOURCE) is None
    assert sharing.purpose_of(reader, OPEN_RESOURCE) is None
    await sharing.grants.suspend(world.officers["gjj-head"], grant.id, "核查")
    await sharing.reload()
    assert not sharing.may_read(reader, RESOURCE, "balance")
    await sharing.grants.resume(world.officers["gjj-head"], grant.id, "核查完毕")
    await sharing.reload()
    assert sharing.may_read(reader, RESOURCE, "balance")

"""The whole way of a system: draft, review, sandbox, conformance, publication; each refusal."""

from ipaddress import ip_network
from typing import Any

import pytest

from backend.audit.models import AuditEntry
from backend.exchange.errors import AddressRefused
from backend.exchange.manifest import parse_manifest
from backend.onboarding.errors import (
    AddressUnapproved,
    CodeTaken,
    ContentDamaged,
    ContentUnchanged,
    CursorInvalid,
    DepartmentDiffers,
    ElementsRefused,
    ReasonMissing,
    RunUnderWay,
    RunUnknown,
    SameHand,
    StateConflict,
    SystemUnknown,
)
from backend.onboarding.models import ConformanceRun, Revision
from backend.onboarding.states import State
from backend.operators.errors import RoleMissing
from backend.operators.service import Officer, Role
from backend.store.ids import uuid7
from backend.store.redis import Redis
from tests.catalogue_items import full_item
from tests.onboarding_world import (
    CODE,
    OTHER_USCC,
    World,
    changed,
    document,
    make_world,
    signing_key,
)


async def test_a_system_joins_step_by_step_and_serves_only_at_the_end(world: World) -> None:
    drafts, review = world.onboarding.drafts, world.onboarding.review
    number = await world.submit()
    await world.exchange.reload()
    assert world.exchange.systems() == []
    assert await world.notices(world.operator) == ["onboarding.submitted"]
    assert await world.notices(world.security) == ["onboarding.address_asked"]
    await review.take(world.operator, CODE, number)
    await world.approve_addresses()
    await review.approve(world.operator, CODE, number)
    run = await world.onboarding.examination.run(world.clerk, CODE, number)
    assert (run.state, run.report["passed"]) == ("passed", True)
    assert (await world.revision(number)).state is State.CONFORMANT
    await review.publish(world.operator, CODE, number)
    assert await world.exchange.reload()
    system = world.exchange.system(CODE)
    assert system is not None
    assert system.target.base_url == "https://zwfw.ceshi.example/api"
    view = await world.onboarding.views.system(world.clerk, CODE)
    assert (view.state, view.opened) == (State.PUBLISHED, None)
    assert view.published is not None
    assert view.published.number == number
    with pytest.raises(StateConflict):
        await drafts.withdraw(world.clerk, CODE, number, "想改")
    assert (await world.notices(world.clerk))[0] == "onboarding.published"


async def test_everything_is_told_who_when_and_why(world: World) -> None:
    number = await world.publish()
    events, following = await world.onboarding.views.history(world.clerk, CODE, None, 50)
    told = [(event.act, event.username) for event in reversed(events)]
    assert told == [
        ("create", "clerk"),
        ("submit", "clerk"),
        ("address_approved", "secadmin"),
        ("address_approved", "secadmin"),
        ("take", "operator"),
        ("approve", "operator"),
        ("conformance_started", "clerk"),
        ("conform", ""),
        ("publish", "operator"),
    ]
    assert following is None
    assert {event.act_name for event in events} >= {"提交", "发布", "批准接入地址"}
    audited = await AuditEntry.filter(subject=f"system:{CODE}").order_by("id")
    assert [entry.action.removeprefix("onboarding.") for entry in audited] == [
        act for act, _ in told
    ]
    assert audited[0].detail["revision"] == number
    assert audited[-1].actor == world.operator.actor


async def test_the_history_and_the_revisions_come_in_pages(world: World) -> None:
    for concurrency in (1, 2, 3):
        await world.save(changed(world.raw, limits={"concurrency": concurrency}))
    views = world.onboarding.views
    first, cursor = await views.revisions(world.clerk, CODE, None, 2)
    second, end = await views.revisions(world.clerk, CODE, cursor, 2)
    assert ([one.number for one in first], [one.number for one in second]) == ([3, 2], [1])
    assert end is None
    assert [one.state for one in [*first, *second]] == [
        State.DRAFT, State.DISCARDED, State.DISCARDED,
    ]  # fmt: skip
    seen: list[str] = []
    cursor = None
    while True:
        events, cursor = await views.history(world.clerk, CODE, cursor, 2)
        seen += [event.act for event in events]
        if cursor is None:
            break
    assert seen == ["create", "discard", "create", "discard", "create"]
    with pytest.raises(CursorInvalid):
        await views.history(world.clerk, CODE, "x", 2)
    with pytest.raises(CursorInvalid):
        await views.revisions(world.clerk, CODE, "x", 2)


async def test_systems_are_listed_by_code_and_a_department_sees_its_own(world: World) -> None:
    for code in ("gd-a", "gd-b", "gd-c"):
        raw = document(signing_key(f"{code}-1"), code)
        await world.onboarding.drafts.save(world.clerk, parse_manifest(raw))
    views = world.onboarding.views
    first, cursor = await views.systems(world.operator, None, 2)
    second, end = await views.systems(world.operator, cursor, 2)
    assert [one.code for one in [*first, *second]] == ["gd-a", "gd-b", "gd-c"]
    assert end is None
    assert len((await views.systems(world.head, None, 10))[0]) == 3
    assert (await views.systems(world.stranger, None, 10))[0] == []
    with pytest.raises(SystemUnknown):
        await views.system(world.stranger, "gd-a")
    with pytest.raises(RoleMissing):
        await views.systems(world.administrator, None, 10)


async def test_a_department_speaks_for_itself_alone(world: World) -> None:
    drafts = world.onboarding.drafts
    with pytest.raises(DepartmentDiffers):
        await drafts.save(world.stranger, parse_manifest(world.raw))
    with pytest.raises(RoleMissing):
        await drafts.save(world.operator, parse_manifest(world.raw))
    number = await world.save()
    with pytest.raises(CodeTaken):
        await drafts.save(world.stranger, parse_manifest(document(world.key, CODE, OTHER_USCC)))
    for officer in (world.stranger, world.operator, world.security):
        with pytest.raises((SystemUnknown, RoleMissing)):
            await drafts.submit(officer, CODE, number)


async def test_the_same_content_is_not_kept_twice(world: World) -> None:
    await world.save()
    with pytest.raises(ContentUnchanged, match="content_unchanged"):
        await world.save()
    await world.onboarding.drafts.discard(world.clerk, CODE, 1)
    await world.publish()
    with pytest.raises(ContentUnchanged):
        await world.save()


async def test_there_is_one_revision_under_way(world: World) -> None:
    number = await world.submit()
    other = changed(world.raw, limits={"concurrency": 7})
    with pytest.raises(StateConflict):
        await world.save(other)
    await world.onboarding.drafts.withdraw(world.clerk, CODE, number, "漏了一项")
    assert (await world.notices(world.operator))[0] == "onboarding.withdrawn"
    newer = await world.save(other)
    assert (await world.revision(number)).state is State.DISCARDED
    assert (await world.revision(newer)).state is State.DRAFT


async def test_a_revision_that_was_touched_in_the_store_is_not_used(world: World) -> None:
    number = await world.submit()
    row = await Revision.get(system_code=CODE, number=number)
    touched = row.content.replace("zwfw.ceshi.example", "evil.example")
    await Revision.filter(id=row.id).update(content=touched)
    with pytest.raises(ContentDamaged):
        await world.onboarding.review.diff(world.operator, CODE, number)
    await world.onboarding.review.take(world.operator, CODE, number)
    with pytest.raises(ContentDamaged):
        await world.onboarding.review.approve(world.operator, CODE, number)


async def test_whoever_submitted_cannot_approve(world: World) -> None:
    number = await world.submit()
    # The same person with another role, as after a change of duties.
    same = Officer(world.clerk.account_id, "clerk", "clerk", Role.OPERATOR)
    with pytest.raises(SameHand):
        await world.onboarding.review.take(same, CODE, number)
    await world.onboarding.review.take(world.operator, CODE, number)
    await world.approve_addresses()
    with pytest.raises(SameHand):
        await world.onboarding.review.approve(same, CODE, number)
    await world.onboarding.review.approve(world.operator, CODE, number)
    await world.onboarding.examination.run(world.operator, CODE, number)
    with pytest.raises(SameHand):
        await world.onboarding.review.publish(same, CODE, number)


async def test_the_platform_decides_and_nobody_else(world: World) -> None:
    review = world.onboarding.review
    number = await world.submit()
    for officer in (world.clerk, world.head, world.security):
        with pytest.raises(RoleMissing):
            await review.take(officer, CODE, number)
    await review.take(world.operator, CODE, number)
    with pytest.raises(RoleMissing):
        await review.send_back(world.head, CODE, number, "不行")
    with pytest.raises(RoleMissing):
        await review.approve(world.clerk, CODE, number)
    with pytest.raises(StateConflict):
        await review.publish(world.operator, CODE, number)


async def test_a_revision_comes_back_with_reasons_and_can_go_again(world: World) -> None:
    review = world.onboarding.review
    number = await world.submit()
    await review.take(world.operator, CODE, number)
    with pytest.raises(ReasonMissing):
        await review.send_back(world.operator, CODE, number, "  ")
    await review.send_back(world.operator, CODE, number, "咨询电话打不通")
    assert (await world.revision(number)).state is State.DRAFT
    inbox = await world.operators.notices(world.clerk)
    assert inbox.notices[0].text == "咨询电话打不通"
    await world.onboarding.drafts.submit(world.clerk, CODE, number, "已更正")
    detail = await world.onboarding.views.revision(world.operator, CODE, number)
    assert (detail.view.state, detail.note) == (State.SUBMITTED, "已更正")


async def test_what_cannot_be_published_is_named_with_element_and_why(world: World) -> None:
    wrong = changed(world.raw, service_items=[full_item(supervise_way="020-12345", promise_day=30)])
    number = await world.save(wrong)
    with pytest.raises(ElementsRefused) as refusal:
        await world.onboarding.drafts.submit(world.clerk, CODE, number)
    told = {error["pointer"]: error for error in refusal.value.errors}
    assert told["/service_items/0/supervise_way"]["element"] == "监督投诉方式"
    assert "超过了法定办结时限" in told["/service_items/0/promise_day"]["message"]
    assert (await world.revision(number)).state is State.DRAFT


async def test_a_region_that_there_is_not_is_named(world: World) -> None:
    nowhere = {**world.raw["system"], "region_code": "999999"}
    number = await world.save(changed(world.raw, system=nowhere))
    with pytest.raises(ElementsRefused) as refusal:
        await world.onboarding.drafts.submit(world.clerk, CODE, number)
    assert [one["pointer"] for one in refusal.value.errors] == ["/system/region_code"]
    assert "没有区划代码为 999999 的地区" in refusal.value.detail


async def test_what_belongs_to_another_system_is_refused(world: World) -> None:
    await world.publish()
    raw: dict[str, Any] = document(signing_key("gd-x-1"), "gd-x")
    raw["sections"] = world.raw["sections"]
    number = (await world.onboarding.drafts.save(world.clerk, parse_manifest(raw))).number
    with pytest.raises(ElementsRefused) as refusal:
        await world.onboarding.drafts.submit(world.clerk, "gd-x", number)
    elements = {error["element"] for error in refusal.value.errors}
    assert elements == {"证照类型", "首页板块", "实施编码"}


async def test_no_address_is_called_before_it_was_approved(world: World) -> None:
    review = world.onboarding.review
    number = await world.submit()
    await review.take(world.operator, CODE, number)
    with pytest.raises(AddressUnapproved) as refusal:
        await review.approve(world.operator, CODE, number)
    assert refusal.value.origins == ["https://test.ceshi.example:443"]
    await world.onboarding.addresses.approve(world.security, CODE, "https://test.ceshi.example:443")
    await review.approve(world.operator, CODE, number)
    await world.onboarding.examination.run(world.clerk, CODE, number)
    with pytest.raises(AddressUnapproved) as refusal:
        await review.publish(world.operator, CODE, number)
    assert refusal.value.origins == ["https://zwfw.ceshi.example:443"]
    assert (await world.revision(number)).state is State.CONFORMANT


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.8", "localhost", "169.254.169.254"])
async def test_a_private_address_is_refused_at_submission(world: World, host: str) -> None:
    raw = world.raw
    raw["endpoints"]["sandbox"]["base_url"] = f"http://{host}:8080"
    number = await world.save(raw)
    with pytest.raises(AddressRefused):
        await world.onboarding.drafts.submit(world.clerk, CODE, number)


async def test_on_a_network_that_was_opened_a_system_joins_and_on_no_other(
    database: str, redis: Redis
) -> None:
    assert database
    world = await make_world(redis, networks=[ip_network("10.128.0.0/10")])
    raw = world.raw
    raw["endpoints"] = {
        kind: {"base_url": "http://10.130.7.1:8080"} for kind in ("sandbox", "production")
    }
    await world.publish(raw)
    assert world.exchange.system(CODE) is not None
    for host in ("10.0.0.8", "127.0.0.1"):
        sandbox = {"base_url": f"http://{host}:8080"}
        elsewhere = changed(raw, endpoints={**raw["endpoints"], "sandbox": sandbox})
        number = await world.save(elsewhere)
        with pytest.raises(AddressRefused):
            await world.onboarding.drafts.submit(world.clerk, CODE, number)
    await world.catalogue.close()


async def test_a_failed_run_keeps_the_revision_in_its_sandbox(world: World) -> None:
    number = await world.to_sandbox()
    world.kit.passes = False
    run = await world.onboarding.examination.run(world.clerk, CODE, number)
    assert run.state == "failed"
    assert (await world.revision(number)).state is State.SANDBOX
    assert (await world.notices(world.clerk))[0] == "onboarding.conformance_failed"
    with pytest.raises(StateConflict):
        await world.onboarding.review.publish(world.operator, CODE, number)
    world.kit.passes, world.kit.breaks = True, True
    assert (await world.onboarding.examination.run(world.clerk, CODE, number)).state == "broken"
    assert (await world.notices(world.clerk))[0] == "onboarding.conformance_broken"
    events, _ = await world.onboarding.views.history(world.clerk, CODE, None, 1)
    assert events[0].act_name == "符合性测试中断"
    world.kit.breaks = False
    await world.onboarding.examination.run(world.clerk, CODE, number)
    runs = await world.onboarding.examination.list(world.clerk, CODE, number)
    assert [one.state for one in runs] == ["passed", "broken", "failed"]
    found = await world.onboarding.examination.get(world.clerk, CODE, runs[0].id)
    assert found.report == {"passed": True, "checks": []}
    with pytest.raises(RunUnknown):
        await world.onboarding.examination.get(world.clerk, CODE, uuid7())
    assert world.kit.asked[0].endpoints.of("sandbox") == "https://test.ceshi.example"


async def test_one_run_at_a_time_and_only_in_the_sandbox(world: World) -> None:
    number = await world.submit()
    with pytest.raises(StateConflict):
        await world.onboarding.examination.start(world.clerk, CODE, number)
    await world.approve_addresses()
    await world.onboarding.review.take(world.operator, CODE, number)
    await world.onboarding.review.approve(world.operator, CODE, number)
    await ConformanceRun.create(
        system_code=CODE, number=number, digest="", started_by=world.clerk.account_id
    )
    with pytest.raises(RunUnderWay):
        await world.onboarding.examination.start(world.clerk, CODE, number)
    with pytest.raises(SystemUnknown):
        await world.onboarding.examination.start(world.stranger, CODE, number)
    with pytest.raises(RoleMissing):
        await world.onboarding.examination.start(world.security, CODE, number)

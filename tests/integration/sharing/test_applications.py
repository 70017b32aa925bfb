"""Applications from draft to grant, each refusal on the way, and the clocks that run meanwhile."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backend.audit.models import AuditEntry
from backend.operators.errors import RoleMissing
from backend.operators.models import OperatorAccount
from backend.operators.service import Officer, Role
from backend.sharing.applications import _move
from backend.sharing.errors import (
    ActNotPossible,
    ApplicationInvalid,
    ApplicationUnknown,
    ExtendedBefore,
    GrantUnknown,
    OwnWork,
    ReasonMissing,
    ResourceNotShared,
    ReturnedBefore,
    SharingError,
    StateChanged,
)
from backend.sharing.models import Deadline, ShareApplication, ShareStep
from backend.sharing.service import Application, Stage
from tests.sharing_world import CLOSED_RESOURCE, OPEN_RESOURCE, SharingWorld, officer


async def at(world: SharingWorld, stage: Stage, **changes: Any) -> Application:
    """An application of gongan to gjj that has come to this stage."""
    desk, by = world.sharing.applications, world.officers
    made = await desk.draft(by["gongan-clerk"], world.wish(**changes))
    if stage is Stage.DRAFT:
        return made
    made = await desk.submit(by["gongan-clerk"], made.row.id)
    if stage is Stage.HEAD:
        return made
    made = await desk.approve(by["gongan-head"], made.row.id)
    if stage is Stage.REVIEW:
        return made
    return await desk.approve(by["operator"], made.row.id)


async def test_the_whole_way_is_written_down_and_told(world: SharingWorld) -> None:
    grant = await world.grant()
    steps = await ShareStep.filter(about=grant.application_id).order_by("id")
    assert [(step.act, step.state) for step in steps] == [
        ("draft", "draft"), ("submit", "head"), ("approve", "review"), ("approve", "provider"),
        ("consent", "granted"),
    ]  # fmt: skip
    await world.sharing.grants.deliver(world.officers["gjj-clerk"], grant.id)
    audited = await AuditEntry.all().order_by("id").values_list("action", flat=True)
    assert [str(action) for action in audited if str(action).startswith("sharing.")] == [
        "sharing.draft", "sharing.submit", "sharing.approve", "sharing.approve",
        "sharing.consent", "sharing.grant_deliver",
    ]  # fmt: skip
    history = await world.sharing.applications.get(world.officers["gjj-head"], grant.application_id)
    assert history.application.grant_id == grant.id
    assert grant.fields_granted == ["employer", "balance", "state"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"fields": []}, "/fields"),
        ({"fields": ["state", "nothing"]}, "/fields/1"),
        ({"fields": ["state", "state"]}, "/fields/1"),
        ({"purpose": " "}, "/purpose"),
        ({"legal_basis": " "}, "/legal_basis"),
        ({"mode": "file", "resource": OPEN_RESOURCE, "fields": ["state"]}, "/mode"),
        ({"addresses": ["10.0.0.1", "nowhere"]}, "/addresses/1"),
        ({"daily_quota": 0}, "/daily_quota"),
        ({"valid_until": date(2026, 11, 23)}, "/valid_until"),
        ({"valid_until": date(2036, 1, 1)}, "/valid_until"),
    ],
)
async def test_what_cannot_be_asked_for(
    world: SharingWorld, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(ApplicationInvalid) as caught:
        await world.sharing.applications.draft(
            world.officers["gongan-clerk"], world.wish(**changes)
        )
    assert [error["pointer"] for error in caught.value.errors] == [pointer]


async def test_own_and_closed_resources_and_other_departments(world: SharingWorld) -> None:
    desk, clerk = world.sharing.applications, world.officers["gongan-clerk"]
    with pytest.raises(ResourceNotShared):
        await desk.draft(clerk, world.wish(resource=CLOSED_RESOURCE, fields=["registered_on"]))
    with pytest.raises(ApplicationInvalid):
        await desk.draft(clerk, world.wish(resource="101001/0001", fields=["sex"]))
    with pytest.raises(RoleMissing):
        await desk.draft(world.officers["gjj-clerk"], world.wish())
    with pytest.raises(RoleMissing):
        await desk.draft(world.officers["gongan-head"], world.wish())


async def test_each_stage_is_somebody_elses(world: SharingWorld) -> None:
    desk, by = world.sharing.applications, world.officers
    right = {Stage.HEAD: "gongan-head", Stage.REVIEW: "operator", Stage.PROVIDER: "gjj-head"}
    for stage, decider in right.items():
        made = await at(world, stage)
        for name, other in by.items():
            if name != decider:
                with pytest.raises((RoleMissing, ApplicationUnknown)):
                    await desk.send_back(other, made.row.id, "缺少依据")
        assert (await desk.send_back(by[decider], made.row.id, "缺少依据")).row.state == "returned"


async def test_nobody_approves_what_they_prepared_or_decided(world: SharingWorld) -> None:
    desk, by = world.sharing.applications, world.officers
    made = await at(world, Stage.HEAD)
    clerk = by["gongan-clerk"]
    promoted = Officer(clerk.account_id, "x", "x", Role.HEAD, clerk.department_uscc)
    with pytest.raises(OwnWork):
        await desk.approve(promoted, made.row.id)
    await desk.approve(by["gongan-head"], made.row.id)
    head = by["gongan-head"]
    moved = Officer(head.account_id, "x", "x", Role.OPERATOR)
    with pytest.raises(OwnWork):
        await desk.approve(moved, made.row.id)


async def test_the_same_head_may_approve_again_what_came_back(world: SharingWorld) -> None:
    desk, by = world.sharing.applications, world.officers
    made = await at(world, Stage.REVIEW)
    await desk.send_back(by["operator"], made.row.id, "请补充法律依据条款")
    edited = await desk.edit(
        by["gongan-clerk"], made.row.id, world.wish(legal_basis="《社会救助暂行办法》第五十九条")
    )
    assert edited.row.legal_basis.endswith("第五十九条")
    await desk.submit(by["gongan-clerk"], made.row.id)
    await desk.approve(by["gongan-head"], made.row.id)
    with pytest.raises(ReturnedBefore):
        await desk.send_back(by["operator"], made.row.id, "还缺一项")
    assert (await desk.approve(by["operator"], made.row.id)).row.state == "provider"


async def test_a_refusal_needs_reasons_and_ends_it(world: SharingWorld) -> None:
    desk, by = world.sharing.applications, world.officers
    made = await at(world, Stage.PROVIDER)
    with pytest.raises(ReasonMissing):
        await desk.refuse(by["gjj-head"], made.row.id, "  ")
    assert (await desk.refuse(by["gjj-head"], made.row.id, "超出职责范围")).row.state == "refused"
    with pytest.raises(ActNotPossible):
        await desk.consent(by["gjj-head"], made.row.id)


async def test_two_at_once_only_one_of_them_counts(world: SharingWorld) -> None:
    desk, by = world.sharing.applications, world.officers
    made = await at(world, Stage.PROVIDER)
    stale = await ShareApplication.get(id=made.row.id)
    await desk.consent(by["gjj-head"], made.row.id)
    with pytest.raises(StateChanged):
        await _move(stale, Stage.REFUSED)


async def test_what_is_none_of_ones_business_is_not_there(world: SharingWorld) -> None:
    made = await at(world, Stage.HEAD)
    stranger = officer(Role.HEAD, "11440000MB9X0012XG")
    with pytest.raises(ApplicationUnknown):
        await world.sharing.applications.get(stranger, made.row.id)
    with pytest.raises(ApplicationUnknown):
        await world.sharing.applications.get(world.officers["operator"], uuid.uuid4())
    provider = await world.sharing.applications.page(world.officers["gjj-head"])
    assert not provider.applications, "a provider hears of it when it was reviewed"
    assert (await world.sharing.applications.page(world.officers["operator"])).applications
    with pytest.raises(GrantUnknown):
        await world.sharing.grants.get(stranger, (await world.grant()).id)


async def test_the_inbox_holds_what_waits_for_the_own_decision(world: SharingWorld) -> None:
    waiting = {Stage.DRAFT: "gongan-clerk", Stage.HEAD: "gongan-head", Stage.REVIEW: "operator",
               Stage.PROVIDER: "gjj-head"}  # fmt: skip
    made = {stage: await at(world, stage) for stage in waiting}
    for stage, name in waiting.items():
        page = await world.sharing.applications.page(world.officers[name], inbox=True)
        assert [each.row.id for each in page.applications] == [made[stage].row.id]


# Clocks


@pytest.mark.parametrize(
    ("resource", "fields", "kind", "due"),
    [
        (OPEN_RESOURCE, ["state"], "answer_unconditional", date(2026, 11, 24)),
        ("301146/0001", ["state"], "answer_conditional", date(2026, 12, 7)),
    ],
)
async def test_the_answer_is_due_in_one_or_ten_working_days(
    world: SharingWorld, resource: str, fields: list[str], kind: str, due: date
) -> None:
    made = await at(world, Stage.PROVIDER, resource=resource, fields=fields)
    assert made.due is not None
    assert (made.due.kind, made.due.due_on) == (kind, due)
    granted = await world.sharing.applications.consent(world.officers["gjj-head"], made.row.id)
    assert granted.due is not None
    assert (granted.due.kind, granted.due.due_on) == ("delivery", date(2026, 12, 21))


async def test_the_answer_may_be_extended_once_with_consent(world: SharingWorld) -> None:
    desk, by = world.sharing.applications, world.officers
    made = await at(world, Stage.PROVIDER)
    with pytest.raises(ActNotPossible):
        await desk.extend(by["operator"], made.row.id)
    with pytest.raises(ReasonMissing):
        await desk.ask_extension(by["gjj-head"], made.row.id, "")
    await desk.ask_extension(by["gjj-head"], made.row.id, "需要会商")
    with pytest.raises(RoleMissing):
        await desk.extend(by["gjj-head"], made.row.id)
    extended = await desk.extend(by["operator"], made.row.id)
    assert extended.due is not None
    assert extended.due.due_on == date(2026, 12, 21)
    with pytest.raises(ExtendedBefore):
        await desk.ask_extension(by["gjj-head"], made.row.id, "再延一次")
    with pytest.raises(ExtendedBefore):
        await desk.extend(by["operator"], made.row.id)


async def test_unconditional_sharing_is_not_extended(world: SharingWorld) -> None:
    made = await at(world, Stage.PROVIDER, resource=OPEN_RESOURCE, fields=["state"])
    with pytest.raises(ActNotPossible):
        await world.sharing.applications.ask_extension(
            world.officers["gjj-head"], made.row.id, "忙"
        )


async def with_accounts(world: SharingWorld) -> None:
    """Notices go to accounts that exist."""
    for who in world.officers.values():
        await OperatorAccount.create(
            id=who.account_id, username=str(who.account_id), name=b"x", role=who.role.value,
            department_uscc=who.department_uscc, password_hash="x", state="active",
        )  # fmt: skip


async def test_whoever_is_late_is_reminded_once_and_stands_on_the_list(
    world: SharingWorld,
) -> None:
    made = await at(world, Stage.PROVIDER)
    provider, stranger = world.officers["gjj-head"], world.officers["gongan-head"]
    assert await world.sharing.remind() is None
    world.clock.now = datetime(2026, 12, 4, 2, tzinfo=UTC)  # a working day before it is due
    assert await world.sharing.remind() == 1
    assert await world.sharing.remind() is None
    assert not await world.sharing.clocks.overdue(provider)
    world.clock.now = datetime(2026, 12, 8, 2, tzinfo=UTC)
    assert await world.sharing.remind() == 1
    assert await world.sharing.remind() is None
    (late,) = await world.sharing.clocks.overdue(provider)
    assert (late.about, late.left) == (made.row.id, -1)
    name = world.sharing.catalogue.name_of(made.row.resource_code)
    assert late.subject == f"《{name}》，申请系统 gd-gongan"
    assert not await world.sharing.clocks.overdue(stranger)
    assert len(await world.sharing.clocks.overdue(world.officers["operator"])) == 1
    await world.sharing.applications.consent(provider, made.row.id)
    assert not await world.sharing.clocks.overdue(provider)


async def test_a_provisional_deadline_is_worked_out_again(world: SharingWorld) -> None:
    world.clock.now = datetime(2026, 12, 21, 2, tzinfo=UTC)
    made = await at(world, Stage.PROVIDER)
    assert made.due is not None
    assert made.due.provisional
    before = made.due.due_on
    calendar = world.sharing._calendar
    for ahead in range((before - date(2027, 1, 1)).days + 5):
        day = date(2027, 1, 1) + timedelta(days=ahead)
        await calendar.override(day, day > date(2027, 1, 3) and day.weekday() < 5, "测试")
    await calendar.override(date(2027, 1, 4), False, "测试")
    await world.sharing.remind()
    row = await Deadline.get(about=made.row.id, done_at__isnull=True)
    assert not row.provisional
    assert row.due_on > before


async def test_a_catalogue_update_is_owed_until_it_is_published(world: SharingWorld) -> None:
    operator = world.officers["operator"]
    with pytest.raises(RoleMissing):
        await world.sharing.duties.ask(
            world.officers["gjj-head"], "gd-gjj", date(2026, 11, 23), "职责调整"
        )
    duty = await world.sharing.duties.ask(operator, "gd-gjj", date(2026, 11, 23), "职责调整")
    (owed,) = await world.sharing.clocks.upcoming(world.officers["gjj-head"])
    assert (owed.kind, owed.due_on) == ("catalogue_update", date(2026, 12, 7))
    await world.sharing.remind()
    assert await world.sharing.clocks.running([duty.id])
    manifest = world.system("gd-gjj").manifest
    fewer = manifest.model_copy(update={"data_resources": manifest.data_resources[:1]})
    await world.exchange.register(fewer)
    await world.sharing.remind()
    assert not await world.sharing.clocks.running([duty.id])
    another = await world.sharing.duties.ask(operator, "gd-gjj", date(2026, 11, 23), "法规修订")
    await world.sharing.duties.close(operator, another.id, "不涉及目录")
    assert not await world.sharing.clocks.running([another.id])
    with pytest.raises(SharingError):
        await world.sharing.duties.close(operator, uuid.uuid4(), "没有")


async def test_suspending_and_revoking_is_not_for_everybody(world: SharingWorld) -> None:
    grant = await world.grant()
    desk, by = world.sharing.grants, world.officers
    for name in ("gongan-head", "gongan-clerk", "gjj-clerk"):
        with pytest.raises(RoleMissing):
            await desk.suspend(by[name], grant.id, "想停就停")
    # Whoever reads the audit and nothing else does not even hear that there is one.
    with pytest.raises(GrantUnknown):
        await desk.suspend(by["auditor"], grant.id, "想停就停")
    with pytest.raises(ReasonMissing):
        await desk.suspend(by["gjj-head"], grant.id, "")
    with pytest.raises(ActNotPossible):
        await desk.resume(by["gjj-head"], grant.id, "没有暂停")
    await desk.suspend(by["security"], grant.id, "异常调用")
    assert (await desk.revoke(by["gongan-head"], grant.id, "使用目的已实现")).state == "revoked"
    with pytest.raises(ActNotPossible):
        await desk.resume(by["operator"], grant.id, "恢复")

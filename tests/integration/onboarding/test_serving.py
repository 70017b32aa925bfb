"""Suspended, resumed, retired; maintenance that is announced ahead and honoured by every call."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from backend.catalogue.errors import ItemNotFound
from backend.catalogue.service import CatalogueQuery
from backend.exchange.errors import WindowInvalid, WindowUnknown
from backend.exchange.manifest import parse_manifest
from backend.exchange.service import ProviderSystem
from backend.onboarding.errors import ReasonMissing, StateConflict, SystemUnknown
from backend.onboarding.models import SystemKey
from backend.onboarding.states import State
from backend.operators.errors import RoleMissing
from backend.store.ids import uuid7
from backend.upstream.deadline import Deadline
from backend.upstream.errors import UpstreamError, UpstreamMaintenance, UpstreamSuspended
from gateway.channels.public.service_items import card_out
from tests.catalogue_items import full_item
from tests.onboarding_world import CODE, World, changed, document, signing_key

WORDS = "因系统升级暂停办理，预计明天恢复。"


async def called(world: World) -> None:
    await world.exchange.reload()
    system = world.exchange.system(CODE)
    assert isinstance(system, ProviderSystem)
    await world.exchange.call(system, "sections.query", {}, Deadline.after(0.2))


async def test_a_suspended_system_is_not_called_and_says_why_but_stays_listed(
    world: World,
) -> None:
    number = await world.publish()
    serving = world.onboarding.serving
    await serving.suspend(world.security, CODE, "应答中出现他人数据", WORDS)
    with pytest.raises(UpstreamSuspended) as refusal:
        await called(world)
    assert refusal.value.detail == WORDS
    assert (await world.revision(number)).state is State.SUSPENDED
    page = await world.catalogue.list(CatalogueQuery())
    assert page.total == 1
    assert (await world.notices(world.clerk))[0] == "onboarding.suspended"
    with pytest.raises(StateConflict):
        await serving.suspend(world.security, CODE, "再次")
    await serving.resume(world.security, CODE, "已整改")
    with pytest.raises(UpstreamError) as failure:
        await called(world)
    assert not isinstance(failure.value, UpstreamSuspended)


async def test_what_another_system_of_the_department_offers_goes_on(world: World) -> None:
    await world.publish()
    other = document(signing_key("gd-ceshi-erhao-1"), f"{CODE}-erhao") | {
        "licence_types": [], "service_items": [full_item(catalog_code="440109001001")]
    }  # fmt: skip
    await world.exchange.register(parse_manifest(other))
    await world.onboarding.serving.suspend(world.security, CODE, "事故", WORDS)
    await world.exchange.reload()

    async def told() -> dict[str, object]:
        cards = (await world.catalogue.list(CatalogueQuery())).cards
        suspended = world.exchange.suspended()
        return {
            card.row.system_code: card_out(card, suspended)["unavailable_reason"] for card in cards
        }

    assert await told() == {CODE: WORDS, f"{CODE}-erhao": None}
    await world.onboarding.serving.resume(world.security, CODE, "已查明")
    await world.exchange.reload()
    assert await told() == {CODE: None, f"{CODE}-erhao": None}


async def test_a_new_revision_does_not_lift_a_suspension(world: World) -> None:
    await world.publish()
    second = await world.to_conformant(changed(world.raw, limits={"concurrency": 5}))
    await world.onboarding.serving.suspend(world.security, CODE, "事故")
    with pytest.raises(StateConflict, match="state_conflict"):
        await world.onboarding.review.publish(world.operator, CODE, second)
    await world.onboarding.serving.resume(world.security, CODE, "已查明")
    await world.onboarding.review.publish(world.operator, CODE, second)


async def test_suspension_is_the_security_officers_and_needs_a_reason(world: World) -> None:
    serving = world.onboarding.serving
    with pytest.raises(SystemUnknown):
        await serving.suspend(world.security, CODE, "没有")
    await world.save()
    with pytest.raises(StateConflict):
        await serving.suspend(world.security, CODE, "没有发布")
    await world.onboarding.drafts.discard(world.clerk, CODE, 1)
    await world.publish()
    for officer in (world.clerk, world.operator):
        with pytest.raises(RoleMissing):
            await serving.suspend(officer, CODE, "不行")
    with pytest.raises(ReasonMissing):
        await serving.suspend(world.security, CODE, "")
    with pytest.raises(StateConflict):
        await serving.resume(world.security, CODE, "没有暂停")


async def test_a_retired_system_is_gone_from_service_and_stays_in_history(world: World) -> None:
    number = await world.publish()
    second = await world.submit(changed(world.raw, limits={"concurrency": 5}))
    serving = world.onboarding.serving
    with pytest.raises(RoleMissing):
        await serving.retire(world.clerk, CODE, "并入其他系统")
    with pytest.raises(ReasonMissing):
        await serving.retire(world.operator, CODE, " ")
    await serving.retire(world.operator, CODE, "并入其他系统")
    await world.exchange.reload()
    assert world.exchange.systems() == []
    item = parse_manifest(world.raw)
    for code in await world.catalogue.elements(item.system, item.service_items):
        with pytest.raises(ItemNotFound):
            await world.catalogue.get(code)
    states = [(await world.revision(one)).state for one in (number, second)]
    assert states == [State.RETIRED, State.DISCARDED]
    assert (await SystemKey.get(id=world.key.key_id)).state == "retired"
    events, _ = await world.onboarding.views.history(world.clerk, CODE, None, 50)
    assert [event.reason for event in events if event.act == "retire"] == ["并入其他系统"]
    with pytest.raises(StateConflict):
        await serving.resume(world.security, CODE, "回来")


async def test_maintenance_is_announced_ahead_and_honoured(world: World) -> None:
    await world.publish()
    now = datetime.now(UTC)
    serving = world.onboarding.serving
    window = await serving.announce(
        world.clerk, CODE, now, now + timedelta(hours=1), "系统升级维护"
    )
    with pytest.raises(UpstreamMaintenance) as refusal:
        await called(world)
    assert refusal.value.until == window.ends_at
    assert refusal.value.context()["words"] == "系统升级维护"
    assert [one.id for one in await serving.windows(world.head, CODE)] == [window.id]
    with pytest.raises(SystemUnknown):
        await serving.cancel(world.stranger, CODE, window.id, "不归我管")
    await serving.cancel(world.operator, CODE, window.id, "提前完成")
    with pytest.raises(UpstreamError) as failure:
        await called(world)
    assert not isinstance(failure.value, UpstreamMaintenance)
    with pytest.raises(WindowUnknown):
        await serving.cancel(world.operator, CODE, window.id, "再来")


async def test_a_window_to_come_does_not_rest_the_system_yet(world: World) -> None:
    await world.publish()
    soon = datetime.now(UTC) + timedelta(hours=2)
    await world.onboarding.serving.announce(
        world.operator, CODE, soon, soon + timedelta(hours=1), "夜间维护"
    )
    with pytest.raises(UpstreamError) as failure:
        await called(world)
    assert not isinstance(failure.value, UpstreamMaintenance)
    system = world.exchange.system(CODE)
    assert system is not None
    assert [window.words for window in system.windows] == ["夜间维护"]


@pytest.mark.one_store
@pytest.mark.parametrize(
    ("start_h", "end_h", "words"),
    [
        (1, 1, "一样"),
        (2, 1, "倒着"),
        (-1, 1, "已经开始"),
        (1, 24 * 8, "太长"),
        (24 * 200, 24 * 200 + 1, "太远"),
        (1, 2, "  "),
        (1, 2, "长" * 201),
    ],
)
async def test_a_window_that_makes_no_sense_is_refused(
    world: World, start_h: int, end_h: int, words: str
) -> None:
    await world.publish()
    now = datetime.now(UTC)
    with pytest.raises(WindowInvalid):
        await world.onboarding.serving.announce(
            world.clerk, CODE, now + timedelta(hours=start_h), now + timedelta(hours=end_h), words
        )


async def test_maintenance_is_announced_by_those_concerned(world: World) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    serving = world.onboarding.serving
    await world.save()
    with pytest.raises(StateConflict):
        await serving.announce(world.clerk, CODE, now, later, "还没有发布")
    with pytest.raises(RoleMissing):
        await serving.announce(world.security, CODE, now, later, "不归我")
    with pytest.raises(SystemUnknown):
        await serving.announce(world.stranger, CODE, now, later, "别人的")
    with pytest.raises(WindowUnknown):
        await serving.cancel(world.clerk, CODE, uuid7(), "没有")
    with pytest.raises(ReasonMissing):
        await serving.cancel(world.clerk, CODE, uuid7(), "")


async def test_two_reviewers_at_once_decide_once(world: World) -> None:
    """Whoever is second gets a conflict; the history has one line."""
    number = await world.submit()
    review = world.onboarding.review
    results = await asyncio.gather(
        review.take(world.operator, CODE, number),
        review.take(world.second_operator, CODE, number),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, StateConflict) for one in results) == [False, True]
    events, _ = await world.onboarding.views.history(world.clerk, CODE, None, 50)
    assert [event.act for event in events].count("take") == 1

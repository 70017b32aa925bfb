"""One revision after another: reviewed while the last serves, breaking, restored."""

import pytest
from tortoise.exceptions import OperationalError

from backend.onboarding.errors import (
    BreakingChanges,
    ReasonMissing,
    RevisionUnknown,
    SameHand,
    StateConflict,
    SystemUnknown,
)
from backend.onboarding.states import State
from backend.store.redis import Redis
from tests.onboarding_world import (
    CODE,
    World,
    changed,
    make_world,
)


async def test_a_published_revision_serves_while_the_next_is_reviewed(world: World) -> None:
    first = await world.publish()
    second = await world.to_conformant(changed(world.raw, limits={"concurrency": 5}))
    await world.exchange.reload()
    system = world.exchange.system(CODE)
    assert system is not None
    assert system.target.concurrency == 64
    view = await world.onboarding.views.system(world.clerk, CODE)
    assert view.published is not None
    assert view.opened is not None
    assert (view.published.number, view.opened.number) == (first, second)
    changes = await world.onboarding.review.diff(world.operator, CODE, second)
    assert [change.text for change in changes] == ["限额 › 并发上限：64 → 5"]
    await world.onboarding.review.publish(world.operator, CODE, second)
    await world.exchange.reload()
    system = world.exchange.system(CODE)
    assert system is not None
    assert system.target.concurrency == 5
    assert (await world.revision(first)).state is State.SUPERSEDED


async def test_what_breaks_is_named_and_acknowledged_with_a_reason(world: World) -> None:
    await world.publish()
    review = world.onboarding.review
    number = await world.submit(changed(world.raw, sections=[], licence_types=[]))
    await review.take(world.operator, CODE, number)
    breaks = await review.breaking(world.operator, CODE, number)
    assert {one.id.partition(":")[0] for one in breaks} == {
        "licence_type_dropped", "section_dropped",
    }  # fmt: skip
    with pytest.raises(BreakingChanges) as refusal:
        await review.approve(world.operator, CODE, number, "可以", [breaks[0].id])
    assert [one["id"] for one in refusal.value.changes] == [breaks[1].id]
    every = [one.id for one in breaks]
    with pytest.raises(ReasonMissing):
        await review.approve(world.operator, CODE, number, "", every)
    await review.approve(world.operator, CODE, number, "证照改由公安厅签发", every)
    assert (await world.revision(number)).acknowledged == every
    await world.onboarding.examination.run(world.clerk, CODE, number)
    await review.publish(world.operator, CODE, number)


async def test_an_earlier_revision_is_restored_by_two_hands(world: World) -> None:
    review = world.onboarding.review
    first = await world.publish()
    await world.publish(changed(world.raw, limits={"concurrency": 5}))
    with pytest.raises(ReasonMissing):
        await review.ask_to_restore(world.clerk, CODE, first, " ")
    with pytest.raises(SystemUnknown):
        await review.ask_to_restore(world.stranger, CODE, first, "错了")
    with pytest.raises(RevisionUnknown):
        await review.ask_to_restore(world.clerk, CODE, 99, "错了")
    with pytest.raises(StateConflict):
        await review.ask_to_restore(world.clerk, CODE, 2, "错了")
    asked = await review.ask_to_restore(world.operator, CODE, first, "新版本应答变慢")
    assert (asked.number, asked.origin, asked.state) == (3, first, State.IN_REVIEW)
    with pytest.raises(StateConflict):
        await review.approve(world.second_operator, CODE, 3)
    with pytest.raises(SameHand):
        await review.restore(world.operator, CODE, 3, "同意")
    with pytest.raises(ReasonMissing):
        await review.restore(world.second_operator, CODE, 3, "")
    await review.restore(world.second_operator, CODE, 3, "同意")
    await world.exchange.reload()
    system = world.exchange.system(CODE)
    assert system is not None
    assert system.target.concurrency == 64
    states = [(await world.revision(number)).state for number in (1, 2, 3)]
    assert states == [State.SUPERSEDED, State.SUPERSEDED, State.PUBLISHED]
    with pytest.raises(StateConflict):
        await review.restore(world.second_operator, CODE, 1, "再来")


async def test_a_failed_publication_leaves_everything_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await world.publish()
    second = await world.to_conformant(changed(world.raw, limits={"concurrency": 5}))

    async def fails(*_: object) -> bool:
        raise OperationalError("disk full")

    monkeypatch.setattr(world.exchange, "register", fails)
    with pytest.raises(OperationalError):
        await world.onboarding.review.publish(world.operator, CODE, second)
    assert (await world.revision(first)).state is State.PUBLISHED
    assert (await world.revision(second)).state is State.CONFORMANT
    assert (await world.onboarding.views.system(world.clerk, CODE)).opened is not None


async def test_in_the_sandbox_province_private_addresses_are_taken(
    database: str, redis: Redis
) -> None:
    assert database
    world = await make_world(redis, allow_private=True)
    raw = world.raw
    raw["endpoints"] = {
        kind: {"base_url": "http://127.0.0.1:18101"} for kind in ("sandbox", "production")
    }
    await world.publish(raw)
    assert world.exchange.system(CODE) is not None
    await world.catalogue.close()

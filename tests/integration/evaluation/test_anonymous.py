"""Departments cannot see who wrote an anonymous evaluation: not by name, time, case or figures."""

import re
from datetime import timedelta
from typing import Any

import pytest

from backend.audit.models import AuditEntry
from backend.evaluation import errors
from backend.evaluation.models import EvaluationOrder, EvaluationStep, ServiceEvaluation
from backend.evaluation.service import Stage
from backend.evaluation.showing import CROWD
from backend.operators.models import OperatorAccount, OperatorNotice
from backend.operators.service import Role
from backend.store.redis import Redis
from tests.integration.evaluation.conftest import (
    HEAD,
    ITEM,
    NOON,
    OPERATOR,
    World,
    make_world,
)

_ID = re.compile(r"UUID\('[0-9a-f-]+'\)|[0-9a-f]{8}-[0-9a-f-]{27}")


async def everything_a_department_sees(world: World) -> dict[str, Any]:
    """All that the console and the open data give a department, ids made alike."""
    evaluations = world.evaluations
    orders = await evaluations.orders.all(HEAD)
    steps = [await evaluations.orders.steps(HEAD, order.id) for order in orders]
    notices = [
        (row.kind, row.link, world.accounts.operators is not None)
        for row in await OperatorNotice.all().order_by("id")
    ]
    seen = {
        "list": await evaluations.reading.page(HEAD, bad_only=False, number=0),
        "orders": orders, "steps": steps, "notices": notices,
        "departments": await evaluations.reading.departments(),
        "items": await evaluations.reading.items(HEAD.department_uscc or ""),
        "province": await evaluations.reading.province(),
    }  # fmt: skip
    return {name: _ID.sub("id", repr(value)) for name, value in seen.items()}


async def _week(redis: Redis, who: int, hour: int, crowd: int, items: int) -> list[dict[str, Any]]:
    """A week in which one of several people judges anonymously; what is seen at each moment."""
    world = make_world(redis)
    await world.accounts.initial(Role.HEAD)
    people = [world.somebody() for _ in range(crowd)]
    events = []
    for number, person in enumerate(people):
        world.at(NOON + timedelta(days=number % 3, hours=number))
        events.append(world.serve(person, f"item {number % items}"))
    seen = []
    given = None
    for days, hours in ((4, 1), (4, 3), (4, 7), (4, 11), (5, 1), (5, 11), (6, 11)):
        now = timedelta(days=days, hours=hours)
        if given is None and now > timedelta(days=4, hours=hour):
            world.at(NOON + timedelta(days=4, hours=hour))
            given = await world.judge(people[who], events[who], anonymous=True)
        world.at(NOON + now)
        await world.evaluations.show()
        seen.append(await everything_a_department_sees(world))
        if given is not None and (days, hours) == ((5, 1) if hour else (5, 11)):
            await world.evaluations.giving.add(people[who], given, "补充一句")
    return seen


@pytest.mark.parametrize(
    ("crowd", "items"), [(CROWD + 1, 1), (CROWD + 1, 2), (CROWD - 2, 1)], ids=str
)
async def test_a_department_cannot_tell_who(
    redis: Redis, database: str, crowd: int, items: int
) -> None:
    """Whoever of them it was, in whichever case, at whatever hour: it sees the very same."""
    assert database
    weeks = []
    for who, hour in ((0, 0), (1, 6), (crowd - 1, 10)):
        weeks.append(await _week(redis, who, hour, crowd, items))
        await _forget_everything()
    assert weeks[0] == weeks[1] == weeks[2]
    # It is no empty promise: among enough people the department does see it.
    assert ("等了很久" in weeks[0][-1]["list"]) == (crowd > CROWD)


async def _forget_everything() -> None:
    for model in (
        ServiceEvaluation, EvaluationOrder, EvaluationStep, AuditEntry, OperatorNotice,
        OperatorAccount,
    ):  # fmt: skip
        await model.all().delete()


async def _crowd(world: World, people: int, item: str = ITEM) -> None:
    for _ in range(people):
        world.serve(world.somebody(), item)


async def test_nothing_of_it_is_seen_on_the_day_it_is_given(world: World) -> None:
    await _crowd(world, 20)
    before = await everything_a_department_sees(world)
    me = world.somebody()
    await world.judge(me, world.serve(me), anonymous=True)
    await world.evaluations.show()
    assert await everything_a_department_sees(world) == before


async def test_among_enough_people_it_is_shown_with_its_item_and_its_month(world: World) -> None:
    me = world.somebody()
    await world.judge(me, world.serve(me), anonymous=True)
    await _crowd(world, CROWD - 1)
    world.move(days=1)
    assert await world.evaluations.show() == 1
    ((read,), _) = await world.evaluations.reading.page(HEAD, bad_only=False, number=0)
    assert (read.item, read.month, read.about) == ("新生儿入户", "2026-11", "")
    (order,) = await world.evaluations.orders.all(HEAD)
    assert order.state is Stage.ASSIGNED


async def test_among_too_few_in_the_item_the_item_is_not_told(world: World) -> None:
    me = world.somebody()
    await world.judge(me, world.serve(me, "seldom"), anonymous=True)
    await _crowd(world, CROWD - 1, "often")
    world.move(days=1)
    await world.evaluations.show()
    ((read,), _) = await world.evaluations.reading.page(HEAD, bad_only=False, number=0)
    assert "新生儿" not in repr(read)
    assert await world.evaluations.reading.items(HEAD.department_uscc or "") == []
    assert (await world.evaluations.reading.departments())[0].total == 1


async def test_among_too_few_people_the_platform_alone_reads_and_answers_it(world: World) -> None:
    me = world.somebody()
    await world.judge(me, world.serve(me), anonymous=True)
    await _crowd(world, CROWD - 2)
    world.move(days=1)
    await world.evaluations.show()
    assert await world.evaluations.reading.page(HEAD, bad_only=False, number=0) == ([], False)
    assert await world.evaluations.orders.all(HEAD) == []
    assert await world.evaluations.reading.departments() == []
    (order,) = await world.evaluations.orders.all(OPERATOR)
    with pytest.raises(errors.OrderUnknown):
        await world.evaluations.orders.answer(HEAD, order.id, "upheld", "查过了")
    await world.evaluations.orders.answer(OPERATOR, order.id, "upheld", "已改进流程")
    assert (await world.evaluations.giving.mine(me))[0].answer == "已改进流程"


async def test_whoever_judged_by_name_is_nobody_to_hide_among(world: World) -> None:
    for _ in range(CROWD - 1):
        other = world.somebody()
        await world.judge(other, world.serve(other), 1)
    me = world.somebody()
    await world.judge(me, world.serve(me), anonymous=True)
    world.move(days=1)
    await world.evaluations.show()
    rows, _ = await world.evaluations.reading.page(HEAD, bad_only=False, number=0)
    assert all(not row.anonymous for row in rows)


async def test_one_person_who_was_served_often_is_no_crowd(world: World) -> None:
    me = world.somebody()
    await world.judge(me, world.serve(me), anonymous=True)
    for _ in range(20):
        world.serve(me)
    world.move(days=1)
    await world.evaluations.show()
    assert await world.evaluations.reading.page(HEAD, bad_only=False, number=0) == ([], False)


async def test_an_anonymous_evaluator_is_not_called_by_anybody(world: World) -> None:
    me = world.somebody()
    one = await world.judge(me, world.serve(me), anonymous=True)
    await _crowd(world, CROWD)
    world.move(days=1)
    await world.evaluations.show()
    (order,) = await world.evaluations.orders.all(HEAD)
    await world.evaluations.orders.answer(HEAD, order.id, "upheld", "已改")
    with pytest.raises(errors.NotYoursToDo):
        await world.evaluations.orders.call_back(HEAD, order.id, satisfied=True, text="")
    await world.evaluations.giving.call_back(me, one, satisfied=True, text="好")
    assert (await world.evaluations.orders.get(HEAD, order.id)).state is Stage.HEARD

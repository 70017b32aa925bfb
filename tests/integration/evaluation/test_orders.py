"""A bad evaluation is followed up: answered in time, called back, looked at again."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend.evaluation import errors
from backend.evaluation.orders import EXTENSION, SILENCE
from backend.evaluation.service import Stage
from backend.operators.models import OperatorNotice
from backend.operators.service import Role
from tests.integration.evaluation.conftest import (
    CLERK,
    HEAD,
    NOON,
    OPERATOR,
    STRANGER,
    World,
    officer,
)


async def opened(world: World) -> UUID:
    """A named bad evaluation; the id of its order."""
    me = world.somebody()
    await world.judge(me, world.serve(me), 4)
    return (await world.evaluations.orders.all(OPERATOR))[0].id


async def test_a_good_one_opens_no_order(world: World) -> None:
    me = world.somebody()
    await world.judge(me, world.serve(me), 3)
    assert await world.evaluations.orders.all(OPERATOR) == []


async def test_the_whole_way_from_answer_to_close(world: World) -> None:
    orders, me = world.evaluations.orders, world.somebody()
    evaluation = await world.judge(me, world.serve(me), 5)
    (order,) = await orders.all(HEAD)
    assert (order.state, str(order.due_on), order.left) == (Stage.ASSIGNED, "2026-11-18", 5)
    await orders.answer(CLERK, order.id, "upheld", "已向窗口说明")
    assert (await world.messages.list(me.person_id)).notes[0].kind == "evaluation.answer"
    await world.evaluations.giving.call_back(me, evaluation, satisfied=False, text="没有解决")
    with pytest.raises(errors.ActNotPossible):
        await world.evaluations.giving.call_back(me, evaluation, satisfied=True, text="")
    await orders.recheck(OPERATOR, order.id, passed=False, reason="请再核实")
    world.move(days=1)
    assert (await orders.get(HEAD, order.id)).round == 2
    await orders.answer(HEAD, order.id, "upheld", "已补办")
    await orders.call_back(HEAD, order.id, satisfied=True, text="电话回访，满意")
    await orders.recheck(OPERATOR, order.id, passed=True, reason="属实并已整改")
    closed = await orders.get(HEAD, order.id)
    assert (closed.state, closed.satisfied, closed.in_time) == (Stage.CLOSED, True, True)
    acts = [step.act for step in await orders.steps(HEAD, order.id)]
    assert acts == [
        "dispatch", "answer", "call_back", "return", "answer", "call_back", "close",
    ]  # fmt: skip
    kinds = [note.kind for note in (await world.messages.list(me.person_id)).notes]
    assert kinds == ["evaluation.close", "evaluation.answer", "evaluation.answer"]


async def test_an_order_cannot_be_closed_without_an_answer_and_a_call_back(world: World) -> None:
    order = await opened(world)
    with pytest.raises(errors.ActNotPossible):
        await world.evaluations.orders.recheck(OPERATOR, order, passed=True, reason="算了")
    await world.evaluations.orders.answer(HEAD, order, "upheld", "已改")
    with pytest.raises(errors.ActNotPossible):
        await world.evaluations.orders.recheck(OPERATOR, order, passed=True, reason="算了")


async def test_who_may_do_what(world: World) -> None:
    orders, order = world.evaluations.orders, await opened(world)
    with pytest.raises(errors.OrderUnknown):
        await orders.get(STRANGER, order)
    with pytest.raises(errors.OrderUnknown):
        await orders.get(officer(Role.AUDIT_ADMIN), order)
    with pytest.raises(errors.OrderUnknown):
        await orders.get(HEAD, uuid4())
    with pytest.raises(errors.NotYoursToDo):
        await orders.answer(OPERATOR, order, "upheld", "替他们答")
    with pytest.raises(errors.NotYoursToDo):
        await orders.recheck(HEAD, order, passed=True, reason="自己复核")
    with pytest.raises(errors.NotYoursToDo):
        await orders.extend(HEAD, order, "忙")


async def test_the_term_is_extended_once_a_round(world: World) -> None:
    orders, order = world.evaluations.orders, await opened(world)
    await orders.extend(OPERATOR, order, "要查档案")
    assert str((await orders.get(HEAD, order)).due_on) == "2026-11-25"
    assert EXTENSION == 5
    with pytest.raises(errors.ActNotPossible):
        await orders.extend(OPERATOR, order, "还要")


async def test_late_is_told_once_and_stays_late(world: World) -> None:
    await world.accounts.initial(Role.HEAD)
    await world.accounts.initial(Role.OPERATOR)
    orders, order = world.evaluations.orders, await opened(world)
    assert await world.evaluations.watch() is None
    world.at(NOON + timedelta(days=6))
    assert await world.evaluations.watch() == 1
    world.at(NOON + timedelta(days=8))
    assert await world.evaluations.watch() == 1
    assert await world.evaluations.watch() is None
    # Opened, soon due, overdue for the head; overdue for the platform.
    assert await OperatorNotice.all().count() == 4
    await orders.answer(HEAD, order, "upheld", "迟了")
    await orders.call_back(HEAD, order, satisfied=False, text="")
    await orders.recheck(OPERATOR, order, passed=False, reason="再来")
    await orders.answer(HEAD, order, "upheld", "第二轮按时")
    assert (await orders.get(HEAD, order)).in_time is False


async def test_an_evaluator_who_stays_silent_does_not_hold_it_up(world: World) -> None:
    order = await opened(world)
    await world.evaluations.orders.answer(HEAD, order, "not_upheld", "查无此事")
    assert await world.evaluations.watch() is None
    world.move(days=SILENCE + 4)
    await world.evaluations.watch()
    heard = await world.evaluations.orders.get(OPERATOR, order)
    assert (heard.state, heard.satisfied) == (Stage.HEARD, None)


async def test_what_the_platform_did_itself_it_answers_for(world: World) -> None:
    me, orders = world.somebody(), world.evaluations.orders
    await world.judge(me, world.serve(me, uscc=""), 5)
    assert await orders.all(HEAD) == []
    (order,) = await orders.all(OPERATOR)
    assert (order.for_department, order.state) == (False, Stage.ASSIGNED)
    await orders.answer(OPERATOR, order.id, "upheld", "已更正答复")

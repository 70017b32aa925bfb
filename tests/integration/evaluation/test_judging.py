"""A person judges: once per event, anonymous if wished, with something added later."""

import asyncio
from uuid import uuid4

import pytest

from backend.audit.models import AuditEntry
from backend.evaluation import errors
from backend.evaluation.models import EvaluationOrder, ServiceEvaluation
from backend.evaluation.service import Judgement
from tests.integration.evaluation.conftest import CLERK, HEAD, OPERATOR, STRANGER, World


async def test_what_was_served_waits_to_be_judged_and_is_judged_once(world: World) -> None:
    me = world.somebody()
    event = world.serve(me)
    assert [each.id for each in await world.evaluations.giving.waiting(me)] == [event.id]
    await world.judge(me, event, 1)
    assert await world.evaluations.giving.waiting(me) == []
    with pytest.raises(errors.AlreadyJudged):
        await world.judge(me, event, 2)
    (mine,) = await world.evaluations.giving.mine(me)
    assert (mine.level, mine.title, mine.text, mine.order) == (1, event.title, "等了很久", None)


async def test_of_many_evaluations_at_once_one_is_kept(world: World) -> None:
    me = world.somebody()
    event = world.serve(me)
    outcomes = await asyncio.gather(
        *(world.judge(me, event, 5) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(each, errors.AlreadyJudged) for each in outcomes) == 5
    assert await ServiceEvaluation.all().count() == await EvaluationOrder.all().count() == 1


async def test_what_was_done_for_somebody_else_cannot_be_judged(world: World) -> None:
    event = world.serve(world.somebody())
    for kind, event_id in (("case", event.id), ("case", "x"), ("weather", event.id)):
        with pytest.raises(errors.EventUnknown):
            await world.evaluations.giving.judge(
                world.somebody(), kind, event_id, Judgement(1, [], "", False, "web")
            )


async def test_after_ninety_days_it_cannot_be_judged(world: World) -> None:
    me = world.somebody()
    event = world.serve(me)
    world.move(days=91)
    assert await world.evaluations.giving.waiting(me) == []
    with pytest.raises(errors.EventTooOld):
        await world.judge(me, event)


async def test_tags_have_to_fit_the_level(world: World) -> None:
    me = world.somebody()
    event = world.serve(me)
    for level, tag in ((1, "b01"), (5, "g01"), (3, "nothing")):
        with pytest.raises(errors.TagUnknown):
            await world.evaluations.giving.judge(
                me, event.kind, event.id, Judgement(level, [tag], "", False, "web")
            )


async def test_a_bad_one_says_what_was_bad(world: World) -> None:
    me = world.somebody()
    event = world.serve(me)
    with pytest.raises(errors.ReasonNeeded):
        await world.judge(me, event, 4, text="")
    await world.evaluations.giving.judge(
        me, event.kind, event.id, Judgement(4, ["b02"], "", False, "web")
    )
    assert (await world.evaluations.giving.mine(me))[0].tags == ["在办事指南之外增加条件"]


async def test_something_is_added_once_and_in_time(world: World) -> None:
    me, other = world.somebody(), world.somebody()
    one = await world.judge(me, world.serve(me), 3)
    await world.evaluations.giving.add(me, one, "后来又等了三天")
    with pytest.raises(errors.AlreadyAdded):
        await world.evaluations.giving.add(me, one, "还有")
    with pytest.raises(errors.EvaluationUnknown):
        await world.evaluations.giving.add(other, one, "我也是")
    with pytest.raises(errors.EvaluationUnknown):
        await world.evaluations.giving.one(other, uuid4())
    assert (await world.evaluations.giving.one(me, one)).added_text == "后来又等了三天"
    late = await world.judge(me, world.serve(me), 3)
    world.move(days=91)
    with pytest.raises(errors.AddTooLate):
        await world.evaluations.giving.add(me, late, "太晚了")


async def test_nothing_in_the_tables_names_person_event_or_words(world: World) -> None:
    me = world.somebody()
    event = world.serve(me)
    await world.judge(me, event, anonymous=True)
    row = (await ServiceEvaluation.all().values())[0]
    for value in (me.subject, str(me.person_id), event.id, "等了很久"):
        assert value not in str({**row, "id": ""})
        assert all(value.encode() not in cell for cell in row.values() if isinstance(cell, bytes))


async def test_the_audit_does_not_say_who_gave_an_anonymous_one(world: World) -> None:
    me = world.somebody()
    await world.judge(me, world.serve(me), anonymous=True)
    entries = await AuditEntry.all().values("actor", "subject", "detail")
    assert len(entries) == 1
    assert str(me.person_id) not in str(entries)
    await world.judge(me, world.serve(me))
    assert str(me.person_id) in str(await AuditEntry.all().values("actor", "subject"))


async def test_a_department_reads_its_own_and_nobody_elses(world: World) -> None:
    me = world.somebody()
    one = await world.judge(me, world.serve(me))
    reading = world.evaluations.reading
    for reader, count in ((CLERK, 1), (HEAD, 1), (OPERATOR, 1), (STRANGER, 0)):
        rows, more = await reading.page(reader, bad_only=True, number=0)
        assert (len(rows), more) == (count, False)
    with pytest.raises(errors.EvaluationUnknown):
        await reading.one(STRANGER, one)
    assert (await reading.one(HEAD, one)).about == "办件 0"


async def test_figures_count_levels_per_department_and_item(world: World) -> None:
    for level in (1, 1, 2, 5):
        me = world.somebody()
        await world.judge(me, world.serve(me), level)
    (department,) = await world.evaluations.reading.departments()
    assert department.levels == {1: 2, 2: 1, 3: 0, 4: 0, 5: 1}
    assert (department.total, department.content, department.orders) == (4, 0.75, 1)
    (item,) = await world.evaluations.reading.items(department.department_uscc)
    assert item.levels == department.levels
    assert (await world.evaluations.reading.province()).total == 4

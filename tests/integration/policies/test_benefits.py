"""From candidate to payment and back: nobody twice, no budget overspent, whoever else is at it."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.policies import errors
from backend.policies.models import (
    PolicyBudget,
    PolicyChoice,
    PolicyEntitlement,
    PolicyPayment,
    PolicyStep,
    PolicySubject,
    PolicyVersion,
)
from backend.policies.service import Act, Policies, State, Whose
from tests.integration.policies.world import (
    ACCOUNT,
    AUTOMATIC,
    CLERK,
    HEAD,
    World,
    candidate,
    enterprise,
    offered,
    settle,
    state,
)
from tests.regions import REGIONS
from tests.unit.policies.samples import document

# The budget is bound while one of these lasts.
BOUND = {State.PAYING, State.FAILED, State.PAID, State.RECOVERING, State.CONTESTED}


async def test_the_whole_way_without_applying(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    found = await candidate(world, me)
    assert await state(found) is State.CANDIDATE
    assert await world.policies.runs.find_candidates() is None
    await world.policies.deciding.decide(CLERK, found, Act.APPROVE, "")
    await world.policies.entitlements.confirm(me, found, ACCOUNT)
    assert await state(found) is State.PAYING
    await settle(world, 1)
    assert await state(found) is State.PAID
    assert world.department.paid == {found: 50_000}
    assert (await PolicyBudget.get(id="sample-policy")).left == 70_000
    seen = await world.policies.entitlements.one(me, found)
    assert (seen.amount, seen.account) == ("500 元", "示范银行 尾号 0001")
    assert [one.name for one in seen.steps] == ["比对发现", "部门核验通过", "本人确认", "已兑付"]


async def test_an_answer_that_was_lost_pays_nobody_twice(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    found = await offered(world, me)
    await world.policies.entitlements.confirm(me, found, ACCOUNT)
    world.department.broken = 2
    await settle(world, 4)
    assert await state(found) is State.PAID
    assert world.department.paid == {found: 50_000}
    # Always the same instruction, never another one.
    assert len(world.department.requests) == 3
    assert len(set(world.department.requests)) == 1


async def test_a_worker_that_died_leaves_its_instructions_to_the_next(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    found = await offered(world, me)
    await world.policies.entitlements.confirm(me, found, ACCOUNT)
    await world.policies.payments._take()
    again = Policies(world.parts, REGIONS)
    assert await again.payments.drain() is None
    world.move(minutes=2)
    assert await again.payments.drain() == 1
    assert await state(found) is State.PAID


async def test_many_taps_at_once_make_one_instruction(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    found = await offered(world, me)
    taps = [world.policies.entitlements.confirm(me, found, ACCOUNT) for _ in range(8)]
    done = await asyncio.gather(*taps, return_exceptions=True)
    assert sum(one is None for one in done) == 1
    assert await PolicyPayment.all().count() == 1
    await asyncio.gather(*(world.policies.payments.drain() for _ in range(4)))
    assert world.department.paid == {found: 50_000}
    assert (await PolicyBudget.get(id="sample-policy")).left == 70_000


async def test_many_beneficiaries_at_once_never_overspend(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    them = [enterprise(number) for number in range(6)]
    ids = [await offered(world, one) for one in them]
    done = await asyncio.gather(
        *(
            world.policies.entitlements.confirm(one, found, ACCOUNT)
            for one, found in zip(them, ids, strict=True)
        ),
        return_exceptions=True,
    )
    # 1200 yuan for 500 each: two of them.
    assert sum(one is None for one in done) == 2
    assert sum(isinstance(one, errors.BudgetSpent) for one in done) == 4
    await settle(world)
    assert sum(world.department.paid.values()) == 100_000
    assert (await PolicyBudget.get(id="sample-policy")).left == 20_000
    # Who came too late keeps what was offered.
    assert sum([await state(found) is State.OFFERED for found in ids]) == 4


async def test_claims_at_once_are_one_claim(world: World) -> None:
    await world.publish(document())
    me = enterprise(1)
    claims = [
        world.policies.entitlements.claim(me, "sample-policy", ACCOUNT, False, "") for _ in range(6)
    ]
    done = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1, done
    await settle(world)
    assert sum(world.department.paid.values()) == 100_000


ACTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(("approve", "refuse", "confirm", "decline", "review", "recover",
                         "recovered", "object", "dismiss", "accept", "drain",
                         "lose", "refuse_account", "pays")),
    ),
    max_size=30,
)  # fmt: skip


async def do(world: World, me: Whose, found: str, act: str) -> None:
    """One thing that may happen to a benefit."""
    benefits = world.policies.entitlements
    match act:
        case "confirm":
            await benefits.confirm(me, found, ACCOUNT)
        case "decline":
            await benefits.decline(me, found)
        case "review":
            await benefits.review(me, "sample-policy", "请再看看", "")
        case "object":
            await world.policies.objections.object(me, found, "不同意")
        case "drain":
            await settle(world, 1)
        case "lose":
            world.department.broken = 1
        case "refuse_account" | "pays":
            world.department.state = "paid" if act == "pays" else "refused"
        case _:
            await world.policies.deciding.decide(HEAD, found, Act(act), "原因")


@given(ACTS)
@settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
async def test_whatever_happens_the_books_agree(world: World, acts: list[tuple[int, str]]) -> None:
    tables = (
        PolicyPayment, PolicyStep, PolicyEntitlement, PolicyBudget, PolicySubject, PolicyChoice,
        PolicyVersion,
    )  # fmt: skip
    for model in tables:
        await model.all().delete()
    world.department.paid.clear()
    world.department.state, world.department.broken = "paid", 0
    world.policies = Policies(world.parts, REGIONS)
    await world.publish(document(**AUTOMATIC))
    them = [enterprise(number) for number in range(4)]
    ids = [await candidate(world, one) for one in them]
    recovered = 0
    for place, act in acts:
        try:
            await do(world, them[place], ids[place], act)
            recovered += act == "recovered"
        except (errors.ActNotPossible, errors.BudgetSpent):
            continue
    budget = await PolicyBudget.get(id="sample-policy")
    rows = await PolicyEntitlement.all()
    bound = sum(row.amount or 0 for row in rows if row.state in BOUND)
    assert budget.left >= 0
    assert budget.left + bound == budget.total
    assert sum(world.department.paid.values()) <= budget.total + recovered * 50_000
    paid = {str(row.id) for row in rows if row.state == State.PAID}
    assert paid <= set(world.department.paid)

"""What benefits refuse, what policies need before they are published: one test each."""

import pytest

from backend.policies import errors
from backend.policies.models import (
    PolicyBudget,
    PolicyEntitlement,
    PolicySubject,
    PolicyVersion,
)
from backend.policies.service import ANSWER_WORKDAYS, Act, State
from tests.integration.policies.world import (
    ACCOUNT,
    AUTOMATIC,
    CLERK,
    HEAD,
    OPERATOR,
    STRANGER,
    World,
    candidate,
    enterprise,
    offered,
    settle,
    state,
)
from tests.unit.policies.samples import document


async def test_who_edits_does_not_approve(world: World) -> None:
    editing = world.policies.editing
    row = await editing.save(HEAD, document())
    await editing.check(HEAD, row.code, row.version)
    await editing.submit(HEAD, row.code, row.version)
    with pytest.raises(errors.SameHand):
        await editing.approve(HEAD, row.code, row.version)
    with pytest.raises(errors.NotYoursToDo):
        await editing.approve(CLERK, row.code, row.version)
    with pytest.raises(errors.PolicyUnknown):
        await editing.approve(STRANGER, row.code, row.version)
    await editing.approve(OPERATOR, row.code, row.version)


async def test_nothing_is_submitted_untried(world: World) -> None:
    row = await world.policies.editing.save(CLERK, document())
    with pytest.raises(errors.ActNotPossible):
        await world.policies.editing.submit(CLERK, row.code, row.version)


async def test_what_is_published_never_changes(world: World) -> None:
    await world.publish(document())
    before = (await PolicyVersion.get(code="sample-policy", version=1)).document
    row = await world.policies.editing.save(CLERK, document(title="改过的示例补贴"))
    assert row.version == 2
    assert (await PolicyVersion.get(code="sample-policy", version=1)).document == before


async def test_a_later_version_holds_from_its_day(world: World) -> None:
    await world.publish(document())
    await world.publish(document(title="明年的补贴", valid_from="2027-01-01"))
    shown = await world.policies.matching.published("enterprise")
    assert [one.document.title for one in shown] == ["示例补贴"]
    world.move(days=60)
    shown = await world.policies.matching.published("enterprise")
    assert [one.document.title for one in shown] == ["明年的补贴"]


async def test_a_sample_says_who_falls_out_where(world: World) -> None:
    await world.publish(document())
    for number in range(3):
        await world.policies.matching.mine(enterprise(number), "")
    world.department.records.clear()
    await world.policies.matching.mine(enterprise(9), "")
    row = await world.policies.editing.save(CLERK, document(code="another-policy"))
    found = await world.policies.editing.check(CLERK, row.code, row.version)
    assert (found.size, found.matched, found.cost) == (4, 3, 300_000)
    assert [(one.left, one.failed, one.missing) for one in found.fallen] == [(4, 0, 0), (3, 1, 0)]
    # Before it is kept it can be tried, too, and still nothing of it is there.
    kept, editing = await PolicyVersion.all().values(), world.policies.editing
    assert await editing.try_out(CLERK, document(code="yet-another")) == found
    assert await PolicyVersion.all().values() == kept


async def test_what_is_tried_is_in_order_and_its_writer_an_officer(world: World) -> None:
    with pytest.raises(errors.DocumentRefused):
        await world.policies.editing.try_out(CLERK, document(conditions=[]))
    with pytest.raises(errors.NotYoursToDo):
        await world.policies.editing.try_out(OPERATOR, document())
    assert not await PolicyVersion.all().exists()


async def test_data_without_a_basis_are_not_looked_at(world: World) -> None:
    cels = [{"id": "permit", "words": "居住证", "cel": "person.permit_days <= 30"}]
    raw = document(
        code="other-data", audience=["citizen"], conditions=cels,
        evidence=[{"source": "301111/0004", "basis": "示例依据"}],
    )  # fmt: skip
    await world.publish(raw)
    assert world.policies.facts.barred("gd-sample", ["person.permit_days"])
    world.granted.add(("gd-sample", "301111/0004", "valid_to"))
    assert not world.policies.facts.barred("gd-sample", ["person.permit_days"])


async def test_switched_off_nothing_is_kept_and_nobody_is_found(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    await world.policies.matching.mine(me, "")
    assert await PolicySubject.all().count() == 1
    await world.policies.facts.choose(me.holder, False, me.person_id)
    assert await PolicySubject.all().count() == 0
    assert await world.policies.runs.find_candidates() is None
    with pytest.raises(errors.MatchingOff):
        await world.policies.matching.mine(me, "")


async def test_a_commitment_has_to_be_signed(world: World) -> None:
    steps = {"check": False, "commitment": "我承诺属实。", "later_check_days": 30}
    await world.publish(document(kind="commitment", steps=steps))
    me, claim = enterprise(1), world.policies.entitlements.claim
    with pytest.raises(errors.CommitmentMissing):
        await claim(me, "sample-policy", ACCOUNT, False, "")
    found = str(await claim(me, "sample-policy", ACCOUNT, True, ""))
    await settle(world)
    assert await state(found) is State.PAID
    await world.policies.deciding.decide(CLERK, found, Act.VERIFY, "")
    with pytest.raises(errors.ActNotPossible):
        await world.policies.deciding.decide(CLERK, found, Act.VERIFY, "")


async def test_who_does_not_fit_cannot_claim_but_can_ask_for_a_person(world: World) -> None:
    world.department.records["301123/0003"] = None
    await world.publish(document())
    me = enterprise(1)
    with pytest.raises(errors.NotMatched):
        await world.policies.entitlements.claim(me, "sample-policy", ACCOUNT, False, "")
    found = str(await world.policies.entitlements.review(me, "sample-policy", "有误", ""))
    assert await state(found) is State.CANDIDATE


async def test_only_the_head_recovers_and_the_beneficiary_may_object(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    found = await offered(world, me)
    await world.policies.entitlements.confirm(me, found, ACCOUNT)
    await settle(world)
    decide, objections = world.policies.deciding.decide, world.policies.objections
    with pytest.raises(errors.NotYoursToDo):
        await decide(CLERK, found, Act.RECOVER, "多发了")
    with pytest.raises(errors.ActNotPossible):
        await objections.object(me, found, "还没有追回")
    for answer, then in ((Act.ACCEPT, State.PAID), (Act.DISMISS, State.RECOVERING)):
        await decide(HEAD, found, Act.RECOVER, "多发了")
        with pytest.raises(errors.EntitlementUnknown):
            await objections.object(enterprise(2), found, "别人的")
        await objections.object(me, found, "没有多发")
        # The recovery rests while the objection is looked at, for so long and no longer.
        assert await state(found) is State.CONTESTED
        due = world.parts.calendar.due(world.parts.today, ANSWER_WORKDAYS).day
        assert (await PolicyEntitlement.get(id=found)).answer_by == due
        with pytest.raises(errors.ActNotPossible):
            await decide(HEAD, found, Act.RECOVERED, "")
        await decide(CLERK, found, answer, "查过了")
        assert await state(found) is then
    await decide(HEAD, found, Act.RECOVERED, "")
    assert (await PolicyBudget.get(id="sample-policy")).left == 120_000


async def test_publicity_lasts_and_an_objection_stops_it(world: World) -> None:
    steps = {"check": True, "publicity_days": 5}
    await world.publish(document(**{**AUTOMATIC, "steps": steps}))
    them = [enterprise(1), enterprise(2)]
    one, other = [await candidate(world, each) for each in them]
    deciding, objections = world.policies.deciding, world.policies.objections
    for each in (one, other):
        await deciding.decide(CLERK, each, Act.APPROVE, "")
    assert {str(each.id) for each in await objections.publicised()} == {one, other}
    me = them[1].person_id
    objected = await objections.object_publicly(me, one, "已经停产")
    assert objected.answer_by == world.parts.calendar.due(world.parts.today, ANSWER_WORKDAYS).day
    with pytest.raises(errors.EntitlementUnknown):
        await objections.object_publicly(me, one, "再说一次")
    assert await deciding.uphold() == 0
    world.move(days=6)
    assert await deciding.uphold() == 1
    assert (await state(one), await state(other)) == (State.OBJECTED, State.OFFERED)
    await deciding.decide(CLERK, one, Act.REFUSE, "确已停产")
    told = [each.text for each in (await world.parts.messages.list(me)).notes]
    assert any("异议成立" in text and "确已停产" in text for text in told)


async def test_the_next_benefit_goes_where_the_last_one_went(world: World) -> None:
    monthly = {**AUTOMATIC["benefit"], "per": "month", "budget": 5000}
    await world.publish(document(**{**AUTOMATIC, "benefit": monthly}))
    me, benefits = enterprise(1), world.policies.entitlements
    found = await offered(world, me)
    with pytest.raises(errors.AccountMissing):
        await benefits.confirm(me, found, None)
    await benefits.confirm(me, found, ACCOUNT)
    await settle(world, 1)
    assert await benefits.known_account(me) == "示范银行 尾号 0001"
    world.move(days=31)
    await world.policies.runs.find_candidates()
    later = str((await PolicyEntitlement.exclude(id=found).get()).id)
    await world.policies.deciding.decide(CLERK, later, Act.APPROVE, "")
    await benefits.confirm(me, later, None)
    await settle(world, 1)
    assert await state(later) is State.PAID
    assert await benefits.known_account(enterprise(2)) == ""


async def test_an_instruction_that_is_stuck_is_sent_at_once(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me, payments = enterprise(1), world.policies.payments
    found = await offered(world, me)
    await world.policies.entitlements.confirm(me, found, ACCOUNT)
    assert await payments.stuck(CLERK) == []
    world.department.broken = 1
    await payments.drain()
    (stuck,) = await payments.stuck(CLERK)
    assert (stuck.failures, str(stuck.entitlement_id)) == (1, found)
    with pytest.raises(errors.NotYoursToDo):
        await payments.resend(STRANGER, stuck.id)
    await payments.resend(CLERK, stuck.id)
    assert await payments.drain() == 1
    with pytest.raises(errors.ActNotPossible):
        await payments.resend(OPERATOR, stuck.id)
    assert world.department.paid == {found: 50_000}


async def test_somebody_elses_benefit_is_unknown(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    found = await offered(world, enterprise(1))
    with pytest.raises(errors.EntitlementUnknown):
        await world.policies.entitlements.one(enterprise(2), found)
    with pytest.raises(errors.EntitlementUnknown):
        await world.policies.entitlements.confirm(enterprise(2), found, ACCOUNT)
    with pytest.raises(errors.EntitlementUnknown):
        await world.policies.deciding.seen(STRANGER, found)


async def test_a_refused_account_is_replaced_by_another(world: World) -> None:
    await world.publish(document(**AUTOMATIC))
    me = enterprise(1)
    found = await offered(world, me)
    world.department.state = "refused"
    await world.policies.entitlements.confirm(me, found, ACCOUNT)
    await settle(world, 1)
    assert await state(found) is State.FAILED
    world.department.state = "paid"
    await world.policies.entitlements.confirm(me, found, {**ACCOUNT, "number": "62220002"})
    await settle(world)
    assert await state(found) is State.PAID
    assert world.department.paid == {found: 50_000}
    assert (await PolicyBudget.get(id="sample-policy")).left == 70_000


async def test_a_department_sends_facts_of_its_own_data_alone(world: World) -> None:
    take, holder = world.policies.facts.take, enterprise(1).holder
    assert await take("gd-sample", "enterprise", [(holder, {"enterprise.staff": 3})]) == 1
    for facts in (
        {"enterprise.nothing": 1}, {"person.age": "1990-01-01"}, {"enterprise.staff": "3"},
    ):  # fmt: skip
        with pytest.raises(errors.FactsRefused):
            await take("gd-sample", "enterprise", [(holder, facts)])
    with pytest.raises(errors.FactsRefused):
        await take("gd-sample", "citizen", [(holder, {"person.permit_days": "2027-01-01"})])
